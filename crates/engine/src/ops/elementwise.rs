//! Functions of each element: y = f(x), dx = dy f'(x). The list of functions and slopes is in `kernels::map`.

use crate::Tensor;
use crate::buffer::Buffer;
use crate::graph::Target;
use crate::kernels::map::{self, Unary};

/// What the slope needs of the way there.
#[derive(Clone, Copy)]
enum Keep {
    Input,
    Output,
    Both,
    Nothing,
}

fn apply(x: &Tensor, f: impl Unary, keep: Keep) -> Tensor {
    let mut y = Buffer::scratch(x.count());
    map::unary(f, x.data(), &mut y);
    let input = Target::from(x);
    let made = Tensor::from_buffer(*x.shape(), y);
    let output = made.clone();
    let kept = match keep {
        Keep::Input => (x.detach(), x.detach()),
        Keep::Output => (output.clone(), output),
        Keep::Both => (x.detach(), output),
        Keep::Nothing => (Tensor::zeros(&[0]), Tensor::zeros(&[0])),
    };
    let node = crate::graph::Node::result(&[x], move |gradient, grads| {
        let Some(gradient) = gradient else { return };
        let shape = *gradient.shape();
        let mut dx = gradient.into_buffer();
        match keep {
            Keep::Nothing => {
                let whole = dx.clone();
                map::unary_back(f, &whole, &whole, &mut dx);
            }
            _ => map::unary_back(f, kept.0.data(), kept.1.data(), &mut dx),
        }
        grads.add(&input, Tensor::from_buffer(shape, dx));
    });
    made.with_node(node)
}

impl Tensor {
    /// e^x.
    pub fn exp(&self) -> Self {
        apply(self, map::Exp, Keep::Output)
    }
    /// The natural logarithm.
    pub fn ln(&self) -> Self {
        apply(self, map::Ln, Keep::Input)
    }
    /// The square root.
    pub fn sqrt(&self) -> Self {
        apply(self, map::Sqrt, Keep::Output)
    }
    /// x squared.
    pub fn square(&self) -> Self {
        apply(self, map::Square, Keep::Input)
    }
    /// 1/x.
    pub fn reciprocal(&self) -> Self {
        apply(self, map::Reciprocal, Keep::Output)
    }
    /// The hyperbolic tangent.
    pub fn tanh(&self) -> Self {
        apply(self, map::Tanh, Keep::Output)
    }
    /// σ(x) = 1 / (1 + e^-x).
    pub fn sigmoid(&self) -> Self {
        apply(self, map::Sigmoid, Keep::Output)
    }
    /// max(x, 0).
    pub fn relu(&self) -> Self {
        apply(self, map::Relu, Keep::Output)
    }
    /// x Φ(x), with Φ the normal distribution, exact (Hendrycks and Gimpel 2016).
    pub fn gelu(&self) -> Self {
        apply(self, map::Gelu, Keep::Input)
    }
    /// x σ(x) (Elfwing, Uchibe and Doya 2018).
    pub fn silu(&self) -> Self {
        apply(self, map::Silu, Keep::Both)
    }
    /// Every element times a constant.
    pub fn scale(&self, factor: f32) -> Self {
        apply(self, map::Scale(factor), Keep::Nothing)
    }
    /// Every element plus a constant.
    pub fn shift(&self, constant: f32) -> Self {
        apply(self, map::Shift(constant), Keep::Nothing)
    }
}
