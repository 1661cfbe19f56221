//! Records of the run as a whole: the model's shape, what it is held against, what it wrote, and
//! what was measured once it was trained.

use super::LossUnit;
use crate::number;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Loss when only the last `k` tokens are shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reach {
    /// The model's name.
    pub model: String,
    /// Tokens shown.
    pub k: Vec<u64>,
    /// Loss in nats per token at each.
    #[serde(with = "number::list")]
    pub loss: Vec<f64>,
}

/// Accuracy at repeating a symbol shown some steps ago.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recall {
    /// The model's name.
    pub model: String,
    /// Steps between the symbol and its repetition.
    pub distance: Vec<u64>,
    /// Share of right answers at each, 0 to 1.
    #[serde(with = "number::list")]
    pub accuracy: Vec<f64>,
    /// Share that guessing gets right.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "number::maybe")]
    pub chance: Option<f64>,
}

/// Time, and memory where it was measured, of a training step against one of its sizes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// The model's name.
    pub model: String,
    /// Which size.
    #[serde(default)]
    pub axis: Axis,
    /// The sizes.
    #[serde(alias = "length")]
    pub size: Vec<u64>,
    /// Milliseconds of one step at each.
    #[serde(with = "number::list")]
    pub step_milliseconds: Vec<f64>,
    /// Megabytes at the peak of one step at each.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "number::list")]
    pub peak_megabytes: Vec<f64>,
}

/// A size that a training step has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Axis {
    /// Tokens in a sequence.
    #[default]
    Length,
    /// Numbers in a hidden vector.
    Width,
    /// Layers.
    Depth,
    /// Sequences in a batch.
    Batch,
    /// Different tokens.
    Vocabulary,
}

impl Axis {
    /// All of them, in the order of a page.
    pub const ALL: [Self; 5] = [Self::Length, Self::Width, Self::Depth, Self::Batch, Self::Vocabulary];
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "length",
            Self::Width => "width",
            Self::Depth => "depth",
            Self::Batch => "batch",
            Self::Vocabulary => "vocabulary",
        })
    }
}

/// Something the model wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Optimizer steps taken.
    pub step: u64,
    /// What it was given.
    pub prompt: String,
    /// What it wrote after that.
    pub text: String,
    /// How its tokens were chosen: `sample, temperature 0.8`.
    pub strategy: String,
    /// What a person wrote, where that is known: of a translation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// Losses to hold the model's against: guessing, counting, a published number.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Yardsticks {
    /// What they are counted in.
    #[serde(default)]
    pub unit: LossUnit,
    /// Each with its name.
    pub levels: Vec<Yardstick>,
}

/// One loss with a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Yardstick {
    /// What it is, short enough to stand on a line: `ln V`, `bigram entropy`.
    pub name: String,
    /// The loss.
    #[serde(with = "number")]
    pub loss: f64,
}

impl Yardsticks {
    /// A language model's: the guess among all tokens, and the entropies of counted single
    /// tokens and pairs.
    pub fn language(uniform_nats: f64, unigram_nats: f64, bigram_nats: f64) -> Self {
        Self::default()
            .and("ln V", uniform_nats)
            .and("unigram entropy", unigram_nats)
            .and("bigram entropy", bigram_nats)
    }

    /// Adds one more, such as a published number.
    pub fn and(mut self, name: impl Into<String>, loss: f64) -> Self {
        self.levels.push(Yardstick { name: name.into(), loss });
        self
    }
}

/// The model, layer by layer, in the order of the forward pass.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// Its layers.
    pub layers: Vec<LayerShape>,
}

/// One layer for the drawing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerShape {
    /// Its name in the model.
    pub name: String,
    /// What it does: `embedding`, `linear + tanh`.
    pub kind: String,
    /// What goes in, as people write it: `[32, 8]`.
    pub input_shape: String,
    /// What comes out.
    pub output_shape: String,
    /// Numbers in it that training changes.
    pub parameters: u64,
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Done {
    /// Why it ended: `finished`, `early stopping`, `interrupted`, an observer's words.
    pub reason: String,
    /// Optimizer steps taken.
    pub steps: u64,
    /// Training tokens (or examples) seen.
    pub tokens: u64,
    /// Seconds of training, over all sittings.
    #[serde(with = "number")]
    pub seconds: f64,
    /// How many of them were spent waiting for batches.
    #[serde(default, with = "number")]
    pub wait_seconds: f64,
}
