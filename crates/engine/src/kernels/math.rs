//! The functions that activations are made of: `exp`, `tanh`, `sigmoid`, `erf` and what is built on them, one number
//! at a time. No slices and no loops.
//!
//! Each is straight-line code without a branch or a table, so that a loop over it inside [`dispatch`] becomes vector
//! code, sixteen numbers at a time on AVX-512. The bounds below hold for every finite `f32`, denormal ones included,
//! with fused multiply-add and without; the tests measure them against `f64`. NaN in, NaN out.
//!
//! [`dispatch`]: super::simd::dispatch

use super::simd::Simd;
use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, LOG2_E};

/// `a * b + c`: in one rounding where the processor can, and never by the slow library call where it cannot.
#[inline(always)]
pub(crate) fn fma<S: Simd>(a: f32, b: f32, c: f32) -> f32 {
    if S::IS_SCALAR { a * b + c } else { a.mul_add(b, c) }
}

/// `e^x` within 2 ulp. Results below 2^-125.5 (1.7e-38) are given as zero: denormal numbers cost far more than they tell.
#[inline(always)]
pub(crate) fn exp<S: Simd>(x: f32) -> f32 {
    // Outside of these limits the answer is zero or infinity, and the scale below still fits its eight bits.
    let x = at_least(-87.5, at_most(89.0, x));
    let (power, rest) = split_by_ln_2::<S>(x);
    // Twice e^rest times half the scale: so 2^128 needs no scale of its own, and the lowest scale is zero by its bits.
    let twice = fma::<S>(2.0, exp_m1_near_zero::<S>(rest), 2.0);
    let half_scale = f32::from_bits(((power + 126) as u32) << 23);
    twice * half_scale
}

/// The hyperbolic tangent within 3 ulp.
#[inline(always)]
pub(crate) fn tanh<S: Simd>(x: f32) -> f32 {
    // With t = e^(-2|x|) - 1, in (-1, 0], tanh |x| is -t / (t + 2), and nothing cancels. Beyond 10 it is 1.
    let t = exp_m1_below_zero::<S>(at_least(-20.0, -2.0 * x.abs()));
    (-t / (t + 2.0)).copysign(x)
}

/// `1 / (1 + e^-x)` within 3 ulp; below -87 it is zero, as [`exp`] is.
#[inline(always)]
pub(crate) fn sigmoid<S: Simd>(x: f32) -> f32 {
    let e = exp::<S>(-x.abs());
    let top = if x < 0.0 { e } else { 1.0 };
    top / (1.0 + e)
}

/// The error function, 2/sqrt(pi) times the integral of e^-t² from 0 to `x`, within 3 ulp.
#[inline(always)]
pub(crate) fn erf<S: Simd>(x: f32) -> f32 {
    // 1 - e^(-a Q(a)) with a = |x|: -ln(1 - erf a) / a is smooth all the way, and Q is fitted to it for the least
    // relative error of the whole (4.1e-9) up to 3.95, from where on the answer is 1 in single precision.
    let a = at_most(3.95, x.abs());
    let q = -9.256_262e-6;
    let q = fma::<S>(q, a, 1.176_412_5e-4);
    let q = fma::<S>(q, a, -6.328_368e-4);
    let q = fma::<S>(q, a, 1.667_027_4e-3);
    let q = fma::<S>(q, a, -1.603_959_8e-4);
    let q = fma::<S>(q, a, -1.915_306_4e-2);
    let q = fma::<S>(q, a, 0.102_777_83);
    let q = fma::<S>(q, a, 0.636_619_4);
    let q = fma::<S>(q, a, FRAC_2_SQRT_PI);
    (-exp_m1_below_zero::<S>(-a * q)).copysign(x)
}

/// `x Φ(x)`, with Φ the distribution function of a standard normal variable (the exact GELU, by [`erf`]), within
/// 2e-7 max(1, |x|).
#[inline(always)]
pub(crate) fn gelu<S: Simd>(x: f32) -> f32 {
    // Below -10 it is zero; the limit keeps -∞ · 0 away.
    let x = at_least(-10.0, x);
    x * phi::<S>(x)
}

/// The derivative of [`gelu`], `Φ(x) + x φ(x)`, within 2e-7.
#[inline(always)]
pub(crate) fn gelu_slope<S: Simd>(x: f32) -> f32 {
    const ONE_OVER_SQRT_TAU: f32 = 0.398_942_3;
    let x = at_least(-15.0, at_most(15.0, x));
    let density = ONE_OVER_SQRT_TAU * exp::<S>(-0.5 * x * x);
    fma::<S>(x, density, phi::<S>(x))
}

/// `x sigmoid(x)` within 4 ulp; below -87 it is zero, as [`exp`] is.
#[inline(always)]
pub(crate) fn silu<S: Simd>(x: f32) -> f32 {
    let x = at_least(-100.0, x);
    x * sigmoid::<S>(x)
}

/// The derivative of [`silu`], `s (1 + x (1 - s))` with s the sigmoid, within 3e-7.
#[inline(always)]
pub(crate) fn silu_slope<S: Simd>(x: f32) -> f32 {
    let x = at_least(-100.0, at_most(100.0, x));
    // 1 - s is the sigmoid of -x, without the bits that a difference loses.
    sigmoid::<S>(x) * fma::<S>(x, sigmoid::<S>(-x), 1.0)
}

/// Φ: the distribution function of a standard normal variable.
#[inline(always)]
fn phi<S: Simd>(x: f32) -> f32 {
    fma::<S>(0.5, erf::<S>(x * FRAC_1_SQRT_2), 0.5)
}

/// `e^x - 1` for x from -20 to 0.
#[inline(always)]
fn exp_m1_below_zero<S: Simd>(x: f32) -> f32 {
    let (power, rest) = split_by_ln_2::<S>(x);
    let scale = f32::from_bits(((power + 127) as u32) << 23);
    fma::<S>(scale, exp_m1_near_zero::<S>(rest), scale - 1.0)
}

/// The nearest `power` of two and the `rest` for which x = power ln 2 + rest, |rest| <= ln 2 / 2.
#[inline(always)]
fn split_by_ln_2<S: Simd>(x: f32) -> (i32, f32) {
    // 1.5 · 2^23: a sum with it has no bits left behind the point, and its last bits are the rounded number.
    const ROUNDER: f32 = 12_582_912.0;
    // ln 2 in two parts, the first so short that power times it is exact.
    const LN_2_HIGH: f32 = 355.0 / 512.0;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let rounded = fma::<S>(x, LOG2_E, ROUNDER);
    let power = rounded - ROUNDER;
    let rest = fma::<S>(power, -LN_2_LOW, fma::<S>(power, -LN_2_HIGH, x));
    ((rounded.to_bits() as i32).wrapping_sub(ROUNDER.to_bits() as i32), rest)
}

/// `e^r - 1` for |r| <= ln 2 / 2: r + r² P(r), P fitted for the least error relative to e^r (3.1e-9).
#[inline(always)]
fn exp_m1_near_zero<S: Simd>(r: f32) -> f32 {
    let p = 1.381_453_8e-3;
    let p = fma::<S>(p, r, 8.368_745e-3);
    let p = fma::<S>(p, r, 4.166_839e-2);
    let p = fma::<S>(p, r, 0.166_665_21);
    let p = fma::<S>(p, r, 0.499_999_94);
    fma::<S>(r * r, p, r)
}

/// The larger of both; NaN stays NaN, which `f32::max` would lose.
#[inline(always)]
fn at_least(limit: f32, x: f32) -> f32 {
    if limit > x { limit } else { x }
}

/// The smaller of both; NaN stays NaN, which `f32::min` would lose.
#[inline(always)]
fn at_most(limit: f32, x: f32) -> f32 {
    if limit < x { limit } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::WithSimd;
    use pulp::Arch;

    /// Every path that this machine can take.
    fn paths() -> Vec<Arch> {
        #[cfg(not(target_arch = "x86_64"))]
        return vec![Arch::Scalar, Arch::new()];
        #[cfg(target_arch = "x86_64")]
        std::iter::empty()
            .chain([Arch::Scalar])
            .chain(pulp::x86::V3::try_new().map(Arch::V3))
            .chain(pulp::x86::V4::try_new().map(Arch::V4))
            .collect()
    }

    /// A million numbers: every 4093rd bit pattern (so all sizes, denormal ones too), the range where the functions
    /// live more densely, and the edges.
    fn numbers() -> Vec<f32> {
        let patterns = (0..=u32::MAX / 4093).map(|i| f32::from_bits(i * 4093)).filter(|x| x.is_finite());
        let dense = (-300_000..300_000).map(|i| i as f32 * 3.5e-4);
        let edges =
            [0.0, f32::MIN_POSITIVE, 1e-45, f32::MAX, 87.0, 88.722_8, 88.723, 89.0, 104.0, 3.95, 9.01, 10.0, 15.0];
        patterns.chain(dense).chain(edges.into_iter().flat_map(|x| [x, -x])).collect()
    }

    /// How far `y` is from `truth`, in units of the last place of `truth`; below the normal numbers they keep one size.
    fn ulps(y: f32, truth: f64) -> f64 {
        if y.is_infinite() && truth.abs() > f64::from(f32::MAX) {
            return 0.0;
        }
        let exponent = truth.abs().max(f64::from(f32::MIN_POSITIVE)).log2().floor();
        (f64::from(y) - truth).abs() / (exponent - 23.0).exp2()
    }

    /// Checks `$f` on every path: `$error` of its results against `$truth` is at most `$bound` where `$at` holds, NaN
    /// stays NaN, and the infinities give `$low` and `$high`.
    macro_rules! check {
        ($f:ident, $truth:expr, $error:expr, $bound:expr, $low:expr, $high:expr) => {{
            struct Kernel<'a>(&'a mut [f32]);
            impl WithSimd for Kernel<'_> {
                type Output = ();
                #[inline(always)]
                fn with_simd<S: Simd>(self, _: S) {
                    for x in self.0 {
                        *x = $f::<S>(*x);
                    }
                }
            }
            let x = numbers();
            for path in paths() {
                let mut y = x.clone();
                path.dispatch(Kernel(&mut y));
                let (mut worst, mut at) = (0.0, 0.0);
                for (&x, &y) in x.iter().zip(&y) {
                    let error: f64 = $error(x, y, $truth(f64::from(x)));
                    assert!(!error.is_nan(), "{} gives {y:e} at {x:e}", stringify!($f));
                    if error > worst {
                        (worst, at) = (error, x);
                    }
                }
                assert!(worst <= $bound, "{} is off by {worst} at {at:e}, {path:?}", stringify!($f));
                let mut edges = [f32::NAN, f32::NEG_INFINITY, f32::INFINITY, -f32::NAN];
                path.dispatch(Kernel(&mut edges));
                assert!(edges[0].is_nan() && edges[3].is_nan(), "{} of NaN", stringify!($f));
                assert_eq!((edges[1], edges[2]), ($low, $high), "{} of the infinities", stringify!($f));
            }
        }};
    }

    /// `ulps`, but what the functions may give as zero counts as right when it is zero.
    fn ulps_or_flushed(_: f32, y: f32, truth: f64) -> f64 {
        if truth.abs() < 1.7e-38 && y == 0.0 { 0.0 } else { ulps(y, truth) }
    }

    fn absolute(_: f32, y: f32, truth: f64) -> f64 {
        (f64::from(y) - truth).abs()
    }

    fn true_sigmoid(x: f64) -> f64 {
        1.0 / (1.0 + (-x).exp())
    }

    fn density(x: f64) -> f64 {
        (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt()
    }

    /// By the series of Abramowitz and Stegun 7.1.6, whose terms are all positive, so that nothing cancels.
    fn true_erf(x: f64) -> f64 {
        if x.abs() > 6.0 {
            return x.signum();
        }
        let (mut term, mut sum, mut n) = (x, x, 0.0);
        while term.abs() > 1e-18 * sum.abs() {
            n += 1.0;
            term *= 2.0 * x * x / (2.0 * n + 1.0);
            sum += term;
        }
        2.0 / std::f64::consts::PI.sqrt() * (-x * x).exp() * sum
    }

    fn true_phi(x: f64) -> f64 {
        0.5 + 0.5 * true_erf(x * std::f64::consts::FRAC_1_SQRT_2)
    }

    #[test]
    fn exp_is_within_2_ulp() {
        check!(exp, f64::exp, ulps_or_flushed, 2.0, 0.0, f32::INFINITY);
    }

    #[test]
    fn tanh_is_within_3_ulp() {
        check!(tanh, f64::tanh, |_, y, truth| ulps(y, truth), 3.0, -1.0, 1.0);
    }

    #[test]
    fn sigmoid_is_within_3_ulp() {
        check!(sigmoid, true_sigmoid, ulps_or_flushed, 3.0, 0.0, 1.0);
    }

    #[test]
    fn erf_is_within_3_ulp() {
        check!(erf, true_erf, |_, y, truth| ulps(y, truth), 3.0, -1.0, 1.0);
    }

    #[test]
    fn gelu_is_within_its_bound() {
        let error = |x: f32, y, truth| {
            if x > 1e30 { ulps(y, truth) * 1e-8 } else { absolute(x, y, truth) / f64::from(x.abs().max(1.0)) }
        };
        check!(gelu, |x: f64| x * true_phi(x), error, 2e-7, 0.0, f32::INFINITY);
    }

    #[test]
    fn the_slope_of_gelu_is_within_its_bound() {
        check!(gelu_slope, |x: f64| true_phi(x) + x * density(x), absolute, 2e-7, 0.0, 1.0);
    }

    #[test]
    fn silu_is_within_4_ulp() {
        let error = |_, y: f32, truth: f64| if truth.abs() < 2e-36 && y == 0.0 { 0.0 } else { ulps(y, truth) };
        check!(silu, |x: f64| x * true_sigmoid(x), error, 4.0, 0.0, f32::INFINITY);
    }

    #[test]
    fn the_slope_of_silu_is_within_its_bound() {
        let truth = |x: f64| true_sigmoid(x) * (1.0 + x * (1.0 - true_sigmoid(x)));
        check!(silu_slope, truth, absolute, 3e-7, 0.0, 1.0);
    }

    #[test]
    fn signs_of_zero_are_kept_where_they_mean_something() {
        // An odd function of -0 is -0; so a product with it later keeps its sign.
        for f in [tanh::<pulp::Scalar>, erf::<pulp::Scalar>] {
            assert!(f(-0.0).is_sign_negative() && f(0.0).is_sign_positive());
        }
    }
}
