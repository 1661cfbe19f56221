//! Cutting long text where no token and no step of the normaliser can notice. Knows no tokenizer; every one of them ends
//! a token before white space that follows something else.

use crate::normalizer::{NormalizerConfig, is_stripped};

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
        let may_go = |c: char| c.is_whitespace() || is_stripped(c) || self.strip_markup && GREATER.contains(&c);
        let is_cut = |at: &usize| {
            let before = &text[..*at];
            before.chars().next_back().is_some_and(|c| !may_go(c)) && !(self.strip_markup && is_within_tag(before))
        };
        let spaces = text.bytes().enumerate().rev().filter(|(_, byte)| matches!(byte, b' ' | b'\n'));
        spaces.map(|(at, _)| at).find(is_cut).unwrap_or(0)
    }
}

// The signs of a tag, and those that a Unicode form makes into them.
const LESS: [char; 3] = ['<', '\u{fe64}', '\u{ff1c}'];
const GREATER: [char; 3] = ['>', '\u{fe65}', '\u{ff1e}'];

/// Whether a tag begins in `text` that does not end in it, or may do so.
fn is_within_tag(text: &str) -> bool {
    let Some(less) = text.rfind(LESS) else { return false };
    let mut behind = text[less..].chars().skip(1);
    // With a space behind it the sign begins none.
    let begins_none = behind.clone().next().is_some_and(|c| matches!(c, ' ' | '\n' | '\t'));
    !begins_none && !behind.any(|c| GREATER.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Unicode;

    const PLAIN: NormalizerConfig =
        NormalizerConfig { unicode: Unicode::Nfkc, lowercase: true, strip_markup: false, strip_control: true };
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
