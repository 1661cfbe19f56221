//! # attention-unscaled: scores without 1/√d
//!
//! The division by the root of a head's width was forgotten. Scores of independent queries and keys have the variance
//! d, and the softmax of large numbers is nearly one place alone:
//!
//!     softmax(Q Kᵀ)      right: softmax(Q Kᵀ / √d)
//!
//! With a small start little is seen at first. Later the weights become sharp early, their gradient vanishes, and the
//! loss stays above that of the right one, the more so the wider a head is.
//!
//! Cure  Multiply the scores by 1/√(D/K), D/K the width of one head, not of all.

use super::parts::Place;
use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::Mode;
use rushlight_nn::layers::Asked;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "attention-unscaled",
    about: "the scores are not divided by √d",
    source: include_str!("attention_unscaled.rs"),
    component: Component::Attention,
    suits: suits::attends,
    build: |config| Arc::new(AttentionUnscaled { place: Place::of(config) }),
};

struct AttentionUnscaled {
    place: Place,
}

impl Fault for AttentionUnscaled {
    fn attend(&self, _: Mode, site: &str, asked: &Asked) -> Option<Tensor> {
        let sees = |row: usize, query: usize, key: usize| asked.sees(row, query, key);
        self.place.holds(site).then(|| asked.answer(1.0, sees, |weights| weights))
    }

    fn attends(&self) -> bool {
        true
    }
}
