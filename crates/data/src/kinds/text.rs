//! # text: one long text
//!
//! A text is read from front to back. Its parts are contiguous: the beginning is trained on, the end is kept for
//! validation and test. Shares count characters, as everyone who cuts tiny Shakespeare does.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rushlight_text::{TextError, Tokenizer};
use serde::{Deserialize, Serialize};

use super::Entry;
use crate::corpus::{Corpus, Making, Part};
use crate::files::{self, Loaded};
use crate::leaks::leaks;
use crate::{DataError, Fractions};

/// The settings of a long text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// A built-in data set; this or `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// A file of yours; this or `dataset`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// The share for validation.
    pub validation: f64,
    /// The share at the very end, for testing.
    pub test: f64,
    /// How it is batched.
    pub batching: Batching,
    /// Whether each part starts and ends with the boundary token.
    pub boundary: bool,
}

/// The ways to batch a long text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Batching {
    /// Random pieces.
    #[default]
    Windows,
    /// Parallel streams that carry their state.
    Stream,
    /// Single targets with the ids before them.
    Contexts,
}

impl Default for Config {
    fn default() -> Self {
        Config { dataset: None, path: None, validation: 0.1, test: 0.0, batching: Batching::Windows, boundary: false }
    }
}

/// This kind's line.
pub const ENTRY: Entry =
    Entry { name: "text", about: "one long text, read from front to back", source: include_str!("text.rs") };

pub(super) fn open(config: &Config, making: Making<'_>) -> Result<Corpus, DataError> {
    let fractions = Fractions { validation: config.validation, test: config.test }.check()?;
    let Loaded { source, text, .. } = files::load(config.dataset.as_deref(), config.path.as_deref())?;
    let parts = cut(&text, fractions)?;
    let tokenizer = making.tokenizer(config.boundary, std::iter::once(&*text), std::iter::once(parts[0]))?;
    let mut first_line = 1;
    let mut encoded = Vec::new();
    for part in parts {
        encoded.push(encode(part, config.boundary, &tokenizer, &source.name, first_line)?);
        first_line += part.matches('\n').count();
    }
    let [train, validation, test] = encoded.try_into().expect("three parts stay three");
    let lines = parts.map(|part| part.lines().collect::<Vec<_>>());
    Ok(Corpus {
        tokenizer: Some(tokenizer),
        train,
        validation,
        test,
        batching: config.batching.into(),
        sources: vec![source],
        leaks: leaks(lines.each_ref().map(Vec::as_slice)),
    })
}

pub(super) fn open_file(config: &Config, path: &Path, tokenizer: &Tokenizer) -> Result<Part, DataError> {
    let Loaded { source, text, .. } = files::load(None, Some(path))?;
    encode(&text, config.boundary, tokenizer, &source.name, 1)
}

/// The text in three, by characters.
fn cut(text: &str, fractions: Fractions) -> Result<[&str; 3], DataError> {
    let [train, validation, _] = fractions.sizes(text.chars().count(), "characters")?;
    let byte = |character: usize| match text.is_ascii() {
        true => character,
        false => text.char_indices().nth(character).map_or(text.len(), |(byte, _)| byte),
    };
    let (train, validation) = (byte(train), byte(train + validation));
    Ok([&text[..train], &text[train..validation], &text[validation..]])
}

fn encode(text: &str, boundary: bool, tokenizer: &Tokenizer, name: &str, first_line: usize) -> Result<Part, DataError> {
    let ids = tokenizer.try_encode(text).map_err(|error| located(error, text, tokenizer, name, first_line))?;
    let framed = match (boundary && !text.is_empty(), tokenizer.boundary()) {
        (false, _) => ids,
        (true, Some(end)) => [vec![end], ids, vec![end]].concat(),
        (true, None) => return Err(DataError::NoBoundary),
    };
    Ok(Part::Stream(Arc::from(framed)))
}

fn located(error: TextError, text: &str, tokenizer: &Tokenizer, name: &str, first_line: usize) -> DataError {
    // With its line feed, which may be what is unknown.
    let mut lines = text.split_inclusive('\n');
    let line = lines.position(|line| !tokenizer.unknown_in(line).is_empty()).unwrap_or(0);
    DataError::UnknownText { name: name.to_string(), line: first_line + line, source: error }
}

impl From<Batching> for crate::Batching {
    fn from(batching: Batching) -> Self {
        match batching {
            Batching::Windows => crate::Batching::Windows,
            Batching::Stream => crate::Batching::Stream,
            Batching::Contexts => crate::Batching::Contexts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, validation: f64, test: f64, expected: [&str; 3]) {
        assert_eq!(cut(text, Fractions { validation, test }).unwrap(), expected);
    }

    #[test]
    fn the_end_is_kept_for_validation_and_test() {
        check("abcdefghij", 0.2, 0.1, ["abcdefg", "hi", "j"]);
    }

    #[test]
    fn a_part_may_be_left_off() {
        check("abcd", 0.0, 0.0, ["abcd", "", ""]);
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        check("äöüäöüäöüx", 0.1, 0.1, ["äöüäöüäö", "ü", "x"]);
    }

    #[test]
    fn a_share_of_less_than_a_character_is_refused() {
        let error = cut("abc", Fractions { validation: 0.8, test: 0.0 }).unwrap_err().to_string();
        assert!(error.starts_with("the train part is empty: its share of 3 characters"), "{error}");
    }
}
