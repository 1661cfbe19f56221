//! What holds for every optimizer in the list: who is moved, exact resume, and refusals.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use rushlight_engine::{Grads, Tensor};
use rushlight_nn::init::Init;
use rushlight_nn::optimizers::{ALL, Entry, Optimizer};
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Builder, Params, weights};
use serde_json::{Value, json};

/// Every optimizer with settings that switch all of its parts on.
fn all() -> Vec<(&'static Entry, Value)> {
    ALL.iter()
        .map(|entry| {
            let mut settings = json!({ "weight_decay": 0.1 });
            for (key, value) in [("momentum", json!(0.9)), ("nesterov", json!(true))] {
                if entry.keys.contains(&key) {
                    settings[key] = value;
                }
            }
            (entry, settings)
        })
        .collect()
}

fn build(name: &str, settings: Value) -> Result<Box<dyn Optimizer>, SettingError> {
    let entry = ALL.iter().find(|entry| entry.name == name).unwrap();
    (entry.build)(&settings)
}

fn params(shapes: &[(&str, &[usize])]) -> Params {
    let mut build = Builder::new(5);
    for (name, shape) in shapes {
        build.weight(name, shape, &Init::Normal { std: 1.0 });
    }
    build.finish()
}

fn small() -> Params {
    params(&[("w", &[3, 5]), ("b", &[7])])
}

/// The gradients of Σ w³ of the parameters named: 3w².
fn gradients(params: &Params, of: &[&str]) -> Grads {
    let cubes = of.iter().map(|name| {
        let value = params.get(name).unwrap().value();
        (value.square() * &value).sum()
    });
    cubes.reduce(|sum, cube| sum + cube).unwrap().backward()
}

fn bits(params: &Params) -> Vec<Vec<u32>> {
    let bits = |tensor: Tensor| tensor.data().iter().map(|x| x.to_bits()).collect();
    params.iter().map(|param| bits(param.value())).collect()
}

fn copy(from: &Params, to: &Params) {
    from.iter().zip(to.iter()).for_each(|(from, to)| to.set(&from.value()));
}

#[test]
fn a_parameter_without_a_gradient_stays_as_it_is() {
    for (entry, settings) in all() {
        let (mut optimizer, params) = ((entry.build)(&settings).unwrap(), small());
        let before = bits(&params);
        optimizer.step(&params, &gradients(&params, &["w"]), 0.1);
        let after = bits(&params);
        assert!(before[0].iter().zip(&after[0]).all(|(a, b)| a != b), "{}: w stands still", entry.name);
        assert_eq!(before[1], after[1], "{}: b moved", entry.name);
        assert!(optimizer.state(&params).iter().all(|(name, _)| name.starts_with("w.")));
    }
}

#[test]
fn a_frozen_parameter_stays_as_it_is() {
    for (entry, settings) in all() {
        let (mut optimizer, params) = ((entry.build)(&settings).unwrap(), small());
        let before = bits(&params);
        let grads = gradients(&params, &["w", "b"]);
        params.get("b").unwrap().freeze(true);
        optimizer.step(&params, &grads, 0.1);
        assert_eq!(before[1], bits(&params)[1], "{}", entry.name);
    }
}

#[test]
fn a_restored_optimizer_goes_on_with_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("optimizer.safetensors");
    for (entry, settings) in all() {
        let (mut through, params) = ((entry.build)(&settings).unwrap(), small());
        // The second parameter has missed two steps: its count is another one.
        for step in 0..5 {
            let of: &[&str] = if step < 2 { &["w"] } else { &["w", "b"] };
            through.step(&params, &gradients(&params, of), 0.01);
        }
        std::fs::write(&path, weights::tensor_bytes(&through.state(&params), &[])).unwrap();
        let (mut resumed, other) = ((entry.build)(&settings).unwrap(), small());
        copy(&params, &other);
        resumed.load_state(&other, &weights::read_tensors(&path).unwrap()).unwrap();
        for _ in 0..3 {
            through.step(&params, &gradients(&params, &["w", "b"]), 0.01);
            resumed.step(&other, &gradients(&other, &["w", "b"]), 0.01);
        }
        assert_eq!(bits(&params), bits(&other), "{}", entry.name);
    }
}

#[test]
fn a_state_that_was_taken_does_not_move_with_the_next_step() {
    let (mut optimizer, params) = (build("adam", json!({})).unwrap(), small());
    optimizer.step(&params, &gradients(&params, &["w"]), 0.1);
    let taken = optimizer.state(&params);
    let before: Vec<_> = taken.iter().map(|(_, tensor)| tensor.data().to_vec()).collect();
    optimizer.step(&params, &gradients(&params, &["w"]), 0.1);
    let after: Vec<_> = taken.iter().map(|(_, tensor)| tensor.data().to_vec()).collect();
    assert_eq!(before, after);
}

#[test]
fn how_the_work_is_cut_changes_no_bit() {
    // One parameter large enough to be shared among threads, against the same numbers in small ones.
    const PIECES: usize = 4;
    const PIECE: usize = 25_001;
    for (entry, settings) in all() {
        let whole = params(&[("w", &[PIECES * PIECE])]);
        let names = ["p0", "p1", "p2", "p3"];
        let pieces = params(&names.map(|name| (name, &[PIECE][..])));
        let value = whole.get("w").unwrap().value();
        for (name, numbers) in names.iter().zip(value.data().chunks(PIECE)) {
            pieces.get(name).unwrap().set(&Tensor::new(&[PIECE], numbers));
        }
        let mut optimizers = [(); 2].map(|()| (entry.build)(&settings).unwrap());
        for _ in 0..2 {
            optimizers[0].step(&whole, &gradients(&whole, &["w"]), 0.01);
            optimizers[1].step(&pieces, &gradients(&pieces, &names), 0.01);
        }
        assert!(bits(&whole).concat() == bits(&pieces).concat(), "{}", entry.name);
    }
}

#[test]
fn adamw_can_spare_vectors_from_decay() {
    let moved = |decay: &str| {
        let settings = json!({ "weight_decay": 0.5, "decay": decay });
        let (mut optimizer, params) = (build("adamw", settings).unwrap(), small());
        optimizer.step(&params, &gradients(&params, &["w", "b"]), 0.1);
        bits(&params)
    };
    let plain = {
        let (mut optimizer, params) = (build("adamw", json!({ "weight_decay": 0 })).unwrap(), small());
        optimizer.step(&params, &gradients(&params, &["w", "b"]), 0.1);
        bits(&params)
    };
    let (all, matrices) = (moved("all"), moved("matrices"));
    assert!(matrices[0] == all[0] && matrices[0] != plain[0]);
    assert!(matrices[1] == plain[1] && matrices[1] != all[1]);
}

#[test]
fn the_state_of_another_optimizer_is_refused_and_nothing_changes() {
    let params = small();
    let mut sgd = build("sgd", json!({ "momentum": 0.9 })).unwrap();
    sgd.step(&params, &gradients(&params, &["w"]), 0.1);
    let mut adam = build("adam", json!({})).unwrap();
    adam.step(&params, &gradients(&params, &["w"]), 0.1);
    let error = adam.load_state(&params, &sgd.state(&params)).unwrap_err().to_string();
    assert_eq!(error, "missing: `w.first_moment`, `w.second_moment`; unknown: `w.velocity`");
    assert_eq!(adam.state(&params).len(), 3); // steps and two moments, as before
}

#[test]
fn the_state_of_another_model_is_refused() {
    let (other, params) = (params(&[("w", &[3, 6]), ("c", &[2])]), small());
    let mut sgd = build("sgd", json!({ "momentum": 0.9 })).unwrap();
    sgd.step(&other, &gradients(&other, &["w", "c"]), 0.1);
    let error = sgd.load_state(&params, &sgd.state(&other)).unwrap_err().to_string();
    assert_eq!(error, "unknown: `c.steps`, `c.velocity`; of another shape: `w.velocity` is [3, 6] and must be [3, 5]");
}

#[track_caller]
fn refused(name: &str, settings: Value, message: &str) {
    let Err(error) = build(name, settings) else { panic!("{name} takes it") };
    assert_eq!(error.to_string(), message);
}

#[test]
fn settings_that_make_no_sense_are_refused_by_name() {
    refused("sgd", json!({ "momentum": 1 }), "`momentum` is 1, but must be at least 0 and below 1");
    refused("sgd", json!({ "nesterov": true }), "`momentum` is 0, but must be above 0 where `nesterov` is true");
    refused("adam", json!({ "beta1": -0.1 }), "`beta1` is -0.1, but must be at least 0 and below 1");
    refused("adagrad", json!({ "epsilon": "small" }), "`epsilon`: invalid type: string \"small\", expected f64");
    refused("adamw", json!({ "decay": "some" }), "`decay`: unknown variant `some`, expected `all` or `matrices`");
    refused(
        "rmsprop",
        json!({ "momntum": 0.9 }),
        "unknown key `momntum`; the keys are `alpha`, `epsilon`, `momentum`, `weight_decay`",
    );
}
