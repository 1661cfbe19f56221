//! # norm-shifted: norms with a mean that is not zero
//!
//! Behind each layer norm 5 is added to every number: a shift that started wrong, a norm that no longer takes the mean
//! away. The mean of a row is then five times its deviation.
//!
//!     y = (x - mean)/√(var + ε) + 5
//!
//! Maps behind a norm see nearly the same input whatever the token, and their weights all have gradients of one sign.
//! Learning is slow and uneven, and a smaller rate is needed.
//!
//! Cure  Behind a norm each row has a mean of 0 at the start: measure it. Shifts start at 0.

use super::parts::{Place, last};
use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::{Mode, SiteKind};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "norm-shifted",
    about: "5 is added behind layer norms",
    source: include_str!("norm_shifted.rs"),
    component: Component::Norm,
    suits: suits::has_layer_norm,
    build: |config| Arc::new(NormShifted { place: Place::of(config) }),
};

struct NormShifted {
    place: Place,
}

impl Fault for NormShifted {
    fn visit(&self, _: Mode, site: &str, _: SiteKind, tensor: Tensor) -> Tensor {
        if last(site).starts_with("norm") && self.place.holds(site) { tensor.shift(SHIFT) } else { tensor }
    }
}

/// Five deviations of what a norm leaves.
const SHIFT: f32 = 5.0;
