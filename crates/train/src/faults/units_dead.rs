//! # units-dead: hidden units that never fire
//!
//! The biases of hidden layers start at -100: whatever comes in, ReLU gives 0, and its slope there is 0 too. No
//! gradient comes back to wake a unit, neither to its bias nor to its weights. In real trainings one large step does
//! this.
//!
//!     a = max(0, W x - 100) = 0,  da/dW = 0
//!
//! The layers pass nothing on. What is left learns alone: the output's bias, or the ways around the layers.
//!
//! Cure  Lower the learning rate, clip the gradient, start biases at 0; a leaky slope below zero lets units come back.

use super::parts::{Place, output};
use super::{Entry, Fault, suits};
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "units-dead",
    about: "ReLU units far below zero at the start",
    source: include_str!("units_dead.rs"),
    component: Component::FeedForward,
    suits: |recipe| suits::has_hidden_units(recipe) && suits::says(recipe, "activation", "relu"),
    build: |config| Arc::new(UnitsDead { place: Place::of(config) }),
};

struct UnitsDead {
    place: Place,
}

impl Fault for UnitsDead {
    fn start(&self, params: &Params) {
        /// Further below zero than any drive rises.
        const FAR_BELOW: f32 = -100.0;
        let output = output(params);
        let is_hidden = |name: &str| {
            let before_relu =
                name.ends_with("up.bias") || ["hidden.", "layers.", "norms."].iter().any(|l| name.starts_with(l));
            name.ends_with(".bias") && before_relu && !output.iter().any(|of_output| of_output == name)
        };
        let hidden = params.iter().filter(|param| is_hidden(param.name()) && self.place.holds(param.name()));
        hidden.for_each(|bias| bias.update(|numbers| numbers.fill(FAR_BELOW)));
    }
}
