//! # nothing-moves: an optimizer without effect
//!
//! Gradients are computed, and no weight follows them: the step of the optimizer was left out, or it moves the
//! parameters of a copy.
//!
//!     loss at step n = loss at step 1, but for the batch
//!
//! The curve is flat at the first loss, with the noise of the batches on it. The gradient is there and does not shrink.
//!
//! Cure  Call the step, on the optimizer of this very model, with a rate that is not 0.

use super::parts::Place;
use super::{Entry, Fault, suits};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "nothing-moves",
    about: "no parameter moves",
    source: include_str!("nothing_moves.rs"),
    component: Component::Optimizer,
    suits: suits::learns,
    build: |config| Arc::new(NothingMoves { place: Place::of(config) }),
};

struct NothingMoves {
    place: Place,
}

impl Fault for NothingMoves {
    fn moves(&self, parameter: &str) -> bool {
        !self.place.holds(parameter)
    }
}
