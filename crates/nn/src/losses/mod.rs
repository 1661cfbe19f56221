//! Losses on raw outputs (logits), never on probabilities: cross-entropy, which is the engine's, and two made of its
//! operations. They give scalars, or a loss for every element; which of them a task takes is not their affair.

mod binary_cross_entropy;
mod squared_error;

pub use binary_cross_entropy::binary_cross_entropy;
pub use rushlight_engine::{CrossEntropy, Reduction, cross_entropy};
pub use squared_error::squared_error;

use rushlight_engine::Tensor;

/// How the losses of single elements become the result.
#[derive(Clone, Debug)]
pub struct Weighting {
    /// A weight for each element, in the shape of the outputs.
    pub weights: Option<Tensor>,
    /// What is made of the weighted losses.
    pub reduction: Reduction,
}

impl Default for Weighting {
    /// The plain mean.
    fn default() -> Self {
        Self { weights: None, reduction: Reduction::Mean }
    }
}

impl Weighting {
    /// `losses` times their weights.
    #[track_caller]
    fn weigh(&self, losses: Tensor) -> Tensor {
        let Some(weights) = &self.weights else { return losses };
        assert_eq!(weights.shape(), losses.shape(), "loss: weights and outputs differ in shape");
        losses * weights
    }
}
