//! A finding: what a judge of the records said. Plain data; no rule and no threshold is here.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One line of `findings.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule that spoke.
    pub name: String,
    /// How bad it is.
    pub severity: Severity,
    /// The part of a training that is to blame.
    #[serde(default)]
    pub component: Component,
    /// The first step at which it was so; nothing when it was so before training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_step: Option<u64>,
    /// Where: a site, a weight, a part of the data; empty for the run as a whole.
    #[serde(default)]
    pub place: String,
    /// The key of the recipe that it hangs on, such as `train.lr`; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// What was seen, in a sentence with its numbers.
    pub message: String,
    /// What may cure it, each a change of the recipe as `--set` takes it; the likeliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cures: Vec<String>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// May cost something.
    Risk,
    /// Spoils the run.
    Fault,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Risk => "risk",
            Self::Fault => "fault",
        })
    }
}

/// The part of a training that a finding is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    /// Nobody knows.
    #[default]
    Unknown,
    /// What is learned from: inputs, targets, parts.
    Data,
    /// The table of token vectors.
    Embedding,
    /// What tells one place from another.
    Positions,
    /// Queries, keys, values and their weights.
    Attention,
    /// What a place may see.
    Mask,
    /// What a decoder remembers of what it has read.
    Cache,
    /// Recurrent state and its gates.
    Recurrence,
    /// Layers without memory: products and their nonlinearities.
    FeedForward,
    /// Layer norm and batch norm.
    Norm,
    /// The sums around sublayers.
    Residual,
    /// The map to logits.
    Output,
    /// The loss and what it is divided by.
    Loss,
    /// Gradients on their way to the optimizer.
    Gradient,
    /// What moves the weights.
    Optimizer,
    /// The learning rate and how it changes.
    Rate,
    /// How weights start.
    Start,
    /// The size of the model and the length of the training.
    Capacity,
    /// How a trained model is measured, kept and read back.
    Evaluation,
    /// How tokens are chosen.
    Decoding,
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown",
            Self::Data => "data",
            Self::Embedding => "embedding",
            Self::Positions => "positions",
            Self::Attention => "attention",
            Self::Mask => "mask",
            Self::Cache => "cache",
            Self::Recurrence => "recurrence",
            Self::FeedForward => "feed-forward",
            Self::Norm => "norm",
            Self::Residual => "residual",
            Self::Output => "output",
            Self::Loss => "loss",
            Self::Gradient => "gradient",
            Self::Optimizer => "optimizer",
            Self::Rate => "learning rate",
            Self::Start => "start",
            Self::Capacity => "capacity",
            Self::Evaluation => "evaluation",
            Self::Decoding => "decoding",
        })
    }
}

impl Finding {
    /// A finding of this rule, about the run as a whole.
    pub fn new(name: &str, severity: Severity, component: Component, message: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            severity,
            component,
            since_step: None,
            place: String::new(),
            key: String::new(),
            message: message.into(),
            cures: Vec::new(),
        }
    }

    /// The same, since a step.
    pub fn since(self, step: u64) -> Self {
        Self { since_step: Some(step), ..self }
    }

    /// The same, at a place.
    pub fn at(self, place: impl Into<String>) -> Self {
        Self { place: place.into(), ..self }
    }

    /// The same, hanging on a key of the recipe.
    pub fn because_of(self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self }
    }

    /// The same with one more cure, a change of the recipe: `train.lr=0.01`.
    pub fn cure(mut self, change: impl Into<String>) -> Self {
        self.cures.push(change.into());
        self
    }
}
