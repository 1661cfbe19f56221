//! # state-forgotten: a recurrent net that does not read its own state
//!
//! The map from the state into the gates is zero and is not trained: the state is not handed on, or reset at every
//! step. What was read before does not reach the gates.
//!
//!     h_t = φ(W x_t + b)      right: φ(W x_t + U h_{t-1} + b)
//!
//! A plain net answers from the last token alone and stops at the loss of a bigram; what an LSTM or GRU still carries,
//! its gates cannot choose by what it holds. A task that asks for something earlier is not learned.
//!
//! Cure  Change the first token of a row and see that the last answer moves. Look at the gradient of U.

use super::parts::Place;
use super::{Entry, Fault, suits};
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "state-forgotten",
    about: "the weights from the state are zero, and never moved",
    source: include_str!("state_forgotten.rs"),
    component: Component::Recurrence,
    suits: suits::is_recurrent,
    build: |config| Arc::new(StateForgotten { place: Place::of(config) }),
};

struct StateForgotten {
    place: Place,
}

impl Fault for StateForgotten {
    fn start(&self, params: &Params) {
        let maps = params.iter().filter(|param| !self.moves(param.name()));
        maps.for_each(|map| map.update(|numbers| numbers.fill(0.0)));
    }

    fn moves(&self, parameter: &str) -> bool {
        !(parameter.ends_with("state.weight") && self.place.holds(parameter))
    }
}
