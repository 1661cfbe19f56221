//! Layer normalisation with its gain and shift (Ba, Kiros, Hinton 2016).

use crate::init::Init;
use crate::{Builder, Constant, Param};
use rushlight_engine::{Tensor, layer_norm};

const EPSILON: f32 = 1e-5;

/// Every row to mean 0 and variance 1, then gain and shift.
#[derive(Clone)]
pub struct LayerNorm {
    /// The gain `[D]`, called `weight`.
    pub gain: Param,
    /// The shift `[D]`, called `bias`.
    pub shift: Param,
    /// ε.
    pub epsilon: Constant,
}

impl LayerNorm {
    /// Gain 1, shift 0.
    pub fn new(build: &mut Builder, name: &str, width: usize) -> Self {
        build.within(name, |build| Self {
            gain: build.weight("weight", &[width], &Init::Constant(1.0)),
            shift: build.weight("bias", &[width], &Init::Zeros),
            epsilon: build.constant("epsilon", EPSILON),
        })
    }

    /// `x` [.., D] to the same shape.
    #[track_caller]
    pub fn apply(&self, x: &Tensor) -> Tensor {
        layer_norm(x, &self.gain.value(), &self.shift.value(), self.epsilon.value())
    }
}
