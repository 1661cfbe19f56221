//! What the tests of models share: every model in small sizes and in its variations, weights that bend every
//! nonlinearity, inputs, a loss, and the measure of difference. No tests.
#![allow(dead_code, reason = "every test binary uses its own part")]

use rushlight_engine::{Bags, CrossEntropy, Grads, Ids, Rng, Tensor, cross_entropy};
use rushlight_models::{ALL, Decoder, Entry, Generator, Input, Memory, Model, Sizes, Source, Takes};
use rushlight_nn::{Context, Params, Role};
use serde_json::{Value, json};

/// Lengths of axes, no two alike: rows, time, vocabulary.
pub(crate) const ROWS: usize = 2;
pub(crate) const TIME: usize = 6;
pub(crate) const VOCABULARY: usize = 11;

/// Places of a sentence to translate, and tokens that it may have.
pub(crate) const PLACES: usize = 9;
pub(crate) const SOURCES: usize = 13;

/// What a word of a sentence to understand may be, and the pieces of its spelling.
pub(crate) const TAGS: usize = 4;
pub(crate) const PIECES: usize = 17;

/// Of every model small sizes, and the variations of it that are tried on top of them.
fn variations(name: &str) -> (Value, Vec<Value>) {
    let stacked = json!({"embed": 5, "hidden": 7, "layers": 3});
    match name {
        "bigram" => (json!({}), vec![json!({"counts": false})]),
        "feed_forward" => (
            json!({"hidden": [7, 5]}),
            vec![json!({"activation": "tanh", "batch_norm": true}), json!({"dropout": 0.3})],
        ),
        "kneser_ney" => (json!({"order": 3}), vec![json!({"discounts": "one"})]),
        "mlp" => (
            json!({"embed": 5, "hidden": 7}),
            vec![
                json!({"layers": 4, "batch_norm": true}),
                json!({"direct": true}),
                json!({"start": "uniform", "activation": "gelu"}),
            ],
        ),
        "rnn" => (stacked, vec![json!({"activation": "sigmoid"}), json!({"dropout": 0.3})]),
        "lstm" => (stacked, vec![json!({"skips": true}), json!({"dropout": 0.3}), json!({"start": {"uniform": 0.1}})]),
        "gru" => (stacked, vec![json!({"reset": "before"}), json!({"dropout": 0.3})]),
        "gpt" => (
            json!({"layers": 2, "heads": 3, "width": 12, "inner": 14}),
            vec![
                json!({"norm": "after"}),
                json!({"norm": "none"}),
                json!({"positions": "sinusoidal", "tied": true}),
                json!({"dropout": 0.3}),
            ],
        ),
        "gated_conv" => (
            json!({"layers": 3, "width": 5, "filter": 3}),
            vec![json!({"filter": 2}), json!({"filter": 4}), json!({"dropout": 0.3})],
        ),
        "encoder_decoder" | "bahdanau" => (json!({"embed": 5, "hidden": 7}), vec![json!({"dropout": 0.3})]),
        "seq2seq" => (stacked, vec![json!({"reverse": false}), json!({"dropout": 0.3})]),
        // GELU, for it is nowhere without a slope.
        "transformer" => (
            json!({"layers": 2, "heads": 3, "width": 12, "inner": 14, "activation": "gelu"}),
            vec![json!({"norm": "after"}), json!({"positions": "learned", "share": "output"}), json!({"dropout": 0.3})],
        ),
        "text_cnn" => (
            json!({"width": 5, "filters": [1, 2, 3], "channels": 4, "forget": 0.0, "embed_dropout": 0.0, "dropout": 0.0, "activation": "tanh"}),
            vec![json!({"dropout": 0.3, "forget": 0.3})],
        ),
        "gru_tagger" => (
            json!({"width": 5, "hidden": 7, "forget": 0.0, "embed_dropout": 0.0, "dropout": 0.0}),
            vec![json!({"layers": 2}), json!({"dropout": 0.3})],
        ),
        "encoder" => (
            json!({"layers": 2, "heads": 3, "width": 12, "inner": 14, "forget": 0.0, "embed_dropout": 0.0, "dropout": 0.0}),
            vec![json!({"positions": "learned"}), json!({"dropout": 0.3})],
        ),
        other => panic!("{other}: no small sizes stand here"),
    }
}

/// A model with settings and sizes.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) entry: &'static Entry,
    pub(crate) config: Value,
    pub(crate) sizes: Sizes,
    /// Whether it is more than other sizes.
    pub(crate) varied: bool,
}

/// Every model in its small sizes, and in each of its variations.
pub(crate) fn small() -> Vec<Case> {
    all(VOCABULARY, |small| small)
}

/// The same in the sizes that a model has when nothing is said, with a vocabulary of characters.
pub(crate) fn default() -> Vec<Case> {
    all(65, |_| json!({}))
}

fn all(vocabulary: usize, sizes: fn(Value) -> Value) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in ALL {
        let (small, changes) = variations(entry.name);
        for change in [json!({})].into_iter().chain(changes) {
            let mut config = sizes(small.clone());
            let changed = change.as_object().expect("a variation is a table").clone();
            config.as_object_mut().expect("sizes are a table").extend(changed);
            cases.push(Case { varied: change != json!({}), ..Case::new(entry, config, vocabulary) });
        }
    }
    cases
}

impl Case {
    fn new(entry: &'static Entry, config: Value, vocabulary: usize) -> Self {
        let window = match entry.takes {
            Takes::Ids => 8,
            Takes::Pair | Takes::Sentences => PLACES,
            Takes::Contexts => 3,
            Takes::Rows => 4,
        };
        Self {
            name: format!("{} {config}", entry.name),
            entry,
            config,
            sizes: match entry.takes {
                Takes::Pair => Sizes { source: SOURCES, ..Sizes::new(vocabulary, window) },
                Takes::Sentences => {
                    Sizes { source: SOURCES, tags: TAGS, pieces: PIECES, ..Sizes::new(vocabulary, window) }
                }
                _ => Sizes::new(vocabulary, window),
            },
            varied: false,
        }
    }

    /// As it starts.
    pub(crate) fn fresh(&self, seed: u64) -> Box<dyn Model> {
        (self.entry.build)(&self.config, self.sizes, seed).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// With weights large enough that nothing inside is nearly linear, or nearly zero; one that counts has counted.
    pub(crate) fn rough(&self) -> Box<dyn Model> {
        let (model, mut rng) = (self.fresh(0), Rng::new(1));
        // Where weights are large from the start, as wide as a narrow layer asks, less is rough enough.
        let roughness = if self.entry.name == "transformer" { 0.2 } else { 0.4 };
        if let Some(counting) = model.counting() {
            counting.count(&self.ids(1, 200, 2), &self.ids(1, 200, 3), counting.begin(1));
            counting.finish();
        }
        for param in model.params().iter().filter(|param| param.role() == Role::Weight) {
            param.update(|numbers| numbers.iter_mut().for_each(|x| *x += roughness * rng.normal()));
        }
        model
    }

    /// Whether every pass in training is another one.
    pub(crate) fn is_random(&self) -> bool {
        self.config["dropout"].as_f64().is_some_and(|share| share > 0.0)
    }

    pub(crate) fn ids(&self, rows: usize, times: usize, seed: u64) -> Ids {
        let mut rng = Rng::new(seed);
        let ids: Vec<u32> = (0..rows * times).map(|_| rng.below(self.sizes.vocabulary) as u32).collect();
        Ids::new(&[rows, times], ids)
    }

    /// Sentences of different lengths; a row is the same whatever stands beside it.
    pub(crate) fn source(&self, rows: usize, seed: u64) -> Source {
        let sentences = (0..rows as u64).map(|row| {
            let mut rng = Rng::new(1000 + seed + row);
            let length = 1 + rng.below(PLACES);
            (0..length).map(|_| rng.below(SOURCES) as u32).collect::<Vec<_>>()
        });
        let sentences: Vec<Vec<u32>> = sentences.collect();
        let lengths: Vec<usize> = sentences.iter().map(Vec::len).collect();
        let places = lengths.iter().copied().max().unwrap_or(0);
        let padded = sentences.into_iter().flat_map(|mut ids| {
            ids.resize(places, 0);
            ids
        });
        Source { ids: Ids::new(&[rows, places], padded.collect::<Vec<_>>()), lengths }
    }

    /// What the model takes to read `ids` at once.
    pub(crate) fn reading(&self, ids: &Ids) -> Input {
        match self.entry.takes {
            Takes::Pair => Input::Pair(self.source(ids.shape()[0], 0), ids.clone()),
            _ => Input::Ids(ids.clone()),
        }
    }

    /// The memory of `rows` sequences of which nothing has been read; those that translate have a sentence each, that of
    /// [`Case::reading`] with the seed 0.
    pub(crate) fn begin(&self, model: &dyn Decoder, rows: usize, seed: u64) -> Memory {
        match model.translator() {
            Some(translator) => translator.encode(&mut Context::evaluate(), &self.source(rows, seed)),
            None => model.generator().expect("a decoder begins from nothing or from sentences").begin(rows),
        }
    }

    /// `rows` rows of what the model takes.
    pub(crate) fn input(&self, rows: usize, seed: u64) -> Input {
        match self.entry.takes {
            Takes::Ids => Input::Ids(self.ids(rows, TIME, seed)),
            Takes::Contexts => Input::Contexts(self.ids(rows, self.sizes.window, seed)),
            Takes::Rows => Input::Rows(Tensor::normal(&[rows, self.sizes.window], &mut Rng::new(seed))),
            Takes::Pair => Input::Pair(self.source(rows, seed), self.ids(rows, TIME, seed)),
            Takes::Sentences => {
                let source = self.source(rows, seed);
                let spelling = spelling(&source);
                Input::Sentences(source, spelling)
            }
        }
    }
}

/// The spelling of each word of sentences, which follows from its id; of padding nothing.
pub(crate) fn spelling(source: &Source) -> Bags {
    let places = source.ids.data().chunks_exact(source.places()).zip(&source.lengths);
    let bags = places.flat_map(|(row, &length)| {
        row.iter().enumerate().map(move |(place, &id)| {
            let pieces = if place < length { 1 + id as usize % 3 } else { 0 };
            (0..pieces).map(|piece| ((id as usize * 5 + piece * 3) % PIECES) as u32).collect::<Vec<_>>()
        })
    });
    Bags::new(bags)
}

/// The small cases that read from left to right, with rough weights.
pub(crate) fn for_each_decoder(mut check: impl FnMut(&Case, &dyn Decoder)) {
    for case in small() {
        let model = case.rough();
        if let Some(decoder) = model.decoder() {
            check(&case, decoder);
        }
    }
}

/// The small language models, with rough weights.
pub(crate) fn for_each_generator(mut check: impl FnMut(&Case, &dyn Generator)) {
    for case in small() {
        if let Some(generator) = case.rough().generator() {
            check(&case, generator);
        }
    }
}

/// The mean cross-entropy against targets that are drawn.
pub(crate) fn loss(logits: &Tensor) -> Tensor {
    cross_entropy(logits, &targets(logits), &CrossEntropy::default())
}

/// The same in f64 from the logits on.
pub(crate) fn exact_loss(logits: &Tensor) -> f64 {
    let rows = logits.data().chunks_exact(logits.width()).zip(targets(logits).data().to_vec());
    let losses = rows.map(|(row, target)| {
        let total: f64 = row.iter().map(|&x| f64::from(x).exp()).sum();
        total.ln() - f64::from(row[target as usize])
    });
    losses.sum::<f64>() / logits.shape().rows() as f64
}

fn targets(logits: &Tensor) -> Ids {
    let mut rng = Rng::new(77);
    let shape = &logits.shape()[..logits.shape().len() - 1];
    let targets: Vec<u32> = (0..shape.iter().product()).map(|_| rng.below(logits.width()) as u32).collect();
    Ids::new(shape, targets)
}

/// A training pass; its random numbers are the same each time.
pub(crate) fn training<'o>() -> Context<'o> {
    Context::train(Rng::new(5))
}

pub(crate) fn bits(x: &Tensor) -> Vec<u32> {
    x.data().iter().map(|x| x.to_bits()).collect()
}

/// The bits of every gradient, in the order of the parameters.
pub(crate) fn gradient_bits(params: &Params, grads: &Grads) -> Vec<Option<Vec<u32>>> {
    params.iter().map(|param| param.gradient(grads).map(bits)).collect()
}

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
pub(crate) fn assert_near(what: &str, a: &Tensor, b: &Tensor) {
    const TOLERANCE: f64 = 1e-5;
    assert_eq!(a.shape(), b.shape(), "{what}: shapes");
    let difference = relative(a.data(), b.data());
    assert!(difference <= TOLERANCE, "{what}: {difference:.1e} apart");
}
