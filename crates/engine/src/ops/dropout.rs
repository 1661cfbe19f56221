//! Dropout: y = x ⊙ m / (1-p), where m is 0 with probability p; dx = dy ⊙ m / (1-p).
//!
//! Follows  Srivastava et al., Dropout, 2014 (scaled while training, so that evaluation changes nothing)

use crate::graph::Target;
use crate::kernels::dropout as kernel;
use crate::{Rng, Tensor};

/// `x` with each element zeroed with probability `rate`, the others scaled to keep the mean. `rng` names the mask.
///
/// # Panics
/// When `rate` is not in [0, 1).
#[track_caller]
pub fn dropout(x: &Tensor, rate: f32, rng: &Rng) -> Tensor {
    assert!((0.0..1.0).contains(&rate), "dropout: a rate of {rate}, it lies in [0, 1)");
    let mut y = x.detach();
    kernel::dropout(y.data_mut(), rate, rng);
    let (input, rng) = (Target::from(x), rng.clone());
    Tensor::result(*x.shape(), y.into_buffer(), &[x], move |mut dy, grads| {
        kernel::dropout(dy.data_mut(), rate, &rng);
        grads.add(&input, dy);
    })
}
