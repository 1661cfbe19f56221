//! # qkv-frozen: queries, keys and values stay as they started
//!
//! The optimizer does not hold the maps that make queries, keys and values: they were made after it, or filtered out by
//! name. They have gradients, and stay where chance put them.
//!
//!     ‖W_qkv after‖ = ‖W_qkv before‖      to the last bit
//!
//! The rest of the model learns around them: attention looks at random places, and the loss stops well above that of a
//! healthy training.
//!
//! Cure  Make the optimizer last, of all parameters, and count that it holds as many as the model has.

use super::parts::Place;
use super::{Entry, Fault, suits};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "qkv-frozen",
    about: "the maps into attention do not move",
    source: include_str!("qkv_frozen.rs"),
    component: Component::Optimizer,
    suits: suits::attends,
    build: |config| Arc::new(QkvFrozen { place: Place::of(config) }),
};

struct QkvFrozen {
    place: Place,
}

impl Fault for QkvFrozen {
    fn moves(&self, parameter: &str) -> bool {
        let into_attention = [".qkv.", ".cross.q.", ".cross.kv."].iter().any(|map| parameter.contains(map));
        !(into_attention && self.place.holds(parameter))
    }
}
