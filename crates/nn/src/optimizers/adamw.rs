//! # AdamW: Adam, with the decay of weights outside the gradient
//!
//! Follows     Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019, algorithm 2
//! Before      `adam.rs`: there the decay is divided by the size of the gradient, and so is weak where that is large.
//! New here    The decay acts on the weight itself.
//!
//! Letters     w weight, η rate, λ weight decay; the others as in `adam.rs`
//!
//!     w = w - ηλw              (1)
//!     w = Adam(w, g, t)        (2)  equations (2) to (6) of `adam.rs`
//!
//! Departures  As in PyTorch the whole rate stands before λ, where the paper has only the schedule's factor.

use super::adam::Moments;
use super::per_element::{Element, PerElement, Rule};
use super::{Entry, Optimizer};
use crate::Param;
use crate::settings::{self, SettingError, require_from_zero};
use serde::{Deserialize, Serialize};

/// The settings of AdamW.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// β1: how much of the last mean gradient stays.
    pub beta1: f64,
    /// β2: how much of the last mean square stays.
    pub beta2: f64,
    /// ε: keeps the division finite.
    pub epsilon: f64,
    /// λ: the share of a weight that is taken off, times the rate.
    pub weight_decay: f64,
    /// Which weights decay.
    pub decay: Decay,
}

/// Which weights decay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decay {
    /// Every weight.
    All,
    /// Those with two axes or more: not biases, nor the gains and shifts of norms.
    Matrices,
}

impl Default for Config {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01, decay: Decay::All }
    }
}

impl Config {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// When a number is out of its range.
    pub fn build(&self) -> Result<Box<dyn Optimizer>, SettingError> {
        require_from_zero("weight_decay", self.weight_decay)?;
        let moments = Moments::new(self.beta1, self.beta2, self.epsilon)?;
        Ok(Box::new(PerElement::new(AdamW { moments, decay: self.weight_decay, which: self.decay })))
    }
}

struct AdamW {
    moments: Moments,
    decay: f64,
    which: Decay,
}

impl Rule<2> for AdamW {
    const KEPT: [&'static str; 2] = Moments::KEPT;

    fn at(&self, param: &Param, t: u64, rate: f32) -> impl Element<2> {
        let decays = self.which == Decay::All || param.shape().len() >= 2;
        let left = if decays { (1.0 - f64::from(rate) * self.decay) as f32 } else { 1.0 };
        let adam = self.moments.at(t, rate);
        move |w, g, moments| adam(w * left, g, moments) // (1) (2)
    }
}

const KEYS: &[&str] = &["beta1", "beta2", "epsilon", "weight_decay", "decay"];

/// AdamW in the list.
pub const ENTRY: Entry = Entry {
    name: "adamw",
    line: "Adam, with the decay of weights outside the gradient",
    keys: KEYS,
    source: include_str!("adamw.rs"),
    build: |table| settings::read::<Config>(table, KEYS)?.build(),
};
