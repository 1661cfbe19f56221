//! Layer normalisation over the last axis.
//!
//! Follows  Ba, Kiros, Hinton, Layer Normalization, 2016
//!
//!     y = (x - mean) / √(var + ε) ⊙ gain + shift        var without Bessel's correction
//!
//! Plain twin: in the tests, from `mean_along`, `square` and `sqrt`.

use crate::Tensor;
use crate::buffer::Buffer;
use crate::kernels::norm;

/// Every row of `x` [.., D] to mean 0 and variance 1, then times `gain` (D numbers) plus `shift` (D numbers).
///
/// # Panics
/// When the widths differ.
#[track_caller]
pub fn layer_norm(x: &Tensor, gain: &Tensor, shift: &Tensor, epsilon: f32) -> Tensor {
    let width = x.width();
    assert!(
        gain.shape()[..] == [width] && shift.shape()[..] == [width],
        "layer_norm: {:?}, gain {:?}, shift {:?}",
        x.shape(),
        gain.shape(),
        shift.shape()
    );
    let forward = move |x: &Tensor, gain: &Tensor, shift: &Tensor| {
        let mut y = Buffer::scratch(x.count());
        let mut stats = vec![[0.0; 2]; x.shape().rows()];
        norm::layer_norm(x.data(), gain.data(), shift.data(), epsilon, &mut y, &mut stats);
        (y, stats)
    };
    let (y, stats) = forward(x, gain, shift);
    let kept = (x.clone(), gain.clone(), shift.clone());
    let again = (x.detach(), gain.detach(), shift.detach());
    Tensor::result(*x.shape(), y, &[x, gain, shift], move |mut dy, grads| {
        let (x, gain, shift) = kept;
        let (mut dgain, mut dshift) = (Buffer::zeros(width), Buffer::zeros(width));
        norm::layer_norm_back(x.data(), gain.data(), &stats, dy.data_mut(), &mut dgain, &mut dshift);
        grads.add(&gain, Tensor::from_buffer(*gain.shape(), dgain));
        grads.add(&shift, Tensor::from_buffer(*shift.shape(), dshift));
        grads.add(&x, dy);
    })
    .remade_by(move || forward(&again.0, &again.1, &again.2).0)
}
