//! # GRU: the past is kept or overwritten by one gate, without a second state
//!
//! Follows   Cho et al., Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation,
//!           2014, <https://arxiv.org/abs/1406.1078>, section 2.3; as a language model, without an encoder
//! Before    `lstm.rs`: two states and three gates.
//! New here  what is not kept is overwritten, so one gate does the work of two; another lets the candidate forget.
//!
//! Letters   B batch, T time, L layers, D embedding, H hidden, V vocabulary
//!
//!     r = σ(W_r x + b_r + U_r h + b'_r)         (1)  how much of the past the candidate may use
//!     z = σ(W_z x + b_z + U_z h + b'_z)         (2)  how much of the past to keep
//!     n = tanh(W_n x + b_n + U_n (r⊙h) + b'_n)  (3)  the candidate, the past reset before the product, as in the paper
//!     n = tanh(W_n x + b_n + r⊙(U_n h + b'_n))  (4)  or after it, as in cuDNN and PyTorch
//!     h = z⊙h + (1 - z)⊙n                       (5)
//!
//! Parameters  VD + 3H(D + H + 2) + (L-1) 3H(2H + 2) + V(H + 1)
//! Departures  (4) unless (3) is asked for; two biases a gate, which the paper leaves out of its equations; several
//!             layers, with dropout between them.

use crate::count::Count;
use crate::model::{Takes, require_recurrent};
use crate::{Decoder, Entry, Generator, Input, Memory, Model};
use rushlight_engine::{GruReset, GruSweep, Ids, Tensor, gru, recording};
use rushlight_nn::init::{Init, Start};
use rushlight_nn::layers::{Embedding, Linear, RecurrentCell, dropout, last_time};
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Builder, Context, Params, SiteKind, settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::ops::Range;

/// The sizes of a stacked GRU.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// D, the width of the embedding.
    pub embed: usize,
    /// H, the width of each layer's state.
    pub hidden: usize,
    /// L.
    pub layers: usize,
    /// Equation (3) or (4).
    pub reset: Reset,
    /// The share of elements dropped between layers while training (Zaremba, Sutskever, Vinyals 2014).
    pub dropout: f32,
    /// Where the weights start.
    pub start: Start,
}

/// Where the past is reset on its way into the candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reset {
    /// Before its product, equation (3).
    Before,
    /// After it, equation (4).
    After,
}

impl Default for Config {
    fn default() -> Self {
        Self { embed: 128, hidden: 256, layers: 1, reset: Reset::After, dropout: 0.0, start: Start::Torch }
    }
}

/// The stacked GRU language model.
pub struct Gru {
    config: Config,
    params: Params,
    embed: Embedding,
    layers: Vec<RecurrentCell>,
    out: Linear,
}

impl Gru {
    /// A fresh model for `vocabulary` tokens.
    pub fn new(config: &Config, vocabulary: usize, seed: u64) -> Self {
        let Config { embed, hidden, layers, start, .. } = *config;
        let mut build = Builder::new(seed);
        let table = Embedding::new(&mut build, "embed", vocabulary, embed, &start.or(Init::Normal { std: 1.0 }));
        let cells = (0..layers).map(|l| {
            let inputs = if l == 0 { embed } else { hidden };
            RecurrentCell::new(&mut build, format!("layers.{l}"), 3, [inputs, hidden], start)
        });
        let cells = cells.collect();
        let of_out = start.or(Init::fan_in_uniform(hidden));
        let out = Linear::with_init(&mut build, "out", [hidden, vocabulary], &of_out, Some(&of_out));
        Self { config: config.clone(), params: build.finish(), embed: table, layers: cells, out }
    }
}

/// One tick, equations (1) to (5), from what the input contributes: `drive` = W x + b is [B, 3H], `h` and the result [B, H].
fn tick(cell: &RecurrentCell, drive: &Tensor, h: &Tensor, reset: Reset) -> Tensor {
    let [x_r, x_z, x_n] = drive.split(); //                        each [B, H]
    let [h_r, h_z, h_n] = cell.state.apply(h).split(); //          U h + b'
    let (r, z) = ((x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()); // (1) (2)
    let n = match reset {
        Reset::Before => {
            let [.., reset_n] = cell.state.apply(&(&r * h)).split::<3>();
            (x_n + reset_n).tanh() //                               (3)
        }
        Reset::After => (x_n + &r * &h_n).tanh(), //                (4)
    };
    &n + &(&z * &(h - &n)) //                                       (5)
}

/// All ticks in one sweep from the state `past` [B, H]: `drive` is [B, T, 3H].
fn sweep(cell: &RecurrentCell, drive: Tensor, past: &Tensor, reset: Reset) -> GruSweep {
    let reset = match reset {
        Reset::Before => GruReset::Before,
        Reset::After => GruReset::After,
    };
    let bias = cell.state.bias.as_ref().expect("a recurrent cell has both biases").value();
    gru(drive, &cell.state.weight.value(), &bias, past, reset)
}

/// Through all times of `drive` [B, T, 3H] from the state `past` [B, H]: the states [B, T, H].
pub(crate) fn through(cx: &mut Context, cell: &RecurrentCell, drive: Tensor, past: &Tensor, reset: Reset) -> Tensor {
    // One time without a record is a step of generation, which the tick serves.
    let h = if drive.shape()[1] == 1 && !recording() {
        tick(cell, &last_time(&drive), past, reset).reshape(&[past.shape()[0], 1, cell.hidden])
    } else {
        let GruSweep { h, gates } = sweep(cell, drive, past, reset);
        cx.site("gates.rzn", SiteKind::Gate, gates); // to look at: the sweep is over
        h
    };
    cx.site("h", SiteKind::State, h)
}

/// One time, which is not shown: `drive` [B, 1, 3H] and the state `past` [B, H] to the next [B, H].
pub(crate) fn step(cell: &RecurrentCell, drive: Tensor, past: &Tensor, reset: Reset) -> Tensor {
    if recording() {
        last_time(&sweep(cell, drive, past, reset).h)
    } else {
        tick(cell, &last_time(&drive), past, reset)
    }
}

/// The columns of a drive that say how much of the past to keep.
pub(crate) fn keep(cell: &RecurrentCell) -> Range<usize> {
    cell.hidden..2 * cell.hidden
}

/// What in those columns keeps all of it.
pub(crate) const KEPT: f32 = 1e3;

impl Model for Gru {
    fn params(&self) -> &Params {
        &self.params
    }

    fn forward(&self, cx: &mut Context, input: &Input) -> Tensor {
        let Input::Ids(ids) = input else { panic!("gru: reads tokens [B, T]") };
        self.read(cx, ids, self.begin(ids.shape()[0])).0
    }

    fn generator(&self) -> Option<&dyn Generator> {
        Some(self)
    }
}

impl Decoder for Gru {
    fn read(&self, cx: &mut Context, ids: &Ids, memory: Memory) -> (Tensor, Memory) {
        let (positions, mut states) = memory.open();
        let mut below = cx.site("embed", SiteKind::Inner, self.embed.apply(ids)); // [B, T, D]
        for (l, cell) in self.layers.iter().enumerate() {
            let (x, past) = (dropout(cx, below, self.config.dropout), &mut states[l].1);
            below = cx.within(format_args!("layers.{l}"), |cx| {
                let h = through(cx, cell, cell.input.apply(&x), past, self.config.reset);
                *past = last_time(&h);
                h
            });
        }
        let top = dropout(cx, below, self.config.dropout);
        let logits = cx.site("logits", SiteKind::Logits, self.out.apply(&top)); // [B, T, V]
        (logits, Memory::advanced(positions, states, ids.shape().width()))
    }
}

impl Generator for Gru {
    fn begin(&self, rows: usize) -> Memory {
        let state = || Tensor::zeros(&[rows, self.config.hidden]);
        (0..self.layers.len()).fold(Memory::new(rows), |memory, l| memory.with(format!("layers.{l}.h"), state()))
    }
}

fn parameters(config: &Config, v: usize) -> Count {
    let [v, d, h, l] = [v, config.embed, config.hidden, config.layers].map(Count);
    v * d + 3 * h * (d + h + 2) + (l - 1) * 3 * h * (2 * h + 2) + v * (h + 1)
}

const KEYS: &[&str] = &["embed", "hidden", "layers", "reset", "dropout", "start"];

/// The settings, if they make sense.
fn read(config: &Value) -> Result<Config, SettingError> {
    let config: Config = settings::read(config, KEYS)?;
    require_recurrent([config.embed, config.hidden, config.layers], config.dropout, config.start)?;
    Ok(config)
}

/// This rung in the list.
pub const ENTRY: Entry = Entry {
    name: "gru",
    label: "GRU",
    year: 2014,
    paper: "Cho et al.",
    source: include_str!("gru.rs"),
    keys: KEYS,
    takes: Takes::Ids,
    build: |config, sizes, seed| Ok(Box::new(Gru::new(&read(config)?, sizes.vocabulary, seed))),
    parameters: |config, sizes| Ok(parameters(&read(config)?, sizes.vocabulary).0),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_gate_at_one_keeps_the_past() {
        for reset in [Reset::Before, Reset::After] {
            let model = Gru::new(&Config { embed: 5, hidden: 7, reset, ..Config::default() }, 11, 0);
            let bias = model.layers[0].input.bias.as_ref().expect("a recurrent cell has both biases");
            bias.update(|bias| bias[7..14].fill(50.0)); // r, z, n: σ(50) is 1
            let past = Tensor::full(&[2, 7], 0.25);
            let memory = Memory::new(2).with("layers.0.h", past.clone());
            let (_, after) = model.read(&mut Context::evaluate(), &Ids::new(&[2, 3], vec![1; 6]), memory);
            let kept = after.tensors()[0].1.data().iter().zip(past.data());
            assert!(kept.into_iter().all(|(now, then)| (now - then).abs() < 1e-6), "{:?}", after.tensors()[0].1);
        }
    }
}
