//! # noise: nothing to be learned
//!
//! Features and targets are drawn from the standard normal distribution and have nothing to do with each other. One
//! sample, or a few, can be learned by heart: the loss goes to 0. Many cannot: the best answer is 0 and its squared error
//! is the variance of the targets, 1. A validation loss below that would be a bug.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Entry;
use crate::corpus::{Corpus, Part};
use crate::made_up::{within, worth_their_memory};
use crate::{Batching, Chance, DataError, Layout, LeftOut, Table, Targets, VectorBatch};

/// The settings of noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How many rows there are to train on.
    pub samples: usize,
    /// How many rows there are to choose by, drawn apart.
    pub validation: usize,
    /// How many features a row has.
    pub inputs: usize,
    /// How many targets a row has.
    pub outputs: usize,
}

impl Default for Config {
    fn default() -> Self {
        Config { samples: 1, validation: 100, inputs: 3, outputs: 2 }
    }
}

/// This kind's line.
pub const ENTRY: Entry =
    Entry { name: "noise", about: "regression on noise, one sample or many", source: include_str!("noise.rs") };

const MOST: usize = 10_000_000;

pub(super) fn open(config: &Config, seed: u64) -> Result<Corpus, DataError> {
    within("samples", config.samples, 1..=MOST)?;
    within("inputs", config.inputs, 1..=MOST)?;
    within("outputs", config.outputs, 1..=MOST)?;
    let bytes_a_row = size_of::<f32>() * (config.inputs + config.outputs);
    worth_their_memory("samples", &[config.samples, config.validation], bytes_a_row as f64)?;
    let chance = Chance::new(seed, ENTRY.name);
    let numbered = |name: &str, count| (1..=count).map(|number| format!("{name}{number}")).collect();
    let layout = Layout::plain(numbered("input", config.inputs), numbered("output", config.outputs), Vec::new());
    let part = |number: u64, rows: usize| {
        let drawn = |stream: u64, count: usize| {
            let chance = chance.branch(number).branch(stream);
            (0..count as u64).map(|index| chance.normal(index) as f32).collect()
        };
        let targets = Targets::Numbers { values: drawn(1, rows * config.outputs), width: config.outputs };
        let all = VectorBatch { features: drawn(0, rows * config.inputs), width: config.inputs, targets };
        Part::Table(Arc::new(Table { all, layout: layout.clone() }))
    };
    Ok(Corpus {
        tokenizer: None,
        vocabulary: 0,
        source_tokenizer: None,
        source_vocabulary: 0,
        train: part(0, config.samples),
        validation: part(1, config.validation),
        test: part(2, 0),
        batching: Batching::Vectors,
        sources: Vec::new(),
        leaks: Vec::new(),
        left_out: LeftOut::default(),
        swapped: Vec::new(),
    })
}
