//! # dropout-on-scores: weights of attention are dropped, in evaluation too
//!
//! A `share` of the weights of attention, 0.3 where nothing is said, is dropped in every pass: the function form of
//! dropout, which does not know whether the model trains, was called without saying so.
//!
//!     two evaluations of one batch differ
//!
//! The validation loss is a little worse and trembles, generation by argmax says something else each time, and weights
//! do not sum to 1.
//!
//! Cure  Tell dropout the mode (`F.dropout(x, p, training=self.training)`), or use the layer, which knows it.

use super::chance::Chance;
use super::parts::{Place, share};
use super::{Entry, Fault, suits};
use rushlight_engine::{Tensor, dropout};
use rushlight_nn::Mode;
use rushlight_nn::layers::Asked;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "dropout-on-scores",
    about: "dropout on the weights, in every mode",
    source: include_str!("dropout_on_scores.rs"),
    component: Component::Attention,
    suits: suits::attends,
    build: |config| {
        Arc::new(DropoutOnScores { share: share(config, 0.3), chance: Chance::default(), place: Place::of(config) })
    },
};

struct DropoutOnScores {
    share: f32,
    chance: Chance,
    place: Place,
}

impl Fault for DropoutOnScores {
    fn attend(&self, mode: Mode, site: &str, asked: &Asked) -> Option<Tensor> {
        let sees = |row: usize, query: usize, key: usize| asked.sees(row, query, key);
        let dropped = |weights: Tensor| dropout(&weights, self.share, &self.chance.on(&weights, mode));
        self.place.holds(site).then(|| asked.answer(asked.scale(), sees, dropped))
    }

    fn attends(&self) -> bool {
        true
    }
}
