//! # RNN: a state that remembers everything read so far, in one vector
//!
//! Follows   Mikolov, Karafiát, Burget, Černocký, Khudanpur, Recurrent Neural Network Based Language Model, 2010,
//!           section 2; the network itself Elman, Finding Structure in Time, 1990
//! Before    `mlp.rs`: what lies before its window is as if it had never been.
//! New here  the hidden layer reads itself: what it was at the last token is an input at this one.
//!
//! Letters   B batch, T time, L layers, D embedding, H hidden, V vocabulary
//!
//!     h = φ(W x + b + U h + b')    (1)  h on the right is that of the time before; φ is tanh, or σ as in the paper
//!     logits = W_o h + b_o         (2)  h of the highest layer
//!
//! Parameters  VD + H(D + H + 2) + (L-1) H(2H + 2) + V(H + 1)
//! Departures  tanh, several layers, dropout between them and biases, none of which the paper has; an embedding of
//!             width D below, where it multiplies the one-hot token by W itself. Its dynamic model, which goes on
//!             learning while it is evaluated, is a way to evaluate the same network: `train` does that.

use crate::count::Count;
use crate::model::{Takes, require_recurrent};
use crate::{Decoder, Entry, Generator, Input, Memory, Model};
use rushlight_engine::{Ids, RnnActivation, Tensor, recording, rnn, rnn_sums};
use rushlight_nn::init::{Init, Start};
use rushlight_nn::layers::{Embedding, Linear, RecurrentCell, dropout, last_time};
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Builder, Context, Params, SiteKind, settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The sizes of a stacked recurrent network.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// D, the width of the embedding.
    pub embed: usize,
    /// H, the width of each layer's state.
    pub hidden: usize,
    /// L.
    pub layers: usize,
    /// φ.
    pub activation: Squash,
    /// The share of elements dropped between layers while training (Zaremba, Sutskever, Vinyals 2014).
    pub dropout: f32,
    /// Where the weights start.
    pub start: Start,
}

/// What keeps the state bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Squash {
    /// Between -1 and 1.
    Tanh,
    /// Between 0 and 1, as Mikolov has it.
    Sigmoid,
}

impl Squash {
    fn apply(self, x: &Tensor) -> Tensor {
        match self {
            Self::Tanh => x.tanh(),
            Self::Sigmoid => x.sigmoid(),
        }
    }

    fn of_sweep(self) -> RnnActivation {
        match self {
            Self::Tanh => RnnActivation::Tanh,
            Self::Sigmoid => RnnActivation::Sigmoid,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self { embed: 128, hidden: 256, layers: 1, activation: Squash::Tanh, dropout: 0.0, start: Start::Torch }
    }
}

/// The stacked recurrent language model.
pub struct Rnn {
    config: Config,
    params: Params,
    embed: Embedding,
    layers: Vec<RecurrentCell>,
    out: Linear,
}

impl Rnn {
    /// A fresh model for `vocabulary` tokens.
    pub fn new(config: &Config, vocabulary: usize, seed: u64) -> Self {
        let Config { embed, hidden, layers, start, .. } = *config;
        let mut build = Builder::new(seed);
        let table = Embedding::new(&mut build, "embed", vocabulary, embed, &start.or(Init::Normal { std: 1.0 }));
        let cells = (0..layers).map(|l| {
            let inputs = if l == 0 { embed } else { hidden };
            RecurrentCell::new(&mut build, format!("layers.{l}"), 1, [inputs, hidden], start)
        });
        let cells = cells.collect();
        let of_out = start.or(Init::fan_in_uniform(hidden));
        let out = Linear::with_init(&mut build, "out", [hidden, vocabulary], &of_out, Some(&of_out));
        Self { config: config.clone(), params: build.finish(), embed: table, layers: cells, out }
    }

    /// One tick of one layer; `x` is [B, D], `past` and the result [B, H].
    fn tick(&self, cell: &RecurrentCell, x: &Tensor, past: &Tensor) -> Tensor {
        self.config.activation.apply(&cell.gates(x, past)) // (1)
    }

    /// All ticks of one layer in one sweep: `x` is [B, T, D], the states of all times [B, T, H].
    fn sweep(&self, cx: &mut Context, cell: &RecurrentCell, x: &Tensor, past: &Tensor) -> Tensor {
        let (drive, weight) = (cell.drive(x), cell.state.weight.value());
        let watched = cx.is_watched().then(|| drive.clone());
        let h = rnn(drive, &weight, past, self.config.activation.of_sweep());
        if let Some(drive) = watched {
            // To look at: the sweep is over.
            cx.site("sums", SiteKind::PreActivation, rnn_sums(&drive, &weight, past, &h));
        }
        h
    }
}

impl Model for Rnn {
    fn params(&self) -> &Params {
        &self.params
    }

    fn forward(&self, cx: &mut Context, input: &Input) -> Tensor {
        let Input::Ids(ids) = input else { panic!("rnn: reads tokens [B, T]") };
        self.read(cx, ids, self.begin(ids.shape()[0])).0
    }

    fn generator(&self) -> Option<&dyn Generator> {
        Some(self)
    }
}

impl Decoder for Rnn {
    fn read(&self, cx: &mut Context, ids: &Ids, memory: Memory) -> (Tensor, Memory) {
        let (positions, mut states) = memory.open();
        // One time without a record is a step of generation, which the tick serves.
        let writing = ids.shape().width() == 1 && !recording();
        let mut below = cx.site("embed", SiteKind::Inner, self.embed.apply(ids)); // [B, T, D]
        for (l, cell) in self.layers.iter().enumerate() {
            let (x, past) = (dropout(cx, below, self.config.dropout), &mut states[l].1);
            below = cx.within(format_args!("layers.{l}"), |cx| {
                let h = if writing {
                    self.tick(cell, &last_time(&x), past).reshape(&[x.shape()[0], 1, cell.hidden])
                } else {
                    self.sweep(cx, cell, &x, past)
                };
                let h = cx.site("h", SiteKind::State, h);
                *past = last_time(&h);
                h
            });
        }
        let top = dropout(cx, below, self.config.dropout);
        let logits = cx.site("logits", SiteKind::Logits, self.out.apply(&top)); // (2) [B, T, V]
        (logits, Memory::advanced(positions, states, ids.shape().width()))
    }
}

impl Generator for Rnn {
    fn begin(&self, rows: usize) -> Memory {
        let state = || Tensor::zeros(&[rows, self.config.hidden]);
        (0..self.layers.len()).fold(Memory::new(rows), |memory, l| memory.with(format!("layers.{l}.h"), state()))
    }
}

fn parameters(config: &Config, v: usize) -> Count {
    let [v, d, h, l] = [v, config.embed, config.hidden, config.layers].map(Count);
    v * d + h * (d + h + 2) + (l - 1) * h * (2 * h + 2) + v * (h + 1)
}

const KEYS: &[&str] = &["embed", "hidden", "layers", "activation", "dropout", "start"];

/// The settings, if they make sense.
fn read(config: &Value) -> Result<Config, SettingError> {
    let config: Config = settings::read(config, KEYS)?;
    require_recurrent([config.embed, config.hidden, config.layers], config.dropout, config.start)?;
    Ok(config)
}

/// This rung in the list.
pub const ENTRY: Entry = Entry {
    name: "rnn",
    label: "RNN",
    year: 2010,
    paper: "Mikolov et al.",
    source: include_str!("rnn.rs"),
    keys: KEYS,
    takes: Takes::Ids,
    build: |config, sizes, seed| Ok(Box::new(Rnn::new(&read(config)?, sizes.vocabulary, seed))),
    parameters: |config, sizes| Ok(parameters(&read(config)?, sizes.vocabulary).0),
};
