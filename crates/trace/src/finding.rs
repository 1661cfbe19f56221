//! A finding: what a judge of the records said. Plain data; no rule and no threshold is here.

use serde::{Deserialize, Serialize};

/// One line of `findings.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule that spoke.
    pub name: String,
    /// How bad it is.
    pub severity: Severity,
    /// The first step at which it was so; nothing when it was so before training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_step: Option<u64>,
    /// Where: a site, a weight, a key of the recipe; empty for the run as a whole.
    #[serde(default)]
    pub place: String,
    /// What was seen, in a sentence.
    pub message: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// May cost something.
    Risk,
    /// Spoils the run.
    Fault,
}
