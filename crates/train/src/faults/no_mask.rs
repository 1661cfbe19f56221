//! # no-mask: every place of a decoder sees the whole row
//!
//! The mask is left out, or added before it was cut to size, or to the wrong tensor: each place sees the token that it
//! shall say, for it is the input of the next place.
//!
//!     weights = softmax(Q Kᵀ / √d)      right: .. + mask, -∞ above the diagonal
//!
//! The training and validation loss fall far below anything that is possible, often towards 0, and the model writes
//! nonsense: when it writes, there is nothing ahead to copy from.
//!
//! Cure  Mask before the softmax, with -∞ and not with 0. Change a token and see that no earlier answer moves.

use super::parts::Place;
use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::Mode;
use rushlight_nn::layers::Asked;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "no-mask",
    about: "a decoder without its mask",
    source: include_str!("no_mask.rs"),
    component: Component::Mask,
    suits: suits::attends,
    build: |config| Arc::new(NoMask { place: Place::of(config) }),
};

struct NoMask {
    place: Place,
}

impl Fault for NoMask {
    fn attend(&self, _: Mode, site: &str, asked: &Asked) -> Option<Tensor> {
        let sees = |row: usize, _: usize, key: usize| asked.is_real(row, key);
        (asked.causal && self.place.holds(site)).then(|| asked.answer(asked.scale(), sees, |weights| weights))
    }

    fn attends(&self) -> bool {
        true
    }
}
