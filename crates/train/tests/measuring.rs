//! What is measured is what is there: evaluations count every target once, probes find what models were built to have,
//! and watching tells known values.
#![allow(clippy::unwrap_used)]

mod common;

use common::{CASES, Place};
use rushlight_data::kinds::recall::at_distance;
use rushlight_data::{DataConfig, Part, PartName};
use rushlight_engine::{Ids, Rng, Tensor};
use rushlight_models::{ALL, Input, Model, Sizes};
use rushlight_nn::Context;
use rushlight_nn::clip::Clip;
use rushlight_nn::optimizers::sgd;
use rushlight_trace::{Axis, GradientDistance, Layer, Record, Saturation, SiteKind, Weight};
use rushlight_train::{Forcing, Session, StepSettings, Watch, probe, take_step};
use serde_json::json;
use std::sync::Arc;

// Evaluation

/// The counts that the lecture prints (makemore, part 2: `torch.Size([182625, 3])` and the two below it).
const LECTURE: [(PartName, usize); 3] =
    [(PartName::Train, 182_625), (PartName::Validation, 22_655), (PartName::Test, 22_866)];

#[test]
fn every_target_of_the_lecture_is_counted_once() {
    let place = Place::new();
    for batching in ["contexts", "rows"] {
        let text = format!(
            r#"data = {{ kind = "lines", dataset = "names", split = "lecture", batching = "{batching}" }}
model = {{ kind = "bigram", counts = false }}
train = {{ steps = 1, window = 3 }}"#
        );
        let session = place.session(&text, &[]);
        for (part, targets) in LECTURE {
            let score = session.evaluate(part, None).unwrap();
            assert_eq!(score.counted, targets, "{batching}: {}", part.name());
            // A table of zeros gives every letter the same probability.
            assert!((score.loss() - 27_f64.ln()).abs() < 1e-6, "{}", score.loss());
        }
    }
}

#[test]
fn every_target_of_a_text_is_counted_once_however_it_is_cut() {
    let place = Place::new();
    // 2700 of 3000 characters are trained on. The first has nothing before it; with contexts, the first seven.
    for (batching, kind, targets) in
        [("windows", "bigram", 2699), ("stream", "bigram", 2699), ("contexts", "mlp", 2693)]
    {
        for batch in [1, 4, 7] {
            let text = format!(
                r#"data = {{ kind = "text", path = "plays.txt", batching = "{batching}" }}
model = {{ kind = "{kind}" }}
train = {{ steps = 1, batch = {batch}, window = 7 }}"#
            );
            let score = place.session(&text, &[]).evaluate(PartName::Train, None).unwrap();
            assert_eq!(score.counted, targets, "{batching} of {batch}");
        }
    }
}

#[test]
fn an_evaluation_may_end_early_but_not_before_it_has_seen_enough() {
    let text = r#"data = { kind = "lines", dataset = "names" }
model = { kind = "bigram", counts = false }
train = { steps = 1 }"#;
    let session = Place::new().session(text, &[]);
    let all = session.evaluate(PartName::Train, None).unwrap();
    for most in [1, 5000, 50_000] {
        let some = session.evaluate(PartName::Train, Some(most)).unwrap().counted;
        assert!((most..most + 5000).contains(&some), "{some} for {most}");
    }
    assert_eq!(session.evaluate(PartName::Train, Some(1_000_000)).unwrap(), all);
}

#[test]
fn a_stream_is_evaluated_with_its_state_carried() {
    // One row reads the whole text; windows begin afresh each time. A model with a memory cannot give both the same.
    let place = Place::new();
    let sets = ["train.batch=1", "train.window=5"];
    let stream = place.session(common::GRU_STREAM, &sets);
    let whole = stream.corpus.train.id_stream().first(usize::MAX).unwrap().to_vec();
    let inputs = Ids::new(&[1, whole.len() - 1], &whole[..whole.len() - 1]);
    let logits = stream.model.forward(&mut Context::evaluate(), &Input::Ids(inputs));
    let at_once: f64 = logits
        .data()
        .chunks_exact(logits.width())
        .zip(&whole[1..])
        .map(|(row, &target)| {
            let total: f64 = row.iter().map(|&x| f64::from(x).exp()).sum();
            total.ln() - f64::from(row[target as usize])
        })
        .sum();
    let carried = stream.evaluate(PartName::Train, None).unwrap().loss_sum;
    assert!((carried - at_once).abs() < 1e-4 * at_once, "{carried} {at_once}");
}

#[test]
fn evaluation_knows_neither_smoothing_nor_dropout() {
    let place = Place::new();
    let plain = place.session(common::LSTM, &["train.smoothing=0", "model.dropout=0"]);
    let other = place.session(common::LSTM, &["train.smoothing=0.3", "model.dropout=0.5"]);
    let score = |session: &Session| session.evaluate(PartName::Validation, None).unwrap();
    assert_eq!(score(&plain), score(&other));
}

// Probes

/// A model of the list with settings, for 7 tokens.
fn made(kind: &str, config: serde_json::Value, window: usize) -> Box<dyn Model> {
    let entry = ALL.iter().find(|entry| entry.name == kind).unwrap();
    (entry.build)(&config, Sizes::new(7, window), 3).unwrap()
}

fn set(model: &dyn Model, name: &str, value: impl Fn(usize) -> f32) {
    let param = model.params().get(name).unwrap_or_else(|| panic!("no parameter {name}"));
    param.update(|numbers| numbers.iter_mut().enumerate().for_each(|(i, number)| *number = value(i)));
}

fn drawn(count: usize, seed: u64) -> Vec<u32> {
    let mut rng = Rng::new(seed);
    (0..count).map(|_| rng.below(7) as u32).collect()
}

fn reach_of(model: &dyn Model) -> Vec<f64> {
    let places: Vec<usize> = (0..300).map(|i| 8 + i).collect();
    let reach = probe::reach(model, "it", &drawn(400, 1), &places, &[1, 2, 3, 5, 8]);
    assert_eq!(reach.k, [1, 2, 3, 5, 8]);
    reach.loss
}

#[test]
fn a_bigram_has_no_use_for_more_than_one_token() {
    let model = made("bigram", json!({"counts": false}), 8);
    set(&*model, "table.weight", |i| (i as f32).sin());
    let loss = reach_of(&*model);
    assert!(loss.iter().all(|at| (at - loss[0]).abs() < 1e-6), "{loss:?}");
}

#[test]
fn the_reach_of_an_mlp_ends_at_its_window() {
    let loss = reach_of(&*made("mlp", json!({"embed": 5, "hidden": 9, "output_scale": 3.0}), 3));
    assert!((loss[2] - loss[3]).abs() < 1e-6 && (loss[2] - loss[4]).abs() < 1e-6, "{loss:?}");
    assert!((loss[0] - loss[1]).abs() > 1e-3 && (loss[1] - loss[2]).abs() > 1e-3, "{loss:?}");
}

#[test]
fn an_lstm_hears_of_every_token() {
    let loss = reach_of(&*made("lstm", json!({"embed": 5, "hidden": 9}), 8));
    assert!(loss.windows(2).all(|pair| (pair[0] - pair[1]).abs() > 1e-6), "{loss:?}");
}

fn gradients_of(model: &dyn Model) -> Option<GradientDistance> {
    probe::gradient_distance(model, 9, &Ids::new(&[4, 12], drawn(48, 2)), &drawn(4, 3))
}

#[test]
fn the_gradient_of_an_rnn_shrinks_by_its_matrix_at_every_step() {
    let model = made("rnn", json!({"embed": 5, "hidden": 6}), 12);
    // h_t = tanh(W x_t + h_(t-1) / 2), so near zero that tanh is a line: half the gradient is left at each step.
    set(&*model, "embed.weight", |i| 1e-3 * (i as f32).sin());
    set(&*model, "layers.0.state.weight", |i| if i % 7 == 0 { 0.5 } else { 0.0 });
    ["input", "state"].iter().for_each(|side| set(&*model, &format!("layers.0.{side}.bias"), |_| 0.0));
    let measured = gradients_of(&*model).unwrap();
    assert_eq!((measured.step, &measured.distances), (9, &(0..12).collect()));
    for pair in measured.norms.windows(2) {
        assert!((pair[1] / pair[0] - 0.5).abs() < 1e-3, "{:?}", measured.norms);
    }
}

#[test]
fn the_gradient_of_a_fresh_rnn_decreases_with_distance() {
    let norms = gradients_of(&*made("rnn", json!({"embed": 5, "hidden": 64}), 12)).unwrap().norms;
    assert!(norms.windows(2).all(|pair| pair[1] < pair[0]), "{norms:?}");
}

#[test]
fn the_gradient_of_an_lstm_with_open_forget_gates_does_not_fade() {
    const H: usize = 6;
    let model = made("lstm", json!({"embed": 5, "hidden": H}), 12);
    // Gates in the order i f g o, H rows each. Nothing comes from the state; f is open, so c adds up what comes in.
    set(&*model, "embed.weight", |i| 1e-3 * (i as f32).sin());
    set(&*model, "layers.0.state.weight", |_| 0.0);
    set(&*model, "layers.0.state.bias", |_| 0.0);
    set(&*model, "layers.0.input.bias", |i| if (H..2 * H).contains(&i) { 20.0 } else { 0.0 });
    let norms = gradients_of(&*model).unwrap().norms;
    // The last token opens the output gate too, which moves h by as much as c is: next to nothing.
    assert!(norms.iter().all(|norm| (norm / norms[0] - 1.0).abs() < 0.01), "{norms:?}");
}

#[test]
fn a_table_and_a_window_have_no_gradient_over_distance() {
    assert_eq!(gradients_of(&*made("bigram", json!({"counts": false}), 12)), None);
    assert_eq!(gradients_of(&*made("mlp", json!({}), 12)), None);
}

#[test]
fn a_transformer_has_a_gradient_at_every_distance() {
    let norms = gradients_of(&*made("gpt", json!({"layers": 1, "heads": 2, "width": 8}), 12)).unwrap().norms;
    assert!(norms.len() == 12 && norms.iter().all(|norm| *norm > 0.0), "{norms:?}");
}

#[test]
fn recall_is_the_share_of_symbols_that_come_back() {
    let place = Place::new();
    let text = r#"data = { kind = "recall", symbols = 4, train = 100, validation = 10, test = 10 }
model = { kind = "bigram", counts = false }
train = { steps = 1, window = 110 }"#;
    let session = place.session(text, &[]);
    let DataConfig::Recall(config) = &session.recipe.data else { panic!("it is about recall") };
    let tokenizer = session.tokenizer().unwrap();
    // A table that always answers the cue with `B`.
    let (cue, b, width) = (tokenizer.id("?").unwrap(), tokenizer.id("B").unwrap(), tokenizer.vocab_size());
    set(&*session.model, "table.weight", |i| if i == cue as usize * width + b as usize { 9.0 } else { 0.0 });
    let (mut batches, mut right) = (Vec::new(), Vec::new());
    for distance in [3, 40] {
        let rows = at_distance(config, distance, 50, tokenizer, 0).unwrap();
        let of_b = (0..rows.len()).filter(|&row| rows.ids(row)[0] == b).count();
        right.push(of_b as f64 / 50.0);
        batches.push((
            distance as u64,
            session.cover(&Part::Rows(Arc::new(rows))).collect::<Result<Vec<_>, _>>().unwrap(),
        ));
    }
    let recall = probe::recall(&*session.model, "bigram", batches, 0.25);
    assert_eq!((recall.model.as_str(), recall.distance, recall.chance), ("bigram", vec![3, 40], Some(0.25)));
    assert_eq!(recall.accuracy, right);
    assert!(right.iter().all(|share| (0.0..1.0).contains(share) && *share > 0.0), "{right:?}");
}

#[test]
fn a_cost_is_measured_for_every_size() {
    let made = |length| {
        let model = made("gru", json!({"embed": 8, "hidden": 64}), 8);
        Ok::<_, ()>(probe::Stepped { model, rows: 16, length, vocabulary: 7 })
    };
    let cost = probe::cost("gru", Axis::Length, &[2, 512], made).unwrap();
    assert_eq!((cost.model.as_str(), cost.axis, &cost.size), ("gru", Axis::Length, &vec![2, 512]));
    for measured in [&cost.step_milliseconds, &cost.peak_megabytes] {
        // 256 times as much to do and to keep, all but the weights: far more than the tests beside this one hold.
        assert!(measured.len() == 2 && measured[1] > measured[0] && measured[0] > 0.0, "{cost:?}");
    }
}

#[test]
fn a_drawing_holds_every_parameter_and_ends_in_the_logits() {
    for case in CASES {
        let session = Place::new().session(case.text, &[]);
        let input = session.example_input().unwrap();
        let shape = probe::shape(&*session.model, &input);
        let parameters: u64 = shape.layers.iter().map(|layer| layer.parameters).sum();
        assert_eq!(parameters, session.model.params().count() as u64, "{}", case.name);
        let logits = session.model.forward(&mut Context::evaluate(), &input);
        assert_eq!(
            shape.layers.last().unwrap().output_shape,
            format!("{:?}", logits.shape().to_vec()),
            "{}",
            case.name
        );
        for pair in shape.layers.windows(2) {
            assert_eq!(pair[0].output_shape, pair[1].input_shape, "{}", case.name);
        }
    }
}

// Watching

/// An MLP of one hidden layer whose drives are `biases` for every example, and a step of plain descent on it.
fn watched(activation: &str, biases: [f32; 4]) -> Vec<Record> {
    let model = made("mlp", json!({"embed": 2, "hidden": 4, "activation": activation, "output_scale": 1.0}), 3);
    set(&*model, "hidden.0.weight", |_| 0.0);
    set(&*model, "hidden.0.bias", |i| biases[i]);
    let mut session_like = sgd::Config::default().build().unwrap();
    let parts = [rushlight_train::Prepared {
        input: Input::Contexts(Ids::new(&[5, 3], drawn(15, 4))),
        targets: rushlight_train::Targets::Classes(Ids::new(&[5], drawn(5, 5))),
        goes_on: rushlight_train::GoesOn::Never,
    }];
    let settings =
        StepSettings { clip: Clip::Never, smoothing: 0.0, fault: None, forcing: Forcing::ALWAYS, rng: Rng::new(0) };
    take_step(&*model, &mut *session_like, &parts, &mut None, &settings, (0, RATE), true).watched
}

const RATE: f32 = 0.25;

fn layer<'r>(records: &'r [Record], site: &str, kind: SiteKind) -> &'r Layer {
    let found = records.iter().find_map(|record| match record {
        Record::Layer(layer) if layer.site == site && layer.kind == kind => Some(layer),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no {kind} at {site}"))
}

#[test]
fn saturation_and_dead_units_are_counted_as_they_are() {
    // tanh of them is 0.99991, 0.97574, 0.46212 and -0.99991: three beyond 0.97, two of those beyond 0.99.
    let biases = [5.0, 2.2, 0.5, -5.0];
    let records = watched("tanh", biases);
    let drive = layer(&records, "hidden.0.drive", SiteKind::PreActivation);
    assert!((drive.mean - 0.675).abs() < 1e-6, "{}", drive.mean); // (5 + 2.2 + 0.5 - 5) / 4
    // √((25 + 4.84 + 0.25 + 25) / 4 - 0.675²) = √(13.7725 - 0.455625)
    assert!((drive.std - 13.316_875_f64.sqrt()).abs() < 1e-5, "{}", drive.std);
    assert_eq!((drive.saturated_share, drive.dead_units, drive.units), (None, None, 4));
    let active = layer(&records, "hidden.0.active", SiteKind::Activation);
    assert_eq!((active.saturated_share, active.dead_units, active.units), (Some(0.75), Some(2), 4));
    assert_eq!(active.histogram.total(), 5 * 4);
    assert_eq!((active.step, active.histogram.low, active.histogram.high), (1, -1.0, 1.0));
    let maps: Vec<&Saturation> =
        records.iter().filter_map(|r| if let Record::Saturation(map) = r { Some(map) } else { None }).collect();
    assert_eq!(maps.len(), 1);
    assert_eq!((maps[0].site.as_str(), &maps[0].rows), ("hidden.0.active", &vec!["#..#".to_owned(); 5]));
}

#[test]
fn a_relu_that_never_fires_is_dead() {
    let records = watched("relu", [-1.0, 1.0, -0.5, 2.0]);
    let active = layer(&records, "hidden.0.active", SiteKind::Activation);
    assert_eq!((active.saturated_share, active.dead_units), (None, Some(2)));
    assert!((active.mean - 0.75).abs() < 1e-6, "{}", active.mean); // (0 + 1 + 0 + 2) / 4
    // No gradient comes through a dead unit: half of the values at the drive are zero at least.
    let gradient = layer(&records, "hidden.0.drive", SiteKind::Gradient);
    let zero_bin = gradient.histogram.bins().find(|(middle, _)| middle.abs() <= gradient.histogram.bin_width() / 2.0);
    assert!(zero_bin.unwrap().1 >= 10, "{:?}", gradient.histogram);
}

#[test]
fn every_weight_tells_its_gradient_and_its_change() {
    let records = watched("tanh", [0.1, 0.2, -0.3, 0.4]);
    let weights: Vec<&Weight> =
        records.iter().filter_map(|r| if let Record::Weight(weight) = r { Some(weight) } else { None }).collect();
    let names: Vec<&str> = weights.iter().map(|weight| weight.name.as_str()).collect();
    assert_eq!(names, ["embed.weight", "hidden.0.weight", "hidden.0.bias", "out.weight", "out.bias"]);
    for weight in weights.iter().filter(|weight| weight.grad_to_data.is_finite() && weight.grad_to_data > 0.0) {
        // Plain descent moves by the rate times the gradient, give or take the rounding of the sum.
        let expected = f64::from(RATE) * weight.grad_to_data;
        assert!((weight.update_to_data - expected).abs() < 1e-3 * expected, "{}: {weight:?}", weight.name);
    }
    let out = weights.iter().find(|weight| weight.name == "out.weight").unwrap();
    assert!(out.grad_to_data > 0.0 && out.grad_histogram.total() == 7 * 4);
}

#[test]
fn gates_are_told_one_by_one() {
    let place = Place::new();
    for (text, gates) in [(common::LSTM, "ifgo"), (common::GRU, "rzn")] {
        let session: Session = place.session(text, &[]);
        let mut watch = Watch::default();
        session.model.forward(&mut Context::evaluate().watched(&mut watch), &session.batch_at(0).unwrap().input);
        let records = watch.records(0, &Tensor::leaf(&[1], [1.0]).sum().backward());
        for letter in gates.chars() {
            let gate = layer(&records, &format!("layers.1.gates.{letter}"), SiteKind::Gate);
            // Candidates lie between -1 and 1, gates between 0 and 1.
            let low = if "gn".contains(letter) { -1.0 } else { 0.0 };
            assert_eq!((gate.units, gate.histogram.low, gate.histogram.high), (6, low, 1.0), "{letter}");
            assert_eq!(gate.saturated_share, Some(0.0), "{letter}");
        }
    }
}
