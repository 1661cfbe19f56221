//! Records of exact probes and of the numbers in parameters: what is so, whether or not it is good.

use crate::number;
use serde::{Deserialize, Serialize};

/// What one exact probe measured at one place. What the two numbers are, the probe of that name says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Optimizer steps taken.
    pub step: u64,
    /// The probe: `future`, `cached_step`.
    pub name: String,
    /// Where: a site, a parameter, a part of the data; empty for the model as a whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// What was measured.
    #[serde(with = "number")]
    pub measured: f64,
    /// What it is held against, or measured in.
    #[serde(with = "number")]
    pub reference: f64,
}

/// The numbers of one parameter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Optimizer steps taken.
    pub step: u64,
    /// Its name.
    pub name: String,
    /// Its shape, a row the last axis.
    pub shape: Vec<u64>,
    /// Mean of its numbers.
    #[serde(with = "number")]
    pub mean: f64,
    /// Their standard deviation.
    #[serde(with = "number")]
    pub std: f64,
    /// The largest of them, in absolute value.
    #[serde(with = "number")]
    pub largest: f64,
    /// How many are NaN or infinite.
    #[serde(default)]
    pub not_finite: u64,
    /// Rows of zeros alone.
    #[serde(default)]
    pub zero_rows: u64,
    /// Rows that are the same, number for number, as a row before them; zeros aside.
    #[serde(default)]
    pub equal_rows: u64,
    /// Columns of zeros alone.
    #[serde(default)]
    pub zero_columns: u64,
    /// A parameter before it that has the same numbers throughout; empty for none, and for numbers that are all alike.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub twin: String,
}
