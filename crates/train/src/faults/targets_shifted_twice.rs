//! # targets-shifted-twice: the model shall leave one token out
//!
//! The data loader shifts the targets by one, and so does the loss: each place shall say the token after the next.
//!
//!     input    h e l l o
//!     target   l l o . -      right: e l l o .
//!
//! It learns, to a higher loss, for the token in between is hidden; it writes every other letter of a word. The last
//! place of each row has no target left.
//!
//! Cure  Shift in one place only, and look at one row of inputs and targets beside each other.

use super::{Entry, Fault, suits};
use crate::{Prepared, Targets};
use rushlight_data::IGNORE;
use rushlight_engine::Ids;
use rushlight_models::Input;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "targets-shifted-twice",
    about: "targets two tokens ahead",
    source: include_str!("targets_shifted_twice.rs"),
    component: Component::Data,
    suits: suits::answers_every_token,
    build: |_| Arc::new(TargetsShiftedTwice),
};

struct TargetsShiftedTwice;

impl Fault for TargetsShiftedTwice {
    fn batch(&self, batch: Prepared) -> Prepared {
        let (Input::Ids(_) | Input::Pair(..), Targets::Classes(targets)) = (&batch.input, &batch.targets) else {
            return batch;
        };
        let times = targets.shape().width().max(1);
        let later = |row: &[u32]| row[1..].iter().copied().chain([IGNORE]).collect::<Vec<_>>();
        let later: Vec<u32> = targets.data().chunks_exact(times).flat_map(later).collect();
        let targets = Targets::Classes(Ids::new(targets.shape(), later));
        Prepared { targets, ..batch }
    }
}
