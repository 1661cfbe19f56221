//! # layer-not-moved: the optimizer holds the wrong parameters
//!
//! The optimizer was given the parameters of the last map alone: all others have gradients and stay where chance put
//! them. With a `place`, what lies there is left out, and all else moves.
//!
//!     θ after = θ before      to the last bit, though ‖dθ‖ > 0
//!
//! The loss falls: a map on top of random features learns something. It stops far above that of a healthy training, and
//! no rate helps.
//!
//! Cure  Hand over all parameters of the model, and count them. Look for weights that have a gradient and do not move.

use super::parts::{Place, output};
use super::{Entry, Fault, suits};
use rushlight_engine::Grads;
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::sync::{Arc, OnceLock};

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "layer-not-moved",
    about: "only the output moves",
    source: include_str!("layer_not_moved.rs"),
    component: Component::Optimizer,
    suits: suits::has_hidden,
    build: |config| Arc::new(LayerNotMoved { output: OnceLock::new(), place: Place::of(config) }),
};

struct LayerNotMoved {
    /// The parameters of the output, known from the first step on.
    output: OnceLock<Vec<String>>,
    place: Place,
}

impl Fault for LayerNotMoved {
    fn gradients(&self, params: &Params, _: &mut Grads) {
        self.output.get_or_init(|| output(params));
    }

    fn moves(&self, parameter: &str) -> bool {
        match self.output.get() {
            Some(output) if self.place.is_everywhere() => output.iter().any(|name| name == parameter),
            _ => !self.place.holds(parameter),
        }
    }
}
