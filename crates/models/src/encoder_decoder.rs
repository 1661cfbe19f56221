//! # RNN encoder-decoder: one network reads a sentence into a vector, another writes its translation out of it
//!
//! Follows   Cho et al., Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation,
//!           2014, <https://arxiv.org/abs/1406.1078>, section 2.2 and appendix A
//! Before    `gru.rs`: it goes on from what it has read itself; input and output are one sequence in one language.
//! New here  two sequences of different length and vocabulary, with one vector c between them; every step of the decoder
//!           sees c.
//!
//! Letters   B batch, S source time, T target time, D embedding, H hidden, U source vocabulary, V target vocabulary
//!
//!     h_s = GRU(x_s, h_{s-1}),  h_0 = 0                (1)  the encoder, `gru.rs` (1) to (5)
//!     c = h_S                                          (2)  the sentence as one vector
//!     s_t = GRU(y_{t-1}, s_{t-1}; c),  s_0 = c         (3)  each gate also adds C c
//!     logits_t = O_s s_t + O_y y_{t-1} + O_c c + b     (4)
//!
//! Parameters  UD + VD + 6H(D + H + 2) + 3HH + V(D + 2H + 1)
//! Departures  c is h_S and starts the decoder as it is, where the paper puts tanh of a linear map around it, twice; (4) is
//!             linear, the paper has a maxout layer and two matrices for it; the reset stands after the product.

use crate::count::Count;
use crate::gru::{self, Reset};
use crate::model::{Takes, require_recurrent};
use crate::{Decoder, Encoded, Entry, Input, Memory, Model, Sizes, Source, Translator};
use rushlight_engine::{Ids, Tensor, cat};
use rushlight_nn::init::{Init, Start};
use rushlight_nn::layers::{Embedding, Linear, RecurrentCell, dropout, last_time};
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Builder, Context, Params, SiteKind, settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The sizes of an RNN encoder-decoder.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// D, the width of both embeddings.
    pub embed: usize,
    /// H, the width of both states, and of the vector between them.
    pub hidden: usize,
    /// The share of elements of both embeddings dropped while training.
    pub dropout: f32,
    /// Where the weights start.
    pub start: Start,
}

impl Default for Config {
    fn default() -> Self {
        Self { embed: 128, hidden: 256, dropout: 0.0, start: Start::Torch }
    }
}

/// The RNN encoder-decoder.
pub struct EncoderDecoder {
    config: Config,
    params: Params,
    source_embed: Embedding,
    encoder: RecurrentCell,
    embed: Embedding,
    decoder: RecurrentCell,
    /// C, from c to the decoder's gates.
    context: Linear,
    /// O_s and O_y side by side, with b.
    out: Linear,
    /// O_c.
    context_out: Linear,
}

impl EncoderDecoder {
    /// A fresh model from `source` tokens to `vocabulary` tokens.
    pub fn new(config: &Config, Sizes { vocabulary, source, .. }: Sizes, seed: u64) -> Self {
        let Config { embed: d, hidden: h, start, .. } = *config;
        let mut build = Builder::new(seed);
        let table = start.or(Init::Normal { std: 1.0 });
        let (of_state, of_out) = (start.or(Init::fan_in_uniform(h)), start.or(Init::fan_in_uniform(2 * h + d)));
        Self {
            source_embed: Embedding::new(&mut build, "source_embed", source, d, &table),
            encoder: RecurrentCell::new(&mut build, "encoder", 3, [d, h], start),
            embed: Embedding::new(&mut build, "embed", vocabulary, d, &table),
            decoder: RecurrentCell::new(&mut build, "decoder", 3, [d, h], start),
            context: Linear::with_init(&mut build, "context", [h, 3 * h], &of_state, None),
            out: Linear::with_init(&mut build, "out", [h + d, vocabulary], &of_out, Some(&of_out)),
            context_out: Linear::with_init(&mut build, "context_out", [h, vocabulary], &of_out, None),
            params: build.finish(),
            config: config.clone(),
        }
    }
}

impl Model for EncoderDecoder {
    fn params(&self) -> &Params {
        &self.params
    }

    fn forward(&self, cx: &mut Context, input: &Input) -> Tensor {
        let Input::Pair(source, target) = input else { panic!("encoder_decoder: translates pairs") };
        let memory = self.encode(cx, source);
        self.read(cx, target, memory).0
    }

    fn translator(&self) -> Option<&dyn Translator> {
        Some(self)
    }
}

impl Translator for EncoderDecoder {
    fn encode(&self, cx: &mut Context, source: &Source) -> Memory {
        let c = cx.within("encoder", |cx| {
            // The padding stands before the sentences, so that all of them end at the last time.
            let x = cx.site("embed", SiteKind::Inner, self.source_embed.apply(&source.at_the_end())); // [B, S, D]
            let x = dropout(cx, x, self.config.dropout);
            let drive = source.held(self.encoder.input.apply(&x), gru::keep(&self.encoder), gru::KEPT);
            let first = Tensor::zeros(&[source.rows(), self.config.hidden]);
            let h = gru::through(cx, &self.encoder, drive, &first, Reset::After); // [B, S, H]       (1)
            last_time(&h) //                                                         [B, H]          (2)
        });
        let c = cx.site("c", SiteKind::Inner, c);
        Memory::of(Encoded::new(source.lengths.clone()).with("c", c.clone())).with("decoder.s", c)
    }
}

impl Decoder for EncoderDecoder {
    fn read(&self, cx: &mut Context, ids: &Ids, mut memory: Memory) -> (Tensor, Memory) {
        let encoded = memory.take_encoded();
        let (positions, mut states) = memory.open();
        let (rows, times) = (ids.shape()[0], ids.shape().width());
        let at_all_times = |x: Tensor| x.reshape(&[rows, 1, x.width()]);
        let c = encoded.by_row(0); // [B, H]
        let embedded = cx.site("embed", SiteKind::Inner, self.embed.apply(ids)); // [B, T, D]
        let y = dropout(cx, embedded, self.config.dropout);
        let drive = self.decoder.input.apply(&y) + at_all_times(self.context.apply(&c)); // W y + C c
        let past = &mut states[0].1;
        let s = cx.within("decoder", |cx| gru::through(cx, &self.decoder, drive, past, Reset::After)); // (3)
        *past = last_time(&s);
        let logits = self.out.apply(&cat(&[&s, &y], 2)) + at_all_times(self.context_out.apply(&c)); //     (4)
        let logits = cx.site("logits", SiteKind::Logits, logits); // [B, T, V]
        (logits, Memory::advanced(positions, states, times).translating(encoded))
    }
}

fn parameters(config: &Config, Sizes { vocabulary, source, .. }: Sizes) -> Count {
    let [u, v, d, h] = [source, vocabulary, config.embed, config.hidden].map(Count);
    u * d + v * d + 6 * h * (d + h + 2) + 3 * h * h + v * (d + 2 * h + 1)
}

const KEYS: &[&str] = &["embed", "hidden", "dropout", "start"];

/// The settings, if they make sense.
fn read(config: &Value) -> Result<Config, SettingError> {
    let config: Config = settings::read(config, KEYS)?;
    require_recurrent([config.embed, config.hidden, 1], config.dropout, config.start)?;
    Ok(config)
}

/// This rung in the list.
pub const ENTRY: Entry = Entry {
    name: "encoder_decoder",
    label: "Encoder-decoder",
    year: 2014,
    paper: "Cho et al.",
    source: include_str!("encoder_decoder.rs"),
    keys: KEYS,
    takes: Takes::Pair,
    build: |config, sizes, seed| Ok(Box::new(EncoderDecoder::new(&read(config)?, sizes, seed))),
    parameters: |config, sizes| Ok(parameters(&read(config)?, sizes).0),
};
