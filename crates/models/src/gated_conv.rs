//! # Gated convolution: every layer sees a few tokens back, and many layers see far
//!
//! Follows   Dauphin, Fan, Auli, Grangier, Language Modeling with Gated Convolutional Networks, 2017,
//!           <https://arxiv.org/abs/1612.08083>, section 2
//! Before    `lstm.rs`: gates decide what passes, but the times of a text follow one another, and none can be computed before the last.
//! New here  the gate without the loop: all times at once, at the price of an end to how far back is seen, L(k - 1) tokens.
//!
//! Letters   B batch, T time, L layers, D width, k filter, V vocabulary
//!
//!     n = norm(x)
//!     h(X) = (X * W + b) ⊙ σ(X * V + c)      (1)  X * W at time t reads n_(t-k+1) .. n_t: nothing that is later
//!     x = x + h(X)                           (2)
//!     logits = W_o norm(x) + b_o             (3)
//!
//! Parameters  VD + L (2D(kD + 1) + 2D) + 2D + V(D + 1)
//! Departures  a layer norm where the paper normalises the weights (Salimans and Kingma 2016); every layer is a residual block
//!             of its own, all of one width; a plain softmax for the adaptive one.

use crate::count::Count;
use crate::model::{Takes, require_layers, require_share, require_sizes, require_within};
use crate::{Decoder, Entry, Generator, Input, Memory, Model};
use rushlight_engine::{Ids, Tensor, cat, windows};
use rushlight_nn::init::Init;
use rushlight_nn::layers::{Embedding, LayerNorm, Linear, dropout};
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Builder, Context, Params, SiteKind, settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The sizes of a stack of gated convolutions.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// L.
    pub layers: usize,
    /// D.
    pub width: usize,
    /// k, how many tokens a layer sees, the present one among them: at least 2.
    pub filter: usize,
    /// The share of elements dropped after the embedding and each layer while training.
    pub dropout: f32,
}

impl Default for Config {
    fn default() -> Self {
        Self { layers: 5, width: 128, filter: 4, dropout: 0.0 }
    }
}

/// The gated convolutional language model.
pub struct GatedConv {
    config: Config,
    params: Params,
    embed: Embedding,
    layers: Vec<Layer>,
    norm: LayerNorm,
    out: Linear,
}

struct Layer {
    norm: LayerNorm,
    /// W and b: [D, kD].
    value: Linear,
    /// V and c: [D, kD].
    gate: Linear,
}

impl GatedConv {
    /// A fresh model for `vocabulary` tokens.
    pub fn new(config: &Config, vocabulary: usize, seed: u64) -> Self {
        let Config { layers, width: d, filter: k, .. } = *config;
        let mut build = Builder::new(seed);
        let embed = Embedding::new(&mut build, "embed", vocabulary, d, &Init::Normal { std: 0.02 });
        let layer = |build: &mut Builder| Layer {
            norm: LayerNorm::new(build, "norm", d),
            value: Linear::new(build, "value", k * d, d),
            gate: Linear::new(build, "gate", k * d, d),
        };
        let layers = (0..layers).map(|l| build.within(format_args!("layers.{l}"), layer)).collect();
        let norm = LayerNorm::new(&mut build, "norm", d);
        let out =
            Linear::with_init(&mut build, "out", [d, vocabulary], &Init::Normal { std: 0.02 }, Some(&Init::Zeros));
        Self { config: config.clone(), params: build.finish(), embed, layers, norm, out }
    }

    /// `x` [B, T, D] through a layer that saw `before` [B, k - 1, D]: its answers, and what the next times must know.
    fn layer(&self, cx: &mut Context, layer: &Layer, x: &Tensor, before: &Tensor) -> (Tensor, Tensor) {
        let (times, k) = (x.shape()[1], self.config.filter);
        let n = cx.site("norm", SiteKind::Inner, layer.norm.apply(x));
        let read = cat(&[before, &n], 1); //                                                     [B, k - 1 + T, D]
        // A window lies around its middle; the one that ends at time t has it so many places before.
        let seen = windows(&read, k).narrow(1, (k - 1) / 2, times); //                           [B, T, kD]
        let value = cx.site("value", SiteKind::Inner, layer.value.apply(&seen)); //              [B, T, D]
        let drive = cx.site("gate.drive", SiteKind::PreActivation, layer.gate.apply(&seen));
        let gate = cx.site("gate", SiteKind::Gate, drive.sigmoid());
        let x = x + dropout(cx, &value * &gate, self.config.dropout); //                         (1) (2)
        (cx.site("x", SiteKind::Inner, x), read.narrow(1, times, k - 1))
    }
}

impl Model for GatedConv {
    fn params(&self) -> &Params {
        &self.params
    }

    fn forward(&self, cx: &mut Context, input: &Input) -> Tensor {
        let Input::Ids(ids) = input else { panic!("gated_conv: reads tokens [B, T]") };
        self.read(cx, ids, self.begin(ids.shape()[0])).0
    }

    fn generator(&self) -> Option<&dyn Generator> {
        Some(self)
    }
}

impl Decoder for GatedConv {
    fn read(&self, cx: &mut Context, ids: &Ids, memory: Memory) -> (Tensor, Memory) {
        let (positions, mut seen) = memory.open();
        let embedded = cx.site("embed", SiteKind::Inner, self.embed.apply(ids)); // [B, T, D]
        let mut x = dropout(cx, embedded, self.config.dropout);
        for (l, layer) in self.layers.iter().enumerate() {
            let before = &mut seen[l].1;
            (x, *before) = cx.within(format_args!("layers.{l}"), |cx| self.layer(cx, layer, &x, before));
        }
        let n = cx.site("norm", SiteKind::Inner, self.norm.apply(&x));
        let logits = cx.site("logits", SiteKind::Logits, self.out.apply(&n)); // (3) [B, T, V]
        (logits, Memory::advanced(positions, seen, ids.shape().width()))
    }
}

impl Generator for GatedConv {
    fn begin(&self, rows: usize) -> Memory {
        let nothing = || Tensor::zeros(&[rows, self.config.filter - 1, self.config.width]);
        (0..self.layers.len()).fold(Memory::new(rows), |memory, l| memory.with(format!("layers.{l}.seen"), nothing()))
    }
}

fn parameters(config: &Config, v: usize) -> Count {
    let [v, d, k, l] = [v, config.width, config.filter, config.layers].map(Count);
    v * d + l * (2 * d * (k * d + 1) + 2 * d) + 2 * d + v * (d + 1)
}

const KEYS: &[&str] = &["layers", "width", "filter", "dropout"];

/// The settings, if they make sense.
fn read(config: &Value) -> Result<Config, SettingError> {
    /// Wider filters are what the layers are for.
    const WIDEST: usize = 64;
    let config: Config = settings::read(config, KEYS)?;
    require_layers(config.layers)?;
    require_sizes(&[("width", config.width)])?;
    require_within(2..=WIDEST, "filter", config.filter)?;
    require_share("dropout", config.dropout)?;
    Ok(config)
}

/// This rung in the list.
pub const ENTRY: Entry = Entry {
    name: "gated_conv",
    label: "Gated convolution",
    year: 2017,
    paper: "Dauphin et al.",
    source: include_str!("gated_conv.rs"),
    keys: KEYS,
    takes: Takes::Ids,
    build: |config, sizes, seed| Ok(Box::new(GatedConv::new(&read(config)?, sizes.vocabulary, seed))),
    parameters: |config, sizes| Ok(parameters(&read(config)?, sizes.vocabulary).0),
};
