//! # gradients-scaled-down: gradients that are far too small
//!
//! The gradients are multiplied by `share`, 0.0001 where nothing is said: a loss that was scaled for half precision and
//! is unscaled twice, a mean of a mean.
//!
//!     Δθ = -rate · 0.0001 · g
//!
//! Plain gradient descent stands still: the loss is flat, and the gradient that is told is as small as it looks. Adam
//! would not mind, for it divides by the size of the gradient.
//!
//! Cure  Hold one gradient against the slope of the loss: move a weight a little and see.

use super::parts::{Place, share};
use super::{Entry, Fault, suits};
use rushlight_engine::Grads;
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "gradients-scaled-down",
    about: "gradients ten thousand times too small",
    source: include_str!("gradients_scaled_down.rs"),
    component: Component::Gradient,
    suits: |recipe| suits::learns(recipe) && recipe.train.optimizer.kind == "sgd",
    build: |config| Arc::new(GradientsScaledDown { factor: share(config, 1e-4), place: Place::of(config) }),
};

struct GradientsScaledDown {
    factor: f32,
    place: Place,
}

impl Fault for GradientsScaledDown {
    fn gradients(&self, params: &Params, grads: &mut Grads) {
        for param in params.iter().filter(|param| self.place.holds(param.name())) {
            if let Some(gradient) = param.gradient_mut(grads) {
                gradient.data_mut().iter_mut().for_each(|x| *x *= self.factor);
            }
        }
    }
}
