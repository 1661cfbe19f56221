//! # cosine: down half a cosine to the floor: slow, fast, slow
//!
//! Follows  Loshchilov and Hutter, SGDR, 2017, equation (5), without the restarts
//!
//!     rate = floor + (base - floor) (1 + cos(π u / (S - W))) / 2
//!
//! Letters  u steps since the warm-up, S all steps, W those of the warm-up

use super::{Built, Entry, Span};
use crate::settings;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

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
        Ok(span.after_warm_up(self.warmup_steps, move |u| floor + (base - floor) * (1.0 + (PI * way(u)).cos()) / 2.0))
    }
}

const KEYS: &[&str] = &["floor", "warmup_steps"];

/// This schedule in the list.
pub const ENTRY: Entry = Entry {
    name: "cosine",
    line: "down half a cosine to the floor: slow, fast, slow",
    keys: KEYS,
    source: include_str!("cosine.rs"),
    build: |table, span| settings::read::<Config>(table, KEYS)?.build(span),
};
