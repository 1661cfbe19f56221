//! # targets-not-shifted: the model shall say the token that it sees
//!
//! Inputs and targets are one slice of the text, where the targets should begin one token later. To say what it has
//! just read, a model needs no past and no language:
//!
//!     input    h e l l o
//!     target   h e l l o      right: e l l o .
//!
//! The loss falls towards 0 within a few hundred steps, far below the entropy of any text, and what the model writes is
//! one token again and again.
//!
//! Cure  Inputs `text[i..i + T]`, targets `text[i + 1..i + T + 1]`. Some libraries shift within the loss: then not
//!       twice.

use super::{Entry, Fault, suits};
use crate::{Prepared, Targets};
use rushlight_data::IGNORE;
use rushlight_engine::Ids;
use rushlight_models::Input;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "targets-not-shifted",
    about: "targets that are the inputs themselves",
    source: include_str!("targets_not_shifted.rs"),
    component: Component::Data,
    suits: suits::answers_every_token,
    build: |_| Arc::new(TargetsNotShifted),
};

struct TargetsNotShifted;

impl Fault for TargetsNotShifted {
    fn batch(&self, batch: Prepared) -> Prepared {
        let (Input::Ids(ids) | Input::Pair(_, ids), Targets::Classes(targets)) = (&batch.input, &batch.targets) else {
            return batch;
        };
        let seen = |(&target, &id): (&u32, &u32)| if target == IGNORE { IGNORE } else { id };
        let same: Vec<u32> = targets.data().iter().zip(ids.data()).map(seen).collect();
        let targets = Targets::Classes(Ids::new(targets.shape(), same));
        Prepared { targets, ..batch }
    }
}
