//! # GPT: every place looks at every earlier place, directly
//!
//! Follows   Vaswani et al., Attention Is All You Need, 2017, <https://arxiv.org/abs/1706.03762>, the decoder alone, as
//!           Radford et al., Improving Language Understanding by Generative Pre-Training, 2018, use it
//! Before    `lstm.rs`: the past reaches the present only through a state of fixed size, one step at a time.
//! New here  attention: the way from any token to any later one is one step long, and all times are computed at once.
//!
//! Letters   B batch, T time, L layers, D width, K heads, F inner width, W window, V vocabulary
//!
//!     Attention(Q, K, V) = softmax(Q Kᵀ / √(D/K)) V         (1)  masked: no place sees a later one
//!     x = x + Attention(norm(x) W_q, norm(x) W_k, norm(x) W_v) W_o    (2)  K heads side by side
//!     x = x + f(norm(x) W_1 + b_1) W_2 + b_2                (3)  f is GELU
//!     PE(t, 2i) = sin(t / 10000^(2i/D)), PE(t, 2i+1) = cos  (4)  or a learned table
//!
//! Parameters  VD + WD (learned positions) + L (4D² + 2DF + 5D + F) + 4LD (norms) + 2D (norm before) + V(D + 1) (untied)
//! Departures  the norm stands before each sublayer (Xiong et al. 2020: trains without a long warm-up), after it where
//!             `norm = "after"`, nowhere where `norm = "none"`; GELU for ReLU; a bias in every linear map; the embedding is
//!             not scaled by √D.

use crate::cache::{self, Caches};
use crate::count::Count;
use crate::model::{LARGEST_SIZE, Takes, require_heads, require_layers, require_share, require_sizes, require_within};
use crate::{Decoder, Entry, Generator, Input, Memory, Model, Sizes};
use rushlight_engine::{Ids, Tensor, embedding};
use rushlight_nn::init::Init;
use rushlight_nn::layers::{Activation, Embedding, LayerNorm, Linear, MultiHeadAttention, Past, dropout};
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Builder, Context, Params, SiteKind, settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The sizes of a decoder-only Transformer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// L.
    pub layers: usize,
    /// K; it divides the width.
    pub heads: usize,
    /// D.
    pub width: usize,
    /// F; 0 stands for 4D.
    pub inner: usize,
    /// The share of elements dropped after the embedding and each sublayer while training.
    pub dropout: f32,
    /// Learned or sinusoidal positions.
    pub positions: Positions,
    /// The norm before or after each sublayer, or none.
    pub norm: Norm,
    /// Whether the output shares the embedding's table.
    pub tied: bool,
}

/// How a place is told from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Positions {
    /// A table that is learned.
    Learned,
    /// Equation (4).
    Sinusoidal,
}

/// Where the layer norm stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Norm {
    /// Before each sublayer, and once before the output.
    Before,
    /// After each sum, as in the paper.
    After,
    /// Nowhere: to see what it is there for.
    None,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            layers: 4,
            heads: 4,
            width: 128,
            inner: 0,
            dropout: 0.0,
            positions: Positions::Learned,
            norm: Norm::Before,
            tied: false,
        }
    }
}

impl Config {
    fn inner(&self) -> usize {
        if self.inner == 0 { 4 * self.width } else { self.inner }
    }
}

/// The decoder-only Transformer.
pub struct Gpt {
    config: Config,
    window: usize,
    params: Params,
    embed: Embedding,
    places: Places,
    blocks: Vec<Block>,
    norm: Option<LayerNorm>,
    out: Option<Linear>,
}

struct Block {
    norm1: Option<LayerNorm>,
    attention: MultiHeadAttention,
    norm2: Option<LayerNorm>,
    up: Linear,
    down: Linear,
}

impl Gpt {
    /// A fresh model for `vocabulary` tokens, which reads at most `window` of them at once.
    pub fn new(config: &Config, Sizes { vocabulary, window, .. }: Sizes, seed: u64) -> Self {
        let (d, inner) = (config.width, config.inner());
        let mut build = Builder::new(seed);
        // GPT-2's start: 0.02 everywhere, and less on the way back into the sum, which adds 2L times.
        let (small, bias) = (Init::Normal { std: 0.02 }, Init::Zeros);
        let into_sum = Init::Normal { std: 0.02 / (2.0 * config.layers as f32).sqrt() };
        let embed = Embedding::new(&mut build, "embed", vocabulary, d, &small);
        let places = Places::new(&mut build, config.positions, [window, d], &small);
        let norm = |build: &mut Builder, name| (config.norm != Norm::None).then(|| LayerNorm::new(build, name, d));
        let block = |build: &mut Builder| Block {
            norm1: norm(build, "norm1"),
            attention: MultiHeadAttention::new(build, "attention", d, config.heads, &small, &into_sum),
            norm2: norm(build, "norm2"),
            up: Linear::with_init(build, "mlp.up", [d, inner], &small, Some(&bias)),
            down: Linear::with_init(build, "mlp.down", [inner, d], &into_sum, Some(&bias)),
        };
        let blocks = (0..config.layers).map(|l| build.within(format_args!("blocks.{l}"), block)).collect();
        let norm = (config.norm == Norm::Before).then(|| LayerNorm::new(&mut build, "norm", d));
        let out = (!config.tied).then(|| Linear::with_init(&mut build, "out", [d, vocabulary], &small, Some(&bias)));
        Self { config: config.clone(), window, params: build.finish(), embed, places, blocks, norm, out }
    }

    /// Tokens with their places, [B, T, D]; row b begins at `first[b]`.
    fn embedded(&self, cx: &mut Context, ids: &Ids, first: &[usize]) -> Tensor {
        let places = cx.site("positions", SiteKind::Inner, self.places.at(first, ids.shape().width())); // [1, T, D]
        cx.site("embed", SiteKind::Inner, &self.embed.apply(ids) + &places) // [B, T, D]
    }

    /// `x` [B, T, D] through a block: its answers at every place, or at the `last` alone, [B, 1, D].
    fn block(
        &self,
        cx: &mut Context,
        block: &Block,
        x: &Tensor,
        past: Option<Past>,
        last: bool,
    ) -> (Tensor, Option<Past>) {
        let rate = self.config.dropout;
        let input = self.normed(cx, Norm::Before, ("norm1", &block.norm1), x);
        let (attended, past) = cx.within("attention", |cx| block.attention.causal(cx, &input, past)); // (1)
        let times = x.shape()[1];
        let chosen = |x: &Tensor| if last && times > 1 { x.narrow(1, times - 1, 1) } else { x.clone() };
        let (attended, skip) = (chosen(&attended), cx.site("attention.skip", SiteKind::Inner, chosen(x)));
        let x = &skip + dropout(cx, attended, rate); //                                                 (2)
        let x = self.normed(cx, Norm::After, ("norm1", &block.norm1), &x);
        let input = self.normed(cx, Norm::Before, ("norm2", &block.norm2), &x);
        let drive = cx.site("mlp.drive", SiteKind::PreActivation, block.up.apply(&input)); // [B, T, F]
        let active = cx.site("mlp.active", SiteKind::Activation, Activation::Gelu.apply(&drive));
        let skip = cx.site("mlp.skip", SiteKind::Inner, x);
        let x = &skip + dropout(cx, block.down.apply(&active), rate); //                                (3)
        (self.normed(cx, Norm::After, ("norm2", &block.norm2), &x), past)
    }

    /// `x` normed, if `place` is where this model norms.
    fn normed(&self, cx: &mut Context, place: Norm, (name, norm): (&str, &Option<LayerNorm>), x: &Tensor) -> Tensor {
        match norm {
            Some(norm) if self.config.norm == place => cx.site(name, SiteKind::Inner, norm.apply(x)),
            _ => x.clone(),
        }
    }

    fn answer(&self, cx: &mut Context, x: &Tensor) -> Tensor {
        let x = self.normed(cx, Norm::Before, ("norm", &self.norm), x);
        let logits = match &self.out {
            Some(out) => out.apply(&x),
            None => rushlight_engine::linear(&x, &self.embed.weight.value(), None),
        };
        cx.site("logits", SiteKind::Logits, logits) // [B, T, V]
    }

    fn through(
        &self,
        cx: &mut Context,
        ids: &Ids,
        first: &[usize],
        mut pasts: Vec<Option<Past>>,
        last: bool,
    ) -> (Tensor, Vec<Option<Past>>) {
        let embedded = self.embedded(cx, ids, first);
        let mut x = dropout(cx, embedded, self.config.dropout);
        for (l, block) in self.blocks.iter().enumerate() {
            let past = pasts[l].take();
            let (next, past) = cx.within(format_args!("blocks.{l}"), |cx| {
                let (next, past) = self.block(cx, block, &x, past, last && l + 1 == self.blocks.len());
                (cx.site("x", SiteKind::Inner, next), past)
            });
            (x, pasts[l]) = (next, past);
        }
        (self.answer(cx, &x), pasts)
    }
}

/// What tells one place of a window from another.
pub(crate) enum Places {
    Learned(Embedding),
    Fixed(Tensor),
}

impl Places {
    /// A table [W, D], called `position` where it is learned, which starts by `init` then.
    pub(crate) fn new(build: &mut Builder, positions: Positions, [window, width]: [usize; 2], init: &Init) -> Self {
        match positions {
            Positions::Learned => Self::Learned(Embedding::new(build, "position", window, width, init)),
            Positions::Sinusoidal => Self::Fixed(sinusoids(window, width)),
        }
    }

    /// The rows of `times` places from `first[b]` on, for each row b: [B, T, D]; one for all, where all begin alike.
    pub(crate) fn at(&self, first: &[usize], times: usize) -> Tensor {
        let rows = if first.iter().all(|&position| position == first[0]) { &first[..1] } else { first };
        let table = match self {
            Self::Learned(table) => table.weight.value(),
            Self::Fixed(table) => table.clone(),
        };
        let window = table.shape()[0];
        let places: Vec<u32> =
            rows.iter().flat_map(|&start| (start..start + times).map(|place| place as u32)).collect();
        assert!(places.iter().all(|&place| (place as usize) < window), "a place beyond the window of {window}");
        embedding(&table, &Ids::new(&[rows.len(), times], places))
    }
}

/// Equation (4): [window, width], sines in the even columns and cosines in the odd ones.
pub fn sinusoids(window: usize, width: usize) -> Tensor {
    let angle = |place: usize, column: usize| place as f64 / 10_000_f64.powf((column / 2 * 2) as f64 / width as f64);
    let value = |place, column| if column % 2 == 0 { angle(place, column).sin() } else { angle(place, column).cos() };
    let table: Vec<f32> = (0..window * width).map(|i| value(i / width, i % width) as f32).collect();
    Tensor::new(&[window, width], table)
}

impl Model for Gpt {
    fn params(&self) -> &Params {
        &self.params
    }

    fn forward(&self, cx: &mut Context, input: &Input) -> Tensor {
        let Input::Ids(ids) = input else { panic!("gpt: reads tokens [B, T]") };
        let first = vec![0; ids.shape()[0]];
        self.through(cx, ids, &first, vec![None; self.blocks.len()], false).0
    }

    fn generator(&self) -> Option<&dyn Generator> {
        Some(self)
    }
}

impl Gpt {
    /// Reads `ids` after what `memory` holds; of the answers all, or the last alone.
    fn read_on(&self, cx: &mut Context, ids: &Ids, memory: Memory, last: bool) -> (Tensor, Memory) {
        /// The caches begin with so many places, and double.
        const PLACES: usize = 16;
        let (window, times) = (self.window, ids.shape().width());
        let room = |needed: usize| needed.next_power_of_two().max(PLACES).min(window.max(needed));
        let Caches { names, first, pasts } = Caches::open(memory, times, room);
        let (logits, pasts) = self.through(cx, ids, &first, pasts, last);
        (logits, Caches { names, first, pasts }.close(times))
    }
}

impl Decoder for Gpt {
    fn read(&self, cx: &mut Context, ids: &Ids, memory: Memory) -> (Tensor, Memory) {
        self.read_on(cx, ids, memory, false)
    }

    fn read_last(&self, cx: &mut Context, ids: &Ids, memory: Memory) -> (Tensor, Memory) {
        let (logits, memory) = self.read_on(cx, ids, memory, true);
        (logits.reshape(&[ids.shape()[0], logits.width()]), memory)
    }

    fn window(&self) -> Option<usize> {
        Some(self.window)
    }
}

impl Generator for Gpt {
    fn begin(&self, rows: usize) -> Memory {
        cache::begin(Memory::new(rows), "blocks", self.blocks.len(), [self.config.heads, self.config.width])
    }
}

fn parameters(config: &Config, Sizes { vocabulary, window, .. }: Sizes) -> Count {
    let [v, w, d, f, l] = [vocabulary, window, config.width, config.inner(), config.layers].map(Count);
    let places = if config.positions == Positions::Learned { w * d } else { Count(0) };
    let norms = match config.norm {
        Norm::Before => 4 * l * d + 2 * d,
        Norm::After => 4 * l * d,
        Norm::None => Count(0),
    };
    let out = if config.tied { Count(0) } else { v * (d + 1) };
    v * d + places + l * (4 * d * d + 2 * d * f + 5 * d + f) + norms + out
}

const KEYS: &[&str] = &["layers", "heads", "width", "inner", "dropout", "positions", "norm", "tied"];

/// The settings, if they make sense.
fn read(config: &Value) -> Result<Config, SettingError> {
    let config: Config = settings::read(config, KEYS)?;
    require_layers(config.layers)?;
    require_sizes(&[("heads", config.heads), ("width", config.width)])?;
    require_within(0..=LARGEST_SIZE, "inner", config.inner)?;
    require_share("dropout", config.dropout)?;
    require_heads(config.heads, config.width)?;
    Ok(config)
}

/// This rung in the list.
pub const ENTRY: Entry = Entry {
    name: "gpt",
    label: "Transformer",
    year: 2017,
    paper: "Vaswani et al.",
    source: include_str!("gpt.rs"),
    keys: KEYS,
    takes: Takes::Ids,
    build: |config, sizes, seed| Ok(Box::new(Gpt::new(&read(config)?, sizes, seed))),
    parameters: |config, sizes| Ok(parameters(&read(config)?, sizes).0),
};
