//! # dropout-in-evaluation: the model is measured with dropout on
//!
//! The model is evaluated as it is trained: a share of its units is dropped, other ones each time.
//!
//!     two evaluations of one batch differ
//!
//! The validation loss is worse than the model is, and trembles; the gap to the training loss is too small. What is
//! written by argmax is something else each time.
//!
//! Cure  `model.eval()` before every evaluation and before writing, `model.train()` after it.

use super::{Entry, Fault, suits};
use rushlight_nn::Mode;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "dropout-in-evaluation",
    about: "dropout in evaluation too",
    source: include_str!("dropout_in_evaluation.rs"),
    component: Component::Evaluation,
    suits: |recipe| suits::number(recipe, "dropout") > 0.0 && !suits::has(recipe, "batch_norm"),
    build: |_| Arc::new(DropoutInEvaluation),
};

struct DropoutInEvaluation;

impl Fault for DropoutInEvaluation {
    fn evaluates_in(&self) -> Mode {
        Mode::Train
    }
}
