//! # Transformer: encoder and decoder of attention alone
//!
//! Follows   Vaswani et al., Attention Is All You Need, 2017, <https://arxiv.org/abs/1706.03762>, section 3
//! Before    `bahdanau.rs`: attention joins two recurrent networks, which still go word by word.
//! New here  the networks are gone: words of one sentence look at each other the way the decoder looks at the source, with
//!           several heads at once, and all words of a sentence are read at the same time.
//!
//! Letters   B batch, S source time, T target time, L layers, D width, K heads, F inner width, W window, U source
//!           vocabulary, V target vocabulary
//!
//!     Attention(Q, K, V) = softmax(Q Kᵀ / √(D/K)) V                              (1)  K heads side by side
//!     FFN(x) = f(x W_1 + b_1) W_2 + b_2                                          (2)  f is max(0, x)
//!     x = √D E[token] + P[place]                                                 (3)  P learned, or sines (`gpt.rs` (4))
//!     encoder   x = x + Attention(x, x, x);  x = x + FFN(x)                      (4)  every place sees every place
//!     decoder   y = y + Attention(y, y, y)                                       (5)  no place sees a later one
//!               y = y + Attention(y, x, x);  y = y + FFN(y)                      (6)  every place sees the whole source
//!     logits = y W + b                                                           (7)  or y Eᵀ
//!
//! Parameters  UD + VD (once where all is shared) + WD (learned positions) + L (4D² + 2DF + 5D + F) + L (8D² + 2DF + 9D + F)
//!             + 10LD (norms) + 4D (norm before) + V(D + 1) (unless shared)
//! Departures  the norm stands before each sublayer and once more behind the last, `norm = "after"` is the paper's; source
//!             and target share the table of learned positions; a bias in every linear map.

use crate::cache::{self, Caches};
use crate::count::Count;
use crate::gpt::{Places, Positions};
use crate::model::{Takes, require_heads, require_layers, require_share, require_sizes};
use crate::{Decoder, Encoded, Entry, Input, Memory, Model, Sizes, Source, Translator};
use rushlight_engine::{Ids, Tensor, linear};
use rushlight_nn::init::{Init, Spread};
use rushlight_nn::layers::{
    Activation, CrossAttention, Embedding, LayerNorm, Linear, MultiHeadAttention, Past, dropout,
};
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Builder, Context, Params, SiteKind, settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The sizes of an encoder-decoder Transformer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// L, the layers of the encoder, and of the decoder.
    pub layers: usize,
    /// K; it divides the width.
    pub heads: usize,
    /// D.
    pub width: usize,
    /// F.
    pub inner: usize,
    /// The share of elements dropped after the embeddings and each sublayer while training.
    pub dropout: f32,
    /// Learned or sinusoidal positions.
    pub positions: Positions,
    /// The function inside the feed-forward sublayers.
    pub activation: Activation,
    /// The norm before or after each sublayer.
    pub norm: Norm,
    /// Which tables are one.
    pub share: Share,
}

/// Where the layer norm stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Norm {
    /// Before each sublayer, and once behind the last of the encoder and of the decoder.
    Before,
    /// After each sum, as in the paper.
    After,
}

/// Which of the tables of source, target and output are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Share {
    /// Each its own.
    None,
    /// The output is the target's.
    Output,
    /// All three, as in the paper; it asks for a joint vocabulary.
    All,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            layers: 3,
            heads: 4,
            width: 128,
            inner: 512,
            dropout: 0.0,
            positions: Positions::Sinusoidal,
            activation: Activation::Relu,
            norm: Norm::Before,
            share: Share::None,
        }
    }
}

/// The encoder-decoder Transformer.
pub struct Transformer {
    config: Config,
    window: usize,
    params: Params,
    /// None where it is the target's.
    source_embed: Option<Embedding>,
    embed: Embedding,
    places: Places,
    encoder: Vec<EncoderLayer>,
    encoder_norm: Option<LayerNorm>,
    decoder: Vec<DecoderLayer>,
    decoder_norm: Option<LayerNorm>,
    out: Option<Linear>,
}

struct EncoderLayer {
    attention: MultiHeadAttention,
    norm1: LayerNorm,
    ffn: FeedForward,
    norm2: LayerNorm,
}

struct DecoderLayer {
    attention: MultiHeadAttention,
    norm1: LayerNorm,
    cross: CrossAttention,
    norm2: LayerNorm,
    ffn: FeedForward,
    norm3: LayerNorm,
}

pub(crate) struct FeedForward {
    up: Linear,
    down: Linear,
}

impl FeedForward {
    pub(crate) fn new(build: &mut Builder, width: usize, inner: usize) -> Self {
        let (init, bias) = (xavier(), Init::Zeros);
        Self {
            up: Linear::with_init(build, "ffn.up", [width, inner], &init, Some(&bias)),
            down: Linear::with_init(build, "ffn.down", [inner, width], &init, Some(&bias)),
        }
    }

    pub(crate) fn apply(&self, cx: &mut Context, x: &Tensor, activation: Activation) -> Tensor {
        let drive = cx.site("ffn.drive", SiteKind::PreActivation, self.up.apply(x)); // [B, T, F]
        let active = cx.site("ffn.active", activation.site_kind(), activation.apply(&drive));
        self.down.apply(&active) //                                                                (2)
    }
}

fn xavier() -> Init {
    Init::Xavier { gain: 1.0, spread: Spread::Uniform }
}

impl Transformer {
    /// A fresh model from `source` tokens to `vocabulary` tokens, of sentences of at most `window` tokens on either side.
    ///
    /// # Panics
    /// When all tables are to be one, and the vocabularies differ.
    pub fn new(config: &Config, Sizes { vocabulary, window, source, .. }: Sizes, seed: u64) -> Self {
        assert!(config.share != Share::All || source == vocabulary, "transformer: one table for two vocabularies");
        let Config { width: d, inner, heads, .. } = *config;
        let mut build = Builder::new(seed);
        let small = Init::Normal { std: 0.02 };
        // As wide as the embedding after √D.
        let places = Init::Normal { std: 0.02 * (d as f32).sqrt() };
        let norm = |build: &mut Builder, name| LayerNorm::new(build, name, d);
        let last_norm =
            |build: &mut Builder, name| (config.norm == Norm::Before).then(|| LayerNorm::new(build, name, d));
        let attention =
            |build: &mut Builder| MultiHeadAttention::new(build, "attention", d, heads, &xavier(), &xavier());
        let encoder = |build: &mut Builder| EncoderLayer {
            attention: attention(build),
            norm1: norm(build, "norm1"),
            ffn: FeedForward::new(build, d, inner),
            norm2: norm(build, "norm2"),
        };
        let decoder = |build: &mut Builder| DecoderLayer {
            attention: attention(build),
            norm1: norm(build, "norm1"),
            cross: CrossAttention::new(build, "cross", d, heads, &xavier()),
            norm2: norm(build, "norm2"),
            ffn: FeedForward::new(build, d, inner),
            norm3: norm(build, "norm3"),
        };
        Self {
            source_embed: (config.share != Share::All)
                .then(|| Embedding::new(&mut build, "source_embed", source, d, &small)),
            embed: Embedding::new(&mut build, "embed", vocabulary, d, &small),
            places: Places::new(&mut build, config.positions, [window, d], &places),
            encoder: (0..config.layers).map(|l| build.within(format_args!("encoder.{l}"), encoder)).collect(),
            encoder_norm: last_norm(&mut build, "encoder_norm"),
            decoder: (0..config.layers).map(|l| build.within(format_args!("decoder.{l}"), decoder)).collect(),
            decoder_norm: last_norm(&mut build, "decoder_norm"),
            out: (config.share == Share::None)
                .then(|| Linear::with_init(&mut build, "out", [d, vocabulary], &small, Some(&Init::Zeros))),
            params: build.finish(),
            window,
            config: config.clone(),
        }
    }

    /// Tokens with their places, [B, T, D]; row b begins at `first[b]`; equation (3).
    fn embedded(&self, cx: &mut Context, table: &Embedding, ids: &Ids, first: &[usize]) -> Tensor {
        let places = cx.site("positions", SiteKind::Inner, self.places.at(first, ids.shape().width()));
        let x = table.apply(ids).scale((self.config.width as f32).sqrt()) + places; // [B, T, D] + [1, T, D]
        let embedded = cx.site("embed", SiteKind::Inner, x);
        dropout(cx, embedded, self.config.dropout)
    }

    /// `x` and what `sublayer` adds to it, with the norm where this model has it.
    fn add(
        &self,
        cx: &mut Context,
        ([skip, normed], norm): ([&str; 2], &LayerNorm),
        x: &Tensor,
        sublayer: impl FnOnce(&mut Context, &Tensor) -> Tensor,
    ) -> Tensor {
        let (rate, skip) = (self.config.dropout, cx.site(skip, SiteKind::Inner, x.clone()));
        match self.config.norm {
            Norm::Before => {
                let input = cx.site(normed, SiteKind::Inner, norm.apply(x));
                let added = sublayer(cx, &input);
                &skip + dropout(cx, added, rate)
            }
            Norm::After => {
                let added = sublayer(cx, x);
                let sum = skip + dropout(cx, added, rate);
                cx.site(normed, SiteKind::Inner, norm.apply(&sum))
            }
        }
    }

    fn encoder_layer(&self, cx: &mut Context, layer: &EncoderLayer, x: &Tensor, lengths: &[usize]) -> Tensor {
        let x = self.add(cx, (["skip1", "norm1"], &layer.norm1), x, |cx, x| {
            cx.within("attention", |cx| layer.attention.bidirectional(cx, x, lengths)) //               (4)
        });
        let x = self
            .add(cx, (["skip2", "norm2"], &layer.norm2), &x, |cx, x| layer.ffn.apply(cx, x, self.config.activation));
        cx.site("x", SiteKind::Inner, x)
    }

    fn decoder_layer(
        &self,
        cx: &mut Context,
        layer: &DecoderLayer,
        y: &Tensor,
        (kv, encoded): (&Tensor, &Encoded),
        past: Option<Past>,
    ) -> (Tensor, Option<Past>) {
        let mut kept = None;
        let y = self.add(cx, (["skip1", "norm1"], &layer.norm1), y, |cx, y| {
            let (added, past) = cx.within("attention", |cx| layer.attention.causal(cx, y, past)); // (5)
            kept = past;
            added
        });
        let y = self.add(cx, (["skip2", "norm2"], &layer.norm2), &y, |cx, y| {
            cx.within("cross", |cx| layer.cross.apply(cx, y, kv, encoded.sources())) //             (6)
        });
        let y = self
            .add(cx, (["skip3", "norm3"], &layer.norm3), &y, |cx, y| layer.ffn.apply(cx, y, self.config.activation));
        (cx.site("y", SiteKind::Inner, y), kept)
    }

    /// The keys and values that each layer of the decoder sees, [N, S, 2D] each.
    fn encoded(&self, cx: &mut Context, source: &Source) -> Encoded {
        let first = vec![0; source.rows()];
        let mut x = cx.within("encoder", |cx| {
            self.embedded(cx, self.source_embed.as_ref().unwrap_or(&self.embed), &source.ids, &first)
        });
        for (l, layer) in self.encoder.iter().enumerate() {
            x = cx.within(format_args!("encoder.{l}"), |cx| self.encoder_layer(cx, layer, &x, &source.lengths));
        }
        let x = self.encoder_norm.as_ref().map_or(x.clone(), |norm| norm.apply(&x));
        let layers = self.decoder.iter().enumerate();
        layers.fold(Encoded::new(source.lengths.clone()), |encoded, (l, layer)| {
            encoded.with(format!("decoder.{l}.kv"), layer.cross.kv.apply(&x))
        })
    }

    fn decoded(
        &self,
        cx: &mut Context,
        ids: &Ids,
        first: &[usize],
        encoded: &Encoded,
        mut pasts: Vec<Option<Past>>,
    ) -> (Tensor, Vec<Option<Past>>) {
        let mut y = self.embedded(cx, &self.embed, ids, first);
        for (l, layer) in self.decoder.iter().enumerate() {
            let (source, past) = ((encoded.tensor(l), encoded), pasts[l].take());
            (y, pasts[l]) =
                cx.within(format_args!("decoder.{l}"), |cx| self.decoder_layer(cx, layer, &y, source, past));
        }
        let y = self.decoder_norm.as_ref().map_or(y.clone(), |norm| norm.apply(&y));
        let logits = match &self.out {
            Some(out) => out.apply(&y), //                                                         (7)
            None => linear(&y, &self.embed.weight.value(), None),
        };
        (cx.site("logits", SiteKind::Logits, logits), pasts) // [B, T, V]
    }
}

impl Model for Transformer {
    fn params(&self) -> &Params {
        &self.params
    }

    fn forward(&self, cx: &mut Context, input: &Input) -> Tensor {
        let Input::Pair(source, target) = input else { panic!("transformer: translates pairs") };
        let encoded = self.encoded(cx, source);
        self.decoded(cx, target, &vec![0; source.rows()], &encoded, vec![None; self.decoder.len()]).0
    }

    fn translator(&self) -> Option<&dyn Translator> {
        Some(self)
    }
}

impl Translator for Transformer {
    fn encode(&self, cx: &mut Context, source: &Source) -> Memory {
        let memory = Memory::of(self.encoded(cx, source));
        cache::begin(memory, "decoder", self.decoder.len(), [self.config.heads, self.config.width])
    }
}

impl Decoder for Transformer {
    fn read(&self, cx: &mut Context, ids: &Ids, mut memory: Memory) -> (Tensor, Memory) {
        /// The caches grow by so many places: the hypotheses of a beam are copied at every step, with all the room that they have.
        const PLACES: usize = 8;
        let (encoded, times) = (memory.take_encoded(), ids.shape().width());
        let Caches { names, first, pasts } = Caches::open(memory, times, |needed| needed.next_multiple_of(PLACES));
        let (logits, pasts) = self.decoded(cx, ids, &first, &encoded, pasts);
        (logits, Caches { names, first, pasts }.close(times).translating(encoded))
    }

    fn window(&self) -> Option<usize> {
        Some(self.window)
    }
}

fn parameters(config: &Config, Sizes { vocabulary, window, source, .. }: Sizes) -> Count {
    let [u, v, w, d, f, l] = [source, vocabulary, window, config.width, config.inner, config.layers].map(Count);
    let places = if config.positions == Positions::Learned { w * d } else { Count(0) };
    let norms = 10 * l * d + if config.norm == Norm::Before { 4 * d } else { Count(0) };
    let tables = if config.share == Share::All { v * d } else { u * d + v * d };
    let out = if config.share == Share::None { v * (d + 1) } else { Count(0) };
    let (encoder, decoder) = (4 * d * d + 2 * d * f + 5 * d + f, 8 * d * d + 2 * d * f + 9 * d + f);
    tables + places + l * encoder + l * decoder + norms + out
}

const KEYS: &[&str] = &["layers", "heads", "width", "inner", "dropout", "positions", "activation", "norm", "share"];

/// The settings, if they make sense.
fn read(config: &Value, sizes: Sizes) -> Result<Config, SettingError> {
    let config: Config = settings::read(config, KEYS)?;
    require_layers(config.layers)?;
    require_sizes(&[("heads", config.heads), ("width", config.width), ("inner", config.inner)])?;
    require_share("dropout", config.dropout)?;
    require_heads(config.heads, config.width)?;
    if config.share == Share::All && !sizes.joint {
        let must = "\"none\" or \"output\" where source and target have vocabularies of their own; for \"all\" set \
                    `vocabulary = \"joint\"` in [data]";
        return Err(SettingError::Range { key: "share", value: "all".into(), must: must.into() });
    }
    Ok(config)
}

/// This rung in the list.
pub const ENTRY: Entry = Entry {
    name: "transformer",
    label: "Encoder-decoder Transformer",
    year: 2017,
    paper: "Vaswani et al.",
    source: include_str!("transformer.rs"),
    keys: KEYS,
    takes: Takes::Pair,
    build: |config, sizes, seed| Ok(Box::new(Transformer::new(&read(config, sizes)?, sizes, seed))),
    parameters: |config, sizes| Ok(parameters(&read(config, sizes)?, sizes).0),
};
