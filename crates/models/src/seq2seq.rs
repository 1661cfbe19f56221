//! # Sequence to sequence: the sentence is read backwards by a deep LSTM, whose states the writing one goes on from
//!
//! Follows   Sutskever, Vinyals, Le, Sequence to Sequence Learning with Neural Networks, 2014,
//!           <https://arxiv.org/abs/1409.3215>, sections 2 and 3.3
//! Before    `encoder_decoder.rs`: one layer, whose vector c every step of the decoder is shown.
//! New here  several layers of LSTM, whose last states are all that the decoder gets; the source is read from last word to
//!           first, so that its first words stand next to those of the translation.
//!
//! Letters   B batch, S source time, T target time, L layers, D embedding, H hidden, U source vocabulary, V target vocabulary
//!
//!     (h_s, c_s) = LSTM(x_{S+1-s}, h_{s-1}, c_{s-1}),  h_0 = c_0 = 0     (1)  the encoder, `lstm.rs` (1) to (6)
//!     (h'_0, c'_0) = (h_S, c_S)                                          (2)  layer by layer
//!     (h'_t, c'_t) = LSTM(y_{t-1}, h'_{t-1}, c'_{t-1})                   (3)  the decoder
//!     logits_t = O h'_t + b                                              (4)
//!
//! Parameters  UD + VD + 8H(D + H + 2) + 8(L-1)H(2H + 2) + V(H + 1)
//! Departures  dropout on the embeddings and between layers (Zaremba, Sutskever, Vinyals 2014), of which the paper has none.

use crate::count::Count;
use crate::lstm::{self, Cell};
use crate::model::{Takes, require_recurrent};
use crate::{Decoder, Encoded, Entry, Input, Memory, Model, Sizes, Source, Translator};
use rushlight_engine::{Ids, Tensor};
use rushlight_nn::init::{Init, Start};
use rushlight_nn::layers::{Embedding, Linear, RecurrentCell, dropout, last_time};
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Builder, Context, Params, SiteKind, settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The sizes of an LSTM encoder-decoder.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// D, the width of both embeddings.
    pub embed: usize,
    /// H, the width of each layer's states.
    pub hidden: usize,
    /// L, the layers of the encoder, and of the decoder.
    pub layers: usize,
    /// Whether the source is read from its last word to its first, as the paper found better.
    pub reverse: bool,
    /// The share of elements of the embeddings and between layers dropped while training.
    pub dropout: f32,
    /// Where the weights start.
    pub start: Start,
}

impl Default for Config {
    fn default() -> Self {
        Self { embed: 128, hidden: 256, layers: 2, reverse: true, dropout: 0.0, start: Start::Torch }
    }
}

/// The LSTM encoder-decoder.
pub struct Seq2Seq {
    config: Config,
    params: Params,
    source_embed: Embedding,
    encoder: Vec<RecurrentCell>,
    embed: Embedding,
    decoder: Vec<RecurrentCell>,
    out: Linear,
}

impl Seq2Seq {
    /// A fresh model from `source` tokens to `vocabulary` tokens.
    pub fn new(config: &Config, Sizes { vocabulary, source, .. }: Sizes, seed: u64) -> Self {
        let Config { embed: d, hidden: h, layers, start, .. } = *config;
        let mut build = Builder::new(seed);
        let (table, of_out) = (start.or(Init::Normal { std: 1.0 }), start.or(Init::fan_in_uniform(h)));
        let cells = |build: &mut Builder, name: &str| {
            let cell = |l| {
                let inputs = if l == 0 { d } else { h };
                RecurrentCell::new(build, format!("{name}.{l}"), 4, [inputs, h], start)
            };
            (0..layers).map(cell).collect()
        };
        Self {
            source_embed: Embedding::new(&mut build, "source_embed", source, d, &table),
            encoder: cells(&mut build, "encoder"),
            embed: Embedding::new(&mut build, "embed", vocabulary, d, &table),
            decoder: cells(&mut build, "decoder"),
            out: Linear::with_init(&mut build, "out", [h, vocabulary], &of_out, Some(&of_out)),
            params: build.finish(),
            config: config.clone(),
        }
    }
}

impl Model for Seq2Seq {
    fn params(&self) -> &Params {
        &self.params
    }

    fn forward(&self, cx: &mut Context, input: &Input) -> Tensor {
        let Input::Pair(source, target) = input else { panic!("seq2seq: translates pairs") };
        let memory = self.encode(cx, source);
        self.read(cx, target, memory).0
    }

    fn translator(&self) -> Option<&dyn Translator> {
        Some(self)
    }
}

impl Translator for Seq2Seq {
    fn encode(&self, cx: &mut Context, source: &Source) -> Memory {
        cx.within("encoder", |cx| {
            // The padding stands before the sentences, so that all of them end at the last time.
            let ids = if self.config.reverse { source.mirrored() } else { source.at_the_end() };
            let mut below = cx.site("embed", SiteKind::Inner, self.source_embed.apply(&ids)); // [B, S, D]
            let mut memory = Memory::of(Encoded::new(source.lengths.clone()));
            for (l, cell) in self.encoder.iter().enumerate() {
                let x = dropout(cx, below, self.config.dropout);
                let drive = source.held(cell.drive(&x), lstm::write(cell), lstm::NOT_WRITTEN);
                let first = || Tensor::zeros(&[source.rows(), cell.hidden]);
                let first = Cell { h: first(), c: first() };
                let (h, c) = cx.within(l, |cx| lstm::through(cx, cell, drive, &first)); // (1)
                memory = memory.with(format!("decoder.{l}.h"), last_time(&h)).with(format!("decoder.{l}.c"), c); // (2)
                below = h;
            }
            memory
        })
    }
}

impl Decoder for Seq2Seq {
    fn read(&self, cx: &mut Context, ids: &Ids, mut memory: Memory) -> (Tensor, Memory) {
        let encoded = memory.take_encoded();
        let (positions, mut states) = memory.open();
        let mut below = cx.site("embed", SiteKind::Inner, self.embed.apply(ids)); // [B, T, D]
        for (l, (cell, states)) in self.decoder.iter().zip(states.chunks_exact_mut(2)).enumerate() {
            let x = dropout(cx, below, self.config.dropout);
            let past = Cell { h: states[0].1.clone(), c: states[1].1.clone() };
            let (h, c) = cx.within(format_args!("decoder.{l}"), |cx| lstm::through(cx, cell, cell.drive(&x), &past)); // (3)
            (states[0].1, states[1].1) = (last_time(&h), c);
            below = h;
        }
        let logits = cx.site("logits", SiteKind::Logits, self.out.apply(&below)); // [B, T, V]             (4)
        (logits, Memory::advanced(positions, states, ids.shape().width()).translating(encoded))
    }
}

fn parameters(config: &Config, Sizes { vocabulary, source, .. }: Sizes) -> Count {
    let [u, v, d, h, l] = [source, vocabulary, config.embed, config.hidden, config.layers].map(Count);
    u * d + v * d + 8 * h * (d + h + 2) + 8 * (l - 1) * h * (2 * h + 2) + v * (h + 1)
}

const KEYS: &[&str] = &["embed", "hidden", "layers", "reverse", "dropout", "start"];

/// The settings, if they make sense.
fn read(config: &Value) -> Result<Config, SettingError> {
    let config: Config = settings::read(config, KEYS)?;
    require_recurrent([config.embed, config.hidden, config.layers], config.dropout, config.start)?;
    Ok(config)
}

/// This rung in the list.
pub const ENTRY: Entry = Entry {
    name: "seq2seq",
    label: "Seq2seq",
    year: 2014,
    paper: "Sutskever et al.",
    source: include_str!("seq2seq.rs"),
    keys: KEYS,
    takes: Takes::Pair,
    build: |config, sizes, seed| Ok(Box::new(Seq2Seq::new(&read(config)?, sizes, seed))),
    parameters: |config, sizes| Ok(parameters(&read(config)?, sizes).0),
};
