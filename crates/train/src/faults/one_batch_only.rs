//! # one-batch-only: the first batch, again and again
//!
//! The loader is made anew for every step, or its random numbers are: each step sees the batch that the first one saw.
//!
//!     training loss towards 0,  validation loss up from the first evaluations on
//!
//! It looks like overfitting on very little data, and that is what it is. No shuffling shows in the training loss: it
//! is smooth.
//!
//! Cure  Draw batches from one stream of random numbers that goes on; look whether the first two batches differ.

use super::{Entry, Fault, suits};
use crate::Prepared;
use rushlight_trace::Component;
use std::sync::{Arc, Mutex, PoisonError};

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "one-batch-only",
    about: "every step is taken on the first batch",
    source: include_str!("one_batch_only.rs"),
    component: Component::Data,
    suits: suits::learns,
    build: |_| Arc::new(OneBatchOnly { first: Mutex::default() }),
};

struct OneBatchOnly {
    first: Mutex<Option<Prepared>>,
}

impl Fault for OneBatchOnly {
    fn batch(&self, batch: Prepared) -> Prepared {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        let goes_on = batch.goes_on;
        Prepared { goes_on, ..first.get_or_insert(batch).clone() }
    }
}
