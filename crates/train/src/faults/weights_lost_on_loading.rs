//! # weights-lost-on-loading: a part of the model is not read back
//!
//! Weights are read by name, and names that do not match are passed over in silence (`strict=False`): the output of the
//! model, or what lies at `place`, stays what it was before, here zero.
//!
//!     loss after loading = ln V,  loss before saving = what was reached
//!
//! Training looks well to its end. The model that is read from its file answers as if it had never learned; a run that
//! goes on begins with a jump of the loss.
//!
//! Cure  Let a name that is missing be an error. Save, load, and compare the answers to the last bit.

use super::parts::{Place, output};
use super::{Entry, Fault, suits};
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "weights-lost-on-loading",
    about: "the output is zero after loading",
    source: include_str!("weights_lost_on_loading.rs"),
    component: Component::Evaluation,
    suits: suits::learns,
    build: |config| Arc::new(WeightsLostOnLoading { place: Place::of(config) }),
};

struct WeightsLostOnLoading {
    place: Place,
}

impl Fault for WeightsLostOnLoading {
    fn loaded(&self, params: &Params) {
        let output = output(params);
        let is_lost = |name: &str| match self.place.is_everywhere() {
            true => output.iter().any(|of_output| of_output == name),
            false => self.place.holds(name),
        };
        let lost = params.iter().filter(|param| is_lost(param.name()));
        lost.for_each(|param| param.update(|numbers| numbers.fill(0.0)));
    }
}
