//! # Adam: the running mean of the gradient, divided by its usual size
//!
//! Follows     Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015, algorithm 1
//! Before      `rmsprop.rs`: its means start at 0 and are far too small in the first steps.
//! New here    Both moments are running means, and both are corrected for their start.
//!
//! Letters     w weight, g gradient, t step, η rate, m and v the moments (0 at first), β1 and β2 their memories,
//!             ε a small number, λ weight decay
//!
//!     g = g + λw                   (1)
//!     m = β1 m + (1-β1) g          (2)
//!     v = β2 v + (1-β2) g²         (3)
//!     m̂ = m / (1-β1ᵗ)              (4)
//!     v̂ = v / (1-β2ᵗ)              (5)
//!     w = w - η m̂ / (√v̂ + ε)       (6)
//!
//! Departures  (1) is PyTorch's; with λ = 0, the default, there is none. `adamw.rs` decays weights in a better way.

use super::per_element::{Element, PerElement, Rule};
use super::{Entry, Optimizer};
use crate::Param;
use crate::settings::{self, SettingError, require_from_zero, require_share};
use serde::{Deserialize, Serialize};

/// The settings of Adam.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// β1: how much of the last mean gradient stays.
    pub beta1: f64,
    /// β2: how much of the last mean square stays.
    pub beta2: f64,
    /// ε: keeps the division finite.
    pub epsilon: f64,
    /// λ: pulls every weight to 0, through its gradient.
    pub weight_decay: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.0 }
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
        Ok(Box::new(PerElement::new(Adam { moments, decay: self.weight_decay as f32 })))
    }
}

/// Equations (2) to (6), for Adam and AdamW.
pub(super) struct Moments {
    beta1: f64,
    beta2: f64,
    epsilon: f64,
}

impl Moments {
    pub(super) const KEPT: [&'static str; 2] = ["first_moment", "second_moment"];

    pub(super) fn new(beta1: f64, beta2: f64, epsilon: f64) -> Result<Self, SettingError> {
        require_share("beta1", beta1)?;
        require_share("beta2", beta2)?;
        require_from_zero("epsilon", epsilon)?;
        Ok(Self { beta1, beta2, epsilon })
    }

    /// One element at step `t`.
    pub(super) fn at(&self, t: u64, rate: f32) -> impl Element<2> + use<> {
        // What is close to 1 or to 0 is taken in f64: f32 has no good 1 - 0.999.
        let (beta1, fresh1) = (self.beta1 as f32, (1.0 - self.beta1) as f32);
        let (beta2, fresh2) = (self.beta2 as f32, (1.0 - self.beta2) as f32);
        let power = i32::try_from(t).unwrap_or(i32::MAX); // by then both powers are 0
        let mean = (1.0 / (1.0 - self.beta1.powi(power))) as f32;
        let square = (1.0 / (1.0 - self.beta2.powi(power))) as f32;
        let epsilon = self.epsilon as f32;
        #[inline(always)]
        move |w, g, [m, v]| {
            let m = beta1 * m + fresh1 * g; // (2)
            let v = beta2 * v + fresh2 * g * g; // (3)
            let (m_hat, v_hat) = (m * mean, v * square); // (4) (5)
            (w - rate * m_hat / (v_hat.sqrt() + epsilon), [m, v]) // (6)
        }
    }
}

struct Adam {
    moments: Moments,
    decay: f32,
}

impl Rule<2> for Adam {
    const KEPT: [&'static str; 2] = Moments::KEPT;

    fn at(&self, _: &Param, t: u64, rate: f32) -> impl Element<2> {
        let (adam, decay) = (self.moments.at(t, rate), self.decay);
        move |w, g, moments| adam(w, g + decay * w, moments) // (1) to (6)
    }
}

const KEYS: &[&str] = &["beta1", "beta2", "epsilon", "weight_decay"];

/// Adam in the list.
pub const ENTRY: Entry = Entry {
    name: "adam",
    line: "the running mean of the gradient, divided by its usual size",
    keys: KEYS,
    source: include_str!("adam.rs"),
    build: |table| settings::read::<Config>(table, KEYS)?.build(),
};
