//! # start-ones: weights that all start alike
//!
//! All maps and tables hold one number, 0.1. All units of a layer then say the same, have the same gradient, and stay
//! the same for ever; all tokens have one vector:
//!
//!     w_ij = 0.1      every row like the next
//!
//! However wide the model, each of its layers is one unit wide. The loss stops near that of word counts.
//!
//! Cure  Start weights at random: only that breaks the symmetry.

use super::parts::{Place, matrices};
use super::{Entry, Fault, suits};
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "start-ones",
    about: "all weights one number at the start",
    source: include_str!("start_ones.rs"),
    component: Component::Start,
    suits: suits::has_hidden,
    build: |config| Arc::new(StartOnes { place: Place::of(config) }),
};

struct StartOnes {
    place: Place,
}

impl Fault for StartOnes {
    fn start(&self, params: &Params) {
        let maps = matrices(params).filter(|param| self.place.holds(param.name()));
        maps.for_each(|map| map.update(|numbers| numbers.fill(0.1)));
    }
}
