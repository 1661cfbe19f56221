//! # bpe: byte pair encoding
//!
//! Follows   Sennrich, Haddow, Birch, Neural Machine Translation of Rare Words with Subword Units, 2016,
//!           <https://arxiv.org/abs/1508.07909>; over bytes as in GPT-2 (Radford 2019).
//! Idea      Begin with the 256 bytes; again and again make one token of the commonest pair of neighbours.
//! So        No text is unknown, common words are one token, and rare ones fall apart into pieces.
//!
//! Training and encoding are the `tokenizers` crate's; decoding is ours: a token is a string of bytes.

use std::collections::HashMap;
use std::sync::Arc;

use ::tokenizers as hf;
use hf::AddedToken;
use hf::models::TrainerWrapper;
use hf::models::bpe::{BPE, BpeTrainerBuilder};
use hf::pre_tokenizers::byte_level::ByteLevel;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Entry, Scheme, Trained};
use crate::TextError;
use crate::file;
use crate::vocabulary::{BOUNDARY, Vocabulary};

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

/// Long text is cut into pieces of about this many bytes, which are encoded side by side.
const PIECE_BYTES: usize = 4096;

pub(super) fn train(config: &Config, boundary: bool, texts: &[String]) -> Result<Trained, TextError> {
    let least = 256 + usize::from(boundary);
    if config.vocab_size < least {
        return Err(TextError::VocabularyTooSmall { asked: config.vocab_size, least });
    }
    if texts.iter().all(String::is_empty) {
        return Err(TextError::NoText);
    }
    let special = boundary.then(|| AddedToken::from(BOUNDARY, true));
    let mut trainer: TrainerWrapper = BpeTrainerBuilder::new()
        // Each merge stands for a place in the text, so more than this there cannot be; room is made for all at once.
        .vocab_size(config.vocab_size.min(least + texts.iter().map(String::len).sum::<usize>()))
        .min_frequency(config.min_frequency)
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .special_tokens(special.into_iter().collect())
        .show_progress(false)
        .build()
        .into();
    let mut inner = hf::Tokenizer::new(BPE::default());
    inner.with_pre_tokenizer(Some(byte_level()));
    inner.with_decoder(Some(byte_level()));
    let pieces = texts.iter().flat_map(|text| pieces(text));
    inner.train(&mut trainer, pieces).map_err(|error| TextError::Training(error.to_string()))?;
    trained(inner)
}

fn read(json: &Value) -> Result<Option<Trained>, TextError> {
    if json["model"]["type"] != "BPE" {
        return Ok(None);
    }
    let mut plain = json.clone();
    // Normalising is ours, for every member alike.
    plain["normalizer"] = Value::Null;
    let foreign = |error: hf::Error| TextError::Foreign(error.to_string());
    let inner = hf::Tokenizer::from_bytes(plain.to_string()).map_err(foreign)?;
    trained(inner).map(Some)
}

fn byte_level() -> ByteLevel {
    ByteLevel::default().add_prefix_space(false)
}

fn trained(mut inner: hf::Tokenizer) -> Result<Trained, TextError> {
    // A user's text is text, even where it spells a special token.
    inner.set_encode_special_tokens(true);
    let tokens = file::in_order_of_id(inner.get_vocab(true).into_iter())?;
    let boundary = tokens.first().is_some_and(|token| token == BOUNDARY);
    let vocabulary = Vocabulary::from_tokens(tokens, boundary, None)
        .ok_or_else(|| TextError::Foreign("a token stands in it twice".to_string()))?;
    let byte_of = byte_of_sign();
    let bytes: Vec<Vec<u8>> = vocabulary.tokens().map(|token| spelled(token, &byte_of)).collect();
    Ok(Trained { vocabulary, scheme: Arc::new(Bytes { inner, bytes, byte_of }) })
}

#[derive(Debug)]
struct Bytes {
    inner: hf::Tokenizer,
    /// What each id stands for.
    bytes: Vec<Vec<u8>>,
    byte_of: HashMap<char, u8>,
}

impl Scheme for Bytes {
    fn encode(&self, text: &str, _: &Vocabulary) -> Option<Vec<u32>> {
        let pieces: Vec<&str> = pieces(text).collect();
        let encoded = self.inner.encode_batch_fast(pieces, false);
        let encoded = encoded.expect("bytes can always be encoded");
        Some(encoded.iter().flat_map(hf::Encoding::get_ids).copied().collect())
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

    /// Merges from the crate, settings from us: a file with others is then seen to differ.
    fn json(&self, _: &Vocabulary) -> Value {
        let written = self.inner.to_string(false).expect("a tokenizer can be written");
        let whole: Value = serde_json::from_str(&written).expect("a tokenizer is written as JSON");
        let bytes = serde_json::to_value(byte_level()).expect("a way of cutting can be written");
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
                "vocab": whole["model"]["vocab"],
                "merges": whole["model"]["merges"],
            },
        })
    }
}

/// Pieces whose tokens, one after the other, are the tokens of the whole.
///
/// No GPT-2 word goes on from something that is not space into space, so a cut between the two changes nothing.
fn pieces(text: &str) -> impl Iterator<Item = &str> + Send {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = rest.split_at(cut(rest));
        rest = after;
        Some(piece)
    })
}

/// Where the first piece ends.
fn cut(text: &str) -> usize {
    if text.len() <= PIECE_BYTES {
        return text.len();
    }
    let from = text.ceil_char_boundary(PIECE_BYTES);
    let mut before_is_space = true;
    for (at, c) in text[from..].char_indices() {
        if c.is_whitespace() && !before_is_space {
            return from + at;
        }
        before_is_space = c.is_whitespace();
    }
    text.len()
}

/// GPT-2 writes each byte as one visible character: itself where it is visible in Latin-1, else the next one from U+0100.
fn byte_of_sign() -> HashMap<char, u8> {
    let visible = |byte: u8| matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    let hidden = (0..=255u8).filter(|&byte| !visible(byte));
    let moved = ('\u{100}'..).zip(hidden);
    (0..=255u8).filter(|&byte| visible(byte)).map(|byte| (char::from(byte), byte)).chain(moved).collect()
}

fn spelled(token: &str, byte_of: &HashMap<char, u8>) -> Vec<u8> {
    let bytes: Option<Vec<u8>> = token.chars().map(|sign| byte_of.get(&sign).copied()).collect();
    // Only a special token is spelled with other signs; it stands for itself.
    bytes.unwrap_or_else(|| token.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learn(vocab_size: usize, min_frequency: u64, boundary: bool, text: &str) -> Trained {
        train(&Config { vocab_size, min_frequency }, boundary, &[text.to_string()]).unwrap()
    }

    #[test]
    fn the_alphabet_of_signs_is_the_crates() {
        let ours = byte_of_sign();
        assert_eq!(ours.len(), 256);
        assert!(ByteLevel::alphabet().iter().all(|sign| ours.contains_key(sign)));
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
        let error = train(&Config { vocab_size: 256, min_frequency: 1 }, true, &["a".to_string()]).unwrap_err();
        assert!(error.to_string().contains("need 257"), "{error}");
    }

    #[test]
    fn pieces_of_a_long_text_give_the_tokens_of_the_whole() {
        let line = "Speak,  speak.\n\n   We're 12 -- resolved\u{a0}rather to die \t\n";
        let text = line.repeat(3 * PIECE_BYTES / line.len());
        let trained = learn(400, 2, true, &text);
        let Trained { vocabulary, scheme } = &trained;
        let mut whole = hf::Tokenizer::new(BPE::default());
        let model = scheme.json(vocabulary)["model"].to_string();
        whole.with_model(serde_json::from_str::<BPE>(&model).unwrap());
        whole.with_pre_tokenizer(Some(byte_level()));
        assert!(pieces(&text).count() > 1);
        assert_eq!(
            scheme.encode(&text, vocabulary).unwrap(),
            whole.encode_fast(text.as_str(), false).unwrap().get_ids()
        );
    }

    #[test]
    fn half_a_character_is_shown_and_does_not_fail() {
        let trained = learn(256, 1, false, "é");
        let ids = trained.scheme.encode("é", &trained.vocabulary).unwrap();
        assert_eq!(ids.len(), 2);
        assert_eq!(trained.scheme.decode(&ids[..1], &trained.vocabulary), "\u{fffd}");
    }
}
