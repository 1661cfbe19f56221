//! Sum, difference, product and quotient of two tensors, each stretched to the other's shape where an axis is 1.
//!
//!     y = a + b    da = dy              db = dy
//!     y = a - b    da = dy              db = -dy
//!     y = a b      da = dy b            db = dy a
//!     y = a / b    da = dy / b          db = -dy a / b²
//!
//! Where an input was stretched, its gradient is summed over what it was stretched along.

use crate::buffer::Buffer;
use crate::graph::{Differentiable, Node, Target};
use crate::kernels::map::{self, Arithmetic};
use crate::kernels::reduce;
use crate::{Grads, Shape, Tensor};
use std::ops::{Add, Div, Mul, Neg, Sub};

#[track_caller]
fn apply(a: &Tensor, b: &Tensor, op: Arithmetic) -> Tensor {
    let Some(shape) = a.shape().broadcast(b.shape()) else {
        panic!("{op:?}: {:?} and {:?} do not broadcast", a.shape(), b.shape());
    };
    let (wide_a, wide_b) = (a.stretched(&shape), b.stretched(&shape));
    let mut y = Buffer::scratch(shape.count());
    map::binary(op, wide_a.data(), wide_b.data(), &mut y);
    let (left, right) = (Target::from(a), Target::from(b));
    let kept = matches!(op, Arithmetic::Multiply | Arithmetic::Divide).then_some((wide_a, wide_b));
    Tensor::result(shape, y, &[a, b], move |dy, grads| {
        let back = |grads: &mut Grads, to: &Target, gradient: Tensor| grads.add(to, gradient.summed_to(to.shape()));
        let Some((a, b)) = kept else {
            if grads.wants(&left) {
                back(grads, &left, dy.clone());
            }
            if grads.wants(&right) {
                back(grads, &right, if op == Arithmetic::Subtract { negative(dy) } else { dy });
            }
            return;
        };
        if grads.wants(&left) {
            back(grads, &left, with(dy.clone(), &b, op));
        }
        if grads.wants(&right) {
            let db = match op {
                Arithmetic::Multiply => with(dy, &a, Arithmetic::Multiply),
                _ => {
                    let per_b = with(with(dy, &b, Arithmetic::Divide), &b, Arithmetic::Divide);
                    negative(with(per_b, &a, Arithmetic::Multiply))
                }
            };
            back(grads, &right, db);
        }
    })
}

/// The sum, written over `b` where nobody else holds it.
#[track_caller]
fn sum_over(a: &Tensor, b: Tensor) -> Tensor {
    if a.shape() != b.shape() {
        return apply(a, &b, Arithmetic::Add);
    }
    let (left, right) = (Target::from(a), Target::from(&b));
    let node = Node::result(&[a, &b], move |dy, grads| {
        let Some(dy) = dy else { return };
        grads.add(&left, dy.clone());
        grads.add(&right, dy);
    });
    let mut sum = b.into_buffer();
    map::add_into(&mut sum, a.data());
    Tensor::from_buffer(*a.shape(), sum).with_node(node)
}

fn with(x: Tensor, y: &Tensor, op: Arithmetic) -> Tensor {
    let mut out = Buffer::scratch(x.count());
    map::binary(op, x.data(), y.data(), &mut out);
    Tensor::from_buffer(*x.shape(), out)
}

fn negative(x: Tensor) -> Tensor {
    let (shape, mut values) = (*x.shape(), x.into_buffer());
    values.iter_mut().for_each(|x| *x = -*x);
    Tensor::from_buffer(shape, values)
}

impl Tensor {
    /// The numbers laid out in a larger shape, repeated along axes of length 1; without history.
    fn stretched(&self, shape: &Shape) -> Self {
        if self.shape() == shape {
            return self.detach();
        }
        let mut out = Buffer::scratch(shape.count());
        if shape.ends_with(self.shape()) && self.count() > 0 {
            map::fill_rows(&mut out, self.data());
        } else {
            let (strides, inner) = (self.shape().strides_in(shape), shape.width());
            for (row, out) in out.chunks_exact_mut(inner.max(1)).enumerate() {
                let (mut rest, mut start) = (row, 0);
                for axis in (0..shape.len() - 1).rev() {
                    start += rest % shape[axis] * strides[axis];
                    rest /= shape[axis];
                }
                let step = strides[shape.len() - 1];
                out.iter_mut().enumerate().for_each(|(i, out)| *out = self.data()[start + i * step]);
            }
        }
        Self::from_buffer(*shape, out)
    }

    /// The opposite of `stretched`: summed over every axis along which `shape` would have to be repeated.
    fn summed_to(self, shape: &Shape) -> Self {
        if self.shape() == shape {
            return self;
        }
        let mut sum = self;
        while sum.shape().len() > shape.len() {
            sum = sum.summed_along(0, false);
        }
        for axis in 0..shape.len() {
            if shape[axis] == 1 && sum.shape()[axis] != 1 {
                sum = sum.summed_along(axis, true);
            }
        }
        sum
    }

    /// The sum along one axis, without history; the axis stays with length 1 when `keep`.
    pub(crate) fn summed_along(&self, axis: usize, keep: bool) -> Self {
        let shape = self.shape();
        let (middle, inner) = (shape[axis], shape[axis + 1..].iter().product());
        let mut axes = shape.to_vec();
        if keep {
            axes[axis] = 1;
        } else {
            axes.remove(axis);
        }
        let shape = Shape::new(&axes);
        let mut out = Buffer::scratch(shape.count());
        reduce::sum_middle(self.data(), middle, inner, &mut out);
        Self::from_buffer(shape, out)
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $op:expr, $scalar:expr) => {
        impl $trait<&Tensor> for &Tensor {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, other: &Tensor) -> Tensor {
                apply(self, other, $op)
            }
        }
        impl $trait<Tensor> for &Tensor {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, other: Tensor) -> Tensor {
                if $op == Arithmetic::Add { sum_over(self, other) } else { apply(self, &other, $op) }
            }
        }
        impl $trait<&Tensor> for Tensor {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, other: &Tensor) -> Tensor {
                apply(&self, other, $op)
            }
        }
        impl $trait<Tensor> for Tensor {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, other: Tensor) -> Tensor {
                apply(&self, &other, $op)
            }
        }
        impl $trait<f32> for &Tensor {
            type Output = Tensor;
            fn $method(self, other: f32) -> Tensor {
                let scalar: fn(&Tensor, f32) -> Tensor = $scalar;
                scalar(self, other)
            }
        }
        impl $trait<f32> for Tensor {
            type Output = Tensor;
            fn $method(self, other: f32) -> Tensor {
                let scalar: fn(&Tensor, f32) -> Tensor = $scalar;
                scalar(&self, other)
            }
        }
    };
}

operator!(Add, add, Arithmetic::Add, |x, c| x.shift(c));
operator!(Sub, sub, Arithmetic::Subtract, |x, c| x.shift(-c));
operator!(Mul, mul, Arithmetic::Multiply, |x, c| x.scale(c));
operator!(Div, div, Arithmetic::Divide, |x, c| x.scale(1.0 / c));

impl Neg for &Tensor {
    type Output = Tensor;
    fn neg(self) -> Tensor {
        self.scale(-1.0)
    }
}
