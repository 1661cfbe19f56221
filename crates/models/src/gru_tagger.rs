//! # Bidirectional GRU tagger: what a sentence wants, and what each of its words is, from one reading
//!
//! Follows   Liu, Lane, Attention-Based Recurrent Neural Network Models for Joint Intent Detection and Slot Filling, 2016,
//!           <https://arxiv.org/abs/1609.01454>, section 3.2
//! Before    `text_cnn.rs`: a few words at a time, and one answer for all of them.
//! New here  every word is read with all that comes before and behind it; intent and slots learn from each other.
//!
//! Letters   B batch, T time, D width, H hidden, L layers, I intents, S tags
//!
//!     x_t = word and spelling                                  `understanding.rs` (1)
//!     h_t = [GRU(x_t, →h_(t-1)), GRU(x_t, ←h_(t+1))]           (1)  2H wide; the states are the inputs of the next layer
//!     logits of a tag = W h_t + b                              (2)
//!     logits of the intent = W' [max_t h_t, mean_t h_t] + b'   (3)
//!
//! Parameters  UD + GD + 6H(D + H + 2) + (L - 1) 6H(3H + 2) + I(4H + 1) + S(2H + 1)
//! Departures  GRU in place of LSTM; (3) sees the largest and the mean of each feature where the paper weighs the states by
//!             attention; words have their spelling; tags do not see each other.

use crate::count::Count;
use crate::gru::{self, Reset};
use crate::model::{Takes, require_layers, require_share, require_sizes};
use crate::source::mirrored;
use crate::understanding::{Answers, Words, of_answers, of_words};
use crate::{Entry, Input, Model, Sizes, Source};
use rushlight_engine::{Tensor, cat};
use rushlight_nn::init::Start;
use rushlight_nn::layers::{RecurrentCell, dropout};
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Builder, Context, Params, settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The sizes of a bidirectional tagger.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// D, the width of a word.
    pub width: usize,
    /// H, the width of the states of each direction.
    pub hidden: usize,
    /// L.
    pub layers: usize,
    /// The share of words that are unknown while training.
    pub forget: f32,
    /// The share of elements of the words dropped while training.
    pub embed_dropout: f32,
    /// The share of features dropped between layers and before the answers while training.
    pub dropout: f32,
}

impl Default for Config {
    fn default() -> Self {
        Self { width: 128, hidden: 128, layers: 1, forget: 0.1, embed_dropout: 0.3, dropout: 0.5 }
    }
}

/// The bidirectional tagger.
pub struct GruTagger {
    config: Config,
    params: Params,
    words: Words,
    /// Of each layer the cell that reads ahead and the one that reads back.
    layers: Vec<[RecurrentCell; 2]>,
    answers: Answers,
}

impl GruTagger {
    /// A fresh model of `vocabulary` intents.
    pub fn new(config: &Config, sizes: Sizes, seed: u64) -> Self {
        let Config { width, hidden, layers, .. } = *config;
        let mut build = Builder::new(seed);
        let words = Words::new(&mut build, sizes, width);
        let cell = |build: &mut Builder, l: usize, way: &str| {
            let inputs = if l == 0 { width } else { 2 * hidden };
            RecurrentCell::new(build, format!("layers.{l}.{way}"), 3, [inputs, hidden], Start::Torch)
        };
        let layers = (0..layers).map(|l| ["forward", "backward"].map(|way| cell(&mut build, l, way))).collect();
        Self {
            words,
            layers,
            answers: Answers::new(&mut build, sizes, 2 * hidden),
            params: build.finish(),
            config: config.clone(),
        }
    }
}

/// The states of both directions at every place: [B, T, D] to [B, T, 2H]; equation (1).
fn both_ways(cx: &mut Context, [ahead, back]: &[RecurrentCell; 2], x: &Tensor, source: &Source) -> Tensor {
    let first = Tensor::zeros(&[source.rows(), ahead.hidden]);
    let drive = ahead.input.apply(x);
    let ahead = cx.within("forward", |cx| gru::through(cx, ahead, drive, &first, Reset::After));
    // Backwards the padding comes first, and leaves the state at zero.
    let drive = source.held(back.input.apply(&mirrored(x)), gru::keep(back), gru::KEPT);
    let back = cx.within("backward", |cx| gru::through(cx, back, drive, &first, Reset::After));
    cat(&[&ahead, &mirrored(&back)], 2)
}

impl Model for GruTagger {
    fn params(&self) -> &Params {
        &self.params
    }

    fn forward(&self, cx: &mut Context, input: &Input) -> Tensor {
        let Input::Sentences(source, spelling) = input else { panic!("gru_tagger: reads sentences") };
        let Config { forget, embed_dropout, dropout: rate, .. } = self.config;
        let mut x = self.words.apply(cx, (source, spelling), forget, embed_dropout); // [B, T, D]
        for (l, cells) in self.layers.iter().enumerate() {
            let below = if l == 0 { x } else { dropout(cx, x, rate) };
            x = cx.within(format_args!("layers.{l}"), |cx| both_ways(cx, cells, &below, source)); // [B, T, 2H]
        }
        self.answers.apply(cx, &x, source, rate) // (2) (3)
    }
}

fn parameters(config: &Config, sizes: Sizes) -> Count {
    let [d, h, l] = [config.width, config.hidden, config.layers].map(Count);
    let layers = 6 * h * (d + h + 2) + (l - 1) * 6 * h * (3 * h + 2);
    of_words(sizes, config.width) + layers + of_answers(sizes, 2 * h)
}

const KEYS: &[&str] = &["width", "hidden", "layers", "forget", "embed_dropout", "dropout"];

/// The settings, if they make sense.
fn read(config: &Value) -> Result<Config, SettingError> {
    let config: Config = settings::read(config, KEYS)?;
    require_sizes(&[("width", config.width), ("hidden", config.hidden)])?;
    require_layers(config.layers)?;
    let shares = [("forget", config.forget), ("embed_dropout", config.embed_dropout), ("dropout", config.dropout)];
    shares.into_iter().try_for_each(|(key, share)| require_share(key, share))?;
    Ok(config)
}

/// This rung in the list.
pub const ENTRY: Entry = Entry {
    name: "gru_tagger",
    label: "Bidirectional GRU tagger",
    year: 2016,
    paper: "Liu, Lane",
    source: include_str!("gru_tagger.rs"),
    keys: KEYS,
    takes: Takes::Sentences,
    build: |config, sizes, seed| Ok(Box::new(GruTagger::new(&read(config)?, sizes, seed))),
    parameters: |config, sizes| Ok(parameters(&read(config)?, sizes).0),
};
