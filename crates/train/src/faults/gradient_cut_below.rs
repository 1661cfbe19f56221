//! # gradient-cut-below: no gradient comes below the output
//!
//! The record ends before the last map: a `detach`, a `no_grad`, a trip through plain numbers. All parameters below it
//! have a gradient of zero.
//!
//!     dL/dθ = 0      for all θ but those of the output
//!
//! The loss falls: a map on top of random features learns something. It stops far above that of a healthy training.
//! Weight decay still moves what has no gradient.
//!
//! Cure  Look at the norm of the gradient layer by layer: the first that is zero stands just below the cut.

use super::parts::{Place, output};
use super::{Entry, Fault, suits};
use rushlight_engine::Grads;
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "gradient-cut-below",
    about: "the gradients of all but the output are zero",
    source: include_str!("gradient_cut_below.rs"),
    component: Component::Gradient,
    suits: suits::has_hidden,
    build: |config| Arc::new(GradientCutBelow { place: Place::of(config) }),
};

struct GradientCutBelow {
    place: Place,
}

impl Fault for GradientCutBelow {
    fn gradients(&self, params: &Params, grads: &mut Grads) {
        let output = output(params);
        let is_below = |name: &str| !output.iter().any(|of_output| of_output == name) && self.place.holds(name);
        for param in params.iter().filter(|param| is_below(param.name())) {
            if let Some(gradient) = param.gradient_mut(grads) {
                gradient.data_mut().fill(0.0);
            }
        }
    }
}
