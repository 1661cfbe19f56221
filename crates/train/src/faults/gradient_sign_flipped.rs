//! # gradient-sign-flipped: uphill in place of downhill
//!
//! The sign of the gradient is wrong: a maximiser where a minimiser is meant, a minus in the loss, θ += rate · g.
//!
//!     Δθ = +rate · g
//!
//! The loss rises from the first step on, without end: the model becomes ever more sure of what is wrong.
//!
//! Cure  Take one small step and see that the loss of the same batch falls.

use super::parts::Place;
use super::{Entry, Fault, suits};
use rushlight_engine::Grads;
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "gradient-sign-flipped",
    about: "gradients with the wrong sign",
    source: include_str!("gradient_sign_flipped.rs"),
    component: Component::Gradient,
    suits: suits::learns,
    build: |config| Arc::new(GradientSignFlipped { place: Place::of(config) }),
};

struct GradientSignFlipped {
    place: Place,
}

impl Fault for GradientSignFlipped {
    fn gradients(&self, params: &Params, grads: &mut Grads) {
        for param in params.iter().filter(|param| self.place.holds(param.name())) {
            if let Some(gradient) = param.gradient_mut(grads) {
                gradient.data_mut().iter_mut().for_each(|x| *x = -*x);
            }
        }
    }
}
