//! # SGD: downhill by the gradient of one batch, with momentum if asked
//!
//! Follows     Robbins and Monro, A Stochastic Approximation Method, 1951; momentum: Polyak 1964;
//!             Nesterov's: Sutskever, Martens, Dahl and Hinton, On the Importance of Initialization and Momentum in
//!             Deep Learning, 2013
//!
//! Letters     w weight, g gradient, η rate, μ momentum, λ weight decay, v velocity (0 at first)
//!
//!     g = g + λw             (1)
//!     v = μv + g             (2)
//!     w = w - ηv             (3)
//!     w = w - η(g + μv)      (4)  instead of (3): Nesterov's, which looks one step ahead
//!
//! Departures  As in PyTorch the rate is outside the velocity, so a change of it acts at once on all of v.

use super::per_element::{Element, PerElement, Rule};
use super::{Entry, Optimizer};
use crate::Param;
use crate::settings::{self, SettingError, require, require_from_zero, require_share};
use serde::{Deserialize, Serialize};

/// The settings of SGD.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// μ: how much of the last velocity stays.
    pub momentum: f64,
    /// Whether the gradient is taken as if one step ahead.
    pub nesterov: bool,
    /// λ: pulls every weight to 0, through its gradient.
    pub weight_decay: f64,
}

impl Config {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// When a number is out of its range.
    pub fn build(&self) -> Result<Box<dyn Optimizer>, SettingError> {
        require_share("momentum", self.momentum)?;
        require_from_zero("weight_decay", self.weight_decay)?;
        let has_velocity = self.momentum > 0.0;
        require(!self.nesterov || has_velocity, "momentum", self.momentum, "above 0 where `nesterov` is true")?;
        let decay = self.weight_decay as f32;
        Ok(if has_velocity {
            let momentum = self.momentum as f32;
            Box::new(PerElement::new(Momentum { momentum, nesterov: self.nesterov, decay }))
        } else {
            Box::new(PerElement::new(Plain { decay }))
        })
    }
}

/// Equations (1) and (3) with μ = 0: nothing has to be kept.
struct Plain {
    decay: f32,
}

impl Rule<0> for Plain {
    const KEPT: [&'static str; 0] = [];

    fn at(&self, _: &Param, _: u64, rate: f32) -> impl Element<0> {
        let decay = self.decay;
        move |w, g, []| {
            let g = g + decay * w; // (1)
            (w - rate * g, []) // (3)
        }
    }
}

struct Momentum {
    momentum: f32,
    nesterov: bool,
    decay: f32,
}

impl Rule<1> for Momentum {
    const KEPT: [&'static str; 1] = ["velocity"];

    fn at(&self, _: &Param, _: u64, rate: f32) -> impl Element<1> {
        let Self { momentum, nesterov, decay } = *self;
        move |w, g, [v]| {
            let g = g + decay * w; // (1)
            let v = momentum * v + g; // (2)
            let change = if nesterov { g + momentum * v } else { v };
            (w - rate * change, [v]) // (3) or (4)
        }
    }
}

const KEYS: &[&str] = &["momentum", "nesterov", "weight_decay"];

/// SGD in the list.
pub const ENTRY: Entry = Entry {
    name: "sgd",
    line: "downhill by the gradient of one batch, with momentum if asked",
    keys: KEYS,
    source: include_str!("sgd.rs"),
    build: |table| settings::read::<Config>(table, KEYS)?.build(),
};
