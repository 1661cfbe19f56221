//! Sums and means.
//!
//!     y = Σ x        dx = dy, repeated along what was summed
//!     y = Σ x / n    dx = dy / n, repeated

use crate::buffer::Buffer;
use crate::graph::{Differentiable, Target};
use crate::kernels::reduce;
use crate::{Shape, Tensor};

impl Tensor {
    /// The sum of all elements, a scalar.
    pub fn sum(&self) -> Self {
        let x = Target::from(self);
        let total = reduce::sum(self.data()) as f32;
        Self::result(Shape::new(&[]), Buffer::filled(1, total), &[self], move |dy, grads| {
            grads.add(&x, Self::full(x.shape(), dy.item()))
        })
    }

    /// The sum of the squares of all elements, without a place in the record; in f64, as a square can be beyond f32.
    pub fn sum_of_squares(&self) -> f64 {
        reduce::sum_of_squares(self.data())
    }

    /// The mean of all elements, a scalar.
    pub fn mean(&self) -> Self {
        self.sum().scale(1.0 / self.count() as f32)
    }

    /// The sum along one axis, which stays with length 1.
    ///
    /// # Panics
    /// When there is no such axis.
    #[track_caller]
    pub fn sum_along(&self, axis: usize) -> Self {
        assert!(axis < self.shape().len(), "sum_along: {:?} has no axis {axis}", self.shape());
        let x = Target::from(self);
        let sum = self.summed_along(axis, true);
        Self::result(*sum.shape(), sum.into_buffer(), &[self], move |dy, grads| {
            let repeated = &Self::zeros(x.shape()) + &dy;
            grads.add(&x, repeated);
        })
    }

    /// The mean along one axis, which stays with length 1.
    ///
    /// # Panics
    /// When there is no such axis.
    #[track_caller]
    pub fn mean_along(&self, axis: usize) -> Self {
        assert!(axis < self.shape().len(), "mean_along: {:?} has no axis {axis}", self.shape());
        let sum = self.sum_along(axis);
        sum.scale(1.0 / self.shape()[axis] as f32)
    }
}
