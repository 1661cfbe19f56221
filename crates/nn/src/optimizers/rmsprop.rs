//! # RMSprop: the gradient, divided by its usual size
//!
//! Follows     Tieleman and Hinton, Neural Networks for Machine Learning, lecture 6.5, 2012
//! Before      `adagrad.rs`: its sum never forgets, so in the end nothing moves.
//! New here    The sum of squares becomes a running mean.
//!
//! Letters     w weight, g gradient, η rate, λ weight decay, α memory of the mean, s mean of squares (0 at first),
//!             ε a small number, μ momentum, v velocity (0 at first)
//!
//!     g = g + λw                  (1)
//!     s = αs + (1-α)g²            (2)
//!     v = μv + g / (√s + ε)       (3)
//!     w = w - ηv                  (4)
//!
//! Departures  ε, weight decay and momentum as in PyTorch; the lecture has none of them.

use super::per_element::{Element, PerElement, Rule};
use super::{Entry, Optimizer};
use crate::Param;
use crate::settings::{self, SettingError, require_from_zero, require_share};
use serde::{Deserialize, Serialize};

/// The settings of RMSprop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// α: how much of the last mean square stays.
    pub alpha: f64,
    /// ε: keeps the division finite.
    pub epsilon: f64,
    /// μ: how much of the last velocity stays.
    pub momentum: f64,
    /// λ: pulls every weight to 0, through its gradient.
    pub weight_decay: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self { alpha: 0.99, epsilon: 1e-8, momentum: 0.0, weight_decay: 0.0 }
    }
}

impl Config {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// When a number is out of its range.
    pub fn build(&self) -> Result<Box<dyn Optimizer>, SettingError> {
        require_share("alpha", self.alpha)?;
        require_from_zero("epsilon", self.epsilon)?;
        require_share("momentum", self.momentum)?;
        require_from_zero("weight_decay", self.weight_decay)?;
        let scaling = Scaling {
            alpha: self.alpha as f32,
            fresh: (1.0 - self.alpha) as f32,
            epsilon: self.epsilon as f32,
            decay: self.weight_decay as f32,
        };
        Ok(if self.momentum > 0.0 {
            Box::new(PerElement::new(Momentum { scaling, momentum: self.momentum as f32 }))
        } else {
            Box::new(PerElement::new(scaling))
        })
    }
}

/// Equations (1) and (2), and the quotient of (3).
#[derive(Clone, Copy)]
struct Scaling {
    alpha: f32,
    /// 1 - α, taken in f64.
    fresh: f32,
    epsilon: f32,
    decay: f32,
}

impl Scaling {
    #[inline(always)]
    fn of(self, w: f32, g: f32, s: f32) -> (f32, f32) {
        let g = g + self.decay * w; // (1)
        let s = self.alpha * s + self.fresh * g * g; // (2)
        (g / (s.sqrt() + self.epsilon), s)
    }
}

/// μ = 0: no velocity has to be kept.
impl Rule<1> for Scaling {
    const KEPT: [&'static str; 1] = ["mean_square"];

    fn at(&self, _: &Param, _: u64, rate: f32) -> impl Element<1> {
        let scaling = *self;
        move |w, g, [s]| {
            let (v, s) = scaling.of(w, g, s); // (3)
            (w - rate * v, [s]) // (4)
        }
    }
}

struct Momentum {
    scaling: Scaling,
    momentum: f32,
}

impl Rule<2> for Momentum {
    const KEPT: [&'static str; 2] = ["mean_square", "velocity"];

    fn at(&self, _: &Param, _: u64, rate: f32) -> impl Element<2> {
        let Self { scaling, momentum } = *self;
        move |w, g, [s, v]| {
            let (scaled, s) = scaling.of(w, g, s);
            let v = momentum * v + scaled; // (3)
            (w - rate * v, [s, v]) // (4)
        }
    }
}

const KEYS: &[&str] = &["alpha", "epsilon", "momentum", "weight_decay"];

/// RMSprop in the list.
pub const ENTRY: Entry = Entry {
    name: "rmsprop",
    line: "the gradient, divided by a running mean of its size",
    keys: KEYS,
    source: include_str!("rmsprop.rs"),
    build: |table| settings::read::<Config>(table, KEYS)?.build(),
};
