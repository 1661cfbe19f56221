//! Optimizers: how a gradient becomes a change of the weights. Knows no schedule (each step is told its rate) and no
//! file.
//!
//! Each optimizer is a rule for one element, in a file of its own; one pass over memory carries it out, see
//! `per_element.rs`. [`ALL`] is the list from which names, keys and docs are made.

mod per_element;

pub mod adagrad;
pub mod adam;
pub mod adamw;
pub mod rmsprop;
pub mod sgd;

use crate::Params;
use crate::settings::SettingError;
use crate::weights::Mismatch;
use rushlight_engine::{Grads, Tensor};
use serde_json::Value;

/// Every optimizer, in the order of history.
pub const ALL: &[Entry] = &[sgd::ENTRY, adagrad::ENTRY, rmsprop::ENTRY, adam::ENTRY, adamw::ENTRY];

/// An optimizer in the list.
pub struct Entry {
    /// Its name in recipes.
    pub name: &'static str,
    /// What it is, in a line.
    pub line: &'static str,
    /// Its keys in a recipe, besides `kind`.
    pub keys: &'static [&'static str],
    /// The file itself, whose header explains it.
    pub source: &'static str,
    /// Makes it from its table in a recipe, `kind` taken out.
    pub build: fn(&Value) -> Result<Box<dyn Optimizer>, SettingError>,
}

/// What moves the weights of a model.
pub trait Optimizer: Send + Sync {
    /// Moves every trainable parameter that has a gradient, at this learning rate; the others stay as they are.
    ///
    /// # Panics
    /// When `params` are not those of the steps before.
    fn step(&mut self, params: &Params, grads: &Grads, rate: f32);

    /// All that it remembers of `params`, as named tensors: `<parameter>.<what>`. With it, and the same weights, another
    /// optimizer of this kind goes on with the same bits.
    fn state(&self, params: &Params) -> Vec<(String, Tensor)>;

    /// Takes over what [`Optimizer::state`] gave.
    ///
    /// # Errors
    /// When a tensor is missing, unknown or of another shape; then nothing has changed.
    fn load_state(&mut self, params: &Params, state: &[(String, Tensor)]) -> Result<(), Mismatch>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;

    fn check(entry: &Entry, config: impl Serialize) {
        let config = serde_json::to_value(config).unwrap();
        let fields: Vec<_> = config.as_object().unwrap().keys().collect();
        assert_eq!(fields, entry.keys, "{}", entry.name);
    }

    #[test]
    fn the_keys_are_the_fields() {
        check(&sgd::ENTRY, sgd::Config::default());
        check(&adagrad::ENTRY, adagrad::Config::default());
        check(&rmsprop::ENTRY, rmsprop::Config::default());
        check(&adam::ENTRY, adam::Config::default());
        check(&adamw::ENTRY, adamw::Config::default());
    }
}
