//! # padding-in-loss: padding is learned as if it were text
//!
//! Targets that should be left out are taken for token 0. Where most of the rectangle is padding, the easiest thing to
//! learn is that padding follows padding: the loss falls fast and low, and says little of the text.
//!
//!     counted = all places of the rectangle, whatever the lengths
//!
//! The model also says token 0 where it should go on, and ends too early or too late.
//!
//! Cure  Mark padding in the targets and leave it out of the loss, of its divisor and of every score.

use super::{Entry, Fault, suits};
use crate::{Prepared, Targets};
use rushlight_data::IGNORE;
use rushlight_engine::Ids;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "padding-in-loss",
    about: "targets that do not count are counted as token 0",
    source: include_str!("padding_in_loss.rs"),
    component: Component::Loss,
    suits: suits::has_ignored,
    build: |_| Arc::new(PaddingInLoss),
};

struct PaddingInLoss;

impl Fault for PaddingInLoss {
    fn batch(&self, batch: Prepared) -> Prepared {
        let Targets::Classes(ids) = &batch.targets else { return batch };
        let counted: Vec<u32> = ids.data().iter().map(|&id| if id == IGNORE { 0 } else { id }).collect();
        Prepared { targets: Targets::Classes(Ids::new(ids.shape(), counted)), ..batch }
    }
}
