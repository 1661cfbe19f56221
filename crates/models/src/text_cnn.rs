//! # Convolution over words: what a sentence wants, from a few words beside each other
//!
//! Follows   Kim, Convolutional Neural Networks for Sentence Classification, 2014, <https://arxiv.org/abs/1408.5882>, section 2
//! Before    bags of words, which lose their order, and recurrent networks, which read one word after the other.
//! New here  filters that answer to a few words beside each other, wherever they stand: all places at once.
//!
//! Letters   B batch, T time, D width, K widths of filters k_1 .. k_K, C filters of each, I intents, S tags
//!
//!     x_t = word and spelling                                  `understanding.rs` (1)
//!     c_t = f(W_k [x_(t-l), .., x_t, .., x_(t+r)] + b_k)       (1)  [B, T, C] for each k = l + 1 + r
//!     ĉ = [max_t c_t, mean_t c_t]                              (2)  [B, 2 K C]
//!     logits of the intent = W ĉ + b                           (3)
//!     logits of a tag = W' c_t + b'                            (4)  where words are named too
//!
//! Parameters  UD + GD + Σ_k C(kD + 1) + I(2KC + 1) + S(KC + 1)
//! Departures  zeros beyond both ends of a sentence, so that it has as many places as words; the mean beside the
//!             largest; words have their spelling; (4). The paper's "CNN-rand": no vectors from elsewhere.

use crate::count::Count;
use crate::model::{Takes, require_share, require_sizes, require_within};
use crate::understanding::{Answers, Words, of_answers, of_words};
use crate::{Entry, Input, Model, Sizes};
use rushlight_engine::{Tensor, cat, windows};
use rushlight_nn::layers::{Activation, Linear};
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Builder, Context, Params, SiteKind, settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The sizes of a convolution over words.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// D, the width of a word.
    pub width: usize,
    /// k_1 .. k_K, how many words the filters see.
    pub filters: Vec<usize>,
    /// C, how many filters of each width there are.
    pub channels: usize,
    /// f.
    pub activation: Activation,
    /// The share of words that are unknown while training.
    pub forget: f32,
    /// The share of elements of the words dropped while training.
    pub embed_dropout: f32,
    /// The share of features dropped before the answers while training.
    pub dropout: f32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            width: 128,
            filters: vec![1, 2, 3],
            channels: 192,
            activation: Activation::Relu,
            forget: 0.1,
            embed_dropout: 0.3,
            dropout: 0.5,
        }
    }
}

/// The convolution over words.
pub struct TextCnn {
    config: Config,
    params: Params,
    words: Words,
    /// W_k and b_k.
    filters: Vec<Linear>,
    answers: Answers,
}

impl TextCnn {
    /// A fresh model of `vocabulary` intents.
    pub fn new(config: &Config, sizes: Sizes, seed: u64) -> Self {
        let mut build = Builder::new(seed);
        let filter = |build: &mut Builder, k: usize| {
            Linear::new(build, &format!("filters.{k}"), k * config.width, config.channels)
        };
        let features = config.filters.len() * config.channels;
        Self {
            words: Words::new(&mut build, sizes, config.width),
            filters: config.filters.iter().map(|&k| filter(&mut build, k)).collect(),
            answers: Answers::new(&mut build, sizes, features),
            params: build.finish(),
            config: config.clone(),
        }
    }
}

impl Model for TextCnn {
    fn params(&self) -> &Params {
        &self.params
    }

    fn forward(&self, cx: &mut Context, input: &Input) -> Tensor {
        let Input::Sentences(source, spelling) = input else { panic!("text_cnn: reads sentences") };
        let Config { forget, embed_dropout, dropout, .. } = self.config;
        let x = self.words.apply(cx, (source, spelling), forget, embed_dropout); // [B, T, D]
        let maps: Vec<Tensor> = std::iter::zip(&self.config.filters, &self.filters)
            .map(|(k, filter)| {
                cx.within(format_args!("filters.{k}"), |cx| {
                    let drive = cx.site("drive", SiteKind::PreActivation, filter.apply(&windows(&x, *k)));
                    cx.site("active", self.config.activation.site_kind(), self.config.activation.apply(&drive)) // (1)
                })
            })
            .collect();
        let features = cat(&maps.iter().collect::<Vec<_>>(), 2); // [B, T, K C]
        self.answers.apply(cx, &features, source, dropout) //       (2) (3) (4)
    }
}

fn parameters(config: &Config, sizes: Sizes) -> Count {
    let (d, c) = (Count(config.width), Count(config.channels));
    let filters: Count = config.filters.iter().map(|&k| c * (d * k + 1)).sum();
    let features = c * config.filters.len();
    of_words(sizes, config.width) + filters + of_answers(sizes, features)
}

const KEYS: &[&str] = &["width", "filters", "channels", "activation", "forget", "embed_dropout", "dropout"];

/// The settings, if they make sense.
fn read(config: &Value) -> Result<Config, SettingError> {
    /// Wider filters see whole sentences.
    const WIDEST: usize = 64;
    let config: Config = settings::read(config, KEYS)?;
    require_sizes(&[("width", config.width), ("channels", config.channels)])?;
    require_within(1..=WIDEST, "filters", config.filters.len())?;
    config.filters.iter().try_for_each(|&k| require_within(1..=WIDEST, "filters", k))?;
    if let Some((_, k)) = config.filters.iter().enumerate().find(|(place, k)| config.filters[..*place].contains(k)) {
        let must = "no width twice; more filters of one width are more `channels`".to_owned();
        return Err(SettingError::Range { key: "filters", value: k.to_string(), must });
    }
    let shares = [("forget", config.forget), ("embed_dropout", config.embed_dropout), ("dropout", config.dropout)];
    shares.into_iter().try_for_each(|(key, share)| require_share(key, share))?;
    Ok(config)
}

/// This rung in the list.
pub const ENTRY: Entry = Entry {
    name: "text_cnn",
    label: "Convolution over words",
    year: 2014,
    paper: "Kim",
    source: include_str!("text_cnn.rs"),
    keys: KEYS,
    takes: Takes::Sentences,
    build: |config, sizes, seed| Ok(Box::new(TextCnn::new(&read(config)?, sizes, seed))),
    parameters: |config, sizes| Ok(parameters(&read(config)?, sizes).0),
};
