//! Learning a vocabulary from text that comes piece by piece: only what is counted stays in memory.

use std::borrow::Cow;

use rayon::prelude::*;

use crate::pieces::PIECE_BYTES;
use crate::tokenizers::{Learner, TokenizerConfig};
use crate::{NormalizerConfig, TextError, Tokenizer};

/// A tokenizer that is being learned.
pub struct Learning {
    normalizer: NormalizerConfig,
    learner: Box<dyn Learner>,
}

impl Learning {
    /// Nothing has been seen yet. With `boundary`, id 0 is the token that starts and ends a row.
    ///
    /// # Errors
    /// Settings that cannot work.
    pub fn new(config: &TokenizerConfig, normalizer: NormalizerConfig, boundary: bool) -> Result<Self, TextError> {
        Ok(Learning { normalizer, learner: config.learner(boundary)? })
    }

    /// Takes a text into account, or a piece that was cut where [`NormalizerConfig::last_cut`] says.
    pub fn see(&mut self, text: &str) {
        let pieces = self.normalizer.pieces(text, PIECE_BYTES).into_par_iter();
        let normal: Vec<Cow<str>> = pieces.map(|piece| self.normalizer.apply(piece)).collect();
        self.learner.see(&normal);
    }

    /// What came of it.
    ///
    /// # Errors
    /// No text, or settings that do not suit it.
    pub fn finish(self) -> Result<Tokenizer, TextError> {
        Ok(Tokenizer { normalizer: self.normalizer, trained: self.learner.finish()? })
    }
}
