//! # LSTM: a memory that can be kept, overwritten and shown
//!
//! Follows   Hochreiter, Schmidhuber, Long Short-Term Memory, 1997; as a language model Graves, Generating Sequences
//!           With Recurrent Neural Networks, 2013, <https://arxiv.org/abs/1308.0850>, section 2
//! Before    `rnn.rs`: one state, rewritten at every step, so old news fades.
//! New here  a second state `c` that changes only through gates.
//!
//! Letters   B batch, T time, L layers, D embedding, H hidden, V vocabulary
//!
//!     i = σ(W_i x + U_i h + b_i)     (1)  how much to write
//!     f = σ(W_f x + U_f h + b_f)     (2)  how much to keep
//!     g = tanh(W_g x + U_g h + b_g)  (3)  what to write
//!     o = σ(W_o x + U_o h + b_o)     (4)  how much to show
//!     c = f⊙c + i⊙g                  (5)
//!     h = o⊙tanh(c)                  (6)
//!
//! Parameters  VD + 4H(D + H + 2) + (L-1) 4H(2H + 2) + V(H + 1); with skips each layer above the first also reads the
//!             embedding (4HD more) and the output reads all layers (V(LH + 1))
//! Departures  no peepholes (Graves's equations 7 to 10 let the gates see c); two biases a gate, as in PyTorch and cuDNN.

use crate::count::Count;
use crate::model::{Takes, require_recurrent};
use crate::{Decoder, Entry, Generator, Input, Memory, Model};
use rushlight_engine::{Ids, LstmSweep, Tensor, cat, linear, lstm, recording};
use rushlight_nn::init::{Init, Start};
use rushlight_nn::layers::{Embedding, Linear, RecurrentCell, dropout, last_time};
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Builder, Context, Params, SiteKind, settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::ops::Range;

/// The sizes of a stacked LSTM.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// D, the width of the embedding.
    pub embed: usize,
    /// H, the width of each layer's two states.
    pub hidden: usize,
    /// L.
    pub layers: usize,
    /// The share of elements dropped between layers while training (Zaremba, Sutskever, Vinyals 2014).
    pub dropout: f32,
    /// Where the weights start.
    pub start: Start,
    /// Graves's skip connections: from the embedding to every layer, and from every layer to the output.
    pub skips: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self { embed: 128, hidden: 256, layers: 1, dropout: 0.0, start: Start::Torch, skips: false }
    }
}

/// The stacked LSTM language model.
pub struct Lstm {
    config: Config,
    params: Params,
    embed: Embedding,
    layers: Vec<RecurrentCell>,
    out: Linear,
}

/// The two states of one layer, [B, H] each.
pub(crate) struct Cell {
    pub(crate) h: Tensor,
    pub(crate) c: Tensor,
}

impl Lstm {
    /// A fresh model for `vocabulary` tokens.
    pub fn new(config: &Config, vocabulary: usize, seed: u64) -> Self {
        let Config { embed, hidden, layers, start, skips, .. } = *config;
        let mut build = Builder::new(seed);
        let table = Embedding::new(&mut build, "embed", vocabulary, embed, &start.or(Init::Normal { std: 1.0 }));
        let width_into = |layer: usize| match (layer, skips) {
            (0, _) => embed,
            (_, false) => hidden,
            (_, true) => embed + hidden,
        };
        let cells = (0..layers)
            .map(|l| RecurrentCell::new(&mut build, format!("layers.{l}"), 4, [width_into(l), hidden], start))
            .collect();
        let into_out = if skips { layers * hidden } else { hidden };
        let of_out = start.or(Init::fan_in_uniform(into_out));
        let out = Linear::with_init(&mut build, "out", [into_out, vocabulary], &of_out, Some(&of_out));
        Self { config: config.clone(), params: build.finish(), embed: table, layers: cells, out }
    }
}

/// One tick, equations (1) to (6), from what the input contributes, with both biases: `drive` is [B, 4H].
fn tick(cell: &RecurrentCell, drive: &Tensor, past: &Cell) -> Cell {
    let from_state = linear(&past.h, &cell.state.weight.value(), None);
    let [i, f, g, o] = (drive + &from_state).split(); //                           each [B, H]
    let (i, f, g, o) = (i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()); //       (1) (2) (3) (4)
    let c = &f * &past.c + &i * &g; //                                             (5)
    let h = &o * &c.tanh(); //                                                     (6)
    Cell { h, c }
}

/// All ticks in one sweep: `drive` is [B, T, 4H], h of all times [B, T, H] and the last c.
fn sweep(cx: &mut Context, cell: &RecurrentCell, drive: Tensor, past: &Cell) -> (Tensor, Tensor) {
    let LstmSweep { h, gates, cells, last_c } = lstm(drive, &cell.state.weight.value(), &past.h, &past.c);
    cx.site("gates.ifgo", SiteKind::Gate, gates); // to look at: the sweep is over
    cx.site("c", SiteKind::Inner, cells);
    (h, last_c)
}

/// Through all times of `drive` [B, T, 4H] from the states `past`, whichever way is quicker: h of all times [B, T, H] and
/// the last c.
pub(crate) fn through(cx: &mut Context, cell: &RecurrentCell, drive: Tensor, past: &Cell) -> (Tensor, Tensor) {
    // One time without a record is a step of generation, which the tick serves.
    let (h, c) = if drive.shape()[1] == 1 && !recording() {
        let Cell { h, c } = tick(cell, &last_time(&drive), past);
        (h.reshape(&[past.h.shape()[0], 1, cell.hidden]), c)
    } else {
        sweep(cx, cell, drive, past)
    };
    (cx.site("h", SiteKind::State, h), c)
}

/// The columns of a drive that say how much to write.
pub(crate) fn write(cell: &RecurrentCell) -> Range<usize> {
    0..cell.hidden
}

/// What in those columns writes nothing.
pub(crate) const NOT_WRITTEN: f32 = -1e3;

impl Model for Lstm {
    fn params(&self) -> &Params {
        &self.params
    }

    fn forward(&self, cx: &mut Context, input: &Input) -> Tensor {
        let Input::Ids(ids) = input else { panic!("lstm: reads tokens [B, T]") };
        self.read(cx, ids, self.begin(ids.shape()[0])).0
    }

    fn generator(&self) -> Option<&dyn Generator> {
        Some(self)
    }
}

impl Decoder for Lstm {
    fn read(&self, cx: &mut Context, ids: &Ids, memory: Memory) -> (Tensor, Memory) {
        let (positions, mut states) = memory.open();
        let embedded = cx.site("embed", SiteKind::Inner, self.embed.apply(ids)); // [B, T, D]
        let mut shown: Vec<Tensor> = Vec::with_capacity(self.layers.len());
        for (l, cell) in self.layers.iter().enumerate() {
            let below = match shown.last() {
                None => embedded.clone(),
                Some(h) if self.config.skips => cat(&[&embedded, h], 2),
                Some(h) => h.clone(),
            };
            let below = dropout(cx, below, self.config.dropout);
            let past = Cell { h: states[2 * l].1.clone(), c: states[2 * l + 1].1.clone() };
            cx.within(format_args!("layers.{l}"), |cx| {
                let (h, c) = through(cx, cell, cell.drive(&below), &past);
                (states[2 * l].1, states[2 * l + 1].1) = (last_time(&h), c);
                shown.push(h);
            });
        }
        let top = if self.config.skips {
            cat(&shown.iter().collect::<Vec<_>>(), 2)
        } else {
            shown.swap_remove(self.layers.len() - 1)
        };
        let top = dropout(cx, top, self.config.dropout);
        let logits = cx.site("logits", SiteKind::Logits, self.out.apply(&top)); // [B, T, V]
        (logits, Memory::advanced(positions, states, ids.shape().width()))
    }
}

impl Generator for Lstm {
    fn begin(&self, rows: usize) -> Memory {
        let state = || Tensor::zeros(&[rows, self.config.hidden]);
        (0..self.layers.len()).fold(Memory::new(rows), |memory, l| {
            memory.with(format!("layers.{l}.h"), state()).with(format!("layers.{l}.c"), state())
        })
    }
}

fn parameters(config: &Config, v: usize) -> Count {
    let [v, d, h, l] = [v, config.embed, config.hidden, config.layers].map(Count);
    let plain = v * d + 4 * h * (d + h + 2) + (l - 1) * 4 * h * (2 * h + 2);
    if config.skips { plain + (l - 1) * 4 * h * d + v * (l * h + 1) } else { plain + v * (h + 1) }
}

const KEYS: &[&str] = &["embed", "hidden", "layers", "dropout", "start", "skips"];

/// The settings, if they make sense.
fn read(config: &Value) -> Result<Config, SettingError> {
    let config: Config = settings::read(config, KEYS)?;
    require_recurrent([config.embed, config.hidden, config.layers], config.dropout, config.start)?;
    Ok(config)
}

/// This rung in the list.
pub const ENTRY: Entry = Entry {
    name: "lstm",
    label: "LSTM",
    year: 2013,
    paper: "Graves",
    source: include_str!("lstm.rs"),
    keys: KEYS,
    takes: Takes::Ids,
    build: |config, sizes, seed| Ok(Box::new(Lstm::new(&read(config)?, sizes.vocabulary, seed))),
    parameters: |config, sizes| Ok(parameters(&read(config)?, sizes.vocabulary).0),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_with_its_input_shut_and_its_forget_gate_open_keeps_what_it_has() {
        let model = Lstm::new(&Config { embed: 5, hidden: 7, ..Config::default() }, 11, 0);
        let bias = model.layers[0].input.bias.as_ref().expect("a recurrent cell has both biases");
        bias.update(|bias| {
            bias[..7].fill(-50.0); //  i: σ(-50) is 2e-22
            bias[7..14].fill(50.0); // f: σ(50) is 1
        });
        let memory =
            Memory::new(2).with("layers.0.h", Tensor::zeros(&[2, 7])).with("layers.0.c", Tensor::full(&[2, 7], 0.25));
        let (_, after) = model.read(&mut Context::evaluate(), &Ids::new(&[2, 3], vec![1; 6]), memory);
        assert_eq!(after.tensors()[1].1.data(), [0.25; 14]);
    }
}
