//! # forget-gate-shut: an LSTM that keeps nothing
//!
//! The bias of the forget gates is -10 and gets no gradient: the wrong quarter of the bias was set, or its sign is. The
//! cell is thrown away at every step:
//!
//!     f = σ(W x + U h - 10) ≈ 0.00005,  c = f ⊙ c + i ⊙ g ≈ i ⊙ g
//!
//! What is left of the past goes through h alone, and the LSTM is no better than a plain net; what lies more than a few
//! steps back is lost. Its weights could open the gates again, and have far to go.
//!
//! Cure  Start the forget bias at 0 or 1, in the quarter that this library calls f: the order of the gates differs.

use super::parts::Place;
use super::{Entry, Fault, suits};
use rushlight_engine::Grads;
use rushlight_nn::{Param, Params};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "forget-gate-shut",
    about: "forget gates with a bias of -10 that does not move",
    source: include_str!("forget_gate_shut.rs"),
    component: Component::Recurrence,
    suits: |recipe| suits::is(recipe, &["lstm", "seq2seq"]),
    build: |config| Arc::new(ForgetGateShut { place: Place::of(config) }),
};

struct ForgetGateShut {
    place: Place,
}

impl Fault for ForgetGateShut {
    fn start(&self, params: &Params) {
        /// σ of it is 0.00005.
        const SHUT: f32 = -10.0;
        for bias in self.biases(params) {
            // There are two biases a gate, and their sum counts.
            let value = if bias.name().ends_with("input.bias") { SHUT } else { 0.0 };
            bias.update(|numbers| forget(numbers).fill(value));
        }
    }

    fn gradients(&self, params: &Params, grads: &mut Grads) {
        for bias in self.biases(params) {
            if let Some(gradient) = bias.gradient_mut(grads) {
                forget(gradient.data_mut()).fill(0.0);
            }
        }
    }
}

impl ForgetGateShut {
    fn biases<'p>(&self, params: &'p Params) -> impl Iterator<Item = &'p Param> {
        let is_bias = |name: &str| name.ends_with("input.bias") || name.ends_with("state.bias");
        params.iter().filter(move |param| is_bias(param.name()) && self.place.holds(param.name()))
    }
}

/// The second of the four gates i, f, g, o.
fn forget(gates: &mut [f32]) -> &mut [f32] {
    let hidden = gates.len() / 4;
    &mut gates[hidden..2 * hidden]
}
