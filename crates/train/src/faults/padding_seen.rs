//! # padding-seen: what fills up a sentence is looked at
//!
//! The encoder, and the decoder that looks at what it made, see all places of the rectangle, whatever the lengths: the
//! mask of the padding was not passed on.
//!
//!     answer to a sentence = another one beside a longer sentence
//!
//! The loss is a little worse. A sentence is translated in one way alone and in another within a batch, and scores
//! change with the batch size.
//!
//! Cure  Hand the lengths to every attention over the source. Translate a sentence alone and beside a long one.

use super::parts::Place;
use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::Mode;
use rushlight_nn::layers::Asked;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "padding-seen",
    about: "padding of the source is seen",
    source: include_str!("padding_seen.rs"),
    component: Component::Mask,
    suits: |recipe| suits::is(recipe, &["transformer"]),
    build: |config| Arc::new(PaddingSeen { place: Place::of(config) }),
};

struct PaddingSeen {
    place: Place,
}

impl Fault for PaddingSeen {
    fn attend(&self, _: Mode, site: &str, asked: &Asked) -> Option<Tensor> {
        let sees = |_: usize, _: usize, _: usize| true;
        (!asked.causal && self.place.holds(site)).then(|| asked.answer(asked.scale(), sees, |weights| weights))
    }

    fn attends(&self) -> bool {
        true
    }
}
