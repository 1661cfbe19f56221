//! Every loss, in every reduction, with its gradient.

use crate::golden::{Golden, assert_near};
use rushlight_engine::{Ids, Tensor};
use rushlight_nn::losses::{CrossEntropy, Reduction, Weighting, binary_cross_entropy, cross_entropy, squared_error};

const TOLERANCE: f32 = 1e-5;
const REDUCTIONS: [(&str, Reduction); 3] =
    [("mean", Reduction::Mean), ("sum", Reduction::Sum), ("none", Reduction::None)];

/// Every recorded case whose name begins with `family`, in each reduction: loss and gradient.
fn check(family: &str, loss: impl Fn(&Golden, &str, &Tensor, Reduction) -> Tensor) {
    let golden = Golden::open("losses");
    let mut checked = 0;
    for (name, reduction) in REDUCTIONS {
        for key in golden.keys() {
            let Some(case) = key.strip_suffix(&format!("-{name}/input")) else { continue };
            if !case.starts_with(family) {
                continue;
            }
            let case = format!("{case}-{name}");
            let input = golden.tensor(&format!("{case}/input")).into_leaf();
            let out = loss(&golden, &case, &input, reduction);
            assert_near(&case, &out, &golden.tensor(&format!("{case}/out")), TOLERANCE);
            let grads = out.backward_with(&golden.tensor(&format!("{case}/cotangent")));
            let gradient = grads.of(&input).unwrap();
            assert_near(&case, gradient, &golden.tensor(&format!("{case}/grad")), TOLERANCE);
            checked += 1;
        }
    }
    assert!(checked >= REDUCTIONS.len() * 2, "{family}: only {checked} cases are recorded");
}

fn weighting(golden: &Golden, case: &str, reduction: Reduction) -> Weighting {
    let key = format!("{case}/weights");
    Weighting { weights: golden.has(&key).then(|| golden.tensor(&key)), reduction }
}

#[test]
fn squared_error_is_pytorchs() {
    check("mse", |golden, case, input, reduction| {
        let target = golden.tensor(&format!("{case}/target"));
        squared_error(input, &target, &weighting(golden, case, reduction))
    });
}

#[test]
fn binary_cross_entropy_is_pytorchs() {
    check("bce", |golden, case, input, reduction| {
        let target = golden.tensor(&format!("{case}/target"));
        binary_cross_entropy(input, &target, &weighting(golden, case, reduction))
    });
}

#[test]
fn cross_entropy_is_pytorchs() {
    check("cross-entropy", |golden, case, input, reduction| {
        let config = golden.config();
        let smoothing = if case.contains("smoothing") { config["smoothing"].as_f64().unwrap() } else { 0.0 };
        let how = CrossEntropy {
            smoothing: smoothing as f32,
            class_weights: weighting(golden, case, reduction).weights,
            reduction,
        };
        let targets = golden.integers(&format!("{case}/target")).into_iter().map(|target| {
            let ignored = target == config["ignored"].as_i64().unwrap();
            if ignored { CrossEntropy::IGNORED } else { u32::try_from(target).unwrap() }
        });
        let targets: Vec<u32> = targets.collect();
        cross_entropy(input, &Ids::new(&[targets.len()], targets), &how)
    });
}
