//! # mlp-scaled: what the hidden units say is far too loud
//!
//! What comes out of the nonlinearity of hidden layers is multiplied by `share`, 30 where nothing is said: a
//! normalisation left out, a gain for the wrong nonlinearity, a scale in place of its inverse.
//!
//!     a = 30 f(W x + b)
//!
//! In a sum around sublayers these drown attention. The first loss is far above ln V where the output is near, and the
//! gradient of the map behind is as many times too large.
//!
//! Cure  Keep the deviation of activations about 1 from layer to layer: Kaiming's start for ReLU, Xavier's for tanh.

use super::parts::{Place, last, share};
use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::{Mode, SiteKind};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "mlp-scaled",
    about: "hidden layers many times too large",
    source: include_str!("mlp_scaled.rs"),
    component: Component::FeedForward,
    suits: suits::has_hidden_units,
    build: |config| Arc::new(MlpScaled { factor: share(config, 30.0), place: Place::of(config) }),
};

struct MlpScaled {
    factor: f32,
    place: Place,
}

impl Fault for MlpScaled {
    fn visit(&self, _: Mode, site: &str, _: SiteKind, tensor: Tensor) -> Tensor {
        if last(site) == "active" && self.place.holds(site) { tensor.scale(self.factor) } else { tensor }
    }
}
