//! Tokens as a person can read them in a table or on a plot. Not reversible, and never used for encoding.

/// The text with a visible sign for each space and control character.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' ' => shown.push('␣'),
            c if c.is_control() || c.is_whitespace() => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    shown
}

/// Bytes as text; those that are not UTF-8 by themselves (part of a character) as `\xE2`.
pub(crate) fn printable_bytes(bytes: &[u8]) -> String {
    let mut shown = String::new();
    for chunk in bytes.utf8_chunks() {
        shown.push_str(&printable(chunk.valid()));
        for byte in chunk.invalid() {
            shown.push_str(&format!("\\x{byte:02X}"));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(printable_bytes(bytes), expected);
    }

    #[test]
    fn a_space_is_seen() {
        check(b" the", "␣the");
    }

    #[test]
    fn a_line_break_is_escaped() {
        check(b"\n\t", "\\n\\t");
    }

    #[test]
    fn a_no_break_space_is_escaped() {
        check("\u{a0}".as_bytes(), "\\u{a0}");
    }

    #[test]
    fn half_a_character_is_shown_as_bytes() {
        check(b"a\xE2\x82", "a\\xE2\\x82");
    }
}
