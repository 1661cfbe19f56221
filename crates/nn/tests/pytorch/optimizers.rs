//! Twelve steps of every optimizer, through the list, as a recipe would make it.

use crate::golden::{Golden, assert_near, row};
use rushlight_nn::init::Init;
use rushlight_nn::optimizers::{ALL, Optimizer};
use rushlight_nn::{Builder, Params};
use serde_json::{Map, Value};

/// Our name for a setting of PyTorch's.
fn settings(theirs: &Value) -> (Value, f32) {
    let (mut ours, mut rate) = (Map::new(), f64::NAN);
    for (key, value) in theirs.as_object().unwrap() {
        match key.as_str() {
            "lr" => rate = value.as_f64().unwrap(),
            "eps" => drop(ours.insert("epsilon".into(), value.clone())),
            "betas" => {
                ours.insert("beta1".into(), value[0].clone());
                ours.insert("beta2".into(), value[1].clone());
            }
            same => drop(ours.insert(same.into(), value.clone())),
        }
    }
    (Value::Object(ours), rate as f32)
}

fn start(golden: &Golden) -> Params {
    let mut build = Builder::new(0);
    for name in ["a", "b"] {
        let value = golden.tensor(&format!("start/{name}"));
        build.weight(name, value.shape(), &Init::Zeros).set(&value);
    }
    build.finish()
}

/// One step with the recorded gradients: those of Σ weight ⊙ gradient.
fn step(golden: &Golden, params: &Params, optimizer: &mut dyn Optimizer, step: usize, rate: f32) {
    let products = params.iter().map(|param| {
        let gradient = row(&golden.tensor(&format!("gradients/{}", param.name())), step);
        (param.value() * gradient).sum()
    });
    let loss = products.reduce(|sum, product| sum + product).unwrap();
    optimizer.step(params, &loss.backward(), rate);
}

#[test]
fn every_optimizer_walks_as_pytorchs_does() {
    let golden = Golden::open("optimizers");
    let config = golden.config();
    let mut walked = Vec::new();
    for (case, theirs) in config.as_object().unwrap() {
        let name = case.split('-').next().unwrap();
        let entry = ALL.iter().find(|entry| entry.name == name).unwrap();
        let (settings, rate) = settings(theirs);
        let mut optimizer = (entry.build)(&settings).unwrap();
        let params = start(&golden);
        let steps = golden.tensor("gradients/a").shape()[0];
        for at in 0..steps {
            step(&golden, &params, &mut *optimizer, at, rate);
            for param in params.iter() {
                let expected = row(&golden.tensor(&format!("{case}/{}", param.name())), at);
                let what = format!("{case}, {} after step {at}", param.name());
                assert_near(&what, &param.value(), &expected, 1e-6);
            }
        }
        walked.push(name.to_string());
    }
    for entry in ALL {
        assert!(walked.iter().any(|name| name == entry.name), "{} has no golden walk", entry.name);
    }
}
