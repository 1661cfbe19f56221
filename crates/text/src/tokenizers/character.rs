//! # character: a token a character
//!
//! A character is a Unicode scalar value after normalising. The vocabulary is the set of characters in the text,
//! sorted by code point, so that two people with the same text get the same ids.
//! It is the smallest vocabulary and the longest sequence. Knows nothing about words.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Entry, Learner, Scheme, Trained};
use crate::file;
use crate::vocabulary::Vocabulary;
use crate::{Limit, TextError};

/// The settings of a character tokenizer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How many characters are kept at most, the commonest first; the others need `unknown`.
    pub max_size: Limit,
    /// Whether there is a token for the characters that training did not see.
    pub unknown: bool,
}

/// This member's line.
pub const ENTRY: Entry = Entry {
    name: "character",
    about: "a token a character, sorted; nothing to tune",
    source: include_str!("character.rs"),
    read,
};

/// The token that stands for a character outside the vocabulary.
const UNKNOWN: &str = "<|unknown|>";

/// How often each character came.
struct Counting {
    config: Config,
    boundary: bool,
    ascii: [u64; 128],
    others: HashMap<char, u64>,
}

pub(super) fn learner(config: &Config, boundary: bool) -> Box<dyn Learner> {
    Box::new(Counting { config: config.clone(), boundary, ascii: [0; 128], others: HashMap::new() })
}

impl Learner for Counting {
    fn see(&mut self, pieces: &[Cow<str>]) {
        for c in pieces.iter().flat_map(|piece| piece.chars()) {
            match self.ascii.get_mut(c as usize) {
                Some(count) => *count += 1,
                None => *self.others.entry(c).or_default() += 1,
            }
        }
    }

    fn finish(self: Box<Self>) -> Result<Trained, TextError> {
        let Counting { config, boundary, ascii, others } = *self;
        let seen = ('\0'..).zip(ascii).chain(others).filter(|&(_, count)| count > 0);
        let mut commonest: Vec<(char, u64)> = seen.collect();
        let found = commonest.len();
        if found == 0 {
            return Err(TextError::NoText);
        }
        commonest.sort_by_key(|&(c, count)| (std::cmp::Reverse(count), c));
        commonest.truncate(config.max_size.most());
        if commonest.len() < found && !config.unknown {
            return Err(TextError::CharactersLeftOut { kept: commonest.len(), found });
        }
        let mut kept: Vec<char> = commonest.into_iter().map(|(c, _)| c).collect();
        kept.sort_unstable();
        let unknown = config.unknown.then_some(UNKNOWN);
        let vocabulary = Vocabulary::new(boundary, unknown, kept.into_iter().map(String::from));
        Ok(Trained { scheme: Arc::new(Characters::of(&vocabulary)), vocabulary })
    }
}

fn read(json: &Value) -> Result<Option<Trained>, TextError> {
    if json["model"]["type"] != "WordLevel" || json["pre_tokenizer"] != every_character() {
        return Ok(None);
    }
    let vocabulary = file::read_word_level(json)?;
    for token in vocabulary.tokens().skip(vocabulary.specials()) {
        if token.chars().nth(1).is_some() {
            return Err(TextError::Foreign(format!("`{token}` is more than one character")));
        }
    }
    Ok(Some(Trained { scheme: Arc::new(Characters::of(&vocabulary)), vocabulary }))
}

/// Characters to ids without a hash for the commonest ones: a corpus of a megabyte takes milliseconds.
#[derive(Debug)]
struct Characters {
    ascii: [Option<u32>; 128],
    others: HashMap<char, u32>,
}

impl Characters {
    fn of(vocabulary: &Vocabulary) -> Self {
        let mut characters = Characters { ascii: [None; 128], others: HashMap::new() };
        for (id, token) in (0..).zip(vocabulary.tokens()).skip(vocabulary.specials()) {
            for c in token.chars() {
                match characters.ascii.get_mut(c as usize) {
                    Some(place) => *place = Some(id),
                    None => drop(characters.others.insert(c, id)),
                }
            }
        }
        characters
    }

    fn id(&self, c: char) -> Option<u32> {
        match self.ascii.get(c as usize) {
            Some(id) => *id,
            None => self.others.get(&c).copied(),
        }
    }
}

impl Scheme for Characters {
    fn encode(&self, text: &str, vocabulary: &Vocabulary) -> Option<Vec<u32>> {
        let mut ids = Vec::with_capacity(text.len());
        for c in text.chars() {
            ids.push(self.id(c).or(vocabulary.unknown)?);
        }
        Some(ids)
    }

    fn unknown_in(&self, text: &str, _: &Vocabulary) -> Vec<String> {
        text.chars().filter(|&c| self.id(c).is_none()).map(String::from).collect()
    }

    fn decode(&self, ids: &[u32], vocabulary: &Vocabulary) -> String {
        let mut text = String::with_capacity(ids.len());
        for &id in ids {
            text.push_str(vocabulary.token(id));
        }
        text
    }

    fn bytes(&self, token: &str) -> Vec<u8> {
        token.as_bytes().to_vec()
    }

    fn unit(&self) -> &'static str {
        "character"
    }

    fn json(&self, vocabulary: &Vocabulary) -> Value {
        json!({
            "pre_tokenizer": every_character(),
            "decoder": { "type": "Fuse" },
            "model": file::word_level(vocabulary, UNKNOWN),
        })
    }
}

fn every_character() -> Value {
    json!({ "type": "Split", "pattern": { "Regex": r"[\s\S]" }, "behavior": "Isolated", "invert": false })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learn(config: &Config, boundary: bool, text: &str) -> Result<Vec<String>, String> {
        let mut learner = learner(config, boundary);
        learner.see(&[text.into()]);
        let trained = learner.finish().map_err(|error| error.to_string())?;
        Ok(trained.vocabulary.tokens().map(String::from).collect())
    }

    fn check(config: &Config, boundary: bool, text: &str, expected: &[&str]) {
        assert_eq!(learn(config, boundary, text).unwrap(), expected);
    }

    #[test]
    fn the_vocabulary_is_the_sorted_characters() {
        check(&Config::default(), false, "banana", &["a", "b", "n"]);
    }

    #[test]
    fn the_boundary_comes_first() {
        check(&Config::default(), true, "ba", &["<|end|>", "a", "b"]);
    }

    #[test]
    fn a_limit_keeps_the_commonest_and_sorts_them() {
        let config = Config { max_size: Limit::At(2), unknown: true };
        check(&config, true, "cccabb", &["<|end|>", "<|unknown|>", "b", "c"]);
    }

    #[test]
    fn a_limit_without_an_unknown_token_is_refused() {
        let config = Config { max_size: Limit::At(2), unknown: false };
        let error = learn(&config, true, "abc").unwrap_err();
        assert!(error.starts_with("`max_size` keeps 2 of the 3 characters"), "{error}");
    }

    #[test]
    fn no_text_is_refused() {
        assert!(learn(&Config::default(), true, "").unwrap_err().starts_with("there is no text"));
    }
}
