//! # Feed-forward: hidden units that find their own features
//!
//! Follows   Rumelhart, Hinton, Williams, Learning Representations by Back-propagating Errors, Nature 323, 1986
//! Before    one layer of weights (Rosenblatt 1958): it cuts its inputs by a plane, so not even "one or the other".
//! New here  units between input and output, and the error of the output passed back to teach them.
//!
//! Letters   N rows, F features, L hidden layers of H_1 .. H_L units, O outputs; H_0 is F
//!
//!     x_l = x_(l-1) W_l + b_l    (1)  [N, H_l]
//!     a_l = f(x_l)               (2)  with batch norm f(norm(x_(l-1) W_l))
//!     y = a_L W + b              (3)  [N, O]: numbers, or the logits of classes
//!
//! Parameters  Σ_l H_l (H_(l-1) + 1) + O (H_L + 1); batch norm has two numbers a unit in place of the bias: Σ_l H_l
//!             more
//! Departures  f is ReLU (Nair, Hinton 2010) where the paper has the sigmoid, and the outputs stay linear; batch norm
//!             (Ioffe, Szegedy 2015) and dropout (Srivastava et al. 2014) if asked.

use crate::count::Count;
use crate::model::{Takes, require_share, require_sizes};
use crate::{Entry, Input, Model, Sizes};
use rushlight_engine::Tensor;
use rushlight_nn::layers::{Activation, BatchNorm1d, Linear, dropout};
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Builder, Context, Params, SiteKind, settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The hidden layers of a plain network.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// H_1 .. H_L; an empty list leaves one linear map.
    pub hidden: Vec<usize>,
    /// f.
    pub activation: Activation,
    /// Batch norm between product and f.
    pub batch_norm: bool,
    /// The share of hidden units dropped while training.
    pub dropout: f32,
}

impl Default for Config {
    fn default() -> Self {
        Self { hidden: vec![32, 32], activation: Activation::Relu, batch_norm: false, dropout: 0.0 }
    }
}

/// The plain network for vectors.
pub struct FeedForward {
    config: Config,
    params: Params,
    /// The hidden layers, and the output.
    layers: Vec<Linear>,
    norms: Vec<BatchNorm1d>,
}

impl FeedForward {
    /// A fresh network from vectors of `window` features to `vocabulary` outputs.
    pub fn new(config: &Config, Sizes { vocabulary, window, .. }: Sizes, seed: u64) -> Self {
        let mut build = Builder::new(seed);
        let widths = [&[window], &config.hidden[..], &[vocabulary]].concat();
        let layers = widths.windows(2).enumerate().map(|(l, width)| {
            let name = format!("layers.{l}");
            if config.batch_norm && l < config.hidden.len() {
                Linear::without_bias(&mut build, &name, width[0], width[1])
            } else {
                Linear::new(&mut build, &name, width[0], width[1])
            }
        });
        let layers = layers.collect();
        let normed = if config.batch_norm { &config.hidden[..] } else { &[] };
        let norms =
            normed.iter().enumerate().map(|(l, &width)| BatchNorm1d::new(&mut build, &format!("norms.{l}"), width));
        let norms = norms.collect();
        Self { config: config.clone(), params: build.finish(), layers, norms }
    }
}

impl Model for FeedForward {
    fn params(&self) -> &Params {
        &self.params
    }

    fn forward(&self, cx: &mut Context, input: &Input) -> Tensor {
        let Input::Rows(rows) = input else { panic!("feed_forward: reads vectors [N, F], not tokens") };
        let (out, hidden) = self.layers.split_last().expect("there is an output layer");
        let mut active = rows.clone();
        for (l, layer) in hidden.iter().enumerate() {
            let product = layer.apply(&active);
            let drive = self.norms.get(l).map_or_else(|| product.clone(), |norm| norm.apply(cx, &product)); // (1) [N, H]
            active = cx.within(format_args!("layers.{l}"), |cx| {
                let drive = cx.site("drive", SiteKind::PreActivation, drive);
                cx.site("active", self.config.activation.site_kind(), self.config.activation.apply(&drive)) // (2)
            });
            active = dropout(cx, active, self.config.dropout);
        }
        cx.site("logits", SiteKind::Logits, out.apply(&active)) // (3) [N, O]
    }

    fn least_rows(&self) -> usize {
        if self.norms.is_empty() { 1 } else { 2 }
    }
}

fn parameters(config: &Config, Sizes { vocabulary: outputs, window: features, .. }: Sizes) -> Count {
    let hidden = || config.hidden.iter().copied().map(Count);
    let inputs = [Count(features)].into_iter().chain(hidden());
    let plain: Count = hidden().chain([Count(outputs)]).zip(inputs).map(|(h, below)| h * (below + 1)).sum();
    plain + if config.batch_norm { hidden().sum() } else { Count(0) }
}

const KEYS: &[&str] = &["hidden", "activation", "batch_norm", "dropout"];

/// The settings, if they make sense.
fn read(config: &Value) -> Result<Config, SettingError> {
    let config: Config = settings::read(config, KEYS)?;
    require_sizes(&config.hidden.iter().map(|&width| ("hidden", width)).collect::<Vec<_>>())?;
    require_share("dropout", config.dropout)?;
    Ok(config)
}

/// This rung in the list.
pub const ENTRY: Entry = Entry {
    name: "feed_forward",
    label: "Feed-forward",
    year: 1986,
    paper: "Rumelhart et al.",
    source: include_str!("feed_forward.rs"),
    keys: KEYS,
    takes: Takes::Rows,
    build: |config, sizes, seed| Ok(Box::new(FeedForward::new(&read(config)?, sizes, seed))),
    parameters: |config, sizes| Ok(parameters(&read(config)?, sizes).0),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_hidden_layers_it_is_a_linear_map() {
        let config = Config { hidden: Vec::new(), ..Config::default() };
        let sizes = Sizes::new(2, 3);
        let model = FeedForward::new(&config, sizes, 0);
        model.layers[0].weight.set(&Tensor::new(&[2, 3], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
        model.layers[0].bias.as_ref().expect("the output has a bias").set(&Tensor::new(&[2], [0.5, -0.5]));
        let outputs = model.forward(&mut Context::evaluate(), &Input::Rows(Tensor::new(&[1, 3], [1.0, -1.0, 1.0])));
        assert_eq!(outputs.data(), [2.5, 4.5]); // 1 - 2 + 3 + 0.5, 4 - 5 + 6 - 0.5
        assert_eq!(model.params().count(), parameters(&config, sizes).0);
    }
}
