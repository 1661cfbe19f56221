//! # mask-on-wrong-axis: the mask lies over queries where keys should be
//!
//! The triangle is right and stands on its head: `triu` for `tril`, or scores as K Qᵀ under a mask for Q Kᵀ. A place
//! sees itself and all that is later, and nothing earlier.
//!
//!     sees = key ≥ query      right: key ≤ query
//!
//! As without a mask the loss falls below what is possible; unlike there, the past is lost: the last place sees itself
//! alone.
//!
//! Cure  Rows are queries, columns are keys, and a row of the mask has ones on its left.

use super::parts::Place;
use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::Mode;
use rushlight_nn::layers::Asked;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "mask-on-wrong-axis",
    about: "a mask with queries and keys exchanged",
    source: include_str!("mask_on_wrong_axis.rs"),
    component: Component::Mask,
    suits: suits::attends,
    build: |config| Arc::new(MaskOnWrongAxis { place: Place::of(config) }),
};

struct MaskOnWrongAxis {
    place: Place,
}

impl Fault for MaskOnWrongAxis {
    fn attend(&self, _: Mode, site: &str, asked: &Asked) -> Option<Tensor> {
        let sees = |row: usize, query: usize, key: usize| asked.is_real(row, key) && key >= asked.first(row) + query;
        (asked.causal && self.place.holds(site)).then(|| asked.answer(asked.scale(), sees, |weights| weights))
    }

    fn attends(&self) -> bool {
        true
    }
}
