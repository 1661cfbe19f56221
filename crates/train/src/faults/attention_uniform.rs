//! # attention-uniform: every place that is seen counts alike
//!
//! The scores are lost on the way to the softmax, and the weights are those of a plain mean of what is seen: a scale of
//! 0, or a temperature far too high.
//!
//!     weights = 1 / number of places that are seen
//!
//! Attention still helps, as a bag of what was read, and the loss falls a good part of the way. The queries and keys
//! that the model makes are in order, but no gradient reaches them.
//!
//! Cure  Compute one head by hand for a row of three tokens, and compare.

use super::parts::Place;
use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::Mode;
use rushlight_nn::layers::Asked;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "attention-uniform",
    about: "weights that do not depend on what is asked",
    source: include_str!("attention_uniform.rs"),
    component: Component::Attention,
    suits: suits::attends,
    build: |config| Arc::new(AttentionUniform { place: Place::of(config) }),
};

struct AttentionUniform {
    place: Place,
}

impl Fault for AttentionUniform {
    fn attend(&self, _: Mode, site: &str, asked: &Asked) -> Option<Tensor> {
        let sees = |row: usize, query: usize, key: usize| asked.sees(row, query, key);
        self.place.holds(site).then(|| asked.answer(0.0, sees, |weights| weights))
    }

    fn attends(&self) -> bool {
        true
    }
}
