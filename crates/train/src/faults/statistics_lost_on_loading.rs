//! # statistics-lost-on-loading: batch norm forgets what it has seen
//!
//! Only what the optimizer moves was saved. The running means and variances of batch norm, which no gradient changes,
//! are those of a fresh layer after loading: 0 and 1.
//!
//!     y = (x - 0)/√(1 + ε) ⊙ gain + shift
//!
//! Training looks well to its end. The model that is read from its file answers much worse, and recovers within some
//! hundred steps if it is trained on.
//!
//! Cure  Save buffers with parameters (the whole `state_dict`). Save, load, and compare the answers to the last bit.

use super::parts::Place;
use super::{Entry, Fault, suits};
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "statistics-lost-on-loading",
    about: "running statistics at 0 and 1 after loading",
    source: include_str!("statistics_lost_on_loading.rs"),
    component: Component::Evaluation,
    suits: |recipe| suits::has(recipe, "batch_norm"),
    build: |config| Arc::new(StatisticsLostOnLoading { place: Place::of(config) }),
};

struct StatisticsLostOnLoading {
    place: Place,
}

impl Fault for StatisticsLostOnLoading {
    fn loaded(&self, params: &Params) {
        let fresh = |name: &str| match () {
            () if name.ends_with("running_mean") => Some(0.0),
            () if name.ends_with("running_var") => Some(1.0),
            () => None,
        };
        for param in params.iter().filter(|param| self.place.holds(param.name())) {
            if let Some(value) = fresh(param.name()) {
                param.update(|numbers| numbers.fill(value));
            }
        }
    }
}
