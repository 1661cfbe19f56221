//! # loss-divided-by-all: a mean over padding too
//!
//! Padding brings no loss, but it is counted: the sum of the losses of real targets is divided by all places of the
//! rectangle.
//!
//!     loss = Σ_real -ln p / (rows · places)      too small by real / (rows · places)
//!
//! The loss looks better than it is, the more so the more unequal the rows are, and does not compare with that of any
//! other batch size or order. The gradient of batches with much padding is too small.
//!
//! Cure  Divide by the number of targets that count (`ignore_index` with `reduction="mean"` does).

use super::{Entry, Fault, suits};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "loss-divided-by-all",
    about: "the loss divided by all places, padding among them",
    source: include_str!("loss_divided_by_all.rs"),
    component: Component::Loss,
    suits: suits::has_ignored,
    build: |_| Arc::new(LossDividedByAll),
};

struct LossDividedByAll;

impl Fault for LossDividedByAll {
    fn divisor(&self, _: usize, all: usize) -> f64 {
        all as f64
    }
}
