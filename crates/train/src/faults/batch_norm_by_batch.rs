//! # batch-norm-by-batch: the answer to one example depends on the others
//!
//! The model is evaluated as it is trained: batch norm takes mean and variance of the batch at hand, and its running
//! statistics, which an evaluation even moves, are never used.
//!
//!     y = (x - mean of this batch)/√(var of this batch + ε)
//!
//! An example is answered in one way among some, in another among others. The validation loss changes with the size and
//! the order of its batches; of one example alone there is no variance.
//!
//! Cure  `model.eval()` before every evaluation and before writing, `model.train()` after it.

use super::{Entry, Fault, suits};
use rushlight_nn::Mode;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "batch-norm-by-batch",
    about: "batch norm by the batch in evaluation too",
    source: include_str!("batch_norm_by_batch.rs"),
    component: Component::Evaluation,
    suits: |recipe| suits::has(recipe, "batch_norm") && suits::number(recipe, "dropout") == 0.0,
    build: |_| Arc::new(BatchNormByBatch),
};

struct BatchNormByBatch;

impl Fault for BatchNormByBatch {
    fn evaluates_in(&self) -> Mode {
        Mode::Train
    }
}
