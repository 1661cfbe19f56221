//! A batch that is cut into shards gives the loss, the gradient and the memory of the whole batch.
#![allow(clippy::unwrap_used)]

use rushlight_engine::{CrossEntropy, Ids, Rng, Tensor, cross_entropy, no_grad};
use rushlight_models::{ALL, Input, Memory, Model, Sizes};
use rushlight_nn::Context;
use rushlight_nn::clip::Clip;
use rushlight_nn::optimizers::{Optimizer, sgd};
use rushlight_train::{Forcing, GoesOn, Prepared, StepReport, StepSettings, Targets, take_step};
use serde_json::{Value, json};

const VOCABULARY: usize = 11;
const TIMES: usize = 40;

fn model(name: &str, config: &Value) -> Box<dyn Model> {
    let entry = ALL.iter().find(|entry| entry.name == name).unwrap();
    (entry.build)(config, Sizes::new(VOCABULARY, TIMES), 0).unwrap()
}

fn batch(rows: usize, seed: u64, goes_on: GoesOn) -> Prepared {
    let mut rng = Rng::new(seed);
    let mut ids = || {
        let ids: Vec<u32> = (0..rows * TIMES).map(|_| rng.below(VOCABULARY) as u32).collect();
        Ids::new(&[rows, TIMES], ids)
    };
    Prepared { input: Input::Ids(ids()), targets: Targets::Classes(ids()), goes_on }
}

/// The rows of `whole`, two by two: too few to be cut further.
fn pairs(whole: &Prepared) -> Vec<Prepared> {
    let (Input::Ids(inputs), Targets::Classes(targets)) = (&whole.input, &whole.targets) else { unreachable!() };
    let part = |ids: &Ids, from: usize| Ids::new(&[2, TIMES], &ids.data()[from * TIMES..(from + 2) * TIMES]);
    let pair = |from| Prepared {
        input: Input::Ids(part(inputs, from)),
        targets: Targets::Classes(part(targets, from)),
        goes_on: whole.goes_on,
    };
    (0..whole.rows()).step_by(2).map(pair).collect()
}

fn step(model: &dyn Model, parts: &[Prepared], memory: &mut Option<Memory>, rate: f32) -> StepReport {
    let mut optimizer: Box<dyn Optimizer> = sgd::Config::default().build().unwrap();
    let settings =
        StepSettings { clip: Clip::Never, smoothing: 0.0, fault: None, forcing: Forcing::ALWAYS, rng: Rng::new(5) };
    take_step(model, &mut *optimizer, parts, memory, &settings, (0, rate), false)
}

fn weights(model: &dyn Model) -> Vec<f32> {
    model.params().iter().flat_map(|param| param.value().data().to_vec()).collect()
}

fn assert_near(a: &[f32], b: &[f32], what: &str) {
    let size = b.iter().fold(0.0_f32, |most, b| most.max(b.abs()));
    let apart = a.iter().zip(b).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
    assert!(a.len() == b.len() && apart <= 1e-5 * size, "{what}: {apart} apart, of {size}");
}

#[test]
fn shards_have_the_gradient_of_the_batch() {
    let wide = json!({"embed": 8, "hidden": 12});
    for (name, config) in [("gpt", json!({"layers": 1, "heads": 2, "width": 8})), ("lstm", wide.clone()), ("gru", wide)]
    {
        let whole = batch(8, 1, GoesOn::Never);
        let (cut, apart) = (model(name, &config), model(name, &config));
        let before = weights(&*cut);
        let one = step(&*cut, std::slice::from_ref(&whole), &mut None, 1.0);
        let many = step(&*apart, &pairs(&whole), &mut None, 1.0);
        assert!((one.loss - many.loss).abs() < 1e-6 && one.counted == many.counted, "{name}");
        assert!((one.gradient_norm / many.gradient_norm - 1.0).abs() < 1e-5, "{name}");
        let moved = |after: Vec<f32>| after.iter().zip(&before).map(|(a, b)| a - b).collect::<Vec<_>>();
        assert_near(&moved(weights(&*cut)), &moved(weights(&*apart)), name);
    }
}

#[test]
fn contexts_and_rows_of_numbers_are_cut_too() {
    const ROWS: usize = 300;
    let mut rng = Rng::new(3);
    let mut ids = |shape: &[usize]| {
        let count = shape.iter().product();
        Ids::new(shape, (0..count).map(|_| rng.below(VOCABULARY) as u32).collect::<Vec<_>>())
    };
    let (contexts, classes) = (Input::Contexts(ids(&[ROWS, TIMES])), ids(&[ROWS]));
    let numbers = Input::Rows(Tensor::normal(&[ROWS, TIMES], &mut rng));
    let values = Tensor::normal(&[ROWS, VOCABULARY], &mut rng);
    let check = |name: &str, config: Value, batch: Prepared, loss: &dyn Fn(&Tensor) -> Tensor| {
        let model = model(name, &config);
        let whole = no_grad(|| loss(&model.forward(&mut Context::evaluate(), &batch.input))).item();
        let report = step(&*model, &[batch], &mut None, 0.0);
        assert!((report.loss as f32 - whole).abs() < 1e-5, "{name}: {} in shards, {whole} whole", report.loss);
    };
    let batch = Prepared { input: contexts, targets: Targets::Classes(classes.clone()), goes_on: GoesOn::Never };
    check("mlp", json!({"hidden": 12}), batch, &|logits| cross_entropy(logits, &classes, &CrossEntropy::default()));
    let batch = Prepared { input: numbers, targets: Targets::Values(values.clone()), goes_on: GoesOn::Never };
    check("feed_forward", json!({"hidden": [12]}), batch, &|outputs| (outputs - &values).square().mean());
}

#[test]
fn a_stream_goes_on_in_every_shard() {
    let model = model("lstm", &json!({"embed": 8, "hidden": 12}));
    let generator = model.generator().unwrap();
    let mut carried = None;
    let mut whole = generator.begin(8);
    // The last batch of a stream may have fewer rows.
    for (seed, rows, goes_on) in [(1, 8, GoesOn::Begins), (2, 8, GoesOn::Continues), (3, 7, GoesOn::Continues)] {
        let batch = batch(rows, seed, goes_on);
        step(&*model, std::slice::from_ref(&batch), &mut carried, 0.0);
        let Input::Ids(ids) = &batch.input else { unreachable!() };
        whole = whole.select(&(0..rows).collect::<Vec<_>>());
        whole = no_grad(|| generator.read(&mut Context::evaluate(), ids, whole)).1;
        let carried = carried.as_ref().unwrap();
        assert_eq!(carried.positions(), whole.positions());
        for ((name, carried), (_, whole)) in carried.tensors().iter().zip(whole.tensors()) {
            assert_near(carried.data(), whole.data(), name);
        }
    }
}

#[test]
fn rows_that_batch_norm_joins_stay_together() {
    let config = json!({"embed": 4, "hidden": 8, "batch_norm": true});
    let whole = batch(8, 1, GoesOn::Never);
    let (model, twin) = (model("mlp", &config), model("mlp", &config));
    assert!(!model.rows_are_apart());
    step(&*model, std::slice::from_ref(&whole), &mut None, 0.0);
    // Running statistics move once for each way forward.
    twin.forward(&mut Context::train(Rng::new(5).fork(0).fork(0)), &whole.input);
    assert_eq!(weights(&*model), weights(&*twin));
}
