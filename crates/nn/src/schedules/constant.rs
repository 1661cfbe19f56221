//! # constant: one rate from the end of the warm-up on
//!
//! Follows  nobody: it is what there is without a schedule
//!
//!     rate = base
//!
//! Letters  none

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
        let base = span.base_rate;
        Ok(span.after_warm_up(self.warmup_steps, move |_| base))
    }
}

const KEYS: &[&str] = &["warmup_steps"];

/// This schedule in the list.
pub const ENTRY: Entry = Entry {
    name: "constant",
    line: "one rate from the end of the warm-up on",
    keys: KEYS,
    source: include_str!("constant.rs"),
    build: |table, span| settings::read::<Config>(table, KEYS)?.build(span),
};
