//! The normaliser: what happens to text before it is cut into tokens. Knows no tokens and no vocabulary.
//!
//! Five steps, always in this order, each on its own switch: control characters out, one Unicode form, markup out,
//! lower case, digits made one. The settings are saved with the tokenizer, so training and later use cannot differ.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use unicode_normalization::{UnicodeNormalization, is_nfc, is_nfkc};

/// What is done to every text, set in a recipe under `[tokenizer]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NormalizerConfig {
    /// The Unicode form.
    pub unicode: Unicode,
    /// Turn every letter into its small form.
    pub lowercase: bool,
    /// Take out tags such as `<i>` and `</i>`, and turn `&amp;` and its like into the characters they stand for.
    pub strip_markup: bool,
    /// Take out control characters and byte order marks; line feeds and tabs stay.
    pub strip_control: bool,
    /// Turn every digit 0 to 9 into 0: what a number looks like stays, which number it is goes.
    pub zero_digits: bool,
}

/// A Unicode form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unicode {
    /// As it comes.
    None,
    /// Composed: `e` and a combining accent become `é`. The meaning stays.
    #[default]
    Nfc,
    /// Composed, with look-alikes made one: `ﬁ` becomes `fi`, a no-break space a space.
    Nfkc,
}

impl Default for NormalizerConfig {
    fn default() -> Self {
        NormalizerConfig {
            unicode: Unicode::Nfc,
            lowercase: false,
            strip_markup: false,
            strip_control: true,
            zero_digits: false,
        }
    }
}

impl NormalizerConfig {
    /// The normal form of `text`; borrowed where nothing had to change.
    pub fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        if self.strip_control {
            text = then(text, |t| t.contains(is_stripped), |t| t.replace(is_stripped, ""));
        }
        match self.unicode {
            Unicode::None => {}
            Unicode::Nfc => text = then(text, |t| !t.is_ascii() && !is_nfc(t), |t| t.nfc().collect()),
            Unicode::Nfkc => text = then(text, |t| !t.is_ascii() && !is_nfkc(t), |t| t.nfkc().collect()),
        }
        if self.strip_markup {
            text = then(text, |t| t.contains(['<', '&']), |t| unescape(&without_tags(t)));
        }
        if self.lowercase {
            // One character at a time, so that no letter's form hangs on its neighbours (the final sigma).
            text = then(text, |_| true, |t| t.chars().flat_map(char::to_lowercase).collect());
        }
        if self.zero_digits {
            text = then(text, |t| t.contains(is_digit), |t| t.replace(is_digit, "0"));
        }
        text
    }

    /// The same steps in the words of tokenizer.json; null where nothing is done.
    pub(crate) fn to_json(self) -> Value {
        let mut steps = Vec::new();
        if self.strip_control {
            steps.push(replace(json!({ "Regex": CONTROL }), ""));
        }
        match self.unicode {
            Unicode::None => {}
            Unicode::Nfc => steps.push(json!({ "type": "NFC" })),
            Unicode::Nfkc => steps.push(json!({ "type": "NFKC" })),
        }
        if self.strip_markup {
            steps.push(replace(json!({ "Regex": TAG }), ""));
            for (written, meant) in ENTITIES {
                steps.push(replace(json!({ "String": written }), meant));
            }
        }
        if self.lowercase {
            steps.push(json!({ "type": "Lowercase" }));
        }
        if self.zero_digits {
            steps.push(replace(json!({ "Regex": "[0-9]" }), "0"));
        }
        match steps.is_empty() {
            true => Value::Null,
            false => json!({ "type": "Sequence", "normalizers": steps }),
        }
    }

    /// The settings that write this JSON, if any do.
    pub(crate) fn from_json(json: &Value) -> Option<Self> {
        // There are few enough settings to try each: no second description of the steps to keep in line.
        every().find(|settings| settings.to_json() == *json)
    }
}

/// Control characters but line feed and tab, and the byte order mark.
const CONTROL: &str = r"[\x{00}-\x{08}\x{0B}-\x{1F}\x{7F}-\x{9F}\x{FEFF}]";

/// An opening or closing tag: a sign "less than" with a letter right behind it, so that `a < b` stays.
const TAG: &str = r"</?[A-Za-z][^<>]*>";

/// `&amp;` comes last: `&amp;lt;` means the four characters `&lt;`.
const ENTITIES: [(&str, &str); 6] =
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'"), ("&amp;", "&")];

fn every() -> impl Iterator<Item = NormalizerConfig> {
    let forms = [Unicode::None, Unicode::Nfc, Unicode::Nfkc];
    (0..48).map(move |n: usize| NormalizerConfig {
        unicode: forms[n / 16],
        lowercase: n & 1 != 0,
        strip_markup: n & 2 != 0,
        strip_control: n & 4 != 0,
        zero_digits: n & 8 != 0,
    })
}

fn replace(pattern: Value, content: &str) -> Value {
    json!({ "type": "Replace", "pattern": pattern, "content": content })
}

fn then<'t>(text: Cow<'t, str>, needed: impl Fn(&str) -> bool, change: impl Fn(&str) -> String) -> Cow<'t, str> {
    if needed(&text) { Cow::Owned(change(&text)) } else { text }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

pub(crate) fn is_stripped(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || c == '\u{feff}'
}

fn without_tags(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        let (before, from_open) = rest.split_at(open);
        kept.push_str(before);
        let skip = tag_length(from_open);
        if skip == 0 {
            kept.push('<');
        }
        rest = &from_open[skip.max(1)..];
    }
    kept + rest
}

/// The length in bytes of the tag at the start of `text`, 0 if none is there.
fn tag_length(text: &str) -> usize {
    let inside = &text[1..];
    let name = inside.strip_prefix('/').unwrap_or(inside);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return 0;
    }
    match inside.find(['<', '>']) {
        Some(end) if inside[end..].starts_with('>') => end + 2,
        _ => 0,
    }
}

fn unescape(text: &str) -> String {
    ENTITIES.iter().fold(text.to_string(), |text, (written, meant)| text.replace(written, meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: NormalizerConfig = NormalizerConfig {
        unicode: Unicode::None,
        lowercase: false,
        strip_markup: false,
        strip_control: false,
        zero_digits: false,
    };
    const MARKUP: NormalizerConfig = NormalizerConfig { strip_markup: true, ..BARE };

    fn check(settings: NormalizerConfig, text: &str, expected: &str) {
        assert_eq!(settings.apply(text), expected);
    }

    #[test]
    fn nothing_is_done_unless_asked() {
        check(BARE, "e\u{301} <i>\u{0}A\r\n", "e\u{301} <i>\u{0}A\r\n");
    }

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(NormalizerConfig::default().apply("plain\ttext\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn an_accent_is_composed() {
        check(NormalizerConfig::default(), "e\u{301}", "é");
    }

    #[test]
    fn composition_alone_keeps_a_ligature() {
        check(NormalizerConfig::default(), "ﬁ", "ﬁ");
    }

    #[test]
    fn the_compatible_form_takes_a_ligature_apart() {
        check(NormalizerConfig { unicode: Unicode::Nfkc, ..BARE }, "ﬁ\u{a0}x", "fi x");
    }

    #[test]
    fn a_carriage_return_and_a_byte_order_mark_go_but_line_feed_and_tab_stay() {
        check(NormalizerConfig::default(), "\u{feff}a\r\n\tb\u{97}", "a\n\tb");
    }

    #[test]
    fn letters_become_small_one_by_one() {
        // A word-wise rule would end the second word in ς.
        check(NormalizerConfig { lowercase: true, ..BARE }, "ÉTÉ ΟΣ", "été οσ");
    }

    #[test]
    fn tags_go_and_comparisons_stay() {
        check(MARKUP, "<i>a</i> < b > c <br/> <3", "a < b > c  <3");
    }

    #[test]
    fn an_unclosed_tag_stays() {
        check(MARKUP, "x <b <i>y", "x <b y");
    }

    #[test]
    fn digits_become_one_and_other_numbers_stay() {
        check(NormalizerConfig { zero_digits: true, ..BARE }, "4:30 on 19/12, ½ of ٣", "0:00 on 00/00, ½ of ٣");
    }

    #[test]
    fn entities_become_characters_and_an_escaped_one_is_unescaped_once() {
        check(MARKUP, "don&apos;t &amp;lt; &quot;R&amp;D&quot;", "don't &lt; \"R&D\"");
    }

    #[test]
    fn every_setting_can_be_read_back() {
        for settings in every() {
            assert_eq!(NormalizerConfig::from_json(&settings.to_json()), Some(settings));
        }
    }

    #[test]
    fn a_step_of_another_program_is_not_read() {
        assert_eq!(NormalizerConfig::from_json(&json!({ "type": "BertNormalizer" })), None);
    }
}
