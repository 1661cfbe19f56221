//! Binary cross-entropy from raw outputs: every element is a yes or no of its own, with the logit x and the target y,
//! which may be a probability.
//!
//!     e = -y ln σ(x) - (1-y) ln(1 - σ(x))
//!       = ln(1 + eˣ) - xy                               (1)
//!       = (m - xy) + ln(eˣ⁻ᵐ + e⁻ᵐ)    m = max(x, 0)    (2)  the same; no power above e⁰
//!     mean = Σ w e / n                                  over all n elements, whatever their weights

use super::Weighting;
use rushlight_engine::{Reduction, Tensor};

/// The binary cross-entropy in nats of the logits `outputs` against `targets` in [0, 1], of the same shape.
///
/// # Panics
/// When the shapes differ.
#[track_caller]
pub fn binary_cross_entropy(outputs: &Tensor, targets: &Tensor, how: &Weighting) -> Tensor {
    assert_eq!(outputs.shape(), targets.shape(), "binary_cross_entropy: outputs and targets differ in shape");
    // Any constant m gives the same loss, so none of the gradient goes through it.
    let m = outputs.detach().relu();
    let surprise = ((outputs - &m).exp() + (-&m).exp()).ln();
    let losses = how.weigh(&m - outputs * targets + surprise); // (2)
    match how.reduction {
        Reduction::None => losses,
        Reduction::Sum => losses.sum(),
        Reduction::Mean => losses.mean(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_of_zero_has_a_gradient() {
        let x = Tensor::leaf(&[2], [0.0, 0.0]);
        let loss = binary_cross_entropy(&x, &Tensor::new(&[2], [1.0, 0.0]), &Weighting::default());
        assert!((loss.item() - std::f32::consts::LN_2).abs() < 1e-7);
        let grads = loss.backward();
        assert_eq!(grads.of(&x).unwrap().data(), [-0.25, 0.25]); // (σ(0) - y) / 2
    }

    #[test]
    fn far_out_outputs_stay_finite() {
        let x = Tensor::leaf(&[2], [-1e4, 1e4]);
        let how = Weighting { reduction: Reduction::None, ..Weighting::default() };
        let losses = binary_cross_entropy(&x, &Tensor::new(&[2], [1.0, 1.0]), &how);
        assert_eq!(losses.data(), [1e4, 0.0]);
        let grads = losses.sum().backward();
        assert_eq!(grads.of(&x).unwrap().data(), [-1.0, 0.0]);
    }
}
