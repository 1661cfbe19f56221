//! Cutting long text where no token and no step of the normaliser can notice. Knows no tokenizer; every one of them ends
//! a token before white space that follows something else.

use crate::normalizer::{NormalizerConfig, Unicode, is_stripped};
use unicode_normalization::char::canonical_combining_class;

/// Long text is cut into pieces of about this many bytes, which are worked on side by side.
pub(crate) const PIECE_BYTES: usize = 1 << 16;

impl NormalizerConfig {
    /// `text`, not yet normalised, in pieces of at most so many bytes, where it has places to be cut.
    pub(crate) fn pieces<'t>(&self, text: &'t str, bytes: usize) -> Vec<&'t str> {
        let (mut pieces, mut rest) = (Vec::new(), text);
        let mut most = bytes;
        while rest.len() > most {
            match self.last_cut(&rest[..rest.floor_char_boundary(most)]) {
                0 => most *= 2,
                cut => {
                    let (piece, after) = rest.split_at(cut);
                    pieces.push(piece);
                    (rest, most) = (after, bytes);
                }
            }
        }
        pieces.push(rest);
        pieces
    }

    /// The last place where `text`, not yet normalised, can be cut in two that are normalised and made into tokens
    /// apart and give what the whole would give; 0 if there is none.
    ///
    /// It stands before a space or a line feed, behind a character that stays and is no white space, and where markup is
    /// taken out, not within what may become a tag.
    pub fn last_cut(&self, text: &str) -> usize {
        match self.strip_markup {
            true => self.last_cut_outside_tags(text),
            false => {
                let spaces = text.bytes().enumerate().rev().filter(|(_, byte)| matches!(byte, b' ' | b'\n'));
                let stays = |at: &usize| text[..*at].chars().next_back().is_some_and(|c| !goes(c));
                spaces.map(|(at, _)| at).find(stays).unwrap_or(0)
            }
        }
    }

    /// From the front, for what may become a tag is known only from its beginning.
    fn last_cut_outside_tags(&self, text: &str) -> usize {
        let (mut cut, mut before, mut is_within) = (0, None, false);
        for (at, c) in text.char_indices() {
            let is_behind_text = before.is_some_and(|before| !goes(before) && !self.is_one_of(before, GREATER));
            if matches!(c, ' ' | '\n') && is_behind_text && !is_within {
                cut = at;
            }
            let next = || text[at + c.len_utf8()..].chars().find(|&c| !is_stripped(c));
            if self.is_one_of(c, LESS) {
                // A name or a slash begins a tag; what a Unicode form makes of other signs is not foreseen here.
                is_within = next().is_none_or(|c| c.is_ascii_alphabetic() || c == '/' || !c.is_ascii());
            } else if self.is_one_of(c, GREATER) {
                // With a stroke through it, it is another sign in a composed form.
                is_within &= next().is_some_and(|c| canonical_combining_class(c) != 0);
            }
            before = Some(c);
        }
        cut
    }

    /// Whether `c` is the first of `signs`, or becomes it.
    fn is_one_of(&self, c: char, signs: [char; 3]) -> bool {
        c == signs[0] || self.unicode == Unicode::Nfkc && signs.contains(&c)
    }
}

// The signs of a tag, and those that the form of look-alikes makes into them.
const LESS: [char; 3] = ['<', '\u{fe64}', '\u{ff1c}'];
const GREATER: [char; 3] = ['>', '\u{fe65}', '\u{ff1e}'];

/// Whether nothing but white space may be left of `c`.
fn goes(c: char) -> bool {
    c.is_whitespace() || is_stripped(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: NormalizerConfig = NormalizerConfig {
        unicode: Unicode::Nfkc,
        lowercase: true,
        strip_markup: false,
        strip_control: true,
        zero_digits: false,
    };
    const MARKUP: NormalizerConfig = NormalizerConfig { strip_markup: true, ..PLAIN };

    #[test]
    fn pieces_are_the_whole_and_end_before_white_space() {
        let text = "ab  cd\n\ne  fgh ".repeat(50);
        for bytes in [1, 2, 7, 100, 10_000] {
            let pieces = PLAIN.pieces(&text, bytes);
            assert_eq!(pieces.concat(), text);
            for (piece, next) in pieces.iter().zip(pieces.iter().skip(1)) {
                assert!(!piece.ends_with(char::is_whitespace) && next.starts_with(char::is_whitespace), "{piece:?}");
                assert!(piece.len() <= bytes.max(10), "{piece:?}");
            }
        }
        assert_eq!(PLAIN.pieces("", 5), [""]);
    }

    fn cut(settings: NormalizerConfig, text: &str, kept: &str) {
        assert_eq!(&text[..settings.last_cut(text)], kept, "{text:?}");
    }

    #[test]
    fn the_last_cut_stands_before_the_last_first_space() {
        cut(PLAIN, "one two\n\nthr", "one two");
        cut(PLAIN, "one two  ", "one two");
        cut(PLAIN, "onetwo", "");
        cut(PLAIN, " x", "");
    }

    #[test]
    fn what_is_stripped_does_not_count_as_text() {
        cut(PLAIN, "one two \u{0} \u{feff}\nx", "one two");
        cut(PLAIN, "one two\r\nx", "one");
    }

    #[test]
    fn no_tag_is_cut_in_two() {
        cut(PLAIN, "one <a b", "one <a");
        cut(MARKUP, "one two <a b", "one two");
        cut(MARKUP, "one <a b> c", "one");
        cut(MARKUP, "one <a b>c d", "one <a b>c");
        cut(MARKUP, "one < b c", "one < b");
        cut(MARKUP, "one two \u{ff1c}a b", "one two");
        cut(MARKUP, "one <a>\u{338} b", "one");
    }

    #[test]
    fn what_begins_no_tag_is_in_no_cuts_way() {
        cut(MARKUP, "I <3 you and", "I <3 you");
        cut(MARKUP, "a <= b <- c", "a <= b <-");
        cut(MARKUP, "one <\u{0}a b", "one");
    }

    #[test]
    fn look_alikes_are_signs_of_a_tag_only_where_they_become_them() {
        let composed = NormalizerConfig { unicode: Unicode::Nfc, ..MARKUP };
        cut(composed, "one <a \u{ff1c} b c", "one");
        cut(composed, "one <a \u{ff1e} b c", "one");
        cut(composed, "one \u{ff1c}a b", "one \u{ff1c}a");
        cut(MARKUP, "one <a \u{ff1e}b c d", "one <a \u{ff1e}b c");
    }

    #[test]
    fn pieces_without_tags_or_with_are_what_the_whole_gives() {
        for unicode in [Unicode::None, Unicode::Nfc, Unicode::Nfkc] {
            let settings = NormalizerConfig { unicode, ..MARKUP };
            for text in
                ["a <b c> d <3 e < f", "a <b \u{ff1c} c> d e", "x <a \u{ff1e} b c> d e", "<a>\u{338} b c> d e f"]
            {
                let text = format!("{text} ").repeat(7);
                let apart: String = settings.pieces(&text, 9).iter().map(|piece| settings.apply(piece)).collect();
                assert_eq!(apart, settings.apply(&text), "{unicode:?}");
            }
        }
    }

    #[test]
    fn no_character_that_is_no_space_becomes_one_at_its_end_or_nothing() {
        for c in '\0'..=char::MAX {
            if !c.is_whitespace() && !is_stripped(c) {
                let normal = PLAIN.apply(c.encode_utf8(&mut [0; 4])).into_owned();
                assert!(normal.chars().next_back().is_some_and(|last| !last.is_whitespace()), "{c:?}: {normal:?}");
            }
        }
    }
}
