//! What a convolution over time is made of: each place beside its neighbours, and the largest of each feature over the places.
//!
//!     y_t = [x_(t-l), .., x_t, .., x_(t+r)], zeros outside    dx_s = Σ_k the part of dy_(s+l-k) at k
//!     m = max_t x_t                                           dx_t = dm where x_t is the first that is largest, else 0

use crate::buffer::Buffer;
use crate::graph::Target;
use crate::kernels::time as kernel;
use crate::{Shape, Tensor};

/// Every place of `x` [B, T, D] with its neighbours, `width` places in all: [B, T, width D]. Of an even `width` one more comes
/// behind than before; outside of a row all is zero.
///
/// # Panics
/// When `x` has other axes, or `width` is zero.
#[track_caller]
pub fn windows(x: &Tensor, width: usize) -> Tensor {
    let &[rows, times, features] = &**x.shape() else { panic!("windows: {:?} is not [B, T, D]", x.shape()) };
    assert!(width > 0, "windows: of no places");
    let mut y = Buffer::scratch(rows * times * width * features);
    kernel::windows(x.data(), [times, features], width, &mut y);
    let kept = Target::from(x);
    Tensor::result(Shape::new(&[rows, times, width * features]), y, &[x], move |dy, grads| {
        grads.accumulate(&kept, |dx, add| {
            if !add {
                dx.fill(0.0);
            }
            kernel::windows_back(dy.data(), [times, features], width, dx);
        });
    })
}

/// The largest of each feature over the first `lengths[b]` places of each row of `x` [B, T, D]: [B, D].
///
/// # Panics
/// When `x` has other axes, or a row has no place or fewer than its length says.
#[track_caller]
pub fn max_over_time(x: &Tensor, lengths: &[usize]) -> Tensor {
    let &[rows, times, features] = &**x.shape() else { panic!("max_over_time: {:?} is not [B, T, D]", x.shape()) };
    assert!(
        lengths.len() == rows && lengths.iter().all(|length| (1..=times).contains(length)),
        "max_over_time: lengths {lengths:?} of {:?}",
        x.shape()
    );
    let mut y = Buffer::scratch(rows * features);
    let places = kernel::max_over_time(x.data(), [times, features], lengths, &mut y);
    let kept = Target::from(x);
    Tensor::result(Shape::new(&[rows, features]), y, &[x], move |dy, grads| {
        grads.accumulate(&kept, |dx, add| {
            if !add {
                dx.fill(0.0);
            }
            dy.data().iter().zip(&places).for_each(|(dy, &place)| dx[place as usize] += dy);
        });
    })
}
