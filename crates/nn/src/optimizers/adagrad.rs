//! # Adagrad: small steps where the gradients were large so far
//!
//! Follows     Duchi, Hazan and Singer, Adaptive Subgradient Methods, 2011
//! Before      `sgd.rs`: one rate for all weights, the frequent and the rare.
//! New here    Each weight has a rate of its own, which only falls.
//!
//! Letters     w weight, g gradient, η rate, λ weight decay, s sum of squares (0 at first), ε a small number
//!
//!     g = g + λw               (1)
//!     s = s + g²               (2)
//!     w = w - η g / (√s + ε)   (3)
//!
//! Departures  none from the diagonal form.

use super::per_element::{Element, PerElement, Rule};
use super::{Entry, Optimizer};
use crate::Param;
use crate::settings::{self, SettingError, require_from_zero};
use serde::{Deserialize, Serialize};

/// The settings of Adagrad.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// ε: keeps the division finite.
    pub epsilon: f64,
    /// λ: pulls every weight to 0, through its gradient.
    pub weight_decay: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self { epsilon: 1e-10, weight_decay: 0.0 }
    }
}

impl Config {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// When a number is out of its range.
    pub fn build(&self) -> Result<Box<dyn Optimizer>, SettingError> {
        require_from_zero("epsilon", self.epsilon)?;
        require_from_zero("weight_decay", self.weight_decay)?;
        let (epsilon, decay) = (self.epsilon as f32, self.weight_decay as f32);
        Ok(Box::new(PerElement::new(Adagrad { epsilon, decay })))
    }
}

struct Adagrad {
    epsilon: f32,
    decay: f32,
}

impl Rule<1> for Adagrad {
    const KEPT: [&'static str; 1] = ["square_sum"];

    fn at(&self, _: &Param, _: u64, rate: f32) -> impl Element<1> {
        let Self { epsilon, decay } = *self;
        move |w, g, [s]| {
            let g = g + decay * w; // (1)
            let s = s + g * g; // (2)
            (w - rate * g / (s.sqrt() + epsilon), [s]) // (3)
        }
    }
}

const KEYS: &[&str] = &["epsilon", "weight_decay"];

/// Adagrad in the list.
pub const ENTRY: Entry = Entry {
    name: "adagrad",
    line: "a rate for each weight, which falls with the sum of its squared gradients",
    keys: KEYS,
    source: include_str!("adagrad.rs"),
    build: |table| settings::read::<Config>(table, KEYS)?.build(),
};
