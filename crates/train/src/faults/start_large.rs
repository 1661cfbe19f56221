//! # start-large: weights that start many times too large
//!
//! All maps and tables start `share` times as large, 20 where nothing is said: a start by the standard normal
//! distribution where 1/√fan-in is meant.
//!
//!     deviation of W x = 20 times that of x, in each layer again
//!
//! The first loss is far above ln V, for the answers are sure and wrong. Squashing layers are saturated and learn
//! little; others have gradients that explode with depth.
//!
//! Cure  Deviation gain/√fan-in: gain 1 for a linear map, 5/3 for tanh, √2 for ReLU. The first loss should be ln V.

use super::parts::{Place, matrices, share};
use super::{Entry, Fault, suits};
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "start-large",
    about: "all weights many times too large at the start",
    source: include_str!("start_large.rs"),
    component: Component::Start,
    suits: suits::has_hidden,
    build: |config| Arc::new(StartLarge { factor: share(config, 20.0), place: Place::of(config) }),
};

struct StartLarge {
    factor: f32,
    place: Place,
}

impl Fault for StartLarge {
    fn start(&self, params: &Params) {
        let maps = matrices(params).filter(|param| self.place.holds(param.name()));
        maps.for_each(|map| map.update(|numbers| numbers.iter_mut().for_each(|x| *x *= self.factor)));
    }
}
