//! Element by element: functions of one and of two numbers, and their derivatives. One loop for all of them.

use super::simd::{Scalar, Simd, WithSimd, dispatch};
use super::{math, threads};

/// Of which number the slope of a function is computed, and so what is kept for the way back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slope {
    OfInput,
    OfOutput,
    /// It is the same everywhere.
    Constant,
}

/// A function of one number.
pub(crate) trait Unary: Copy + Send + Sync + 'static {
    const SLOPE: Slope;
    fn value<S: Simd>(self, x: f32) -> f32;
    /// dy/dx where `kept` is what [`Unary::SLOPE`] says.
    fn slope<S: Simd>(self, kept: f32) -> f32;
}

macro_rules! unary {
    ($($name:ident $(($field:ident))?: |$this:pat_param, $x:ident| $value:expr, $slope_of:ident |$that:pat_param, $kept:pat_param| $slope:expr;)*) => {$(
        #[derive(Clone, Copy)]
        pub(crate) struct $name $((pub(crate) $field))?;
        impl Unary for $name {
            const SLOPE: Slope = Slope::$slope_of;
            #[inline(always)]
            fn value<S: Simd>(self, $x: f32) -> f32 { let $this = self; $value }
            #[inline(always)]
            fn slope<S: Simd>(self, $kept: f32) -> f32 { let $that = self; $slope }
        }
    )*};
}

unary! {
    Exp: |_, x| math::exp::<S>(x), OfOutput |_, y| y;
    Ln: |_, x| x.ln(), OfInput |_, x| 1.0 / x;
    Sqrt: |_, x| x.sqrt(), OfOutput |_, y| 0.5 / y;
    Square: |_, x| x * x, OfInput |_, x| 2.0 * x;
    Reciprocal: |_, x| 1.0 / x, OfOutput |_, y| -y * y;
    Tanh: |_, x| math::tanh::<S>(x), OfOutput |_, y| 1.0 - y * y;
    Sigmoid: |_, x| math::sigmoid::<S>(x), OfOutput |_, y| y * (1.0 - y);
    Relu: |_, x| if x <= 0.0 { 0.0 } else { x }, OfOutput |_, y| if y > 0.0 { 1.0 } else { 0.0 };
    Gelu: |_, x| math::gelu::<S>(x), OfInput |_, x| math::gelu_slope::<S>(x);
    Silu: |_, x| math::silu::<S>(x), OfInput |_, x| math::silu_slope::<S>(x);
    Scale(f32): |Scale(factor), x| x * factor, Constant |Scale(factor), _| factor;
    Shift(f32): |Shift(constant), x| x + constant, Constant |_, _| 1.0;
}

/// What becomes of one element, given the old one and those of up to three other slices at its place.
trait Point: Copy + Send + Sync {
    fn at<S: Simd>(self, old: f32, a: f32, b: f32, c: f32) -> f32;
}

/// `out[i] = f(out[i], a[i], b[i], c[i])`, in vectors and on all cores where it is long enough.
fn run(out: &mut [f32], a: &[f32], b: &[f32], c: &[f32], f: impl Point) {
    struct Loop<'a, F>(&'a mut [f32], &'a [f32], &'a [f32], &'a [f32], F);
    impl<F: Point> WithSimd for Loop<'_, F> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            let Self(out, a, b, c, f) = self;
            for (((out, &a), &b), &c) in out.iter_mut().zip(a).zip(b).zip(c) {
                *out = f.at::<S>(*out, a, b, c);
            }
        }
    }
    assert!(a.len() == out.len() && b.len() == out.len() && c.len() == out.len(), "map: slices of unequal length");
    threads::for_pieces(out, threads::GRAIN, |piece, out| {
        let part = piece * threads::GRAIN..piece * threads::GRAIN + out.len();
        dispatch(Loop(out, &a[part.clone()], &b[part.clone()], &c[part], f));
    });
}

macro_rules! point {
    ($name:ident $(<$F:ident: $bound:ident>)?, |$this:pat_param, $old:pat_param, $a:pat_param, $b:pat_param, $c:pat_param| $value:expr) => {
        impl $(<$F: $bound>)? Point for $name $(<$F>)? {
            #[inline(always)]
            fn at<S: Simd>(self, $old: f32, $a: f32, $b: f32, $c: f32) -> f32 {
                let $this = self;
                $value
            }
        }
    };
}

/// `y = f(x)`.
pub(crate) fn unary(f: impl Unary, x: &[f32], y: &mut [f32]) {
    #[derive(Clone, Copy)]
    struct Value<F>(F);
    point!(Value<F: Unary>, |Value(f), _, x, _, _| f.value::<S>(x));
    run(y, x, x, x, Value(f));
}

/// `dx = dy f'`, over `dy` in place; `kept` is what the slope is computed of.
pub(crate) fn unary_back(f: impl Unary, kept: &[f32], gradient: &mut [f32]) {
    #[derive(Clone, Copy)]
    struct Back<F>(F);
    point!(Back<F: Unary>, |Back(f), dy, kept, _, _| dy * f.slope::<S>(kept));
    run(gradient, kept, kept, kept, Back(f));
}

/// `dx = dy f'` where f' is the same everywhere.
pub(crate) fn unary_back_constant(f: impl Unary, gradient: &mut [f32]) {
    scale_into(gradient, f.slope::<Scalar>(0.0));
}

/// The four operations of arithmetic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// `out = a op b`.
pub(crate) fn binary(op: Arithmetic, a: &[f32], b: &[f32], out: &mut [f32]) {
    #[derive(Clone, Copy)]
    struct Add;
    point!(Add, |_, _, a, b, _| a + b);
    #[derive(Clone, Copy)]
    struct Subtract;
    point!(Subtract, |_, _, a, b, _| a - b);
    #[derive(Clone, Copy)]
    struct Multiply;
    point!(Multiply, |_, _, a, b, _| a * b);
    #[derive(Clone, Copy)]
    struct Divide;
    point!(Divide, |_, _, a, b, _| a / b);
    match op {
        Arithmetic::Add => run(out, a, b, b, Add),
        Arithmetic::Subtract => run(out, a, b, b, Subtract),
        Arithmetic::Multiply => run(out, a, b, b, Multiply),
        Arithmetic::Divide => run(out, a, b, b, Divide),
    }
}

/// `sum += x`.
pub(crate) fn add_into(sum: &mut [f32], x: &[f32]) {
    #[derive(Clone, Copy)]
    struct AddInto;
    point!(AddInto, |_, old, x, _, _| old + x);
    run(sum, x, x, x, AddInto);
}

/// `out *= factor`.
pub(crate) fn scale_into(out: &mut [f32], factor: f32) {
    threads::for_pieces(out, threads::GRAIN, |_, out| out.iter_mut().for_each(|x| *x *= factor));
}

/// Every row of `out` becomes `row`.
pub(crate) fn fill_rows(out: &mut [f32], row: &[f32]) {
    let rows_per_piece = (threads::GRAIN / row.len().max(1)).max(1);
    threads::for_pieces(out, rows_per_piece * row.len(), |_, piece| {
        piece.chunks_exact_mut(row.len()).for_each(|to| to.copy_from_slice(row));
    });
}
