//! # exponential: the same factor off the rate at every step
//!
//! Follows  Senior, Heigold, Ranzato and Yang, An Empirical Study of Learning Rates in Deep Neural Networks for Speech
//!          Recognition, 2013
//!
//!     rate = base factor^u
//!
//! Letters  u steps since the warm-up

use super::{Built, Entry, Span, require_factor};
use crate::settings;
use serde::{Deserialize, Serialize};

/// The settings of this schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What is left of the rate at each step.
    pub factor: f64,
    /// W: over how many steps the rate first rises to its base.
    #[serde(default)]
    pub warmup_steps: u64,
}

impl Config {
    /// The schedule with these settings.
    ///
    /// # Errors
    /// When the factor is out of its range.
    pub fn build(&self, span: Span) -> Built {
        require_factor(self.factor)?;
        let (base, factor) = (span.base_rate, self.factor);
        Ok(span.after_warm_up(self.warmup_steps, move |u| base * factor.powf(u as f64)))
    }
}

const KEYS: &[&str] = &["factor", "warmup_steps"];

/// This schedule in the list.
pub const ENTRY: Entry = Entry {
    name: "exponential",
    line: "the same factor off the rate at every step",
    keys: KEYS,
    source: include_str!("exponential.rs"),
    build: |table, span| settings::read::<Config>(table, KEYS)?.build(span),
};
