//! # tanh-saturated-start: tanh units that start at their ends
//!
//! The hidden weights of a net with tanh start ten times too large. The drives lie far beyond 2, where tanh is flat,
//! and units say 1 or -1 whatever comes in:
//!
//!     dtanh(x)/dx = 1 - tanh²(x)      0.00002 at x = 6
//!
//! The gradient is lost in every layer that it passes. The output learns from what the units happen to say; the layers
//! below move hardly at all.
//!
//! Cure  Deviation 5/3/√fan-in for tanh, or batch norm before it. Less than five in a hundred values should lie beyond
//!       0.97.

use super::parts::{Place, hidden_maps};
use super::{Entry, Fault, suits};
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "tanh-saturated-start",
    about: "hidden weights of tanh layers ten times too large at the start",
    source: include_str!("tanh_saturated_start.rs"),
    component: Component::Start,
    suits: |recipe| {
        suits::has_hidden(recipe) && suits::says(recipe, "activation", "tanh") && !suits::has(recipe, "batch_norm")
    },
    build: |config| Arc::new(TanhSaturatedStart { place: Place::of(config) }),
};

struct TanhSaturatedStart {
    place: Place,
}

impl Fault for TanhSaturatedStart {
    fn start(&self, params: &Params) {
        let maps = hidden_maps(params).filter(|param| self.place.holds(param.name()));
        maps.for_each(|map| map.update(|numbers| numbers.iter_mut().for_each(|x| *x *= SATURATING)));
    }
}

/// From the shoulder of tanh to far out on its arm.
const SATURATING: f32 = 10.0;
