//! Start values of weights. Matrices are [out, in], as in PyTorch. Knows no layer: a layer says which start it wants.
//!
//!     Xavier   std = gain √(2 / (in + out))    Glorot and Bengio, Understanding the Difficulty of Training Deep
//!                                              Feedforward Neural Networks, 2010, equation (16)
//!     Kaiming  std = gain / √fan               He et al., Delving Deep into Rectifiers, 2015, equations (10) and (14)
//!
//! A uniform start reaches √3 std to both sides, and so has the same standard deviation as the normal one.

mod orthogonal;

use rushlight_engine::{Rng, Tensor};
use serde::{Deserialize, Serialize};

/// How the numbers of a weight are drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Init {
    /// All 0.
    Zeros,
    /// All the same.
    Constant(f32),
    /// Each number equally likely between `low` and `high`.
    Uniform {
        /// The least number.
        low: f32,
        /// The number below which all are.
        high: f32,
    },
    /// The normal distribution around 0.
    Normal {
        /// Its standard deviation.
        std: f32,
    },
    /// Keeps the variance both of what goes forward and of what comes back, as well as one number can.
    Xavier {
        /// What the nonlinearity takes away, see [`gain`].
        #[serde(default = "one")]
        gain: f32,
        /// The form of the distribution.
        #[serde(default)]
        spread: Spread,
    },
    /// Keeps the variance of what goes forward (fan in) or of what comes back (fan out).
    Kaiming {
        /// Which of the two.
        #[serde(default)]
        fan: Fan,
        /// What the nonlinearity takes away, see [`gain`].
        #[serde(default = "one")]
        gain: f32,
        /// The form of the distribution.
        #[serde(default)]
        spread: Spread,
    },
    /// Orthonormal rows, or columns where there are more rows than columns; see `orthogonal.rs`.
    Orthogonal {
        /// A factor for the whole matrix.
        #[serde(default = "one")]
        gain: f32,
    },
    /// Another start, times a factor: an output layer that is unsure at first.
    Scaled {
        /// The other start.
        init: Box<Self>,
        /// The factor.
        factor: f32,
    },
}

/// Where all weights of a model start, tables and biases too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// Each where PyTorch starts a layer of its kind.
    #[default]
    Torch,
    /// Each equally likely between this below 0 and this above.
    Uniform(f32),
}

/// The side of a weight whose width counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fan {
    /// How many numbers each output is made of.
    #[default]
    In,
    /// How many outputs each input goes to.
    Out,
}

/// The form of a distribution whose standard deviation is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// The bell curve.
    #[default]
    Normal,
    /// Equally likely between -√3 std and √3 std.
    Uniform,
}

fn one() -> f32 {
    1.0
}

/// The factor that makes up for what a nonlinearity takes off the standard deviation, as PyTorch has it; none for a
/// function that PyTorch has no factor for (GELU and SiLU among them).
pub fn gain(activation: &str) -> Option<f32> {
    match activation {
        "linear" | "sigmoid" => Some(1.0),
        "tanh" => Some(5.0 / 3.0),
        "relu" => Some(std::f32::consts::SQRT_2),
        _ => None,
    }
}

impl Init {
    /// Uniform within ±1/√in: where PyTorch starts the weight and the bias of a linear layer with `inputs` inputs.
    ///
    /// # Panics
    /// When there are no inputs.
    #[track_caller]
    pub fn fan_in_uniform(inputs: usize) -> Self {
        assert!(inputs > 0, "fan_in_uniform: a layer without inputs");
        let bound = (1.0 / (inputs as f64).sqrt()) as f32;
        Self::Uniform { low: -bound, high: bound }
    }

    /// This start, times `factor`.
    #[must_use]
    pub fn scaled(self, factor: f32) -> Self {
        Self::Scaled { init: Box::new(self), factor }
    }

    /// The numbers of a tensor of this shape, drawn from `rng`.
    ///
    /// # Panics
    /// When the start asks for the width of a weight (Xavier, Kaiming, orthogonal) and `shape` is no matrix.
    #[track_caller]
    pub fn tensor(&self, shape: &[usize], rng: &mut Rng) -> Tensor {
        match *self {
            Self::Zeros => Tensor::zeros(shape),
            Self::Constant(value) => Tensor::full(shape, value),
            Self::Uniform { low, high } => Tensor::uniform(shape, low, high, rng),
            Self::Normal { std } => Spread::Normal.tensor(shape, std, rng),
            Self::Xavier { gain, spread } => {
                let both = fan(shape, Fan::In) + fan(shape, Fan::Out);
                spread.tensor(shape, gain * (2.0 / both as f32).sqrt(), rng)
            }
            Self::Kaiming { fan: side, gain, spread } => {
                spread.tensor(shape, gain / (fan(shape, side) as f32).sqrt(), rng)
            }
            Self::Orthogonal { gain } => orthogonal::tensor(shape, gain, rng),
            Self::Scaled { ref init, factor } => {
                let mut drawn = init.tensor(shape, rng);
                drawn.data_mut().iter_mut().for_each(|x| *x *= factor);
                drawn
            }
        }
    }
}

impl Start {
    /// How to draw a weight whose layer would start as PyTorch's does by `torch`.
    #[must_use]
    pub fn or(self, torch: Init) -> Init {
        match self {
            Self::Torch => torch,
            Self::Uniform(bound) => Init::Uniform { low: -bound, high: bound },
        }
    }
}

impl Spread {
    fn tensor(self, shape: &[usize], std: f32, rng: &mut Rng) -> Tensor {
        match self {
            Self::Normal => {
                let mut drawn = Tensor::normal(shape, rng);
                drawn.data_mut().iter_mut().for_each(|x| *x *= std);
                drawn
            }
            Self::Uniform => {
                let bound = 3f32.sqrt() * std;
                Tensor::uniform(shape, -bound, bound, rng)
            }
        }
    }
}

/// The width of one side of a weight [out, in, ..]; what lies behind `in` belongs to both sides.
#[track_caller]
fn fan(shape: &[usize], side: Fan) -> usize {
    assert!(shape.len() >= 2, "init: {shape:?} has no inputs and outputs");
    let behind: usize = shape[2..].iter().product();
    behind * if side == Fan::In { shape[1] } else { shape[0] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scaled_start_is_the_same_start_times_the_factor() {
        let plain = Init::fan_in_uniform(9).tensor(&[4, 9], &mut Rng::new(1));
        let scaled = Init::fan_in_uniform(9).scaled(0.5).tensor(&[4, 9], &mut Rng::new(1));
        assert!(plain.data().iter().zip(scaled.data()).all(|(x, y)| x * 0.5 == *y && x.abs() <= 1.0 / 3.0));
    }

    #[test]
    fn the_width_of_a_stack_of_matrices_counts_what_lies_behind() {
        assert_eq!((fan(&[2, 3, 5], Fan::In), fan(&[2, 3, 5], Fan::Out)), (15, 10)); // 3 x 5 and 2 x 5
    }

    #[test]
    fn a_recipe_may_leave_out_what_is_usual() {
        let read = |text: &str| serde_json::from_str::<Init>(text).unwrap();
        assert_eq!(read(r#""zeros""#), Init::Zeros);
        assert_eq!(
            read(r#"{"kaiming": {"spread": "uniform"}}"#),
            Init::Kaiming { fan: Fan::In, gain: 1.0, spread: Spread::Uniform }
        );
        assert_eq!(
            read(r#"{"scaled": {"init": {"orthogonal": {}}, "factor": 0.1}}"#),
            Init::Orthogonal { gain: 1.0 }.scaled(0.1)
        );
        let wrong = serde_json::from_str::<Init>(r#"{"normal": {"sdt": 1.0}}"#).unwrap_err().to_string();
        assert!(wrong.contains("unknown field `sdt`, expected `std`"), "{wrong}");
    }

    #[test]
    #[should_panic(expected = "init: [7] has no inputs and outputs")]
    fn a_vector_has_no_fan() {
        Init::Xavier { gain: 1.0, spread: Spread::Normal }.tensor(&[7], &mut Rng::new(0));
    }
}
