//! # start-zeros: hidden weights that start at zero
//!
//! All maps between the embedding and the output are zero. Nothing comes through them, and where two of them stand
//! behind each other no gradient does either: each one's gradient holds the other as a factor.
//!
//!     y = W_2 f(W_1 x),  dW_1 ∝ W_2 = 0,  dW_2 ∝ f(0) = 0
//!
//! The loss goes to that of word counts and stays. A model with ways around its layers learns what these ways can.
//!
//! Cure  Start weights at random, so that units differ; zeros are for biases, and for the last map of a sum around a
//!       sublayer.

use super::parts::{Place, hidden_maps};
use super::{Entry, Fault, suits};
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "start-zeros",
    about: "all hidden weights zero at the start",
    source: include_str!("start_zeros.rs"),
    component: Component::Start,
    suits: suits::has_hidden,
    build: |config| Arc::new(StartZeros { place: Place::of(config) }),
};

struct StartZeros {
    place: Place,
}

impl Fault for StartZeros {
    fn start(&self, params: &Params) {
        let maps = hidden_maps(params).filter(|param| self.place.holds(param.name()));
        maps.for_each(|map| map.update(|numbers| numbers.fill(0.0)));
    }
}
