//! # mask-inverted: what should be hidden is seen, and the rest is not
//!
//! In one library true means "may be seen", in the next one "is hidden". A place sees the later ones alone; the last
//! place, which would see nothing, sees itself.
//!
//!     sees = key > query      right: key ≤ query
//!
//! The loss falls below what is possible, as without a mask, for the next token is seen. Nothing of the past reaches
//! the answer: when it writes, each token follows from the one before at most.
//!
//! Cure  Look up what true means, and test that changing the first token moves later answers and changing the last one
//!       no earlier.

use super::parts::Place;
use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::Mode;
use rushlight_nn::layers::Asked;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "mask-inverted",
    about: "a mask with yes and no exchanged",
    source: include_str!("mask_inverted.rs"),
    component: Component::Mask,
    suits: suits::attends,
    build: |config| Arc::new(MaskInverted { place: Place::of(config) }),
};

struct MaskInverted {
    place: Place,
}

impl Fault for MaskInverted {
    fn attend(&self, _: Mode, site: &str, asked: &Asked) -> Option<Tensor> {
        let last = |row: usize| (0..asked.k.shape()[1]).rev().find(|&key| asked.is_real(row, key));
        let sees = |row: usize, query: usize, key: usize| {
            let place = asked.first(row) + query;
            asked.is_real(row, key) && (key > place || key == place && last(row) == Some(place))
        };
        (asked.causal && self.place.holds(site)).then(|| asked.answer(asked.scale(), sees, |weights| weights))
    }

    fn attends(&self) -> bool {
        true
    }
}
