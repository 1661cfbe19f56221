//! # step: a factor off the rate every so many steps
//!
//! Follows  He et al., Deep Residual Learning, 2016, section 4.2, with equal distances between the falls; with a long
//!          first stretch Zaremba, Sutskever and Vinyals, Recurrent Neural Network Regularization, 2014, section 4.1
//!
//!     rate = base factor^⌊max(u - H, 0) / every⌋
//!
//! Letters  u steps since the warm-up, H steps that are held

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
    /// H: how many steps are not counted at first, so that the rate stays longer before it falls for the first time.
    #[serde(default)]
    pub hold_steps: u64,
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
        let Self { every_steps, factor, hold_steps, .. } = *self;
        let base = span.base_rate;
        let falls = move |u: u64| u.saturating_sub(hold_steps) / every_steps;
        Ok(span.after_warm_up(self.warmup_steps, move |u| base * factor.powf(falls(u) as f64)))
    }
}

const KEYS: &[&str] = &["every_steps", "factor", "hold_steps", "warmup_steps"];

/// This schedule in the list.
pub const ENTRY: Entry = Entry {
    name: "step",
    line: "a factor off the rate every so many steps",
    keys: KEYS,
    source: include_str!("step.rs"),
    build: |table, span| settings::read::<Config>(table, KEYS)?.build(span),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_that_is_held_falls_as_in_zarembas_small_model() {
        // Epochs of 10 steps. His rate in epoch e, from 1 on, is 0.5^max(e - 4, 0): 1 to the end of the fourth.
        let config = Config { every_steps: 10, factor: 0.5, hold_steps: 30, warmup_steps: 0 };
        let schedule = config.build(Span { base_rate: 1.0, total_steps: 130 }).expect("the settings are in range");
        let rates = [0, 29, 30, 39, 40, 49, 50, 129].map(|step| schedule.rate(step));
        assert_eq!(rates, [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.25, 1.0 / 512.0]); // the last of 13 epochs: 0.5^9
    }
}
