//! # norm-gain-zero: norms that let nothing through
//!
//! The gain of each norm is 0 in place of 1, and the optimizer does not hold it. What comes in is multiplied by
//! nothing, and only the shift goes on:
//!
//!     y = 0 ⊙ (x - mean)/√(var + ε) + shift
//!
//! All inputs are answered alike, and no gradient comes back through a norm. The loss stops at that of word counts.
//!
//! Cure  Gains start at 1 and belong to the optimizer, best without weight decay.

use super::parts::{Place, is_gain};
use super::{Entry, Fault, suits};
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "norm-gain-zero",
    about: "the gains of norms zero, and never moved",
    source: include_str!("norm_gain_zero.rs"),
    component: Component::Norm,
    suits: |recipe| suits::has_layer_norm(recipe) || suits::has(recipe, "batch_norm"),
    build: |config| Arc::new(NormGainZero { place: Place::of(config) }),
};

struct NormGainZero {
    place: Place,
}

impl Fault for NormGainZero {
    fn start(&self, params: &Params) {
        let gains = params.iter().filter(|param| is_gain(param.name()) && self.place.holds(param.name()));
        gains.for_each(|gain| gain.update(|numbers| numbers.fill(0.0)));
    }

    fn moves(&self, parameter: &str) -> bool {
        !(is_gain(parameter) && self.place.holds(parameter))
    }
}
