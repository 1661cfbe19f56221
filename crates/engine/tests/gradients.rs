//! Every operation's gradient against central differences, which know nothing of derivatives. No other engine.
//!
//! The difference is the one of fourth order, (8 (f(x+h) - f(x-h)) - (f(x+2h) - f(x-2h))) / 12h, of sum(out ⊙ cotangent)
//! taken in f64. With h = 1/32 its own error is h⁴/30 = 3e-8 of the fifth derivative, and that of outputs rounded to f32
//! about 2⁻²⁴/h = 2e-6 of an output: 1e-4 relative leaves room for outputs some ten times larger than the gradient.

mod common;

use common::cases::{self, LARGE, SMALL};
use common::{Case, Draw, cotangent, relative};
use rushlight_engine::{Tensor, no_grad};

const STEP: f32 = 1.0 / 32.0;
const TOLERANCE: f64 = 1e-4;

#[test]
fn every_gradient_is_the_slope() {
    check_all(cases::all(SMALL), each_element);
}

#[test]
fn a_tensor_used_twice_gets_both_gradients() {
    check_all(cases::twice(SMALL), each_element);
}

#[test]
fn gradients_shared_among_threads_are_the_slope() {
    check_all(cases::all(LARGE), one_direction);
}

/// Names every operation whose gradient is wrong, not only the first.
fn check_all(cases: Vec<Case>, differences: fn(&Case, usize, &Tensor, &Tensor) -> f64) {
    let mut wrong = Vec::new();
    for mut case in cases {
        case.inputs.iter_mut().for_each(put_on_grid);
        let out = case.apply(&case.inputs);
        let cotangent = cotangent(&out);
        for (i, gradient) in case.gradients(&out, &cotangent).iter().enumerate() {
            let difference = differences(&case, i, gradient, &cotangent);
            if difference.is_nan() || difference > TOLERANCE {
                wrong.push(format!("{}, input {i}: {difference:.1e}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Makes every number a multiple of 1/1024, from which a step of a power of two is exact in f32.
fn put_on_grid(x: &mut Tensor) {
    x.data_mut().iter_mut().for_each(|x| *x = (*x * 1024.0).round() / 1024.0);
}

/// The gradient of input `i` against a difference for each of its elements, relative.
fn each_element(case: &Case, i: usize, gradient: &Tensor, cotangent: &Tensor) -> f64 {
    let slopes: Vec<f32> = (0..gradient.count())
        .map(|element| {
            let mut along = Tensor::zeros(gradient.shape());
            along.data_mut()[element] = 1.0;
            slope(case, i, &along, cotangent) as f32
        })
        .collect();
    relative(gradient.data(), &slopes)
}

/// The same along one direction, relative to the slope expected there. Each element moves where the gradient says that the
/// sum grows, so that no slopes cancel, and by 1 or by 1/2 at random, so that an exchange of two elements shows.
fn one_direction(case: &Case, i: usize, gradient: &Tensor, cotangent: &Tensor) -> f64 {
    let mut direction = Draw::new(i as u64).away_from_zero(gradient.shape());
    let sizes = direction.data_mut().iter_mut().zip(gradient.data());
    sizes.for_each(|(x, slope)| *x = if *x > 0.0 { slope.signum() } else { slope.signum() / 2.0 });
    // Many elements that move together would leave the straight part of the curve. So each moves as little as keeps the sum's
    // growth above what rounding does to it; by a power of two, which keeps the inputs exact.
    let rounded = case.apply(&case.inputs).detach() * cotangent;
    let least = 2.0 * dot(&rounded, &rounded).sqrt() / dot(gradient, &direction);
    let direction = direction.scale(least.log2().ceil().exp2().min(1.0) as f32);
    let expected = dot(gradient, &direction);
    (expected - slope(case, i, &direction, cotangent)).abs() / expected
}

/// How fast sum(out ⊙ cotangent) grows as input `i` moves along `direction`.
fn slope(case: &Case, i: usize, direction: &Tensor, cotangent: &Tensor) -> f64 {
    let value = |steps: f32| {
        let mut inputs = case.inputs.clone();
        inputs[i] = inputs[i].detach() + &direction.scale(steps * STEP);
        no_grad(|| dot(&case.apply(&inputs), cotangent))
    };
    (8.0 * (value(1.0) - value(-1.0)) - (value(2.0) - value(-2.0))) / (12.0 * f64::from(STEP))
}

fn dot(a: &Tensor, b: &Tensor) -> f64 {
    a.data().iter().zip(b.data()).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}
