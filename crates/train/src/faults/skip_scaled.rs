//! # skip-scaled: what goes around sublayers grows from layer to layer
//!
//! What goes around each sublayer is multiplied by `share`, 3 where nothing is said: added twice, or scaled on the
//! wrong side of the sum.
//!
//!     x = 3 x + F(x)      after L layers of two sublayers 9^L x
//!
//! The stream grows by powers, what sublayers add drowns in it, and gradients grow by the same powers on the way back.
//! With a norm before the output the loss looks tame, and the layers learn next to nothing.
//!
//! Cure  The way around a sublayer is x itself. Measure the deviation of the stream behind each layer.

use super::parts::{Place, last, share};
use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::{Mode, SiteKind};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "skip-scaled",
    about: "the ways around sublayers are multiplied",
    source: include_str!("skip_scaled.rs"),
    component: Component::Residual,
    suits: suits::attends,
    build: |config| Arc::new(SkipScaled { factor: share(config, 3.0), place: Place::of(config) }),
};

struct SkipScaled {
    factor: f32,
    place: Place,
}

impl Fault for SkipScaled {
    fn visit(&self, _: Mode, site: &str, _: SiteKind, tensor: Tensor) -> Tensor {
        if last(site).starts_with("skip") && self.place.holds(site) { tensor.scale(self.factor) } else { tensor }
    }
}
