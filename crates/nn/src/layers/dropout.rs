//! Dropout in training, nothing in evaluation (Srivastava et al. 2014).

use crate::Context;
use rushlight_engine::Tensor;

/// `x` with a share `rate` of its elements zeroed while training, and the rest scaled to keep the mean.
pub fn dropout(cx: &mut Context, x: Tensor, rate: f32) -> Tensor {
    if rate == 0.0 || !cx.is_training() {
        return x;
    }
    let mask = cx.rng.next_stream();
    rushlight_engine::dropout(&x, rate, &mask)
}
