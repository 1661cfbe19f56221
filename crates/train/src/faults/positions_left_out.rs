//! # positions-left-out: attention that does not know where anything stands
//!
//! What tells one place from another is not added. Attention has no order of its own: a decoder without positions sees
//! the tokens before it as a bag, and only its mask tells it, in deeper layers, how many there are.
//!
//!     Attention(x_2, x_1, x_3) = Attention(x_1, x_2, x_3)      seen from x_3
//!
//! The loss falls more slowly and stops higher, by a few tenths of a nat on text; tasks that ask for a place, such as
//! reversing a row, are not learned at all.
//!
//! Cure  Add the positions to the embedding, and test that exchanging two earlier tokens moves the answer.

use super::parts::{Place, last};
use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::{Mode, SiteKind};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "positions-left-out",
    about: "the positions are zero",
    source: include_str!("positions_left_out.rs"),
    component: Component::Positions,
    suits: suits::attends,
    build: |config| Arc::new(PositionsLeftOut { place: Place::of(config) }),
};

struct PositionsLeftOut {
    place: Place,
}

impl Fault for PositionsLeftOut {
    fn visit(&self, _: Mode, site: &str, _: SiteKind, tensor: Tensor) -> Tensor {
        if last(site) == "positions" && self.place.holds(site) { tensor.scale(0.0) } else { tensor }
    }
}
