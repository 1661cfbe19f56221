//! Cross-entropy from raw outputs (logits), in one pass; the gradient is made on the way and kept instead of the logits.
//!
//!     loss_n = (1-ε) w[y_n] (lse_n - x[n, y_n]) + ε/V Σ_j w[j] (lse_n - x[n, j])        lse_n = ln Σ_j e^x[n, j]
//!     mean = Σ loss_n / Σ w[y_n]        over the rows that count
//!
//! Follows  Szegedy et al., Rethinking the Inception Architecture, 2016, section 7 (label smoothing ε)

use crate::buffer::Buffer;
use crate::graph::Target;
use crate::kernels::map;
use crate::kernels::softmax::{self, IGNORED, Weighing};
use crate::{Ids, Shape, Tensor};

/// How the losses of single rows become the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// The mean over rows that count, by their class weights.
    Mean,
    /// The sum.
    Sum,
    /// The loss of every row, 0 where it does not count; the result has the shape of the targets.
    None,
}

/// The settings of [`cross_entropy`].
#[derive(Clone, Debug)]
pub struct CrossEntropy {
    /// ε: the share of the target spread evenly over all classes.
    pub smoothing: f32,
    /// A weight for each class.
    pub class_weights: Option<Tensor>,
    /// How rows become a result.
    pub reduction: Reduction,
}

impl Default for CrossEntropy {
    fn default() -> Self {
        Self { smoothing: 0.0, class_weights: None, reduction: Reduction::Mean }
    }
}

impl CrossEntropy {
    /// A target that does not count: padding, or a place that is not asked about.
    pub const IGNORED: u32 = IGNORED;
}

/// The cross-entropy in nats of `logits` [.., V] against the classes `targets` [..].
///
/// # Panics
/// When the shapes differ, a target is no class, or all targets are ignored under [`Reduction::Mean`].
#[track_caller]
pub fn cross_entropy(logits: &Tensor, targets: &Ids, how: &CrossEntropy) -> Tensor {
    let (rows, width) = (logits.shape().rows(), logits.width());
    assert_eq!(rows, targets.data().len(), "cross_entropy: logits {:?}, targets {:?}", logits.shape(), targets.shape());
    for &target in targets.data() {
        assert!((target as usize) < width || target == IGNORED, "cross_entropy: target {target} of {width} classes");
    }
    let weights = how.class_weights.as_ref().map(Tensor::data);
    assert!(
        weights.is_none_or(|weights| weights.len() == width),
        "cross_entropy: a weight for each of {width} classes"
    );

    let mut gradient = logits.detach().into_buffer();
    let mut losses = Buffer::scratch(rows);
    softmax::cross_entropy(
        &mut gradient,
        width,
        targets.data(),
        Weighing { smoothing: how.smoothing, class_weights: weights },
        &mut losses,
    );
    let gradient = Tensor::from_buffer(*logits.shape(), gradient);

    let x = Target::from(logits);
    if how.reduction == Reduction::None {
        return Tensor::result(*targets.shape(), losses, &[logits], move |dy, grads| {
            let mut dx = gradient;
            for (row, scale) in dx.data_mut().chunks_exact_mut(width).zip(dy.data()) {
                row.iter_mut().for_each(|dx| *dx *= scale);
            }
            grads.add(&x, dx);
        });
    }
    let total: f64 = losses.iter().map(|&loss| f64::from(loss)).sum();
    let weight_of = |&target: &u32| weights.map_or(1.0, |weights| f64::from(weights[target as usize]));
    let divisor = match how.reduction {
        Reduction::Mean => targets.data().iter().filter(|&&target| target != IGNORED).map(weight_of).sum(),
        _ => 1.0,
    };
    assert!(divisor > 0.0, "cross_entropy: no target counts, so there is no mean");
    Tensor::result(Shape::new(&[]), Buffer::filled(1, (total / divisor) as f32), &[logits], move |dy, grads| {
        let scale = (f64::from(dy.item()) / divisor) as f32;
        let shape = *gradient.shape();
        let mut dx = gradient.into_buffer();
        map::scale_into(&mut dx, scale);
        grads.add(&x, Tensor::from_buffer(shape, dx));
    })
}
