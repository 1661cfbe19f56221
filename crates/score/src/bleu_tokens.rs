//! How BLEU cuts a line into tokens: the ways that sacreBLEU has names for, giving what it gives. Knows no ids.
//!
//! Source  Post, A Call for Clarity in Reporting BLEU Scores, 2018, <https://arxiv.org/abs/1804.08771>; the rules are those
//!         of NIST's mteval-v13a and mteval-v14

use unicode_properties::{GeneralCategoryGroup as Group, UnicodeGeneralCategory};

/// A way of cutting a line into tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BleuTokens {
    /// Punctuation of ASCII apart, but for full stops and commas within numbers and for dashes and apostrophes within
    /// words; `&quot;`, `&amp;`, `&lt;` and `&gt;` read as what they stand for. What is published is measured with it.
    #[default]
    V13a,
    /// Punctuation and symbols of every script apart, but for punctuation between two numbers.
    Intl,
    /// Every character a token.
    Char,
    /// Cut at spaces alone: for text that is tokens already.
    None,
}

impl BleuTokens {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::V13a, Self::Intl, Self::Char, Self::None];

    /// Its name, in sacreBLEU's signatures too.
    pub fn name(self) -> &'static str {
        match self {
            Self::V13a => "13a",
            Self::Intl => "intl",
            Self::Char => "char",
            Self::None => "none",
        }
    }

    /// The line with spaces between its tokens, and some more.
    pub(crate) fn spaced(self, line: &str) -> String {
        match self {
            Self::V13a => v13a(line),
            Self::Intl => intl(line),
            Self::Char => line.chars().flat_map(|c| [c, ' ']).collect(),
            Self::None => line.to_string(),
        }
    }
}

/// The parts of `line` between white space of any kind. Python counts U+001C to U+001F to it, which Unicode does not.
pub(crate) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(is_space).filter(|word| !word.is_empty())
}

pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

fn v13a(line: &str) -> String {
    let mut line = line.replace("<skipped>", "");
    for (name, sign) in [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")] {
        line = line.replace(name, sign);
    }
    let is_sign = |c: char| c.is_ascii_punctuation() && !matches!(c, '\'' | ',' | '-' | '.');
    let is_point = |c: char| matches!(c, '.' | ',');
    let is_digit = |c: char| c.is_ascii_digit();
    let line = apart(&format!(" {line} "), |c| is_sign(c) || c == ' ');
    let line = pairs(&line, |a, b| !is_digit(a) && is_point(b), |a, b| [a, ' ', b, ' ']);
    let line = pairs(&line, |a, b| is_point(a) && !is_digit(b), |a, b| [' ', a, ' ', b]);
    pairs(&line, |a, b| is_digit(a) && b == '-', |a, b| [a, ' ', b, ' '])
}

fn intl(line: &str) -> String {
    let is = |c: char, group| c.general_category_group() == group;
    let line = pairs(line, |a, b| !is(a, Group::Number) && is(b, Group::Punctuation), |a, b| [a, ' ', b, ' ']);
    let line = pairs(&line, |a, b| is(a, Group::Punctuation) && !is(b, Group::Number), |a, b| [' ', a, ' ', b]);
    apart(&line, |c| is(c, Group::Symbol))
}

/// Spaces on both sides of each character that is picked.
fn apart(line: &str, is_picked: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(line.len() * 2);
    for c in line.chars() {
        if is_picked(c) { out.extend([' ', c, ' ']) } else { out.push(c) }
    }
    out
}

/// Two neighbours that fit become four; the search goes on behind them, as a regular expression's does.
fn pairs(line: &str, fits: impl Fn(char, char) -> bool, becomes: impl Fn(char, char) -> [char; 4]) -> String {
    let mut out = String::with_capacity(line.len() * 2);
    let mut chars = line.chars().peekable();
    while let Some(a) = chars.next() {
        match chars.next_if(|&b| fits(a, b)) {
            Some(b) => out.extend(becomes(a, b)),
            None => out.push(a),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tokens: BleuTokens, line: &str, expected: &[&str]) {
        assert_eq!(words(&tokens.spaced(line)).collect::<Vec<_>>(), expected, "{line}");
    }

    #[test]
    fn numbers_stay_whole() {
        check(BleuTokens::V13a, "1,000.5 of 2.", &["1,000.5", "of", "2", "."]);
        check(BleuTokens::Intl, "1,000.5 of a.", &["1,000.5", "of", "a", "."]);
    }

    #[test]
    fn a_year_at_the_end_keeps_its_full_stop_by_intl_alone() {
        // It is so in mteval-v14, and in all that was published with it.
        check(BleuTokens::Intl, "in 1999.", &["in", "1999."]);
        check(BleuTokens::V13a, "in 1999.", &["in", "1999", "."]);
    }

    #[test]
    fn words_keep_their_dashes_and_apostrophes() {
        check(BleuTokens::V13a, "mother-in-law's (3-4)", &["mother-in-law's", "(", "3", "-", "4", ")"]);
    }

    #[test]
    fn marks_of_html_are_read() {
        check(BleuTokens::V13a, "a &amp;lt; b &quot;c&quot;", &["a", "<", "b", "\"", "c", "\""]);
        check(BleuTokens::Intl, "&lt;", &["&", "lt", ";"]);
    }

    #[test]
    fn signs_of_other_scripts_are_apart_by_intl_alone() {
        check(BleuTokens::Intl, "„ja“ 5€", &["„", "ja", "“", "5", "€"]);
        check(BleuTokens::V13a, "„ja“ 5€", &["„ja“", "5€"]);
    }

    #[test]
    fn every_character_is_a_token_but_for_spaces() {
        check(BleuTokens::Char, "ab \u{a0}c", &["a", "b", "c"]);
    }

    #[test]
    fn a_line_of_nothing_has_no_tokens() {
        BleuTokens::ALL.into_iter().for_each(|tokens| check(tokens, " \u{1f} ", &[]));
    }
}
