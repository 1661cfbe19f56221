//! # gradients-kept: gradients that are never reset
//!
//! `zero_grad` was left out: the backward pass adds to what is there, and each step moves by the sum of the gradients
//! of all steps so far.
//!
//!     step n moves by g_1 + g_2 + .. + g_n      right: g_n
//!
//! The norm of the gradient grows in proportion to the steps. It is a momentum that never fades: the loss falls at
//! first, then swings, then flies apart; clipping and Adam make it last longer.
//!
//! Cure  Reset the gradients once for every step of the optimizer.

use super::parts::Place;
use super::{Entry, Fault, suits};
use rushlight_engine::Grads;
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "gradients-kept",
    about: "the gradients of all steps before are added",
    source: include_str!("gradients_kept.rs"),
    component: Component::Gradient,
    suits: suits::learns,
    build: |config| Arc::new(GradientsKept { sums: Mutex::default(), place: Place::of(config) }),
};

struct GradientsKept {
    /// The sum of all gradients so far, by parameter.
    sums: Mutex<BTreeMap<String, Vec<f32>>>,
    place: Place,
}

impl Fault for GradientsKept {
    fn gradients(&self, params: &Params, grads: &mut Grads) {
        let mut sums = self.sums.lock().unwrap_or_else(PoisonError::into_inner);
        for param in params.iter().filter(|param| self.place.holds(param.name())) {
            let Some(gradient) = param.gradient_mut(grads) else { continue };
            let sum = sums.entry(param.name().to_owned()).or_insert_with(|| vec![0.0; gradient.count()]);
            for (sum, now) in sum.iter_mut().zip(gradient.data_mut()) {
                *sum += *now;
                *now = *sum;
            }
        }
    }
}
