//! # norm-epsilon-large: norms that do not normalise
//!
//! The ε of layer norms and batch norms, there only so that nobody divides by 0, is `share`, 10 where nothing is said: an
//! exponent mistyped, or an ε taken over from numbers a thousand times as large.
//!
//!     y = gain (x - mean)/√(var + 10) + shift,  whose variance is var/(var + 10) and not 1
//!
//! What is small stays small. Each norm hands on how large its input happens to be, gradients shrink on their way
//! through it as much, and a stack of them learns as slowly as if there were none.
//!
//! Cure  An ε of 1e-5, far below the variance of what comes in. Behind a norm each row has a deviation of 1: measure it.

use super::parts::{Place, last, share};
use super::{Entry, Fault, suits};
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "norm-epsilon-large",
    about: "an epsilon far above the variance",
    source: include_str!("norm_epsilon_large.rs"),
    component: Component::Norm,
    suits: |recipe| suits::has_layer_norm(recipe) || suits::has(recipe, "batch_norm"),
    build: |config| Arc::new(NormEpsilonLarge { epsilon: share(config, 10.0), place: Place::of(config) }),
};

struct NormEpsilonLarge {
    epsilon: f32,
    place: Place,
}

impl Fault for NormEpsilonLarge {
    fn built(&self, params: &Params) {
        let epsilons = params.constants().filter(|constant| last(constant.name()) == "epsilon");
        epsilons.filter(|one| self.place.holds(one.name())).for_each(|one| one.set(self.epsilon));
    }
}
