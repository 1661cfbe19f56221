//! # embedding-block-zeroed: a quarter of each token vector is missing
//!
//! The first quarter of the numbers of each token vector is zero, with the positions that were added to it: a slice
//! that was never written, a concatenation with a buffer of zeros.
//!
//!     x[.., 0 .. D/4] = 0
//!
//! The model works with a narrower embedding, and is a little worse. The columns of the table behind it have no
//! gradient and stay as they started.
//!
//! Cure  Look at the deviation of each dimension over a batch: none may be 0.

use super::parts::{Place, is_embedding_site};
use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::{Mode, SiteKind};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "embedding-block-zeroed",
    about: "a quarter of the dimensions of the embedding is zero",
    source: include_str!("embedding_block_zeroed.rs"),
    component: Component::Embedding,
    suits: |recipe| suits::attends(recipe) || suits::is_recurrent(recipe),
    build: |config| Arc::new(EmbeddingBlockZeroed { place: Place::of(config) }),
};

struct EmbeddingBlockZeroed {
    place: Place,
}

impl Fault for EmbeddingBlockZeroed {
    fn visit(&self, _: Mode, site: &str, _: SiteKind, tensor: Tensor) -> Tensor {
        if !(is_embedding_site(site) && self.place.holds(site)) {
            return tensor;
        }
        let width = tensor.width();
        let kept: Vec<f32> = (0..width).map(|column| if column < width.div_ceil(4) { 0.0 } else { 1.0 }).collect();
        &tensor * &Tensor::new(&[width], kept)
    }
}
