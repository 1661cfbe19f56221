//! # heads-tied: all heads look at the same place
//!
//! The heads were cut out of queries and keys in one and the same place, or broadcast from one: all look where the
//! first one looks, each with values of its own.
//!
//!     weights of head h = softmax(Q_1 K_1ᵀ / √d)      for all h
//!
//! The model is one of a single head, with a wider value, and a little worse. All maps of attention are equal to the
//! last bit, and most of the weights of queries and keys have no gradient.
//!
//! Cure  `[B, T, K d]` becomes `[B, T, K, d]` and then `[B, K, T, d]`: reshape first, then transpose. Compare two
//!       heads.

use super::parts::Place;
use super::{Entry, Fault, suits};
use rushlight_engine::{Tensor, cat};
use rushlight_nn::Mode;
use rushlight_nn::layers::Asked;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "heads-tied",
    about: "every head has the weights of the first",
    source: include_str!("heads_tied.rs"),
    component: Component::Attention,
    suits: suits::has_heads,
    build: |config| Arc::new(HeadsTied { place: Place::of(config) }),
};

struct HeadsTied {
    place: Place,
}

impl Fault for HeadsTied {
    fn attend(&self, _: Mode, site: &str, asked: &Asked) -> Option<Tensor> {
        let sees = |row: usize, query: usize, key: usize| asked.sees(row, query, key);
        let first = |weights: Tensor| cat(&vec![&weights.narrow(1, 0, 1); asked.heads], 1); // [R, K, Tq, Tk]
        self.place.holds(site).then(|| asked.answer(asked.scale(), sees, first))
    }

    fn attends(&self) -> bool {
        true
    }
}
