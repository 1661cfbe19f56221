//! The parameters of a recurrent cell: what the input and what the state contribute to its gates. The equations that
//! make a state of them stand in the model's file.

use super::Linear;
use crate::Builder;
use crate::init::{Init, Start};
use rushlight_engine::{Tensor, linear};

/// Two linear maps into `gates` rows of H each, one from the input [.., D] and one from the state [B, H], each with its
/// own bias, as PyTorch and cuDNN keep them.
#[derive(Clone)]
pub struct RecurrentCell {
    /// From the input: weight [gates H, D], bias [gates H].
    pub input: Linear,
    /// From the state: weight [gates H, H], bias [gates H].
    pub state: Linear,
    /// H.
    pub hidden: usize,
}

impl RecurrentCell {
    /// All four uniform within ±1/√H, as PyTorch starts them, or as `start` says.
    pub fn new(
        build: &mut Builder,
        name: impl std::fmt::Display,
        gates: usize,
        [inputs, hidden]: [usize; 2],
        start: Start,
    ) -> Self {
        let init = start.or(Init::fan_in_uniform(hidden));
        let rows = gates * hidden;
        build.within(name, |build| Self {
            input: Linear::with_init(build, "input", [inputs, rows], &init, Some(&init)),
            state: Linear::with_init(build, "state", [hidden, rows], &init, Some(&init)),
            hidden,
        })
    }

    /// What the input contributes at all times, with both biases: `x` [B, T, D] to [B, T, gates H]. The sweep through
    /// time only adds what the state contributes.
    pub fn drive(&self, x: &Tensor) -> Tensor {
        let bias = match (&self.input.bias, &self.state.bias) {
            (Some(input), Some(state)) => Some(&input.value() + &state.value()),
            (one, other) => one.as_ref().or(other.as_ref()).map(crate::Param::value),
        };
        linear(x, &self.input.weight.value(), bias.as_ref())
    }

    /// Both contributions at one time, with both biases: [B, gates H].
    pub fn gates(&self, x: &Tensor, h: &Tensor) -> Tensor {
        &self.input.apply(x) + &self.state.apply(h)
    }
}

/// The last time of `h` [B, T, H]: [B, H].
pub fn last_time(h: &Tensor) -> Tensor {
    let (rows, times, width) = (h.shape()[0], h.shape()[1], h.width());
    h.narrow(1, times - 1, 1).reshape(&[rows, width])
}
