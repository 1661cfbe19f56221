//! Functions of each element: y = f(x), dx = dy f'(x). The list of functions and slopes is in `kernels::map`.

use crate::Tensor;
use crate::buffer::Buffer;
use crate::graph::{Node, Target};
use crate::kernels::map::{self, Slope, Unary};

fn apply(f: impl Unary, x: &Tensor) -> Tensor {
    let y = Tensor::from_buffer(*x.shape(), value(f, x));
    let kept = match slope_of(f) {
        Slope::OfInput => Some(x.detach()),
        Slope::OfOutput => Some(y.clone()),
        Slope::Constant => None,
    };
    let input = Target::from(x);
    let node = Node::result(&[x], move |gradient, grads| {
        let Some(mut dx) = gradient else { return };
        match kept {
            Some(kept) => map::unary_back(f, kept.data(), dx.data_mut()),
            None => map::unary_back_constant(f, dx.data_mut()),
        }
        grads.add(&input, dx);
    });
    y.with_node(node)
}

fn slope_of<F: Unary>(_: F) -> Slope {
    F::SLOPE
}

/// For functions whose slope keeps `x`: who reads the result later on makes it again.
fn remade(f: impl Unary, x: &Tensor) -> Tensor {
    let (y, x) = (apply(f, x), x.detach());
    y.remade_by(move || value(f, &x))
}

fn value(f: impl Unary, x: &Tensor) -> Buffer {
    let mut y = Buffer::scratch(x.count());
    map::unary(f, x.data(), &mut y);
    y
}

impl Tensor {
    /// e^x.
    pub fn exp(&self) -> Self {
        apply(map::Exp, self)
    }
    /// The natural logarithm.
    pub fn ln(&self) -> Self {
        apply(map::Ln, self)
    }
    /// The square root.
    pub fn sqrt(&self) -> Self {
        apply(map::Sqrt, self)
    }
    /// x squared.
    pub fn square(&self) -> Self {
        apply(map::Square, self)
    }
    /// 1/x.
    pub fn reciprocal(&self) -> Self {
        apply(map::Reciprocal, self)
    }
    /// The hyperbolic tangent.
    pub fn tanh(&self) -> Self {
        apply(map::Tanh, self)
    }
    /// σ(x) = 1 / (1 + e^-x).
    pub fn sigmoid(&self) -> Self {
        apply(map::Sigmoid, self)
    }
    /// max(x, 0).
    pub fn relu(&self) -> Self {
        apply(map::Relu, self)
    }
    /// x Φ(x), with Φ the normal distribution, exact (Hendrycks and Gimpel 2016).
    pub fn gelu(&self) -> Self {
        remade(map::Gelu, self)
    }
    /// x σ(x) (Elfwing, Uchibe and Doya 2018).
    pub fn silu(&self) -> Self {
        remade(map::Silu, self)
    }
    /// Every element times a constant.
    pub fn scale(&self, factor: f32) -> Self {
        apply(map::Scale(factor), self)
    }
    /// Every element plus a constant.
    pub fn shift(&self, constant: f32) -> Self {
        apply(map::Shift(constant), self)
    }
}
