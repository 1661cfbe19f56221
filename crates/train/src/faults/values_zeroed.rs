//! # values-zeroed: attention looks, and brings nothing back
//!
//! The values of self-attention are zero: whatever the weights, their mixture is.
//!
//!     softmax(Q Kᵀ / √d) · 0 = 0
//!
//! Nothing goes from one place to another. A decoder without a source learns what one token says of the next, and stops
//! at the loss of a bigram; the map behind the attention has a gradient for its bias alone.
//!
//! Cure  Look at the mixture of each attention: it may not be zero. Look at the gradient of the map's last third.

use super::parts::{Place, last};
use super::{Entry, Fault, suits};
use rushlight_engine::{Tensor, cat};
use rushlight_nn::{Mode, SiteKind};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "values-zeroed",
    about: "values that are zero",
    source: include_str!("values_zeroed.rs"),
    component: Component::Attention,
    suits: suits::attends,
    build: |config| Arc::new(ValuesZeroed { place: Place::of(config) }),
};

struct ValuesZeroed {
    place: Place,
}

impl Fault for ValuesZeroed {
    fn visit(&self, _: Mode, site: &str, _: SiteKind, tensor: Tensor) -> Tensor {
        match last(site) {
            _ if !self.place.holds(site) => tensor,
            "qkv" => {
                let [q, k, v] = tensor.split();
                cat(&[&q, &k, &v.scale(0.0)], 2) // [B, T, 3D]
            }
            _ => tensor,
        }
    }
}
