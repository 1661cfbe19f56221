//! A message as it comes from outside, made one that can be read: bounded, of text, without control characters.

use crate::AssistantError;

/// The text of a message of `most` bytes at most.
///
/// # Errors
/// A message that is empty, too long, or no UTF-8.
pub fn message(bytes: &[u8], most: usize) -> Result<String, AssistantError> {
    let refuse = |what: String| Err(AssistantError::Message(what));
    if bytes.len() > most {
        let length = bytes.len();
        return refuse(format!(
            "the message has {length} bytes, and {most} are read at most; say it in fewer words, or in several messages"
        ));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            return refuse(format!("the message is no text: its byte {} is 0x{:02x}; send UTF-8", at + 1, bytes[at]));
        }
    };
    // Marks that turn the direction of writing about hide what was written.
    let is_hidden = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let kept: String = text.chars().filter(|&c| !is_hidden(c)).collect();
    if kept.trim().is_empty() {
        return refuse("the message is empty; write something".into());
    }
    Ok(kept.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        let found = message(bytes, 100).unwrap_or_else(|error| error.to_string());
        assert!(found.contains(expected), "{found}");
    }

    #[test]
    fn a_message_is_text_without_what_is_hidden() {
        assert_eq!(message("\u{feff} a\u{0}b\u{202e}c 🎉\r\n".as_bytes(), 100).unwrap(), "abc 🎉");
    }

    #[test]
    fn what_cannot_be_read_is_refused_in_words() {
        check(b"", "the message is empty; write something");
        check(b" \n\x00\x07", "the message is empty");
        check(b"ab\xff\x00", "its byte 3 is 0xff; send UTF-8");
        check(&[b'a'; 101], "the message has 101 bytes, and 100 are read at most");
    }
}
