//! From text to a definition, with mistakes named by line, what is possible and what was probably meant. Reads no file.

use serde::Deserialize;

use super::Definition;
use crate::DefinitionError;
use crate::words::nearest;

impl Definition {
    /// Reads a definition; `file` is how it is called in messages.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(text: &str, file: &str) -> Result<Self, DefinitionError> {
        let wrong = |error: toml::de::Error| DefinitionError {
            line: error.span().map(|span| line_at(text, span.start)),
            file: file.to_owned(),
            ..in_words(error.message())
        };
        let reader = toml::Deserializer::parse(text).map_err(wrong)?;
        let definition = Definition::deserialize(reader).map_err(wrong)?;
        definition.check(text, file)?;
        Ok(definition)
    }
}

/// What the parser says, in our words.
fn in_words(message: &str) -> DefinitionError {
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let told = |what: String, help: String| DefinitionError { what, file: String::new(), line: None, help };
    match names.as_slice() {
        [asked, possible @ ..] if message.starts_with("unknown field") => {
            let meant = nearest(asked, possible.iter().copied()).map(|name| format!(". Did you mean `{name}`?"));
            let help = format!("it has: {}{}", possible.join(", "), meant.unwrap_or_default());
            told(format!("unknown key `{asked}`"), help)
        }
        [missing, ..] if message.starts_with("missing field") => {
            told(format!("the key `{missing}` is missing"), format!("write `{missing} = ...` into this table"))
        }
        _ => told(message.replace('\n', " "), "`rushlight assistant init DIR` writes a file that works".into()),
    }
}

/// The line of a byte, from 1.
pub(super) fn line_at(text: &str, byte: usize) -> usize {
    let before = &text.as_bytes()[..byte.min(text.len())];
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The line on which some words stand for the `nth` time, from 0.
pub(super) fn line_of(text: &str, words: &str, nth: usize) -> Option<usize> {
    text.match_indices(words).nth(nth).map(|(at, _)| line_at(text, at))
}
