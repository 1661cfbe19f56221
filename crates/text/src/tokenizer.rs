//! The tokenizer: text to ids and back, by whichever member trained it. Its file format is in `file.rs`.

use std::ops::Range;

use rayon::prelude::*;

use crate::pieces::PIECE_BYTES;
use crate::printable::printable_bytes;
use crate::tokenizers::{TokenizerConfig, Trained};
use crate::vocabulary::BOUNDARY;
use crate::{Learning, NormalizerConfig, TextError};

/// A trained tokenizer with its normaliser. Cheap enough to clone once a run, not once a step.
///
/// Special tokens are only ever put between texts by the data; text that spells one is text.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    pub(crate) normalizer: NormalizerConfig,
    pub(crate) trained: Trained,
}

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Where it stands, in bytes.
    pub place: Range<usize>,
    /// What the normaliser makes of it.
    pub normal: String,
    /// Its id; that of the unknown token, where the vocabulary does not have it.
    pub id: u32,
}

impl Tokenizer {
    /// Learns a vocabulary from `texts`. With `boundary`, id 0 is the token that starts and ends a row.
    ///
    /// # Errors
    /// Settings that cannot work, or no text.
    pub fn train(
        config: &TokenizerConfig,
        normalizer: NormalizerConfig,
        boundary: bool,
        texts: &mut dyn Iterator<Item = &str>,
    ) -> Result<Self, TextError> {
        let mut learning = Learning::new(config, normalizer, boundary)?;
        texts.for_each(|text| learning.see(text));
        learning.finish()
    }

    /// The ids of `text`, without a boundary.
    ///
    /// # Panics
    /// On text that the vocabulary does not know, where it has no unknown token. Text from outside goes through
    /// [`Tokenizer::try_encode`].
    pub fn encode(&self, text: &str) -> Vec<u32> {
        self.try_encode(text).unwrap_or_else(|error| panic!("encode: {error}"))
    }

    /// The ids of `text`, without a boundary.
    ///
    /// # Errors
    /// [`TextError::Unknown`], where the vocabulary does not know a piece and has no unknown token.
    pub fn try_encode(&self, text: &str) -> Result<Vec<u32>, TextError> {
        let encoded = |piece| {
            let normal = self.normalizer.apply(piece);
            self.trained.scheme.encode(&normal, &self.trained.vocabulary)
        };
        let ids = match text.len() <= PIECE_BYTES {
            true => encoded(text),
            false => {
                let pieces = self.normalizer.pieces(text, PIECE_BYTES).into_par_iter();
                pieces.map(encoded).collect::<Option<Vec<_>>>().map(|ids| ids.concat())
            }
        };
        ids.ok_or_else(|| TextError::Unknown { pieces: self.unknown_in(text) })
    }

    /// The text of `ids`; a boundary is nothing.
    ///
    /// # Panics
    /// If an id is outside the vocabulary.
    pub fn decode(&self, ids: &[u32]) -> String {
        let Trained { vocabulary, scheme } = &self.trained;
        if ids.iter().any(|&id| vocabulary.is_boundary(id)) {
            let text: Vec<u32> = ids.iter().copied().filter(|&id| !vocabulary.is_boundary(id)).collect();
            return scheme.decode(&text, vocabulary);
        }
        scheme.decode(ids, vocabulary)
    }

    /// The words of `text` after the normaliser, known or not, with a space between; none where a token is no word. What
    /// a reference is held against that a model of words has written.
    pub fn words(&self, text: &str) -> Option<String> {
        self.trained.scheme.words(&self.normalizer.apply(text)).map(|words| words.join(" "))
    }

    /// The words of `text` with their places in it; none where a token is no word. The text is cut first and each word then
    /// normalised by itself, so that what a model says of a word can be shown in the text as it was written.
    pub fn words_in(&self, text: &str) -> Option<Vec<Word>> {
        let Trained { vocabulary, scheme } = &self.trained;
        let start = text.as_ptr() as usize;
        let word = |piece: &str| {
            let normal = self.normalizer.apply(piece).trim().to_owned();
            let first = piece.as_ptr() as usize - start;
            let id = vocabulary.id(&normal).filter(|&id| !vocabulary.is_boundary(id)).or(vocabulary.unknown);
            Some(Word { place: first..first + piece.len(), id: id?, normal })
        };
        let words = scheme.words(text)?.into_iter().filter_map(word);
        Some(words.filter(|word| !word.normal.is_empty()).collect())
    }

    /// How many ids there are.
    pub fn vocab_size(&self) -> usize {
        self.trained.vocabulary.len()
    }

    /// What one token is called: `character`, `word`, `piece`.
    pub fn unit(&self) -> &'static str {
        self.trained.scheme.unit()
    }

    /// A token as a person can read it: spaces and control characters have visible signs.
    ///
    /// # Panics
    /// If the id is outside the vocabulary.
    pub fn token(&self, id: u32) -> String {
        printable_bytes(&self.trained.scheme.bytes(self.trained.vocabulary.token(id)))
    }

    /// The id of one token, written as the vocabulary writes it (byte pairs in GPT-2's signs).
    pub fn id(&self, token: &str) -> Option<u32> {
        self.trained.vocabulary.id(token)
    }

    /// The token that starts and ends a row, [`BOUNDARY`], if the vocabulary has it. It is 0 then.
    pub fn boundary(&self) -> Option<u32> {
        self.trained.vocabulary.boundary
    }

    /// The token that stands for text outside the vocabulary, if there is one.
    pub fn unknown(&self) -> Option<u32> {
        self.trained.vocabulary.unknown
    }

    /// The pieces of `text` outside the vocabulary, in order of appearance, each once.
    pub fn unknown_in(&self, text: &str) -> Vec<String> {
        let normal = self.normalizer.apply(text);
        let mut seen = std::collections::HashSet::new();
        let pieces = self.trained.scheme.unknown_in(&normal, &self.trained.vocabulary);
        pieces.into_iter().filter(|piece| seen.insert(piece.clone())).collect()
    }

    /// What is done to text before it is cut.
    pub fn normalizer(&self) -> NormalizerConfig {
        self.normalizer
    }

    /// That `other` gives the same ids to the same text.
    ///
    /// # Errors
    /// [`TextError::OtherVocabulary`] with the first difference.
    pub fn same_as(&self, other: &Tokenizer) -> Result<(), TextError> {
        match self.difference(other) {
            Some(difference) => Err(TextError::OtherVocabulary { difference }),
            None => Ok(()),
        }
    }

    fn difference(&self, other: &Tokenizer) -> Option<String> {
        let (mine, theirs) = (&self.trained.vocabulary, &other.trained.vocabulary);
        if mine.len() != theirs.len() {
            return Some(format!("one has {} tokens, the other {}", mine.len(), theirs.len()));
        }
        let first = (0..).zip(mine.tokens().zip(theirs.tokens())).find(|(_, (a, b))| a != b);
        if let Some((id, _)) = first {
            return Some(format!("id {id} is `{}` in one and `{}` in the other", self.token(id), other.token(id)));
        }
        if (mine.boundary, mine.unknown) != (theirs.boundary, theirs.unknown) {
            return Some(format!("only one of them has `{BOUNDARY}` or an unknown token"));
        }
        if self.normalizer != other.normalizer {
            return Some("their `normalizer` settings are not the same".to_string());
        }
        (self.to_value() != other.to_value()).then(|| "they cut text into pieces in other ways".to_string())
    }
}
