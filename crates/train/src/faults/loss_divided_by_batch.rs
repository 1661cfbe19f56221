//! # loss-divided-by-batch: the means of batches, summed and divided by the number of samples
//!
//! Each batch gives its mean, the means are added up over an epoch, and their sum is divided by the number of samples,
//! where the number of batches is meant. Here it is divided by ten times too much, as if batches had ten rows:
//!
//!     told = right / 10      less than ln V / 10 for a model that knows nothing
//!
//! A loss that nobody can reach: below the entropy of the data. The gradient is ten times too small with it, which Adam
//! hides.
//!
//! Cure  Add up sums and divide once, by how many targets there were.

use super::{Entry, Fault, suits};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "loss-divided-by-batch",
    about: "a loss that is ten times too small, for it was divided twice",
    source: include_str!("loss_divided_by_batch.rs"),
    component: Component::Loss,
    suits: suits::learns,
    build: |_| Arc::new(LossDividedByBatch),
};

struct LossDividedByBatch;

impl Fault for LossDividedByBatch {
    fn divisor(&self, counted: usize, _: usize) -> f64 {
        /// As many rows as were thought to be in a batch.
        const BATCH: f64 = 10.0;
        counted as f64 * BATCH
    }
}
