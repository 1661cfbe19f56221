//! What the engine's tests share: seeded numbers, the measure of difference, and a case (an operation with its inputs).
//! The list of all operations is in `cases`, their plain twins in `twins`. No tests.
#![allow(dead_code, reason = "every test binary uses its own part")]

pub(crate) mod cases;
pub(crate) mod twins;

use rushlight_engine::{Ids, Rng, Tensor};

/// max|a-b| / max|b|: what "relative" means everywhere in this project.
pub(crate) fn relative(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len(), "tensors of unequal size are compared");
    let largest = b.iter().fold(0.0, |most: f64, b| most.max(f64::from(b.abs())));
    // NaN must not be lost, as `max` would lose it.
    let furthest = a.iter().zip(b).fold(0.0, |most: f64, (&a, &b)| {
        let apart = (f64::from(a) - f64::from(b)).abs();
        if apart > most || apart.is_nan() { apart } else { most }
    });
    if furthest == 0.0 { 0.0 } else { furthest / largest }
}

#[track_caller]
pub(crate) fn assert_close(what: &str, a: &Tensor, b: &Tensor, tolerance: f64) {
    assert_eq!(a.shape(), b.shape(), "{what}: shapes");
    let difference = relative(a.data(), b.data());
    assert!(difference <= tolerance, "{what}: {difference:.1e} apart, {tolerance:.0e} is allowed");
}

/// Seeded numbers.
pub(crate) struct Draw(Rng);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Rng::new(seed))
    }

    /// Between -2 and 2.
    pub(crate) fn values(&mut self, shape: &[usize]) -> Tensor {
        self.between(shape, -2.0, 2.0)
    }

    pub(crate) fn between(&mut self, shape: &[usize], low: f32, high: f32) -> Tensor {
        Tensor::uniform(shape, low, high, &mut self.0)
    }

    /// Between 1/8 and 2 on either side of zero.
    pub(crate) fn away_from_zero(&mut self, shape: &[usize]) -> Tensor {
        let mut made = self.between(shape, 0.125, 2.0);
        made.data_mut().iter_mut().for_each(|x| *x *= if self.0.below(2) == 0 { 1.0 } else { -1.0 });
        made
    }

    pub(crate) fn ids(&mut self, count: usize, shape: &[usize]) -> Ids {
        let data: Vec<u32> = (0..shape.iter().product()).map(|_| self.0.below(count) as u32).collect();
        Ids::new(shape, data)
    }
}

/// An operation on one tensor, and one on two.
pub(crate) type Unary = fn(&Tensor) -> Tensor;
pub(crate) type Binary = fn(&Tensor, &Tensor) -> Tensor;

type Apply = Box<dyn Fn(&[Tensor]) -> Tensor + Send + Sync>;

/// An operation and the inputs that it is differentiated by.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) inputs: Vec<Tensor>,
    apply: Apply,
}

impl Case {
    pub(crate) fn new<const N: usize>(
        name: &str,
        inputs: [Tensor; N],
        apply: impl Fn(&[Tensor; N]) -> Tensor + Send + Sync + 'static,
    ) -> Self {
        let apply =
            move |inputs: &[Tensor]| apply(inputs.try_into().expect("as many inputs as the case was made with"));
        Self { name: name.to_string(), inputs: inputs.map(Tensor::into_leaf).into(), apply: Box::new(apply) }
    }

    pub(crate) fn apply(&self, inputs: &[Tensor]) -> Tensor {
        (self.apply)(inputs)
    }

    /// The output, then the gradient of sum(output ⊙ cotangent) by each input; the cotangent is drawn.
    pub(crate) fn run(&self) -> Vec<Tensor> {
        let out = self.apply(&self.inputs);
        let gradients = self.gradients(&out, &cotangent(&out));
        [vec![out], gradients].concat()
    }

    /// The gradients by the inputs, given that of the output.
    pub(crate) fn gradients(&self, out: &Tensor, cotangent: &Tensor) -> Vec<Tensor> {
        let grads = out.backward_with(cotangent);
        let of = |x| grads.of(x).unwrap_or_else(|| panic!("{}: an input has no gradient", self.name)).clone();
        self.inputs.iter().map(of).collect()
    }
}

/// A gradient to begin the way back with, away from zero so that every element matters.
pub(crate) fn cotangent(out: &Tensor) -> Tensor {
    Draw::new(0xC07).away_from_zero(out.shape())
}

/// The output and the gradients of `fused`, held against those of `plain` on the same inputs.
#[track_caller]
pub(crate) fn assert_twins(fused: &Case, plain: &Case, tolerance: f64) {
    for (i, (fused_one, plain_one)) in fused.run().iter().zip(plain.run()).enumerate() {
        let what = if i == 0 {
            format!("{}: output", fused.name)
        } else {
            format!("{}: gradient of input {}", fused.name, i - 1)
        };
        assert_close(&what, fused_one, &plain_one, tolerance);
    }
}
