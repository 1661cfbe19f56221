//! # MLP: a neural probabilistic language model over a fixed window
//!
//! Follows   Bengio, Ducharme, Vincent, Jauvin, A Neural Probabilistic Language Model, 2003,
//!           <https://www.jmlr.org/papers/v3/bengio03a.html>, section 2
//! Before    `bigram.rs`: one token of context, and nothing learned about one token helps with another.
//! New here  tokens become vectors, so that what is learned of one serves its neighbours; a window of C of them.
//!
//! Letters   N windows, C tokens in a window, D embedding, H hidden, L hidden layers, V vocabulary
//!
//!     x = (E[w_1], .., E[w_C])           (1)  rows of the table, side by side: [N, CD]
//!     a_l = f(x_l W_l + b_l)             (2)  f is tanh; with batch norm f(norm(x_l W_l))
//!     logits = a_L U + b + x W           (3)  the last term: his direct connections, optional
//!
//! Parameters  VD + H(CD + 1) + (L-1) H(H + 1) + V(H + 1); direct connections VCD more; batch norm has two numbers a
//!             unit in place of the bias: H L more
//! Departures  several layers, and batch norm (Ioffe, Szegedy 2015) between product and tanh, if asked; before the text
//!             begins the window holds token 0.

use crate::count::Count;
use crate::model::{Takes, require_from_zero, require_layers, require_sizes, require_some_share};
use crate::{Decoder, Entry, Generator, Input, Memory, Model, Sizes};
use rushlight_engine::{Ids, Tensor};
use rushlight_nn::init::Init;
use rushlight_nn::layers::{Activation, BatchNorm1d, Embedding, Linear};
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Builder, Context, Params, SiteKind, settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The sizes and the start values of Bengio's network.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// D.
    pub embed: usize,
    /// H.
    pub hidden: usize,
    /// L.
    pub layers: usize,
    /// f.
    pub activation: Activation,
    /// Batch norm between product and f.
    pub batch_norm: bool,
    /// How much of each batch goes into batch norm's running statistics; small batches want a small share.
    pub norm_momentum: f32,
    /// Bengio's direct connections from the window to the output.
    pub direct: bool,
    /// Where the hidden weights start.
    pub start: Start,
    /// The gain of a Kaiming start: 5/3 suits tanh, 1 no nonlinearity.
    pub gain: f32,
    /// What the output weights, direct ones too, are multiplied by at the start; below 1 the first answers are unsure.
    pub output_scale: f32,
    /// What the output bias is multiplied by at the start; it matters where biases start at random.
    pub output_bias_scale: f32,
}

/// Where weights start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// Every weight and bias from the standard normal distribution: the over-confident start of the lectures.
    Normal,
    /// Normal with deviation gain / √fan-in, biases at zero (He et al. 2015).
    Kaiming,
    /// Uniform within ±1/√fan-in, as PyTorch starts linear layers.
    Uniform,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            embed: 10,
            hidden: 200,
            layers: 1,
            activation: Activation::Tanh,
            batch_norm: false,
            norm_momentum: 0.1,
            direct: false,
            start: Start::Kaiming,
            gain: 5.0 / 3.0,
            output_scale: 0.1,
            output_bias_scale: 1.0,
        }
    }
}

/// Bengio's language model.
pub struct Mlp {
    activation: Activation,
    context: usize,
    params: Params,
    embed: Embedding,
    hidden: Vec<Hidden>,
    out: Linear,
    direct: Option<Linear>,
}

struct Hidden {
    linear: Linear,
    norm: Option<BatchNorm1d>,
}

impl Mlp {
    /// A fresh model for `vocabulary` tokens with windows of `window`.
    pub fn new(config: &Config, Sizes { vocabulary, window, .. }: Sizes, seed: u64) -> Self {
        let Config { embed, hidden, .. } = *config;
        let mut build = Builder::new(seed);
        let table = Embedding::new(&mut build, "embed", vocabulary, embed, &Init::Normal { std: 1.0 });
        let start = |inputs: usize, gain: f32| match config.start {
            Start::Normal => (Init::Normal { std: 1.0 }, Init::Normal { std: 1.0 }),
            Start::Kaiming => (Init::Normal { std: gain / (inputs as f32).sqrt() }, Init::Zeros),
            Start::Uniform => (Init::fan_in_uniform(inputs), Init::fan_in_uniform(inputs)),
        };
        let layers = (0..config.layers).map(|l| {
            let inputs = if l == 0 { window * embed } else { hidden };
            let (weight, bias) = start(inputs, config.gain);
            let bias = (!config.batch_norm).then_some(&bias);
            let linear = Linear::with_init(&mut build, &format!("hidden.{l}"), [inputs, hidden], &weight, bias);
            Hidden {
                linear,
                norm: config.batch_norm.then(|| {
                    BatchNorm1d::with_momentum(&mut build, &format!("norms.{l}"), hidden, config.norm_momentum)
                }),
            }
        });
        let layers = layers.collect();
        let (weight, bias) = start(hidden, 1.0);
        let out = Linear::with_init(&mut build, "out", [hidden, vocabulary], &weight, Some(&bias));
        let direct = config.direct.then(|| Linear::without_bias(&mut build, "direct", window * embed, vocabulary));
        for into_logits in [Some(&out), direct.as_ref()].into_iter().flatten() {
            into_logits.weight.update(|weights| weights.iter_mut().for_each(|weight| *weight *= config.output_scale));
        }
        if let Some(bias) = &out.bias {
            bias.update(|biases| biases.iter_mut().for_each(|bias| *bias *= config.output_bias_scale));
        }
        Self {
            activation: config.activation,
            context: window,
            params: build.finish(),
            embed: table,
            hidden: layers,
            out,
            direct,
        }
    }

    /// The logits after each window [N, C]: [N, V].
    fn answer(&self, cx: &mut Context, windows: &Ids) -> Tensor {
        let count = windows.shape()[0];
        assert_eq!(windows.shape().width(), self.context, "mlp: windows of another length");
        let rows = self.embed.apply(windows); //                                                    [N, C, D]
        let x = cx.site("x", SiteKind::Inner, rows.reshape(&[count, self.context * self.embed.weight.shape()[1]])); // (1)
        let mut active = x.clone();
        for (l, layer) in self.hidden.iter().enumerate() {
            let product = layer.linear.apply(&active);
            let drive = layer.norm.as_ref().map_or_else(|| product.clone(), |norm| norm.apply(cx, &product));
            active = cx.within(format_args!("hidden.{l}"), |cx| {
                let drive = cx.site("drive", SiteKind::PreActivation, drive);
                cx.site("active", self.activation.site_kind(), self.activation.apply(&drive)) //            (2) [N, H]
            });
        }
        let logits = self.out.apply(&active);
        let logits = self.direct.as_ref().map_or_else(|| logits.clone(), |direct| &logits + &direct.apply(&x)); // (3)
        cx.site("logits", SiteKind::Logits, logits)
    }
}

/// The window that ends at each token: `before` [B, C-1] and `ids` [B, T] to [B T, C].
fn windows_of(before: &[u32], ids: &Ids, context: usize) -> Ids {
    let (rows, times) = (ids.shape()[0], ids.shape().width());
    let mut windows = Vec::with_capacity(rows * times * context);
    for (row, ids) in ids.data().chunks_exact(times).enumerate() {
        let line = [&before[row * (context - 1)..][..context - 1], ids].concat();
        line.windows(context).for_each(|window| windows.extend_from_slice(window));
    }
    Ids::new(&[rows * times, context], windows)
}

impl Model for Mlp {
    fn params(&self) -> &Params {
        &self.params
    }

    fn forward(&self, cx: &mut Context, input: &Input) -> Tensor {
        match input {
            Input::Contexts(windows) => self.answer(cx, windows),
            Input::Ids(ids) => self.read(cx, ids, self.begin(ids.shape()[0])).0,
            Input::Rows(_) | Input::Pair(..) | Input::Sentences(..) => panic!("mlp: reads tokens, [B, T] or windows"),
        }
    }

    fn generator(&self) -> Option<&dyn Generator> {
        Some(self)
    }

    fn least_rows(&self) -> usize {
        if self.hidden.iter().any(|layer| layer.norm.is_some()) { 2 } else { 1 }
    }
}

impl Decoder for Mlp {
    fn read(&self, cx: &mut Context, ids: &Ids, memory: Memory) -> (Tensor, Memory) {
        let (positions, mut tensors) = memory.open();
        let (rows, times) = (ids.shape()[0], ids.shape().width());
        let before: Vec<u32> = tensors[0].1.data().iter().map(|&id| id as u32).collect();
        let windows = windows_of(&before, ids, self.context);
        let logits = self.answer(cx, &windows);
        let last: Vec<f32> = windows
            .data()
            .chunks_exact(times * self.context)
            .flat_map(|row| row[row.len() - (self.context - 1)..].iter().map(|&id| id as f32))
            .collect();
        tensors[0].1 = Tensor::new(&[rows, self.context - 1], last);
        (logits.reshape(&[rows, times, logits.width()]), Memory::advanced(positions, tensors, times))
    }
}

impl Generator for Mlp {
    fn begin(&self, rows: usize) -> Memory {
        Memory::new(rows).with("window", Tensor::zeros(&[rows, self.context - 1]))
    }
}

fn parameters(config: &Config, Sizes { vocabulary, window, .. }: Sizes) -> Count {
    let [v, c, d, h, l] = [vocabulary, window, config.embed, config.hidden, config.layers].map(Count);
    let plain = v * d + h * (c * d + 1) + (l - 1) * h * (h + 1) + v * (h + 1);
    let norm = if config.batch_norm { h * l } else { Count(0) };
    plain + norm + if config.direct { v * c * d } else { Count(0) }
}

const KEYS: &[&str] = &[
    "embed",
    "hidden",
    "layers",
    "activation",
    "batch_norm",
    "norm_momentum",
    "direct",
    "start",
    "gain",
    "output_scale",
    "output_bias_scale",
];

/// The settings, if they make sense.
fn read(config: &Value) -> Result<Config, SettingError> {
    let config: Config = settings::read(config, KEYS)?;
    require_sizes(&[("embed", config.embed), ("hidden", config.hidden)])?;
    require_layers(config.layers)?;
    require_some_share("norm_momentum", config.norm_momentum)?;
    require_from_zero("gain", config.gain)?;
    require_from_zero("output_scale", config.output_scale)?;
    require_from_zero("output_bias_scale", config.output_bias_scale)?;
    Ok(config)
}

/// This rung in the list.
pub const ENTRY: Entry = Entry {
    name: "mlp",
    label: "MLP",
    year: 2003,
    paper: "Bengio et al.",
    source: include_str!("mlp.rs"),
    keys: KEYS,
    takes: Takes::Contexts,
    build: |config, sizes, seed| Ok(Box::new(Mlp::new(&read(config)?, sizes, seed))),
    parameters: |config, sizes| Ok(parameters(&read(config)?, sizes).0),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_ends_its_own_window() {
        let windows = windows_of(&[0, 0, 8, 9], &Ids::new(&[2, 2], vec![1, 2, 3, 4]), 3);
        assert_eq!(windows.data(), [0, 0, 1, 0, 1, 2, 8, 9, 3, 9, 3, 4]);
    }
}
