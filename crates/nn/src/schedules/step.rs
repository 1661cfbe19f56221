//! # step: a factor off the rate every so many steps
//!
//! Follows  He et al., Deep Residual Learning, 2016, section 4.2, with equal distances between the falls
//!
//!     rate = base factor^⌊u / every⌋
//!
//! Letters  u steps since the warm-up

use super::{Built, Entry, Span, require_factor};
use crate::settings::{self, require};
use serde::{Deserialize, Serialize};

/// The settings of this schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// After how many steps the rate falls, each time.
    pub every_steps: u64,
    /// What is left of it.
    #[serde(default = "a_tenth")]
    pub factor: f64,
    /// W: over how many steps the rate first rises to its base.
    #[serde(default)]
    pub warmup_steps: u64,
}

fn a_tenth() -> f64 {
    0.1
}

impl Config {
    /// The schedule with these settings.
    ///
    /// # Errors
    /// When a number is out of its range.
    pub fn build(&self, span: Span) -> Built {
        require(self.every_steps > 0, "every_steps", self.every_steps, "at least 1")?;
        require_factor(self.factor)?;
        let Self { every_steps, factor, .. } = *self;
        let base = span.base_rate;
        Ok(span.after_warm_up(self.warmup_steps, move |u| base * factor.powf((u / every_steps) as f64)))
    }
}

const KEYS: &[&str] = &["every_steps", "factor", "warmup_steps"];

/// This schedule in the list.
pub const ENTRY: Entry = Entry {
    name: "step",
    line: "a factor off the rate every so many steps",
    keys: KEYS,
    source: include_str!("step.rs"),
    build: |table, span| settings::read::<Config>(table, KEYS)?.build(span),
};
