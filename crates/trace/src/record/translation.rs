//! Records of a trained translator: quality by length, the worst and the best sentences, where it looked.

use crate::number;
use serde::{Deserialize, Serialize};

/// How good translations are by the length of what was translated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ByLength {
    /// Which part: `validation`, `test`.
    pub split: String,
    /// What lengths are counted in.
    #[serde(default)]
    pub unit: LengthUnit,
    /// From short to long; each length stands in one of them.
    pub lengths: Vec<OfLength>,
}

/// What the length of a sentence is counted in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LengthUnit {
    /// What stands between spaces; runs that do not say counted so.
    #[default]
    Word,
    /// Each sign.
    Character,
}

impl LengthUnit {
    /// What one is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Word => "word",
            Self::Character => "character",
        }
    }

    /// How many a text has.
    pub fn count(self, text: &str) -> usize {
        match self {
            Self::Word => text.split_whitespace().count(),
            Self::Character => text.trim().chars().count(),
        }
    }
}

/// Translations of sentences of some lengths.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfLength {
    /// The fewest words of the source, or characters.
    pub from: u64,
    /// The most that one of them has.
    pub to: u64,
    /// How many sentences.
    pub sentences: u64,
    /// BLEU of all of them, 0 to 100.
    #[serde(with = "number")]
    pub bleu: f64,
}

/// Some translations beside their references.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Translations {
    /// Which part: `validation`, `test`.
    pub split: String,
    /// What the scores are: `chrF2`.
    pub metric: String,
    /// The worst, worst first.
    pub worst: Vec<Translation>,
    /// The best, best first.
    pub best: Vec<Translation>,
    /// What searches of several widths found for the same sentences, from narrow to wide.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub searches: Vec<Searched>,
}

/// What a search for translations found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Searched {
    /// How many hypotheses went on side by side; 1 is greedy.
    pub width: u64,
    /// Of how many sentences.
    pub sentences: u64,
    /// The mean over the sentences of the logarithm of the probability that the model gives to what was found, in nats.
    #[serde(with = "number")]
    pub log_probability: f64,
    /// How many tokens were written for a sentence, in the mean.
    #[serde(with = "number")]
    pub tokens: f64,
    /// BLEU of all of them, 0 to 100.
    #[serde(with = "number")]
    pub bleu: f64,
}

/// A translation beside its reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Translation {
    /// What was translated.
    pub source: String,
    /// What the model made of it.
    pub text: String,
    /// What a person made of it.
    pub reference: String,
    /// 0 to 100.
    #[serde(with = "number")]
    pub score: f64,
}

/// Where a decoder looked while it wrote a sentence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttentionMap {
    /// The site in the model: `attention`, `decoder.2.cross.weights`.
    pub site: String,
    /// The tokens of the source, its end among them.
    pub source: Vec<String>,
    /// The tokens that were written, the end among them.
    pub target: Vec<String>,
    /// For each head, and for each token written, the share that each token of the source has: 0 to 1, together 1.
    pub heads: Vec<Vec<Vec<f32>>>,
}
