//! # Attention: the decoder looks back at every word of the source, and chooses where
//!
//! Follows   Bahdanau, Cho, Bengio, Neural Machine Translation by Jointly Learning to Align and Translate, 2015,
//!           <https://arxiv.org/abs/1409.0473>, section 3 and appendix A
//! Before    `encoder_decoder.rs`: the whole sentence through one vector, however long it is.
//! New here  a vector for every source word, read in both directions, and at every step a mixture of them of its own.
//!
//! Letters   B batch, S source time, T target time, D embedding, H hidden, U source vocabulary, V target vocabulary
//!
//!     h_s = [GRU(x_s, →h_{s-1}), GRU(x_s, ←h_{s+1})]         (1)  the encoder, in both directions; 2H wide
//!     s_0 = tanh(W_b [→h_S, ←h_1] + b_b)                     (2)
//!     e_ts = vᵀ tanh(W_a s_{t-1} + b_a + U_a h_s)            (3)  how well word s fits what comes next
//!     α_t = softmax(e_t)                                     (4)
//!     c_t = Σ_s α_ts h_s                                     (5)
//!     s_t = GRU(y_{t-1}, s_{t-1}; c_t)                       (6)  each gate also adds C c_t
//!     logits_t = O [s_t, c_t, y_{t-1}] + b                   (7)
//!
//! Parameters  UD + VD + 6H(D + H + 2) + H(2H + 1) + 2HH + H(H + 1) + H + 3H(D + H + 2) + 6HH + V(3H + D + 1)
//! Departures  (2) sees the last state of both directions, the paper's that of the backward one alone; (7) is linear, where the
//!             paper has a maxout layer; the reset stands after the product.

use crate::count::Count;
use crate::gru::{self, Reset};
use crate::model::{Takes, require_recurrent};
use crate::source::mirrored;
use crate::{Decoder, Encoded, Entry, Input, Memory, Model, Sizes, Source, Translator};
use rushlight_engine::{AdditiveAttention, Ids, Tensor, additive_attention, cat, stack};
use rushlight_nn::init::{Init, Start};
use rushlight_nn::layers::{Embedding, Linear, RecurrentCell, dropout, last_time};
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Builder, Context, Param, Params, SiteKind, settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The sizes of an encoder-decoder with attention.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// D, the width of both embeddings.
    pub embed: usize,
    /// H, the width of the states of each direction, of the decoder's, and of the attention.
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

/// The encoder-decoder with attention.
pub struct Bahdanau {
    config: Config,
    params: Params,
    source_embed: Embedding,
    forward: RecurrentCell,
    backward: RecurrentCell,
    /// W_b.
    bridge: Linear,
    /// U_a.
    key: Linear,
    /// W_a.
    query: Linear,
    /// v.
    energy: Param,
    embed: Embedding,
    decoder: RecurrentCell,
    /// C, from the context to the decoder's gates.
    context: Linear,
    out: Linear,
}

impl Bahdanau {
    /// A fresh model from `source` tokens to `vocabulary` tokens.
    pub fn new(config: &Config, Sizes { vocabulary, source, .. }: Sizes, seed: u64) -> Self {
        let Config { embed: d, hidden: h, start, .. } = *config;
        let mut build = Builder::new(seed);
        let table = start.or(Init::Normal { std: 1.0 });
        let of = |inputs| start.or(Init::fan_in_uniform(inputs));
        Self {
            source_embed: Embedding::new(&mut build, "source_embed", source, d, &table),
            forward: RecurrentCell::new(&mut build, "encoder.forward", 3, [d, h], start),
            backward: RecurrentCell::new(&mut build, "encoder.backward", 3, [d, h], start),
            bridge: Linear::with_init(&mut build, "bridge", [2 * h, h], &of(2 * h), Some(&of(2 * h))),
            key: Linear::with_init(&mut build, "attention.key", [2 * h, h], &of(2 * h), None),
            query: Linear::with_init(&mut build, "attention.query", [h, h], &of(h), Some(&of(h))),
            energy: build.weight("attention.energy", &[h], &of(h)),
            embed: Embedding::new(&mut build, "embed", vocabulary, d, &table),
            decoder: RecurrentCell::new(&mut build, "decoder", 3, [d, h], start),
            context: Linear::with_init(&mut build, "context", [2 * h, 3 * h], &of(h), None),
            out: Linear::with_init(&mut build, "out", [3 * h + d, vocabulary], &of(3 * h + d), Some(&of(3 * h + d))),
            params: build.finish(),
            config: config.clone(),
        }
    }

    /// The states of both directions at every place, [B, S, 2H], and the last of each, [B, 2H]; equation (1).
    fn states(&self, cx: &mut Context, source: &Source) -> (Tensor, Tensor) {
        let first = Tensor::zeros(&[source.rows(), self.config.hidden]);
        let x = cx.site("embed", SiteKind::Inner, self.source_embed.apply(&source.ids)); // [B, S, D]
        let x = dropout(cx, x, self.config.dropout);
        let ahead = cx.within("forward", |cx| {
            gru::through(cx, &self.forward, self.forward.input.apply(&x), &first, Reset::After)
        });
        // Backwards the padding comes first, and leaves the state at zero.
        let drive = source.held(self.backward.input.apply(&mirrored(&x)), gru::keep(&self.backward), gru::KEPT);
        let back = cx.within("backward", |cx| gru::through(cx, &self.backward, drive, &first, Reset::After));
        let last = cat(&[&source.last(&ahead), &last_time(&back)], 1);
        (cat(&[&ahead, &mirrored(&back)], 2), last)
    }
}

impl Model for Bahdanau {
    fn params(&self) -> &Params {
        &self.params
    }

    fn forward(&self, cx: &mut Context, input: &Input) -> Tensor {
        let Input::Pair(source, target) = input else { panic!("bahdanau: translates pairs") };
        let memory = self.encode(cx, source);
        self.read(cx, target, memory).0
    }

    fn translator(&self) -> Option<&dyn Translator> {
        Some(self)
    }
}

impl Translator for Bahdanau {
    fn encode(&self, cx: &mut Context, source: &Source) -> Memory {
        let (states, last) = cx.within("encoder", |cx| self.states(cx, source));
        let first = cx.site("bridge", SiteKind::Squashed, self.bridge.apply(&last).tanh()); // (2)
        let encoded = Encoded::new(source.lengths.clone()).with("keys", self.key.apply(&states)).with("states", states);
        Memory::of(encoded).with("decoder.s", first)
    }
}

impl Decoder for Bahdanau {
    fn read(&self, cx: &mut Context, ids: &Ids, mut memory: Memory) -> (Tensor, Memory) {
        let encoded = memory.take_encoded();
        let (positions, mut memorised) = memory.open();
        let (keys, states, energy) = (encoded.tensor(0), encoded.tensor(1), self.energy.value());
        let (rows, times) = (ids.shape()[0], ids.shape().width());
        let embedded = cx.site("embed", SiteKind::Inner, self.embed.apply(ids)); // [B, T, D]
        let y = dropout(cx, embedded, self.config.dropout);
        let drives = self.decoder.input.apply(&y); // W y of all times, [B, T, 3H]
        let (mut all_s, mut all_c, mut all_weights) = (Vec::new(), Vec::new(), Vec::new());
        let mut s = memorised[0].1.clone();
        for t in 0..times {
            let query = self.query.apply(&s);
            let AdditiveAttention { context, weights } =
                additive_attention(keys, states, &query, &energy, encoded.sources()); // (3) (4) (5)
            let from_context = self.context.apply(&context).reshape(&[rows, 1, drives.width()]);
            let drive = drives.narrow(1, t, 1) + from_context;
            s = gru::step(&self.decoder, drive, &s, Reset::After); // (6)
            all_s.push(s.clone());
            all_c.push(context);
            all_weights.push(weights);
        }
        memorised[0].1 = s;
        let over_time = |parts: &[Tensor]| stack(&parts.iter().collect::<Vec<_>>(), 1);
        cx.site("attention", SiteKind::Attention, over_time(&all_weights)); // [B, T, S], to look at
        let s = cx.site("decoder.s", SiteKind::State, over_time(&all_s));
        let c = cx.site("context", SiteKind::Inner, over_time(&all_c));
        let logits = cx.site("logits", SiteKind::Logits, self.out.apply(&cat(&[&s, &c, &y], 2))); // [B, T, V]  (7)
        (logits, Memory::advanced(positions, memorised, times).translating(encoded))
    }
}

fn parameters(config: &Config, Sizes { vocabulary, source, .. }: Sizes) -> Count {
    let [u, v, d, h] = [source, vocabulary, config.embed, config.hidden].map(Count);
    let (encoder, decoder) = (6 * h * (d + h + 2), 3 * h * (d + h + 2) + 6 * h * h);
    let attention = 2 * h * h + h * (h + 1) + h;
    u * d + v * d + encoder + h * (2 * h + 1) + attention + decoder + v * (3 * h + d + 1)
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
    name: "bahdanau",
    label: "Attention",
    year: 2015,
    paper: "Bahdanau et al.",
    source: include_str!("bahdanau.rs"),
    keys: KEYS,
    takes: Takes::Pair,
    build: |config, sizes, seed| Ok(Box::new(Bahdanau::new(&read(config)?, sizes, seed))),
    parameters: |config, sizes| Ok(parameters(&read(config)?, sizes).0),
};
