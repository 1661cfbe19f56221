//! Batch normalisation of features.
//!
//! Follows  Ioffe, Szegedy, Batch Normalization, 2015, algorithms 1 and 2
//!
//!     train     y = (x - mean_B) / √(var_B + ε) ⊙ gain + shift      running ← (1-m) running + m batch
//!     evaluate  y = (x - running mean) / √(running var + ε) ⊙ gain + shift
//!
//! The running variance takes the batch's with Bessel's correction, as PyTorch does.

use crate::init::Init;
use crate::{Builder, Constant, Context, Param};
use rushlight_engine::Tensor;

const EPSILON: f32 = 1e-5;
/// PyTorch's.
const MOMENTUM: f32 = 0.1;

/// Every feature to mean 0 and variance 1 over the batch, then gain and shift.
#[derive(Clone)]
pub struct BatchNorm1d {
    /// The gain `[D]`, called `weight`.
    pub gain: Param,
    /// The shift `[D]`, called `bias`.
    pub shift: Param,
    /// The running mean `[D]`.
    pub running_mean: Param,
    /// The running variance `[D]`.
    pub running_var: Param,
    /// m: how much of each batch goes into the running statistics.
    pub momentum: f32,
    /// ε.
    pub epsilon: Constant,
}

impl BatchNorm1d {
    /// Gain 1, shift 0; running mean 0 and variance 1.
    pub fn new(build: &mut Builder, name: &str, width: usize) -> Self {
        Self::with_momentum(build, name, width, MOMENTUM)
    }

    /// The same with another momentum: small batches want a small one, or the running statistics are those of the last few.
    pub fn with_momentum(build: &mut Builder, name: &str, width: usize, momentum: f32) -> Self {
        build.within(name, |build| Self {
            momentum,
            gain: build.weight("weight", &[width], &Init::Constant(1.0)),
            shift: build.weight("bias", &[width], &Init::Zeros),
            running_mean: build.statistic("running_mean", &[width], 0.0),
            running_var: build.statistic("running_var", &[width], 1.0),
            epsilon: build.constant("epsilon", EPSILON),
        })
    }

    /// `x` [N, D] to the same shape; in training it moves the running statistics.
    ///
    /// # Panics
    /// In training on a batch of one row, which has no variance.
    #[track_caller]
    pub fn apply(&self, cx: &Context, x: &Tensor) -> Tensor {
        let (mean, var) =
            if cx.is_training() { self.of_batch(x) } else { (self.running_mean.value(), self.running_var.value()) };
        let normal = (x - &mean) / &(&var + self.epsilon.value()).sqrt();
        &(&normal * &self.gain.value()) + &self.shift.value()
    }

    fn of_batch(&self, x: &Tensor) -> (Tensor, Tensor) {
        let count = x.shape()[0];
        assert!(count > 1, "batch norm needs at least two rows in a batch");
        let mean = x.mean_along(0);
        let var = (x - &mean).square().mean_along(0);
        let bessel = count as f32 / (count - 1) as f32;
        let follow = |running: &Param, batch: &Tensor, scale: f32| {
            running.update(|running| {
                running
                    .iter_mut()
                    .zip(batch.data())
                    .for_each(|(running, batch)| *running += self.momentum * (scale * batch - *running));
            });
        };
        follow(&self.running_mean, &mean, 1.0);
        follow(&self.running_var, &var, bessel);
        (mean, var)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_engine::Rng;
    use std::f32::consts::FRAC_1_SQRT_2;

    fn normed(cx: Context<'_>, rows: usize) -> Tensor {
        let norm = BatchNorm1d::new(&mut Builder::new(0), "norm", 3);
        norm.apply(&cx, &Tensor::full(&[rows, 3], 2.0))
    }

    #[test]
    fn two_rows_are_enough_to_train_on_and_one_to_evaluate() {
        assert_eq!(normed(Context::train(Rng::new(0)), 2).data(), [0.0; 6]);
        assert!(normed(Context::evaluate(), 1).data().iter().all(|y| (y - 2.0).abs() < 1e-4)); // mean 0, variance 1
    }

    #[test]
    fn an_epsilon_as_large_as_the_variance_takes_the_deviation_to_its_root() {
        let norm = BatchNorm1d::new(&mut Builder::new(0), "norm", 1);
        norm.epsilon.set(1.0);
        let x = Tensor::new(&[2, 1], [2.0, 4.0]); // mean 3, variance 1
        let y = norm.apply(&Context::train(Rng::new(0)), &x);
        assert!(
            y.data().iter().zip([-FRAC_1_SQRT_2, FRAC_1_SQRT_2]).all(|(y, right)| (y - right).abs() < 1e-6),
            "{y:?}"
        );
    }

    #[test]
    #[should_panic(expected = "batch norm needs at least two rows in a batch")]
    fn one_row_is_too_few_to_train_on() {
        normed(Context::train(Rng::new(0)), 1);
    }
}
