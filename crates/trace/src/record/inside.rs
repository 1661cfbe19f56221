//! Records of the inside of a network while it trains: values, gradients, weights. What is good
//! or bad about them is not said here.

use crate::{Histogram, number};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The values at one site, over one batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// Optimizer steps taken.
    pub step: u64,
    /// The site's name in the model.
    pub site: String,
    /// What kind of values they are.
    pub kind: SiteKind,
    /// Their mean.
    #[serde(with = "number")]
    pub mean: f64,
    /// Their standard deviation.
    #[serde(with = "number")]
    pub std: f64,
    /// Share of values at an end of their range, 0 to 1; nothing where there is no end.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "number::maybe")]
    pub saturated_share: Option<f64>,
    /// Units that gave nothing for any example; nothing where the idea does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_units: Option<u64>,
    /// Units at the site.
    pub units: u64,
    /// How the values are spread.
    pub histogram: Histogram,
}

/// What stands at a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteKind {
    /// Before the nonlinearity.
    PreActivation,
    /// After it.
    Activation,
    /// A gate: how much is let through.
    Gate,
    /// The gradient of the loss by an activation.
    Gradient,
}

impl fmt::Display for SiteKind {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str(match self {
            Self::PreActivation => "pre-activations",
            Self::Activation => "activations",
            Self::Gate => "gates",
            Self::Gradient => "gradients",
        })
    }
}

/// Which units are saturated for which examples of a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Saturation {
    /// Optimizer steps taken.
    pub step: u64,
    /// The site's name in the model.
    pub site: String,
    /// How far out a value counts as saturated, in absolute value.
    #[serde(with = "number")]
    pub bound: f64,
    /// A string an example, a character a unit: `#` saturated, `.` not. One can see the map
    /// in the file itself.
    pub rows: Vec<String>,
}

impl Saturation {
    /// Marks where `values` (an example a row, `units` values each) lie beyond `bound`.
    pub fn of(step: u64, site: impl Into<String>, bound: f64, units: usize, values: &[f32]) -> Self {
        assert!(units > 0 && values.len().is_multiple_of(units), "saturation: whole rows of units");
        // Compared as the values are, or 0.99 itself would lie beyond 0.99.
        let bound_f32 = bound as f32;
        let mark = |value: &f32| if value.abs() > bound_f32 { '#' } else { '.' };
        let rows = values.chunks(units).map(|row| row.iter().map(mark).collect()).collect();
        Self { step, site: site.into(), bound, rows }
    }

    /// Whether each unit is saturated, an example a row.
    pub fn map(&self) -> Vec<Vec<bool>> {
        self.rows.iter().map(|row| row.chars().map(|mark| mark == '#').collect()).collect()
    }
}

/// One weight, its gradient and its change in one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Weight {
    /// Optimizer steps taken.
    pub step: u64,
    /// The parameter's name.
    pub name: String,
    /// Standard deviation of its gradient over that of its values.
    #[serde(with = "number")]
    pub grad_to_data: f64,
    /// Standard deviation of its last change over that of its values.
    #[serde(with = "number")]
    pub update_to_data: f64,
    /// How its gradient is spread.
    pub grad_histogram: Histogram,
}

/// Gradient of the loss at one place in time by what stood some tokens before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GradientDistance {
    /// Optimizer steps taken.
    pub step: u64,
    /// Tokens back.
    pub distances: Vec<u64>,
    /// Norm of the gradient that arrives there.
    #[serde(with = "number::list")]
    pub norms: Vec<f64>,
}
