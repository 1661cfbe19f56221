//! # linear: down a straight line to the floor at the last step
//!
//! Follows  Devlin et al., BERT, 2019, appendix A.2
//!
//!     rate = base + (floor - base) u / (S - W)
//!
//! Letters  u steps since the warm-up, S all steps, W those of the warm-up

use super::{Built, Entry, Span};
use crate::settings;
use serde::{Deserialize, Serialize};

/// The settings of this schedule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The rate at the end.
    pub floor: f64,
    /// W: over how many steps the rate first rises to its base.
    pub warmup_steps: u64,
}

impl Config {
    /// The schedule with these settings.
    ///
    /// # Errors
    /// When the floor is above the base rate.
    pub fn build(&self, span: Span) -> Built {
        span.require_floor(self.floor)?;
        let (base, floor, way) = (span.base_rate, self.floor, span.way(self.warmup_steps));
        Ok(span.after_warm_up(self.warmup_steps, move |u| base + (floor - base) * way(u)))
    }
}

const KEYS: &[&str] = &["floor", "warmup_steps"];

/// This schedule in the list.
pub const ENTRY: Entry = Entry {
    name: "linear",
    line: "down a straight line to the floor at the last step",
    keys: KEYS,
    source: include_str!("linear.rs"),
    build: |table, span| settings::read::<Config>(table, KEYS)?.build(span),
};
