//! What every model in the list promises, at small sizes and in its variations: where it starts, what it may see, what
//! it learns, that it can be kept. What it shows is in `watching.rs`, how it remembers in `memory.rs`.

mod common;

use common::{
    ROWS, SOURCES, TIME, bits, default, exact_loss, for_each_decoder, gradient_bits, loss, small, spelling, training,
};
use rushlight_engine::{CrossEntropy, Grads, Ids, Rng, Tensor, cross_entropy, no_grad};
use rushlight_models::{Input, Model, Sizes, Source, Takes};
use rushlight_nn::optimizers::adamw;
use rushlight_nn::{Context, Mode, weights};
use std::collections::BTreeSet;

#[test]
fn every_model_starts_at_chance() {
    for case in default() {
        for seed in 0..3 {
            let model = case.fresh(seed);
            let logits = model.forward(&mut training(), &case.input(64, seed));
            let (chance, start) = ((logits.width() as f32).ln(), loss(&logits).item());
            // A table starts at zero, and so exactly there.
            let allowed = if model.params().get("table.weight").is_some() { 1e-6 } else { 0.05 };
            assert!((start / chance - 1.0).abs() <= allowed, "{}: starts at {start}, chance is {chance}", case.name);
        }
    }
}

#[test]
fn no_model_sees_the_future() {
    for_each_decoder(|case, model| {
        let ids = case.ids(ROWS, TIME, 3);
        let before = model.forward(&mut Context::evaluate(), &case.reading(&ids));
        for changed in 0..TIME {
            let mut other = ids.data().to_vec();
            for row in other.chunks_exact_mut(TIME) {
                row[changed] = (row[changed] + 1) % case.sizes.vocabulary as u32;
            }
            let after = model.forward(&mut Context::evaluate(), &case.reading(&Ids::new(ids.shape(), other)));
            let until = |logits: &Tensor, time| bits(&logits.narrow(1, 0, time));
            assert!(until(&after, changed) == until(&before, changed), "{}: saw token {changed} early", case.name);
            assert!(
                until(&after, changed + 1) != until(&before, changed + 1),
                "{}: ignored token {changed}",
                case.name
            );
        }
    });
}

#[test]
fn padding_on_the_right_changes_nothing_before_it() {
    const LENGTHS: [usize; ROWS] = [TIME, 4];
    for_each_decoder(|case, model| {
        let (ids, targets) = (case.ids(ROWS, TIME, 3), case.ids(ROWS, TIME, 4));
        let is_padding = |i: usize| i % TIME >= LENGTHS[i / TIME];
        let pad = |ids: &Ids, with: u32| {
            let padded = ids.data().iter().enumerate().map(|(i, &id)| if is_padding(i) { with } else { id });
            Ids::new(ids.shape(), padded.collect::<Vec<_>>())
        };
        let targets = pad(&targets, CrossEntropy::IGNORED);
        let run = |with: u32| {
            // Batch norm is out of this: in training its statistics are those of all windows.
            let logits = model.forward(&mut Context::evaluate(), &case.reading(&pad(&ids, with)));
            let grads = cross_entropy(&logits, &targets, &CrossEntropy::default()).backward();
            let real = (0..ROWS).flat_map(|row| bits(&logits.narrow(0, row, 1).narrow(1, 0, LENGTHS[row])));
            (real.collect::<Vec<_>>(), gradients(model, &grads))
        };
        assert!(run(0) == run(9), "{}: logits or gradients depend on padding", case.name);
    });
}

/// The numbers of every gradient; unlike bits, they do not tell 0 from -0.
fn gradients(model: &dyn Model, grads: &Grads) -> Vec<Option<Vec<f32>>> {
    model.params().iter().map(|param| param.gradient(grads).map(|gradient| gradient.data().to_vec())).collect()
}

#[test]
fn every_place_of_a_source_is_seen_and_its_padding_is_not() {
    for case in small().iter().filter(|case| case.entry.takes == Takes::Pair) {
        let (model, ids) = (case.rough(), case.ids(ROWS, TIME, 3));
        let logits = |source: &Source| {
            let input = Input::Pair(source.clone(), ids.clone());
            bits(&model.forward(&mut Context::evaluate(), &input))
        };
        let source = case.source(ROWS, 5);
        assert!(source.lengths[0] != source.lengths[1], "one of them is padded");
        let before = logits(&source);
        for place in 0..source.ids.data().len() {
            let mut other = source.ids.data().to_vec();
            other[place] = (other[place] + 1) % SOURCES as u32;
            let changed = Source { ids: Ids::new(source.ids.shape(), other), ..source.clone() };
            let (row, column) = (place / source.places(), place % source.places());
            let is_padding = column >= source.lengths[row];
            let same = logits(&changed) == before;
            assert_eq!(same, is_padding, "{}: row {row}, place {column} of {:?}", case.name, source.lengths);
        }
        // More padding changes at most the order in which numbers are added.
        let wider = source.places() + 3;
        let rows = source.ids.data().chunks_exact(source.places());
        let padded: Vec<u32> = rows.flat_map(|row| [row, &[7; 3]].concat()).collect();
        let padded = Source { ids: Ids::new(&[ROWS, wider], padded), ..source.clone() };
        let run = |source| model.forward(&mut Context::evaluate(), &Input::Pair(source, ids.clone()));
        common::assert_near(&case.name, &run(padded), &run(source));
    }
}

#[test]
fn every_word_of_a_sentence_is_seen_and_its_padding_is_not() {
    for case in small().iter().filter(|case| case.entry.takes == Takes::Sentences) {
        let model = case.rough();
        let answers = |source: &Source| {
            model.forward(&mut Context::evaluate(), &Input::Sentences(source.clone(), spelling(source)))
        };
        let source = case.source(ROWS, 5);
        assert!(source.lengths[0] != source.lengths[1], "one of them is padded");
        // Of each row the intent, and the tags of words that there are.
        let of = |answers: &Tensor, row: usize| {
            let tags = source.lengths[row] * case.sizes.tags;
            bits(&answers.narrow(0, row, 1).narrow(1, 0, case.sizes.vocabulary + tags))
        };
        let before = answers(&source);
        for place in 0..source.ids.data().len() {
            let mut other = source.ids.data().to_vec();
            other[place] = (other[place] + 1) % SOURCES as u32;
            let changed = Source { ids: Ids::new(source.ids.shape(), other), ..source.clone() };
            let (row, column) = (place / source.places(), place % source.places());
            let same = of(&answers(&changed), row) == of(&before, row);
            assert_eq!(same, column >= source.lengths[row], "{}: row {row}, word {column}", case.name);
        }
        // Alone, without padding, a row is the same but for the order in which numbers are added.
        for row in 0..ROWS {
            let length = source.lengths[row];
            let ids = Ids::new(&[1, length], &source.ids.data()[row * source.places()..][..length]);
            let alone = answers(&Source::whole(ids));
            let padded = before.narrow(0, row, 1).narrow(1, 0, alone.width());
            common::assert_near(&case.name, &alone, &padded);
        }
    }
}

#[test]
fn rows_in_another_order_give_outputs_in_that_order() {
    const ORDER: [usize; 5] = [3, 0, 4, 2, 1];
    for case in small() {
        let (model, input) = (case.rough(), case.input(ORDER.len(), 3));
        let width = |shape: &[usize]| shape[1..].iter().product::<usize>();
        let mixed = match &input {
            Input::Rows(rows) => Input::Rows(rows.select(&ORDER)),
            Input::Ids(ids) => Input::Ids(mixed(ids, &ORDER, width(ids.shape()))),
            Input::Contexts(ids) => Input::Contexts(mixed(ids, &ORDER, width(ids.shape()))),
            Input::Pair(source, ids) => {
                let lengths = ORDER.iter().map(|&row| source.lengths[row]).collect();
                let source = Source { ids: mixed(&source.ids, &ORDER, source.places()), lengths };
                Input::Pair(source, mixed(ids, &ORDER, width(ids.shape())))
            }
            Input::Sentences(source, _) => {
                let lengths = ORDER.iter().map(|&row| source.lengths[row]).collect();
                let source = Source { ids: mixed(&source.ids, &ORDER, source.places()), lengths };
                let spelling = spelling(&source);
                Input::Sentences(source, spelling)
            }
        };
        let outputs = model.forward(&mut Context::evaluate(), &input).select(&ORDER);
        common::assert_near(&case.name, &model.forward(&mut Context::evaluate(), &mixed), &outputs);
    }
}

fn mixed(ids: &Ids, order: &[usize], width: usize) -> Ids {
    let rows = order.iter().flat_map(|row| ids.data()[row * width..][..width].to_vec());
    Ids::new(ids.shape(), rows.collect::<Vec<_>>())
}

#[test]
fn every_model_can_memorise_one_batch() {
    const STEPS: usize = 500;
    for case in small().iter().filter(|case| !case.is_random()) {
        let model = case.fresh(0);
        let (input, targets) = memorable(case, &*model);
        let mut optimizer = adamw::Config::default().build().expect("the default settings fit");
        for _ in 0..STEPS {
            match (model.counting(), &input) {
                (Some(counting), Input::Ids(ids)) => _ = counting.count(ids, &targets, counting.begin(ROWS)),
                _ => {
                    let logits = model.forward(&mut training(), &input);
                    let grads = cross_entropy(&logits, &targets, &CrossEntropy::default()).backward();
                    optimizer.step(model.params(), &grads, 0.02);
                }
            }
        }
        if let Some(counting) = model.counting() {
            counting.finish();
        }
        let logits = model.forward(&mut training(), &input);
        let end = cross_entropy(&logits, &targets, &CrossEntropy::default()).item();
        assert!(end < 0.1, "{}: the loss is still {end}", case.name);
    }
}

/// A batch in which what the model can see decides the target: for one that remembers nothing, the last token.
fn memorable(case: &common::Case, model: &dyn Model) -> (Input, Ids) {
    let input = case.input(ROWS, 4);
    let remembers = model.decoder().is_none_or(|decoder| !case.begin(decoder, 1, 0).tensors().is_empty());
    let targets = match &input {
        Input::Ids(ids) if !remembers => {
            let next = ids.data().iter().map(|id| (id * 3 + 1) % case.sizes.vocabulary as u32);
            Ids::new(ids.shape(), next.collect::<Vec<_>>())
        }
        Input::Ids(ids) | Input::Pair(_, ids) => {
            let firsts = ids.data().chunks_exact(TIME).map(|row| row[0]);
            assert_eq!(firsts.collect::<BTreeSet<u32>>().len(), ROWS, "rows that begin alike cannot be told apart");
            case.ids(ROWS, TIME, 5)
        }
        _ => case.ids(1, ROWS, 5).reshape(&[ROWS]),
    };
    (input, targets)
}

#[test]
fn every_model_survives_the_disk() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("model.safetensors");
    for case in small() {
        let (saved, input) = (case.rough(), case.input(ROWS, 3));
        saved.forward(&mut training(), &input); // moves running statistics away from their start
        weights::save(&path, saved.params(), &[]).expect("weights can be written");
        let loaded = case.fresh(1);
        weights::load(&path, loaded.params()).expect("weights can be read");
        let logits = |model: &dyn Model| bits(&model.forward(&mut Context::evaluate(), &input));
        assert!(logits(&*loaded) == logits(&*saved), "{}: other bits after loading", case.name);
    }
}

/// A central difference, (f(x+h) - f(x-h)) / 2h. With h = 1/1024 its own error is h²/6 = 2e-7 of the third derivative,
/// and that of a mean over places of logits rounded to f32 about 1e-7/h = 1e-4. A ReLU within h of its kink has no
/// slope: the inputs are such that none is.
#[test]
fn every_gradient_is_the_slope() {
    const STEP: f32 = 1.0 / 1024.0;
    const SAMPLES: usize = 4;
    let mut wrong = Vec::new();
    for case in small() {
        let (model, input) = (case.rough(), case.input(5, 3));
        let logits = || model.forward(&mut training(), &input);
        let grads = loss(&logits()).backward();
        let mut rng = Rng::new(9);
        for param in model.params().trainable() {
            let gradient =
                param.gradient(&grads).unwrap_or_else(|| panic!("{}: {} took no part", case.name, param.name()));
            let largest = gradient.data().iter().fold(0.0, |most: f32, slope| most.max(slope.abs()));
            for _ in 0..SAMPLES {
                let element = rng.below(param.count());
                let start = param.value().data()[element];
                let loss_at = |place: f32| {
                    param.update(|numbers| numbers[element] = place);
                    no_grad(|| exact_loss(&logits()))
                };
                let (above, below) = (start + STEP, start - STEP);
                let slope = (loss_at(above) - loss_at(below)) / f64::from(above - below);
                param.update(|numbers| numbers[element] = start);
                let difference = (slope - f64::from(gradient.data()[element])).abs();
                if difference.is_nan() || difference > 3e-4 + 1e-3 * f64::from(largest) {
                    wrong.push(format!(
                        "{}: {}[{element}]: {difference:.1e} of {largest:.1e}",
                        case.name,
                        param.name()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_model_has_as_many_parameters_as_its_header_says() {
    for case in small().iter().chain(&default()) {
        let said = (case.entry.parameters)(&case.config, case.sizes).expect("the settings fit");
        assert_eq!(case.fresh(0).params().count(), said, "{}", case.name);
    }
}

#[test]
fn parameters_too_many_to_count_are_the_largest_number() {
    const HUGE: usize = 99_999_999_999_999_999; // squared it is 1e34, and usize ends at 1.8e19
    // What has no weights has none of any size.
    let has_weights = |case: &&common::Case| case.fresh(0).params().count() > 0;
    for case in small().iter().chain(&default()).filter(has_weights) {
        let asked = |vocabulary, window| (case.entry.parameters)(&case.config, Sizes::new(vocabulary, window));
        assert_eq!(asked(usize::MAX, 8).expect("the settings fit"), usize::MAX, "{}", case.name);
        let said = asked(HUGE, HUGE).expect("the settings fit");
        assert!(said >= HUGE, "{}: {said} is wrapped round", case.name);
    }
    let bigram = rushlight_models::bigram::ENTRY.parameters;
    let said = bigram(&serde_json::json!({}), Sizes::new(HUGE, 64)).expect("the settings fit");
    assert_eq!(said, usize::MAX);
}

#[test]
fn every_model_trains_on_as_few_rows_as_it_says() {
    for case in small() {
        let model = case.fresh(0);
        let least = model.least_rows();
        assert_eq!(least, if case.config["batch_norm"] == true { 2 } else { 1 }, "{}", case.name);
        let logits = model.forward(&mut training(), &case.input(least, 3));
        assert!(logits.data().iter().all(|x| x.is_finite()), "{}", case.name);
    }
}

#[test]
fn one_thread_and_two_give_the_same_bits() {
    for case in default().iter().chain(&small()) {
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start");
            pool.install(|| {
                let model = case.fresh(0);
                let logits = model.forward(&mut training(), &case.input(33, 3));
                (bits(&logits), gradient_bits(model.params(), &loss(&logits).backward()))
            })
        };
        assert!(run(1) == run(2), "{}: the threads can be told from the numbers", case.name);
    }
}

#[test]
fn dropout_falls_in_training_alone() {
    for case in small().iter().filter(|case| case.is_random()) {
        let (model, input) = (case.rough(), case.input(ROWS, 3));
        let run = |mode: Mode, seed: u64| {
            let mut cx = Context::train(Rng::new(seed));
            cx.mode = mode;
            bits(&model.forward(&mut cx, &input))
        };
        let (train, evaluate) = (|seed| run(Mode::Train, seed), |seed| run(Mode::Evaluate, seed));
        assert!(evaluate(1) == evaluate(2), "{}: evaluation is random", case.name);
        assert!(train(1) != evaluate(1), "{}: nothing was dropped", case.name);
        assert!(train(1) != train(2), "{}: the same was dropped twice", case.name);
        assert!(train(1) == train(1), "{}: one stream dropped two things", case.name);
    }
}
