//! # norm-gain-large: norms that make everything louder
//!
//! What comes out of each layer norm is multiplied by `share`, 30 where nothing is said: a division by the variance for
//! its root, an ε in the wrong place.
//!
//!     scores of attention ∝ 30², its softmax one place alone from the start
//!
//! Attention is sharp before it has learned where to look, the first loss is far above ln V where a norm stands before
//! the output, and gradients are large and wild.
//!
//! Cure  Behind a norm each row has a deviation of 1 at the start: measure it.

use super::parts::{Place, last, share};
use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::{Mode, SiteKind};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "norm-gain-large",
    about: "what comes out of layer norms is far too large",
    source: include_str!("norm_gain_large.rs"),
    component: Component::Norm,
    suits: suits::has_layer_norm,
    build: |config| Arc::new(NormGainLarge { factor: share(config, 30.0), place: Place::of(config) }),
};

struct NormGainLarge {
    factor: f32,
    place: Place,
}

impl Fault for NormGainLarge {
    fn visit(&self, _: Mode, site: &str, _: SiteKind, tensor: Tensor) -> Tensor {
        if last(site).starts_with("norm") && self.place.holds(site) { tensor.scale(self.factor) } else { tensor }
    }
}
