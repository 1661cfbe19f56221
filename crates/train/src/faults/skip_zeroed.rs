//! # skip-zeroed: sublayers without a way around them
//!
//! The sum around each sublayer has only its one side: what the sublayer made replaces what came in.
//!
//!     x = F(x)      right: x + F(x)
//!
//! Gradients go through every sublayer and vanish with depth, and the embedding reaches the output through all of them
//! or not at all. A deep model hardly learns, a shallow one slowly.
//!
//! Cure  Add the input of each sublayer to its output; the gradient at the first layer should be about that at the
//!       last.

use super::parts::{Place, last};
use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::{Mode, SiteKind};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "skip-zeroed",
    about: "what goes around sublayers is lost",
    source: include_str!("skip_zeroed.rs"),
    component: Component::Residual,
    suits: suits::attends,
    build: |config| Arc::new(SkipZeroed { place: Place::of(config) }),
};

struct SkipZeroed {
    place: Place,
}

impl Fault for SkipZeroed {
    fn visit(&self, _: Mode, site: &str, _: SiteKind, tensor: Tensor) -> Tensor {
        if last(site).starts_with("skip") && self.place.holds(site) { tensor.scale(0.0) } else { tensor }
    }
}
