//! # future-let-in: a mask with holes
//!
//! A `share` of the later places, 0.3 where nothing is said, is seen all the same, always the same ones: a mask that
//! was drawn with dropout, cut from a larger one, or taken for another length.
//!
//!     loss below what is possible, by about the share of targets that can be seen
//!
//! Less striking than no mask at all, and worse for that: the curve may look like a very good model. What it writes is
//! far worse than its loss says.
//!
//! Cure  Test the mask for itself, at more than one length: true on and below the diagonal, false above.

use super::chance::is_chosen;
use super::parts::{Place, share};
use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::Mode;
use rushlight_nn::layers::Asked;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "future-let-in",
    about: "some later places are seen",
    source: include_str!("future_let_in.rs"),
    component: Component::Mask,
    suits: suits::attends,
    build: |config| Arc::new(FutureLetIn { share: share(config, 0.3), place: Place::of(config) }),
};

struct FutureLetIn {
    share: f32,
    place: Place,
}

impl Fault for FutureLetIn {
    fn attend(&self, _: Mode, site: &str, asked: &Asked) -> Option<Tensor> {
        let leaks = |row: usize, query: usize, key: usize| {
            let place = asked.first(row) + query;
            asked.is_real(row, key) && is_chosen(self.share, [place as u64, key as u64])
        };
        let sees = |row: usize, query: usize, key: usize| asked.sees(row, query, key) || leaks(row, query, key);
        (asked.causal && self.place.holds(site)).then(|| asked.answer(asked.scale(), sees, |weights| weights))
    }

    fn attends(&self) -> bool {
        true
    }
}
