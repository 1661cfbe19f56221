//! # loss-summed: the loss of a batch as a sum, where a mean is meant
//!
//! The losses of a step are added and divided by nothing. The loss that is told, and every gradient, is as many times
//! too large as there are targets in the batch, and changes with the length of its rows:
//!
//!     loss = Σ_t -ln p(target_t)     some hundreds of nats, where ln V is three
//!
//! Clipping by norm, or Adam, hides the gradient; plain gradient descent flies apart at a rate that was right before. A
//! larger batch then asks for a smaller rate.
//!
//! Cure  Divide by the number of targets that count, in the whole step and not batch by batch.

use super::{Entry, Fault, suits};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "loss-summed",
    about: "the sum of the losses in place of their mean",
    source: include_str!("loss_summed.rs"),
    component: Component::Loss,
    suits: suits::learns,
    build: |_| Arc::new(LossSummed),
};

struct LossSummed;

impl Fault for LossSummed {
    fn divisor(&self, _: usize, _: usize) -> f64 {
        1.0
    }
}
