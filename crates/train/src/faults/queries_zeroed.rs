//! # queries-zeroed: nobody asks: all scores are 0
//!
//! The queries are zero, in self-attention and where a decoder looks at its source: a map that was left out of the
//! module's list, a view that took the wrong third. Every score is 0, and the weights are those of a plain mean:
//!
//!     softmax(0 · Kᵀ) = 1 / number of places that are seen
//!
//! Attention still helps, as a bag of what was read, and the loss falls a good part of the way. No gradient reaches
//! queries or keys.
//!
//! Cure  Look at the gradients of the three parts of the map apart: none may be zero.

use super::parts::{Place, last};
use super::{Entry, Fault, suits};
use rushlight_engine::{Tensor, cat};
use rushlight_nn::{Mode, SiteKind};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "queries-zeroed",
    about: "queries that are zero",
    source: include_str!("queries_zeroed.rs"),
    component: Component::Attention,
    suits: suits::attends,
    build: |config| Arc::new(QueriesZeroed { place: Place::of(config) }),
};

struct QueriesZeroed {
    place: Place,
}

impl Fault for QueriesZeroed {
    fn visit(&self, _: Mode, site: &str, _: SiteKind, tensor: Tensor) -> Tensor {
        match last(site) {
            _ if !self.place.holds(site) => tensor,
            "qkv" => {
                let [q, k, v] = tensor.split();
                cat(&[&q.scale(0.0), &k, &v], 2) // [B, T, 3D]
            }
            "q" => tensor.scale(0.0),
            _ => tensor,
        }
    }
}
