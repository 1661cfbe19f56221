//! The loop does what the recipe says: accumulation, early stopping, schedules, and starting from another run.
#![allow(clippy::unwrap_used)]

mod common;

use common::{GPT_LINES, MLP, NOISE, Place, finish, weights};
use rushlight_engine::{Bags, Grads, Ids, Rng, Tensor};
use rushlight_models::{ALL, Input, Source};
use rushlight_nn::Params;
use rushlight_nn::clip::Clip;
use rushlight_nn::optimizers::Optimizer;
use rushlight_nn::weights::Mismatch;
use rushlight_trace::{Record, RunFolder, Which};
use rushlight_train::{Forcing, Labels, Prepared, Reason, Run, Session, StepReport, StepSettings, Targets, take_step};
use std::ops::Range;

// Accumulation

/// Every model, without chance and without batch norm, whose statistics are those of each part.
const CALM: &[&str] = &[
    r#"data = { kind = "lines", path = "names.txt" }
model = { kind = "bigram", counts = false }"#,
    r#"data = { kind = "noise", samples = 20 }
model = { kind = "feed_forward", hidden = [7] }"#,
    r#"data = { kind = "lines", path = "names.txt", batching = "contexts" }
model = { kind = "mlp", embed = 3, hidden = 7 }"#,
    r#"data = { kind = "lines", path = "names.txt" }
model = { kind = "rnn", embed = 5, hidden = 7 }"#,
    r#"data = { kind = "lines", path = "names.txt" }
model = { kind = "lstm", embed = 5, hidden = 7 }"#,
    r#"data = { kind = "lines", path = "names.txt" }
model = { kind = "gru", embed = 5, hidden = 7 }"#,
    r#"data = { kind = "reverse", pairs = true, train = 40, validation = 10, test = 0 }
model = { kind = "encoder_decoder", embed = 5, hidden = 7 }"#,
    r#"data = { kind = "reverse", pairs = true, train = 40, validation = 10, test = 0 }
model = { kind = "seq2seq", embed = 5, hidden = 7 }"#,
    r#"data = { kind = "utterances", path = "requests.tsv", spelling = { buckets = 50 } }
model = { kind = "text_cnn", width = 5, channels = 3, forget = 0.0, embed_dropout = 0.0, dropout = 0.0 }"#,
    r#"data = { kind = "parallel", path = "pairs.tsv" }
tokenizer = { kind = "word" }
model = { kind = "bahdanau", embed = 5, hidden = 7 }"#,
    r#"data = { kind = "utterances", path = "requests.tsv", spelling = { buckets = 50 } }
model = { kind = "gru_tagger", width = 5, hidden = 7, forget = 0.0, embed_dropout = 0.0, dropout = 0.0 }"#,
    r#"data = { kind = "lines", path = "names.txt" }
model = { kind = "gated_conv", layers = 2, width = 5, filter = 3 }"#,
    r#"data = { kind = "reverse", pairs = true, train = 40, validation = 10, test = 0 }
model = { kind = "transformer", layers = 1, heads = 2, width = 8 }"#,
    r#"data = { kind = "utterances", path = "requests.tsv", spelling = { buckets = 50 } }
model = { kind = "encoder", layers = 1, heads = 2, width = 8, forget = 0.0, embed_dropout = 0.0, dropout = 0.0 }"#,
    r#"data = { kind = "lines", path = "names.txt" }
model = { kind = "gpt", layers = 1, heads = 2, width = 8 }"#,
];

/// Moves nothing and keeps the gradient.
#[derive(Default)]
struct Keep(Vec<f32>);

impl Optimizer for Keep {
    fn step(&mut self, params: &Params, grads: &Grads, _: f32) {
        let gradients = params.trainable().filter_map(|param| param.gradient(grads));
        self.0 = gradients.flat_map(|gradient| gradient.data().to_vec()).collect();
    }

    fn state(&self, _: &Params) -> Vec<(String, Tensor)> {
        Vec::new()
    }

    fn load_state(&mut self, _: &Params, _: &[(String, Tensor)]) -> Result<(), Mismatch> {
        Ok(())
    }
}

/// The gradient of a step on these parts, and what the step reports.
fn gradient(session: &Session, parts: &[Prepared]) -> (Vec<f32>, StepReport) {
    let settings =
        StepSettings { clip: Clip::Never, smoothing: 0.1, fault: None, forcing: Forcing::ALWAYS, rng: Rng::new(0) };
    let mut kept = Keep::default();
    let report = take_step(&*session.model, &mut kept, parts, &mut None, &settings, (0, 1.0), false);
    (kept.0, report)
}

/// Some rows of a batch.
fn piece(whole: &Prepared, rows: Range<usize>) -> Prepared {
    let of_ids = |ids: &Ids| {
        let row = ids.data().len() / whole.rows();
        let shape = [&[rows.len()], &ids.shape()[1..]].concat();
        Ids::new(&shape, &ids.data()[rows.start * row..rows.end * row])
    };
    let of_tensor = |tensor: &Tensor| tensor.narrow(0, rows.start, rows.len());
    let input = match &whole.input {
        Input::Ids(ids) => Input::Ids(of_ids(ids)),
        Input::Contexts(ids) => Input::Contexts(of_ids(ids)),
        Input::Rows(rows) => Input::Rows(of_tensor(rows)),
        Input::Pair(source, ids) => {
            let lengths = source.lengths[rows.clone()].to_vec();
            Input::Pair(Source { ids: of_ids(&source.ids), lengths }, of_ids(ids))
        }
        Input::Sentences(source, spelling) => {
            let lengths = source.lengths[rows.clone()].to_vec();
            let of_rows = spelling.iter().skip(rows.start * source.places()).take(rows.len() * source.places());
            Input::Sentences(Source { ids: of_ids(&source.ids), lengths }, Bags::new(of_rows))
        }
    };
    let targets = match &whole.targets {
        Targets::Classes(ids) => Targets::Classes(of_ids(ids)),
        Targets::Values(values) => Targets::Values(of_tensor(values)),
        Targets::Labels(labels) => Targets::Labels(Labels {
            intents: of_ids(&labels.intents),
            tags: of_ids(&labels.tags),
            kinds: labels.kinds,
        }),
    };
    Prepared { input, targets, goes_on: whole.goes_on }
}

#[test]
fn accumulation_leaves_the_gradient_equal_to_that_of_the_large_batch() {
    let place = Place::new();
    let kinds = CALM.iter().map(|text| {
        let session = place.session(&format!("{text}\ntrain = {{ steps = 1, batch = 8, window = 20 }}"), &[]);
        let large = session.batch_at(0).unwrap();
        // Parts of unequal size, of names of unequal length: a mean of means would be another loss.
        let parts = [0..1, 1..5, 5..8].map(|rows| piece(&large, rows));
        let ((whole, of_whole), (sum, of_sum)) = (gradient(&session, &[large]), gradient(&session, &parts));
        let largest = whole.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        let furthest = whole.iter().zip(&sum).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
        let name = session.entry.name;
        assert!(largest > 0.0 && furthest <= 1e-6 * largest, "{name}: {furthest:e} of {largest:e}");
        assert_eq!(of_whole.counted, of_sum.counted, "{name}");
        assert!((of_whole.loss - of_sum.loss).abs() <= 1e-6 * of_whole.loss, "{name}: {}", of_sum.loss);
        let norms = (of_whole.gradient_norm, of_sum.gradient_norm);
        assert!((norms.0 - norms.1).abs() <= 1e-6 * norms.0, "{name}: {norms:?}");
        name
    });
    // What only counts has no gradient.
    let learning = ALL.iter().map(|entry| entry.name).filter(|name| *name != "kneser_ney");
    assert_eq!(kinds.collect::<Vec<_>>(), learning.collect::<Vec<_>>());
}

#[test]
fn four_batches_of_two_train_like_one_of_eight() {
    let place = Place::new();
    let losses = |run: &str, sets: &[&str]| -> Vec<f64> {
        // 96 names are trained on: twelve batches of eight, so that an epoch ends nowhere within a batch.
        let text = r#"data = { kind = "lines", path = "names.txt" }
model = { kind = "gru", embed = 5, hidden = 7 }
train = { epochs = 2, lr = 0.1, optimizer = { kind = "sgd" } }"#;
        let (run, _) = place.train(run, text, sets);
        assert_eq!((run.session.total_steps(), run.session.steps_per_epoch()), (24, 12));
        place
            .records(&run.folder().name())
            .iter()
            .filter_map(|record| if let Record::Step(step) = record { Some(step.loss) } else { None })
            .collect()
    };
    let large = losses("large", &["train.batch=8"]);
    let small = losses("small", &["train.batch=2", "train.accumulate=4"]);
    assert_eq!((large.len(), small.len()), (24, 24));
    // The same sums in another order, over 24 steps.
    assert!(large.iter().zip(&small).all(|(a, b)| (a - b).abs() < 1e-5), "{large:?} {small:?}");
}

// Counting

#[test]
fn a_stream_is_counted_with_its_state_carried() {
    let text = r#"data = { kind = "text", path = "plays.txt", batching = "stream" }
model = { kind = "kneser_ney", order = 4 }
train = { steps = 1, batch = 1 }"#;
    let place = Place::new();
    // Runs of four characters go over the ends of windows, however long those are.
    let counted =
        |window: &str| common::weights(&place.train(window, text, &[&format!("train.window={window}")]).0.session);
    let whole = counted("2699");
    assert!(whole["ngrams"].len() > 5 * 1000 && whole == counted("7") && whole == counted("1"));
}

// Early stopping

#[test]
fn early_stopping_brings_the_best_weights_back() {
    // Ten samples of noise are learned by heart; the hundred of validation only suffer.
    let text = r#"data = { kind = "noise", samples = 10 }
model = { kind = "feed_forward", hidden = [50] }
train = { steps = 1000, batch = 10, lr = 0.01, evaluate = { every_steps = 5 }, stop = { patience_evaluations = 3 } }"#;
    let place = Place::new();
    let (run, ending) = place.train("run", text, &[]);
    assert_eq!(ending.reason, Reason::StoppedEarly);
    let records = place.records("run");
    let validation: Vec<(u64, f64)> = records
        .iter()
        .filter_map(|record| match record {
            Record::Evaluation(e) if e.split == "validation" => Some((e.step, e.loss)),
            _ => None,
        })
        .collect();
    let (on_the_way, last) = (&validation[..validation.len() - 1], validation[validation.len() - 1]);
    let best = on_the_way.iter().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    assert_eq!(on_the_way.last().unwrap().0, best.0 + 3 * 5, "three evaluations in vain, five steps each");
    assert!(on_the_way.last().unwrap().1 > best.1);
    assert_eq!(last, (run.session.progress.step, best.1), "measured with the weights of step {}", best.0);
    assert_eq!(ending.validation.unwrap().loss(), best.1);
    // They are what is left, whichever checkpoint is asked for.
    for which in [Which::Best, Which::Last, Which::Step(best.0)] {
        let saved = Run::open(&place.path("run"), which).unwrap();
        assert!(weights(&saved) == weights(&run.session), "{which:?}");
    }
    assert!(matches!(records.last(), Some(Record::Done(done)) if done.reason.starts_with("stopped early")));
}

#[test]
fn without_a_validation_part_the_training_part_is_judged_by() {
    let text = r#"data = { kind = "lines", path = "names.txt", validation = 0.0, test = 0.0 }
model = { kind = "bigram", counts = false }
train = { epochs = 3, batch = 16, lr = 0.1 }"#;
    let place = Place::new();
    let (run, ending) = place.train("run", text, &[]);
    let evaluations: Vec<_> = place
        .records("run")
        .into_iter()
        .filter_map(|r| if let Record::Evaluation(e) = r { Some(e) } else { None })
        .collect();
    // 120 names are 8 batches of 16, the last of them smaller.
    assert_eq!(
        evaluations.iter().map(|e| (e.split.as_str(), e.step)).collect::<Vec<_>>(),
        [("train", 8), ("train", 16), ("train", 24)]
    );
    assert!(evaluations[2].loss < evaluations[1].loss && evaluations[1].loss < evaluations[0].loss);
    assert_eq!((ending.validation, ending.train.unwrap().loss()), (None, evaluations[2].loss));
    assert_eq!(run.folder().checkpoint(Which::Best).unwrap().step, 24);
}

// Schedules

fn rates(text: &str) -> Vec<f64> {
    let place = Place::new();
    place.train("run", text, &[]);
    place
        .records("run")
        .iter()
        .filter_map(|record| if let Record::Step(step) = record { Some(step.learning_rate) } else { None })
        .collect()
}

#[track_caller]
fn near(rates: &[f64], expected: &[f64]) {
    let near = rates.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6 * b);
    assert!(near && rates.len() == expected.len(), "{rates:?}\n{expected:?}");
}

#[test]
fn a_schedule_is_recorded_as_it_is_followed() {
    let text = r#"data = { kind = "noise", samples = 10 }
model = { kind = "feed_forward" }
train = { steps = 8, batch = 5, lr = 0.4, schedule = { kind = "step", every_steps = 3, factor = 0.5, warmup_steps = 2 } }"#;
    // A warm-up of 1/2 and 2/2, then 0.4 for three steps, half of it for three more.
    near(&rates(text), &[0.2, 0.4, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2]);
}

#[test]
fn a_plateau_listens_to_the_evaluations_on_the_way() {
    let text = r#"data = { kind = "noise", samples = 10 }
model = { kind = "feed_forward" }
[train]
steps = 8
batch = 5
lr = 0.001
schedule = { kind = "plateau", factor = 0.5, patience_evaluations = 0, threshold = 0.9 }
evaluate = { every_steps = 2 }"#;
    // The first loss, after step 2, is the best; no later one is below a tenth of it, so each halves the rate.
    near(&rates(text), &[0.001, 0.001, 0.001, 0.001, 0.0005, 0.0005, 0.00025, 0.00025]);
}

// What stays on the disk

#[test]
fn as_many_checkpoints_are_kept_as_the_recipe_says_and_the_best() {
    let text = MLP.replace("checkpoint = { every_steps = 4 }", "checkpoint = { every_steps = 1, keep = 3 }");
    let place = Place::new();
    let (run, _) = place.train("run", &text, &[]);
    let best = run.folder().checkpoint(Which::Best).unwrap().step;
    let mut kept: Vec<u64> = [10, 11, 12].into_iter().chain([best]).collect();
    kept.sort_unstable();
    kept.dedup();
    assert_eq!(run.folder().checkpoints().unwrap(), kept);
}

#[test]
fn an_observer_may_end_a_run_in_its_own_words() {
    let place = Place::new();
    let mut run = place.begin("run", NOISE, &[]);
    let mut observer = common::Listener(|record: &Record| match record {
        Record::Evaluation(evaluation) if evaluation.step == 4 => std::ops::ControlFlow::Break("enough".into()),
        _ => std::ops::ControlFlow::Continue(()),
    });
    let ending = run.train(&mut observer, &std::sync::atomic::AtomicBool::new(false)).unwrap();
    assert_eq!((ending.reason, run.session.progress.step), (Reason::Asked("enough".into()), 4));
    assert_eq!(run.folder().checkpoint(Which::Last).unwrap().step, 4);
}

// `[train.init]`

/// A place with a trained run `first`, and the recipe text that starts from it.
fn after_first(text: &str) -> (Place, String) {
    let place = Place::new();
    place.train("first", text, &[]);
    let init = format!("init = {{ run = {:?} }}\n", place.path("first"));
    (place, format!("{text}{init}"))
}

#[test]
fn a_run_may_start_from_the_best_weights_of_another() {
    let (place, text) = after_first(MLP);
    let first = Run::open(&place.path("first"), Which::Best).unwrap();
    let second = place.begin("second", &text, &["train.seed=5"]);
    assert!(weights(&second.session) == weights(&first));
    let fresh = place.session(MLP, &["train.seed=5"]);
    assert!(weights(&fresh) != weights(&first));
}

#[test]
fn frozen_parameters_stay_and_all_others_move() {
    let (place, text) = after_first(MLP);
    let frozen = ["train.init.freeze=[\"embed.*\", \"*.bias\"]"];
    let mut run = place.begin("second", &text, &frozen);
    let before = weights(&run.session);
    common::interrupt(&mut run, 5);
    drop(run);
    let mut resumed = place.resume("second");
    finish(&mut resumed);
    for (name, bits) in &weights(&resumed.session) {
        let is_held = name.starts_with("embed.") || name.ends_with(".bias");
        assert_eq!(bits == &before[name], is_held, "{name}");
    }
}

#[track_caller]
fn refused(place: &Place, text: &str, sets: &[&str], words: &[&str]) {
    let Err(error) = Run::create(&place.path("refused"), place.recipe(text, sets), &[]) else { panic!("it was taken") };
    let message = error.to_string();
    assert!(words.iter().all(|word| message.contains(word)), "{message}");
    assert!(RunFolder::open(&place.path("refused")).is_err() && !place.path("refused").exists(), "a folder was left");
}

#[test]
fn weights_of_another_shape_are_refused_with_the_difference() {
    let (place, text) = after_first(MLP);
    refused(
        &place,
        &text,
        &["model.hidden=9"],
        &["does not fit this model", "`hidden.0.weight` is [7, 9] and must be [9, 9]"],
    );
}

#[test]
fn weights_of_another_model_are_refused_with_the_difference() {
    let (place, text) = after_first(MLP);
    let other = GPT_LINES.to_owned() + text.lines().last().unwrap();
    refused(&place, &other, &[], &["first", "whose model is `mlp`, but [model] says `gpt`"]);
}

#[test]
fn weights_of_another_build_of_the_model_are_refused_with_the_difference() {
    let (place, text) = after_first(MLP);
    let sets = ["model.layers=3", "model.direct=false"];
    refused(&place, &text, &sets, &["missing: `hidden.2.weight`, `norms.2.weight`", "unknown: `direct.weight`"]);
}

#[test]
fn a_run_that_begins_from_another_reads_with_its_vocabulary() {
    let (place, text) = after_first(MLP);
    let names = std::fs::read_to_string(place.path("names.txt")).unwrap();
    std::fs::write(place.path("names.txt"), names.replace('a', "e")).unwrap();
    let session = Session::begun(place.recipe(&text, &[])).unwrap();
    assert!(session.tokenizer().unwrap().id("a").is_some(), "the letter that no name has any more");
    // A character that those weights know nothing of has no place there.
    std::fs::write(place.path("names.txt"), names.replace('a', "ä")).unwrap();
    refused(&place, &text, &[], &["names.txt", "`ä`"]);
}

#[test]
fn a_name_to_freeze_that_nothing_has_is_refused_with_those_that_there_are() {
    let (place, text) = after_first(MLP);
    refused(&place, &text, &["train.init.freeze=[\"embd.*\"]"], &["`embd.*`", "embed.weight", "out.bias"]);
}

#[test]
fn a_run_to_start_from_that_is_not_there_is_refused() {
    let (place, text) = after_first(MLP);
    refused(&place, &text, &["train.init.run=nowhere"], &["`nowhere`", "is not a run"]);
}

#[test]
fn a_transformer_is_not_let_onto_a_stream() {
    let place = Place::new();
    let text = common::GPT.replace("path = \"plays.txt\"", "path = \"plays.txt\", batching = \"stream\"");
    refused(&place, &text, &[], &["a `gpt` sees no further back than its window of 8", "`batching = \"windows\"`"]);
}
