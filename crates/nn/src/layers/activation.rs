//! The nonlinearities by name, as a recipe chooses them.

use crate::SiteKind;
use rushlight_engine::Tensor;
use serde::{Deserialize, Serialize};

/// A nonlinearity, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// The hyperbolic tangent.
    Tanh,
    /// σ(x) = 1 / (1 + e^-x).
    Sigmoid,
    /// max(x, 0).
    Relu,
    /// x Φ(x), exact.
    Gelu,
    /// x σ(x).
    Silu,
    /// x: layers without a nonlinearity are together no more than one of them.
    Identity,
}

impl Activation {
    /// The function of every element.
    pub fn apply(self, x: &Tensor) -> Tensor {
        match self {
            Self::Tanh => x.tanh(),
            Self::Sigmoid => x.sigmoid(),
            Self::Relu => x.relu(),
            Self::Gelu => x.gelu(),
            Self::Silu => x.silu(),
            Self::Identity => x.clone(),
        }
    }

    /// What stands at a site after it.
    pub fn site_kind(self) -> SiteKind {
        if self == Self::Tanh { SiteKind::Squashed } else { SiteKind::Activation }
    }

    /// Its name in a recipe.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
            Self::Relu => "relu",
            Self::Gelu => "gelu",
            Self::Silu => "silu",
            Self::Identity => "identity",
        }
    }
}
