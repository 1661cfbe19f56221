//! # keys-zeroed: nobody answers to a question: all scores are 0
//!
//! The keys of self-attention are zero. The scores are 0 whatever is asked, and the weights are those of a plain mean:
//!
//!     softmax(Q · 0ᵀ) = 1 / number of places that are seen
//!
//! As with queries that are zero the loss falls a good part of the way, by a bag of what was read; no gradient reaches
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
    name: "keys-zeroed",
    about: "keys that are zero",
    source: include_str!("keys_zeroed.rs"),
    component: Component::Attention,
    suits: suits::attends,
    build: |config| Arc::new(KeysZeroed { place: Place::of(config) }),
};

struct KeysZeroed {
    place: Place,
}

impl Fault for KeysZeroed {
    fn visit(&self, _: Mode, site: &str, _: SiteKind, tensor: Tensor) -> Tensor {
        match last(site) {
            _ if !self.place.holds(site) => tensor,
            "qkv" => {
                let [q, k, v] = tensor.split();
                cat(&[&q, &k.scale(0.0), &v], 2) // [B, T, 3D]
            }
            _ => tensor,
        }
    }
}
