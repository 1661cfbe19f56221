//! The linear layer: y = x Wᵀ + b, with W [out, in] and b [out].

use crate::init::Init;
use crate::{Builder, Param};
use rushlight_engine::{Tensor, linear};

/// A linear map of the last axis, with or without a bias.
#[derive(Clone)]
pub struct Linear {
    /// [out, in].
    pub weight: Param,
    /// `[out]`.
    pub bias: Option<Param>,
}

impl Linear {
    /// Weight and bias both uniform within ±1/√in, as PyTorch starts them.
    pub fn new(build: &mut Builder, name: &str, inputs: usize, outputs: usize) -> Self {
        let init = Init::fan_in_uniform(inputs);
        Self::with_init(build, name, [inputs, outputs], &init, Some(&init))
    }

    /// The same without a bias.
    pub fn without_bias(build: &mut Builder, name: &str, inputs: usize, outputs: usize) -> Self {
        Self::with_init(build, name, [inputs, outputs], &Init::fan_in_uniform(inputs), None)
    }

    /// A chosen start; no bias where none is given for it.
    pub fn with_init(
        build: &mut Builder,
        name: &str,
        [inputs, outputs]: [usize; 2],
        weight: &Init,
        bias: Option<&Init>,
    ) -> Self {
        build.within(name, |build| Self {
            weight: build.weight("weight", &[outputs, inputs], weight),
            bias: bias.map(|init| build.weight("bias", &[outputs], init)),
        })
    }

    /// `x` [.., in] to [.., out].
    #[track_caller]
    pub fn apply(&self, x: &Tensor) -> Tensor {
        let bias = self.bias.as_ref().map(Param::value);
        linear(x, &self.weight.value(), bias.as_ref())
    }
}
