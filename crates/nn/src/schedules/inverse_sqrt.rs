//! # inverse-sqrt: down with the square root of the step
//!
//! Follows  Vaswani et al., Attention Is All You Need, 2017, equation (3), its peak called base
//!
//!     rate = base √(max(W, 1) / (s + 1))
//!
//! Letters  s step, W steps of the warm-up

use super::{Built, Entry, Span};
use crate::settings;
use serde::{Deserialize, Serialize};

/// The settings of this schedule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// W: over how many steps the rate first rises to its base.
    pub warmup_steps: u64,
}

impl Config {
    /// The schedule with these settings.
    ///
    /// # Errors
    /// None: every setting makes sense.
    pub fn build(&self, span: Span) -> Built {
        let (base, warmup_steps) = (span.base_rate, self.warmup_steps);
        let peak = warmup_steps.max(1) as f64;
        Ok(span.after_warm_up(warmup_steps, move |u| base * (peak / (u + warmup_steps + 1) as f64).sqrt()))
    }
}

const KEYS: &[&str] = &["warmup_steps"];

/// This schedule in the list.
pub const ENTRY: Entry = Entry {
    name: "inverse-sqrt",
    line: "down with the square root of the step",
    keys: KEYS,
    source: include_str!("inverse_sqrt.rs"),
    build: |table, span| settings::read::<Config>(table, KEYS)?.build(span),
};
