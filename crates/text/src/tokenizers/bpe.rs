//! # bpe: byte pair encoding
//!
//! Follows   Sennrich, Haddow, Birch, Neural Machine Translation of Rare Words with Subword Units, 2016,
//!           <https://arxiv.org/abs/1508.07909>; over bytes as in GPT-2 (Radford 2019).
//! Idea      Begin with the 256 bytes; again and again make one token of the commonest pair of neighbours.
//! So        No text is unknown, common words are one token, and rare ones fall apart into pieces.
//!
//! The words are counted by us, and the pairs are learned from the counts by the `tokenizers` crate. Encoding and decoding
//! are ours; the crate's are the slow twin of the tests.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use ::tokenizers as hf;
use hf::AddedToken;
use hf::models::bpe::{BPE, BpeTrainer};
use hf::pre_tokenizers::byte_level::ByteLevel;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Counts, Entry, Learner, Scheme, Trained};
use crate::TextError;
use crate::file;
use crate::vocabulary::{BOUNDARY, Vocabulary};
use ahash::AHashMap;
use merges::Merges;
use words::words;

mod merges;
mod words;

/// The settings of a BPE tokenizer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How many tokens there are at most, bytes and special tokens included.
    pub vocab_size: usize,
    /// A pair that comes less often than this is not made one.
    pub min_frequency: u64,
}

impl Default for Config {
    fn default() -> Self {
        Config { vocab_size: 8000, min_frequency: 2 }
    }
}

/// This member's line.
pub const ENTRY: Entry = Entry {
    name: "bpe",
    about: "byte pair encoding: common words whole, rare ones in pieces, no unknown text",
    source: include_str!("bpe.rs"),
    read,
};

/// Counts words; learns pairs from the counts.
struct Counting {
    trainer: BpeTrainer,
    least: usize,
    counts: Counts,
}

pub(super) fn learner(config: &Config, boundary: bool) -> Result<Box<dyn Learner>, TextError> {
    let least = 256 + usize::from(boundary);
    if config.vocab_size < least {
        return Err(TextError::VocabularyTooSmall { asked: config.vocab_size, least });
    }
    let special = boundary.then(|| AddedToken::from(BOUNDARY, true));
    let trainer = BpeTrainer::builder()
        .vocab_size(config.vocab_size)
        .min_frequency(config.min_frequency)
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .special_tokens(special.into_iter().collect())
        .show_progress(false)
        .build();
    Ok(Box::new(Counting { trainer, least, counts: Counts::default() }))
}

impl Learner for Counting {
    fn see(&mut self, pieces: &[Cow<str>]) {
        let counted: Vec<AHashMap<&str, u64>> =
            pieces.par_iter().fold(AHashMap::new, |counts, piece| count(piece, counts)).collect();
        for (word, count) in counted.into_iter().flatten() {
            self.counts.add(word, count);
        }
    }

    fn finish(self: Box<Self>) -> Result<Trained, TextError> {
        let Counting { mut trainer, least, counts: Counts(counts) } = *self;
        if counts.is_empty() {
            return Err(TextError::NoText);
        }
        // Each merge stands for a place in a word, so more than this there cannot be; room is made for all at once.
        trainer.vocab_size = trainer.vocab_size.min(least + counts.keys().map(String::len).sum::<usize>());
        let signs = sign_of_byte();
        let written = |word: String| word.bytes().map(|byte| signs[byte as usize]).collect::<String>();
        let counts = counts.into_iter().map(|(word, count)| (written(word).into(), count)).collect();
        let mut model = BPE::default();
        trainer.do_train(&counts, &mut model).map_err(|error| TextError::Training(error.to_string()))?;
        drop(counts);
        let json = serde_json::to_value(&model).expect("a model is written as JSON");
        let boundary = model.get_vocab().get(BOUNDARY) == Some(&0);
        trained(&json, boundary)
    }
}

fn count<'t>(piece: &'t str, mut counts: AHashMap<&'t str, u64>) -> AHashMap<&'t str, u64> {
    words(piece).for_each(|word| *counts.entry(word).or_default() += 1);
    counts
}

fn read(json: &Value) -> Result<Option<Trained>, TextError> {
    let model = &json["model"];
    if model["type"] != "BPE" {
        return Ok(None);
    }
    trained(model, model["vocab"][BOUNDARY] == 0).map(Some)
}

fn byte_level() -> ByteLevel {
    ByteLevel::default().add_prefix_space(false)
}

/// From the `model` of a tokenizer.json.
fn trained(model: &Value, boundary: bool) -> Result<Trained, TextError> {
    let foreign = |what: String| TextError::Foreign(what);
    let vocabulary = Vocabulary::from_tokens(file::tokens_of(model)?, boundary, None)
        .ok_or_else(|| foreign("a token stands in it twice".to_string()))?;
    let byte_of = byte_of_sign();
    let id = |token: &str| vocabulary.id(token).ok_or_else(|| foreign(format!("`{token}` is not in its `vocab`")));
    let mut of_byte = [0; 256];
    for (&sign, &byte) in &byte_of {
        of_byte[byte as usize] = id(sign.encode_utf8(&mut [0; 4]))?;
    }
    let mut learned = Vec::new();
    for pair in model["merges"].as_array().ok_or_else(|| foreign("its model has no `merges`".to_string()))? {
        let [Some(left), Some(right)] = [0, 1].map(|side| pair[side].as_str()) else {
            return Err(foreign(format!("`{pair}` among its `merges` is no pair of tokens")));
        };
        learned.push(([id(left)?, id(right)?], id(&format!("{left}{right}"))?));
    }
    let bytes = vocabulary.tokens().map(|token| spelled(token, &byte_of)).collect();
    let merges = Merges::new(of_byte, learned.iter().copied());
    let pairs = learned.into_iter().map(|(pair, _)| pair).collect();
    Ok(Trained { vocabulary, scheme: Arc::new(Bytes { merges, pairs, bytes, byte_of }) })
}

#[derive(Debug)]
struct Bytes {
    merges: Merges,
    /// The pairs in the order in which they were learned.
    pairs: Vec<[u32; 2]>,
    /// What each id stands for.
    bytes: Vec<Vec<u8>>,
    byte_of: HashMap<char, u8>,
}

impl Scheme for Bytes {
    fn encode(&self, text: &str, _: &Vocabulary) -> Option<Vec<u32>> {
        let mut ids = Vec::new();
        self.merges.encode(words(text), &mut ids);
        Some(ids)
    }

    fn unknown_in(&self, _: &str, _: &Vocabulary) -> Vec<String> {
        Vec::new()
    }

    fn decode(&self, ids: &[u32], vocabulary: &Vocabulary) -> String {
        let mut text = Vec::new();
        for &id in ids {
            let known = self.bytes.get(id as usize);
            text.extend(known.unwrap_or_else(|| panic!("id {id} is outside a vocabulary of {}", vocabulary.len())));
        }
        // A model may write half a character; the reader then sees the sign for that.
        String::from_utf8_lossy(&text).into_owned()
    }

    fn bytes(&self, token: &str) -> Vec<u8> {
        spelled(token, &self.byte_of)
    }

    fn unit(&self) -> &'static str {
        "piece"
    }

    fn json(&self, vocabulary: &Vocabulary) -> Value {
        let bytes = serde_json::to_value(byte_level()).expect("a way of cutting can be written");
        let ids: Map<String, Value> = vocabulary.tokens().map(String::from).zip((0u32..).map(Value::from)).collect();
        let merges: Vec<[&str; 2]> = self.pairs.iter().map(|pair| pair.map(|id| vocabulary.token(id))).collect();
        json!({
            "pre_tokenizer": bytes,
            "decoder": bytes,
            "model": {
                "type": "BPE",
                "dropout": null,
                "unk_token": null,
                "continuing_subword_prefix": null,
                "end_of_word_suffix": null,
                "fuse_unk": false,
                "byte_fallback": false,
                "ignore_merges": false,
                "vocab": ids,
                "merges": merges,
            },
        })
    }
}

/// GPT-2 writes each byte as one visible character: itself where it is visible in Latin-1, else the next one from U+0100.
fn sign_of_byte() -> [char; 256] {
    let visible = |byte: u8| matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    let mut hidden = '\u{100}'..;
    std::array::from_fn(|byte| match byte as u8 {
        byte if visible(byte) => char::from(byte),
        _ => hidden.next().expect("there are more characters than bytes"),
    })
}

fn byte_of_sign() -> HashMap<char, u8> {
    sign_of_byte().into_iter().zip(0..=255).collect()
}

fn spelled(token: &str, byte_of: &HashMap<char, u8>) -> Vec<u8> {
    let bytes: Option<Vec<u8>> = token.chars().map(|sign| byte_of.get(&sign).copied()).collect();
    // Only a special token is spelled with other signs; it stands for itself.
    bytes.unwrap_or_else(|| token.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn learn(vocab_size: usize, min_frequency: u64, boundary: bool, text: &str) -> Trained {
        let mut learner = learner(&Config { vocab_size, min_frequency }, boundary).unwrap();
        learner.see(&[text.into()]);
        learner.finish().unwrap()
    }

    #[test]
    fn the_alphabet_of_signs_is_the_crates() {
        assert_eq!(HashSet::from(sign_of_byte()), ByteLevel::alphabet().into_iter().collect());
    }

    #[test]
    fn the_commonest_pair_becomes_a_token() {
        // In "aab aab" the pair `aa` and the pair `ab` come twice each; the one with the smaller ids goes first, then `aa`+`b`.
        let trained = learn(258, 2, false, "aab\naab");
        assert_eq!(trained.vocabulary.tokens().skip(256).collect::<Vec<_>>(), ["aa", "aab"]);
    }

    #[test]
    fn a_rare_pair_does_not() {
        assert_eq!(learn(300, 3, true, "aab\naab").vocabulary.len(), 257);
    }

    #[test]
    fn the_boundary_has_id_0() {
        assert_eq!(learn(257, 1, true, "a").vocabulary.token(0), BOUNDARY);
    }

    #[test]
    fn a_special_token_in_the_text_is_text() {
        let trained = learn(300, 1, true, "a");
        let ids = trained.scheme.encode(BOUNDARY, &trained.vocabulary).unwrap();
        assert!(!ids.contains(&0), "{ids:?}");
        assert_eq!(trained.scheme.decode(&ids, &trained.vocabulary), BOUNDARY);
    }

    #[test]
    fn a_vocabulary_smaller_than_the_bytes_is_refused() {
        let error = learner(&Config { vocab_size: 256, min_frequency: 1 }, true).err().unwrap();
        assert!(error.to_string().contains("need 257"), "{error}");
    }

    #[test]
    fn half_a_character_is_shown_and_does_not_fail() {
        let trained = learn(256, 1, false, "é");
        let ids = trained.scheme.encode("é", &trained.vocabulary).unwrap();
        assert_eq!(ids.len(), 2);
        assert_eq!(trained.scheme.decode(&ids[..1], &trained.vocabulary), "\u{fffd}");
    }
}
