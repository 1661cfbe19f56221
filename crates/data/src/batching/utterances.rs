//! # utterances: whole sentences with what is to be said of them
//!
//! An epoch takes every sentence once, in a new order. Inputs are words, padded on the right; targets are the intent of each
//! sentence and, where words are named, the tag of each word.

use std::sync::Arc;

use super::Entry;
use crate::{Batch, Batches, Chance, DataError, Order, Utterances};

/// This way's line.
pub const ENTRY: Entry = Entry {
    name: "utterances",
    about: "sentences with an intent, and words with a tag",
    source: include_str!("utterances.rs"),
};

/// Batches of sentences.
#[derive(Debug)]
pub struct UtteranceBatches {
    utterances: Arc<Utterances>,
    at_once: usize,
    chance: Chance,
}

impl UtteranceBatches {
    /// Batches of `at_once` sentences; the last of an epoch may have fewer.
    ///
    /// # Errors
    /// If there are none.
    pub fn new(utterances: Arc<Utterances>, at_once: usize, seed: u64) -> Result<Self, DataError> {
        match utterances.is_empty() {
            true => Err(DataError::NoRows),
            false => Ok(UtteranceBatches { utterances, at_once, chance: Chance::new(seed, ENTRY.name) }),
        }
    }
}

impl Batches for UtteranceBatches {
    fn at(&self, step: u64) -> Result<Batch, DataError> {
        let (epoch, number) = (step / self.steps_per_epoch(), step % self.steps_per_epoch());
        let order = Order::new(self.chance.branch(epoch), self.utterances.len());
        let first = number as usize * self.at_once;
        let chosen = first..self.utterances.len().min(first + self.at_once);
        Ok(self.utterances.batch(&chosen.map(|place| order.at(place)).collect::<Vec<_>>()))
    }

    fn steps_per_epoch(&self) -> u64 {
        self.utterances.len().div_ceil(self.at_once) as u64
    }
}

/// Every sentence once, in order.
pub fn cover(utterances: Arc<Utterances>, at_once: usize) -> impl Iterator<Item = Batch> + Send {
    let count = utterances.len();
    (0..count)
        .step_by(at_once)
        .map(move |first| utterances.batch(&(first..count.min(first + at_once)).collect::<Vec<_>>()))
}
