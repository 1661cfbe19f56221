//! The words within which GPT-2 makes pairs: ` ?` and letters, or numbers, or other signs; English endings such as `'s`;
//! and white space, of which the last sign stays with what follows. Knows no pairs.
//!
//! Follows   Radford et al., Language Models are Unsupervised Multitask Learners, 2019: the pattern of its encoder,
//!           's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//! Departures  none; written out by hand, for that is many times faster than any matcher of patterns.

use std::sync::{LazyLock, OnceLock};

use ::tokenizers::utils::SysRegex;

/// The words of `text`; together they are the text.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (word, after) = rest.split_at(length(rest));
        rest = after;
        Some(word)
    })
}

/// What a character is to the pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Space,
    Letter,
    Number,
    Other,
}

const ENDINGS: [&str; 7] = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

/// The length in bytes of the first word.
fn length(text: &str) -> usize {
    if text.starts_with('\'')
        && let Some(ending) = ENDINGS.iter().find(|ending| text.starts_with(**ending))
    {
        return ending.len();
    }
    let space = usize::from(text.starts_with(' '));
    let behind = &text[space..];
    match behind.chars().next().map(class) {
        Some(class) if class != Class::Space => space + run(behind, class),
        _ => white_space(text),
    }
}

/// How many bytes at the start are of one class.
fn run(text: &str, of: Class) -> usize {
    let mut length = 0;
    while let Some(&byte) = text.as_bytes().get(length) {
        let (found, bytes) = match ASCII.get(byte as usize) {
            Some(found) => (*found, 1),
            None => text[length..].chars().next().map_or((Class::Other, 1), |c| (class(c), c.len_utf8())),
        };
        if found != of {
            break;
        }
        length += bytes;
    }
    length
}

/// All white space at the start if the text ends with it, else all but the last sign, but at least one.
fn white_space(text: &str) -> usize {
    let whole = run(text, Class::Space);
    let last = text[..whole].chars().next_back().map_or(0, char::len_utf8);
    if whole == text.len() || whole == last { whole } else { whole - last }
}

fn class(c: char) -> Class {
    ASCII.get(c as usize).copied().unwrap_or_else(|| on_its_page(c))
}

const ASCII: [Class; 128] = {
    let mut table = [Class::Other; 128];
    let mut byte = 0;
    while byte < 128 {
        table[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
            b'0'..=b'9' => Class::Number,
            b'\t'..=b'\r' | b' ' => Class::Space,
            _ => Class::Other,
        };
        byte += 1;
    }
    table
};

const PAGE: usize = 256;

/// The classes of all characters, page by page as they are met.
static PAGES: [OnceLock<Box<[Class; PAGE]>>; char::MAX as usize / PAGE + 1] =
    [const { OnceLock::new() }; char::MAX as usize / PAGE + 1];

/// Which characters are letters changes with each version of Unicode: the crate that others read our files with is asked.
static PATTERNS: LazyLock<[(Class, SysRegex); 3]> = LazyLock::new(|| {
    [(Class::Space, r"\s"), (Class::Letter, r"\p{L}"), (Class::Number, r"\p{N}")]
        .map(|(class, pattern)| (class, SysRegex::new(pattern).expect("a pattern of our own")))
});

fn on_its_page(c: char) -> Class {
    let (page, place) = (c as usize / PAGE, c as usize % PAGE);
    let made = || Box::new(std::array::from_fn(|place| asked((page * PAGE + place) as u32)));
    PAGES[page].get_or_init(made)[place]
}

fn asked(code: u32) -> Class {
    let Some(c) = char::from_u32(code) else { return Class::Other };
    let text = c.to_string();
    let found = PATTERNS.iter().find(|(_, pattern)| pattern.find_iter(&text).next().is_some());
    found.map_or(Class::Other, |(class, _)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PATTERN: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    fn matched<'t>(pattern: &str, text: &'t str) -> Vec<&'t str> {
        SysRegex::new(pattern).unwrap().find_iter(text).map(|(from, to)| &text[from..to]).collect()
    }

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(words(text).collect::<Vec<_>>(), expected);
        assert_eq!(matched(PATTERN, text), expected);
    }

    #[test]
    fn a_space_goes_with_the_word_behind_it() {
        check("We're 12 -- don't!", &["We", "'re", " 12", " --", " don", "'t", "!"]);
    }

    #[test]
    fn of_more_spaces_the_last_stands_before_the_word() {
        check("a   b\n\nc\n d  ", &["a", "  ", " b", "\n", "\n", "c", "\n", " d", "  "]);
    }

    #[test]
    fn an_ending_behind_a_space_is_none() {
        check(" 's ''s 'S", &[" '", "s", " ''", "s", " '", "S"]);
    }

    #[test]
    fn every_character_is_cut_as_the_pattern_cuts_it() {
        let all: String = ('\0'..=char::MAX).flat_map(|c| [c, 'a', c]).collect();
        assert!(words(&all).eq(matched(PATTERN, &all)));
        assert!((0..128).all(|byte: u8| ASCII[byte as usize] == on_its_page(char::from(byte))));
    }

    proptest! {
        #[test]
        fn the_words_are_those_of_the_pattern(text in "[ a-c'sтαß中ก़\n\t\r1٣½.!Ⓐ🄰\u{300}\u{a0}\u{3000}]{0,30}|\\PC{0,20}") {
            prop_assert_eq!(words(&text).collect::<Vec<_>>(), matched(PATTERN, &text));
        }
    }
}
