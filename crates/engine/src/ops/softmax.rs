//! Softmax over the last axis, its logarithm, and the logarithm of the sum below it.
//!
//!     y_i = e^x_i / Σ e^x_j         dx = y (dy - Σ dy y)
//!     z_i = x_i - ln Σ e^x_j        dx = dz - e^z Σ dz
//!     s = ln Σ e^x_j                dx = ds e^(x - s)

use crate::Tensor;
use crate::buffer::Buffer;
use crate::graph::{Node, Target};
use crate::kernels::{reduce, softmax};

impl Tensor {
    /// Probabilities over the last axis.
    pub fn softmax(&self) -> Self {
        let (x, width) = (Target::from(self), self.width());
        let mut y = self.detach();
        softmax::softmax(y.data_mut(), width);
        let kept = y.clone();
        let node = Node::result(&[self], move |dy, grads| {
            let Some(mut dy) = dy else { return };
            softmax::softmax_back(kept.data(), dy.data_mut(), width);
            grads.add(&x, dy);
        });
        y.with_node(node)
    }

    /// The logarithm of the sum of the exponentials over the last axis, which stays with length 1; finite also where an exponential would overflow.
    pub fn log_sum_exp(&self) -> Self {
        let (x, width) = (self.clone(), self.width());
        let mut sums = Buffer::scratch(self.shape().rows());
        softmax::log_sum_exps(self.data(), width, &mut sums);
        Self::result(self.shape().with_width(1), sums, &[self], move |ds, grads| {
            let mut dx = x.detach().softmax();
            for (dx, ds) in dx.data_mut().chunks_exact_mut(width.max(1)).zip(ds.data()) {
                dx.iter_mut().for_each(|dx| *dx *= ds);
            }
            grads.add(&x, dx);
        })
    }

    /// The logarithm of the probabilities over the last axis, exact where a probability is nearly zero.
    pub fn log_softmax(&self) -> Self {
        let (x, width) = (Target::from(self), self.width());
        let mut y = self.detach();
        softmax::log_softmax(y.data_mut(), width);
        let kept = y.clone();
        let node = Node::result(&[self], move |dy, grads| {
            let Some(mut dy) = dy else { return };
            let probabilities = kept.exp();
            for (dy, y) in
                dy.data_mut().chunks_exact_mut(width.max(1)).zip(probabilities.data().chunks_exact(width.max(1)))
            {
                let total = reduce::lanes_sum(dy, |x| x);
                dy.iter_mut().zip(y).for_each(|(dy, y)| *dy -= y * total);
            }
            grads.add(&x, dy);
        });
        y.with_node(node)
    }
}
