//! The family of tokenizers: a file a member. This page lists them; nothing else does.

use std::borrow::Cow;
use std::fmt::Debug;
use std::sync::Arc;

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::TextError;
use crate::vocabulary::Vocabulary;
use ahash::AHashMap;

pub mod bpe;
pub mod character;
pub mod word;

/// Every member, the simplest first.
pub const ALL: &[Entry] = &[character::ENTRY, word::ENTRY, bpe::ENTRY];

/// What `[tokenizer]` of a recipe says; `kind` chooses the member.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum TokenizerConfig {
    /// A token a character.
    Character(character::Config),
    /// A token a word.
    Word(word::Config),
    /// Byte pair encoding.
    Bpe(bpe::Config),
}

impl TokenizerConfig {
    /// The settings of the member called `kind`; `rest` is the table without its `kind`.
    ///
    /// # Errors
    /// An unknown member, and whatever the member's own settings refuse.
    pub fn of_kind<'de, D: Deserializer<'de>>(kind: &str, rest: D) -> Result<Self, D::Error> {
        match kind {
            "character" => Deserialize::deserialize(rest).map(TokenizerConfig::Character),
            "word" => Deserialize::deserialize(rest).map(TokenizerConfig::Word),
            "bpe" => Deserialize::deserialize(rest).map(TokenizerConfig::Bpe),
            _ => {
                let known: Vec<String> = ALL.iter().map(|entry| format!("`{}`", entry.name)).collect();
                Err(D::Error::custom(TextError::UnknownKind { asked: kind.to_string(), known: known.join(", ") }))
            }
        }
    }

    /// Whether the vocabulary is the alphabet of the text, so that it may be taken from every part of the data:
    /// it then holds no knowledge of which pieces are common.
    pub fn is_whole_alphabet(&self) -> bool {
        matches!(self, TokenizerConfig::Character(config) if !config.unknown)
    }

    pub(crate) fn learner(&self, boundary: bool) -> Result<Box<dyn Learner>, TextError> {
        match self {
            TokenizerConfig::Character(config) => Ok(character::learner(config, boundary)),
            TokenizerConfig::Word(config) => word::learner(config, boundary),
            TokenizerConfig::Bpe(config) => bpe::learner(config, boundary),
        }
    }
}

/// A member's line on the contents page.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name in recipes.
    pub name: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// Its file, whose header explains it.
    pub source: &'static str,
    /// Reads its part of a tokenizer.json, or says that it is another member's.
    pub(crate) read: fn(&Value) -> Result<Option<Trained>, TextError>,
}

/// A member that learns: it counts what it sees, and decides in the end. Text that comes in is already normalised.
pub(crate) trait Learner {
    /// Takes a text into account, which comes in pieces.
    fn see(&mut self, pieces: &[Cow<str>]);

    /// What came of it.
    fn finish(self: Box<Self>) -> Result<Trained, TextError>;
}

/// How often each word came.
#[derive(Debug, Default)]
pub(crate) struct Counts(pub(crate) AHashMap<String, u64>);

impl Counts {
    /// Counts a word `times` times more. Only a new one is copied.
    pub(crate) fn add(&mut self, word: &str, times: u64) {
        match self.0.get_mut(word) {
            Some(count) => *count += times,
            None => drop(self.0.insert(word.to_string(), times)),
        }
    }
}

/// What training or reading gives: which tokens there are, and how text is cut into them.
#[derive(Clone, Debug)]
pub(crate) struct Trained {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) scheme: Arc<dyn Scheme>,
}

/// A trained member. Text that comes in is already normalised.
pub(crate) trait Scheme: Debug + Send + Sync {
    /// The ids of `text`; `None` if a piece is unknown and there is no token for such pieces.
    fn encode(&self, text: &str, vocabulary: &Vocabulary) -> Option<Vec<u32>>;

    /// The pieces outside the vocabulary, in order of appearance; one may come more than once.
    fn unknown_in(&self, text: &str, vocabulary: &Vocabulary) -> Vec<String>;

    /// The words of `text`, known or not, where a token is a word.
    fn words<'t>(&self, _text: &'t str) -> Option<Vec<&'t str>> {
        None
    }

    /// The text of `ids`, which hold no boundary.
    fn decode(&self, ids: &[u32], vocabulary: &Vocabulary) -> String;

    /// The bytes of text that a token stands for.
    fn bytes(&self, token: &str) -> Vec<u8>;

    /// What one token is called.
    fn unit(&self) -> &'static str;

    /// `pre_tokenizer`, `decoder` and `model` of a tokenizer.json.
    fn json(&self, vocabulary: &Vocabulary) -> Value;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, json: &str) -> Result<TokenizerConfig, String> {
        let mut from = serde_json::Deserializer::from_str(json);
        TokenizerConfig::of_kind(kind, &mut from).map_err(|error| error.to_string())
    }

    #[test]
    fn every_member_reads_an_empty_table_and_writes_its_name() {
        for entry in ALL {
            let config = read(entry.name, "{}").unwrap();
            assert_eq!(serde_json::to_value(&config).unwrap()["kind"], entry.name);
        }
    }

    #[test]
    fn every_member_begins_by_saying_what_it_is() {
        for entry in ALL {
            assert!(entry.source.starts_with("//! "), "{}", entry.name);
            assert!(!entry.about.is_empty(), "{}", entry.name);
        }
    }

    #[test]
    fn an_unknown_kind_is_answered_with_the_known_ones() {
        let error = read("sentence", "{}").unwrap_err();
        assert!(
            error.starts_with("there is no tokenizer `sentence`; there are: `character`, `word`, `bpe`"),
            "{error}"
        );
    }

    #[test]
    fn an_unknown_key_is_refused() {
        for entry in ALL {
            let error = read(entry.name, r#"{"sise": 3}"#).unwrap_err();
            assert!(error.contains("unknown field `sise`"), "{error}");
        }
    }
}
