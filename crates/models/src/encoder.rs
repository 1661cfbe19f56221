//! # Transformer encoder: every word of a sentence sees every other, and the sentence is understood from all of them
//!
//! Follows   Vaswani et al., Attention Is All You Need, 2017, <https://arxiv.org/abs/1706.03762>, section 3, its encoder alone; for
//!           intents and slots as Chen, Zhuo, Wang, BERT for Joint Intent Classification and Slot Filling, 2019,
//!           <https://arxiv.org/abs/1902.10909>, section 3.2
//! Before    `gru_tagger.rs`: what is far away comes through many steps.
//! New here  any two words are one step apart; here without the large text that BERT learnt from first.
//!
//! Letters   B batch, T time, D width, L layers, K heads, F inner width, W window, I intents, S tags
//!
//!     x_t = word and spelling + P[t]                           `understanding.rs` (1), P learned or sines (`gpt.rs` (4))
//!     x = x + Attention(norm(x));  x = x + FFN(norm(x))        (1)  `transformer.rs` (4), L times; every word sees every word
//!     logits of a tag = W norm(x_t) + b                        (2)
//!     logits of the intent = W' [max_t, mean_t of norm(x_t)] + b'     (3)
//!
//! Parameters  UD + GD + WD (learned positions) + L (4D² + 2DF + 9D + F) + 2D + I(2D + 1) + S(D + 1)
//! Departures  the norm before each sublayer and once more behind the last; (3) sees the largest and the mean of each
//!             feature where BERT has a place of its own for the sentence; words have their spelling.

use crate::count::Count;
use crate::gpt::{Places, Positions};
use crate::model::{Takes, require_heads, require_layers, require_share, require_sizes};
use crate::transformer::FeedForward;
use crate::understanding::{Answers, Words, of_answers, of_words};
use crate::{Entry, Input, Model, Sizes, Source};
use rushlight_engine::Tensor;
use rushlight_nn::init::{Init, Spread};
use rushlight_nn::layers::{Activation, LayerNorm, MultiHeadAttention, dropout};
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Builder, Context, Params, SiteKind, settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The sizes of an encoder.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// L.
    pub layers: usize,
    /// K; it divides the width.
    pub heads: usize,
    /// D.
    pub width: usize,
    /// F.
    pub inner: usize,
    /// Learned or sinusoidal positions.
    pub positions: Positions,
    /// The function inside the feed-forward sublayers.
    pub activation: Activation,
    /// The share of words that are unknown while training.
    pub forget: f32,
    /// The share of elements of the words dropped while training.
    pub embed_dropout: f32,
    /// The share of elements dropped behind each sublayer and before the answers while training.
    pub dropout: f32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            layers: 2,
            heads: 4,
            width: 128,
            inner: 256,
            positions: Positions::Sinusoidal,
            activation: Activation::Gelu,
            forget: 0.1,
            embed_dropout: 0.3,
            dropout: 0.3,
        }
    }
}

/// The Transformer encoder.
pub struct Encoder {
    config: Config,
    window: usize,
    params: Params,
    words: Words,
    places: Places,
    layers: Vec<Layer>,
    norm: LayerNorm,
    answers: Answers,
}

struct Layer {
    norm1: LayerNorm,
    attention: MultiHeadAttention,
    norm2: LayerNorm,
    ffn: FeedForward,
}

impl Encoder {
    /// A fresh model of `vocabulary` intents, for sentences of at most `window` words.
    pub fn new(config: &Config, sizes: Sizes, seed: u64) -> Self {
        let Config { width: d, heads, inner, .. } = *config;
        let xavier = Init::Xavier { gain: 1.0, spread: Spread::Uniform };
        let mut build = Builder::new(seed);
        let layer = |build: &mut Builder| Layer {
            norm1: LayerNorm::new(build, "norm1", d),
            attention: MultiHeadAttention::new(build, "attention", d, heads, &xavier, &xavier),
            norm2: LayerNorm::new(build, "norm2", d),
            ffn: FeedForward::new(build, d, inner),
        };
        Self {
            words: Words::new(&mut build, sizes, d),
            places: Places::new(&mut build, config.positions, [sizes.window, d], &Init::Normal { std: 0.1 }),
            layers: (0..config.layers).map(|l| build.within(format_args!("layers.{l}"), layer)).collect(),
            norm: LayerNorm::new(&mut build, "norm", d),
            answers: Answers::new(&mut build, sizes, d),
            params: build.finish(),
            window: sizes.window,
            config: config.clone(),
        }
    }

    /// Equation (1) of one layer.
    fn layer(&self, cx: &mut Context, layer: &Layer, x: &Tensor, source: &Source) -> Tensor {
        let rate = self.config.dropout;
        let normed = cx.site("norm1", SiteKind::Inner, layer.norm1.apply(x));
        let added = cx.within("attention", |cx| layer.attention.bidirectional(cx, &normed, &source.lengths));
        let x = &cx.site("skip1", SiteKind::Inner, x.clone()) + dropout(cx, added, rate);
        let normed = cx.site("norm2", SiteKind::Inner, layer.norm2.apply(&x));
        let added = layer.ffn.apply(cx, &normed, self.config.activation);
        let x = &cx.site("skip2", SiteKind::Inner, x) + dropout(cx, added, rate);
        cx.site("x", SiteKind::Inner, x)
    }
}

impl Model for Encoder {
    fn params(&self) -> &Params {
        &self.params
    }

    fn forward(&self, cx: &mut Context, input: &Input) -> Tensor {
        let Input::Sentences(source, spelling) = input else { panic!("encoder: reads sentences") };
        assert!(source.places() <= self.window, "encoder: {} words in a window of {}", source.places(), self.window);
        let Config { forget, embed_dropout, dropout, .. } = self.config;
        let words = self.words.apply(cx, (source, spelling), forget, embed_dropout); // [B, T, D]
        let places = self.places.at(&vec![0; source.rows()], source.places());
        let mut x = words + cx.site("positions", SiteKind::Inner, places);
        for (l, layer) in self.layers.iter().enumerate() {
            x = cx.within(format_args!("layers.{l}"), |cx| self.layer(cx, layer, &x, source));
        }
        self.answers.apply(cx, &self.norm.apply(&x), source, dropout) // (2) (3)
    }

    fn longest_sentence(&self) -> Option<usize> {
        Some(self.window)
    }
}

fn parameters(config: &Config, sizes: Sizes) -> Count {
    let [d, f, l, w] = [config.width, config.inner, config.layers, sizes.window].map(Count);
    let places = if config.positions == Positions::Learned { w * d } else { Count(0) };
    let layers = l * (4 * d * d + 2 * d * f + 9 * d + f);
    of_words(sizes, config.width) + places + layers + 2 * d + of_answers(sizes, d)
}

const KEYS: &[&str] =
    &["layers", "heads", "width", "inner", "positions", "activation", "forget", "embed_dropout", "dropout"];

/// The settings, if they make sense.
fn read(config: &Value) -> Result<Config, SettingError> {
    let config: Config = settings::read(config, KEYS)?;
    require_layers(config.layers)?;
    require_sizes(&[("heads", config.heads), ("width", config.width), ("inner", config.inner)])?;
    require_heads(config.heads, config.width)?;
    let shares = [("forget", config.forget), ("embed_dropout", config.embed_dropout), ("dropout", config.dropout)];
    shares.into_iter().try_for_each(|(key, share)| require_share(key, share))?;
    Ok(config)
}

/// This rung in the list.
pub const ENTRY: Entry = Entry {
    name: "encoder",
    label: "Transformer encoder",
    year: 2017,
    paper: "Vaswani et al.",
    source: include_str!("encoder.rs"),
    keys: KEYS,
    takes: Takes::Sentences,
    build: |config, sizes, seed| Ok(Box::new(Encoder::new(&read(config)?, sizes, seed))),
    parameters: |config, sizes| Ok(parameters(&read(config)?, sizes).0),
};
