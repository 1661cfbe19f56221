//! Element by element: functions of one and of two numbers, and their derivatives. One loop for all of them.

use super::simd::{Simd, WithSimd, dispatch};
use super::{math, threads};

/// A function of one number, and its slope from input and output.
pub(crate) trait Unary: Copy + Send + Sync + 'static {
    fn value<S: Simd>(self, x: f32) -> f32;
    /// dy/dx at `x`, where `y` is the value there.
    fn slope<S: Simd>(self, x: f32, y: f32) -> f32;
}

macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident $(($field:ident))?: |$x:ident| $value:expr, |$sx:ident, $sy:ident| $slope:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name $((pub(crate) $field))?;
        impl Unary for $name {
            #[inline(always)]
            fn value<S: Simd>(self, $x: f32) -> f32 { $value }
            #[inline(always)]
            fn slope<S: Simd>(self, $sx: f32, $sy: f32) -> f32 { let _ = ($sx, $sy); $slope }
        }
    )*};
}

unary! {
    Exp: |x| math::exp::<S>(x), |x, y| y;
    Ln: |x| x.ln(), |x, y| 1.0 / x;
    Sqrt: |x| x.sqrt(), |x, y| 0.5 / y;
    Square: |x| x * x, |x, y| 2.0 * x;
    Reciprocal: |x| 1.0 / x, |x, y| -y * y;
    Tanh: |x| math::tanh::<S>(x), |x, y| 1.0 - y * y;
    Sigmoid: |x| math::sigmoid::<S>(x), |x, y| y * (1.0 - y);
    Relu: |x| if x <= 0.0 { 0.0 } else { x }, |x, y| if x > 0.0 { 1.0 } else { 0.0 };
    Gelu: |x| math::gelu::<S>(x), |x, y| math::gelu_slope::<S>(x);
    Silu: |x| math::silu::<S>(x), |x, y| math::silu_slope::<S>(x);
}

/// Multiplication by a constant.
#[derive(Clone, Copy)]
pub(crate) struct Scale(pub(crate) f32);
impl Unary for Scale {
    #[inline(always)]
    fn value<S: Simd>(self, x: f32) -> f32 {
        x * self.0
    }
    #[inline(always)]
    fn slope<S: Simd>(self, _: f32, _: f32) -> f32 {
        self.0
    }
}

/// Addition of a constant.
#[derive(Clone, Copy)]
pub(crate) struct Shift(pub(crate) f32);
impl Unary for Shift {
    #[inline(always)]
    fn value<S: Simd>(self, x: f32) -> f32 {
        x + self.0
    }
    #[inline(always)]
    fn slope<S: Simd>(self, _: f32, _: f32) -> f32 {
        1.0
    }
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

/// `dx = dy f'(x)`, over `dy` in place.
pub(crate) fn unary_back(f: impl Unary, x: &[f32], y: &[f32], gradient: &mut [f32]) {
    #[derive(Clone, Copy)]
    struct Slope<F>(F);
    point!(Slope<F: Unary>, |Slope(f), dy, x, y, _| dy * f.slope::<S>(x, y));
    run(gradient, x, y, y, Slope(f));
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
