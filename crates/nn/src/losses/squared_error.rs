//! Squared error, for numbers as targets.
//!
//!     e_i = w_i (x_i - y_i)²
//!     mean = Σ e / Σ w        (w is 1 where there are no weights)

use super::Weighting;
use rushlight_engine::{Reduction, Tensor};

/// The squared distance of `outputs` from `targets` of the same shape.
///
/// # Panics
/// When the shapes differ, or the weights of a mean add up to nothing.
#[track_caller]
pub fn squared_error(outputs: &Tensor, targets: &Tensor, how: &Weighting) -> Tensor {
    assert_eq!(outputs.shape(), targets.shape(), "squared_error: outputs and targets differ in shape");
    let errors = how.weigh((outputs - targets).square());
    match how.reduction {
        Reduction::None => errors,
        Reduction::Sum => errors.sum(),
        Reduction::Mean => {
            let total_weight = match &how.weights {
                Some(weights) => weights.data().iter().map(|&w| f64::from(w)).sum(),
                None => errors.count() as f64,
            };
            assert!(total_weight > 0.0, "squared_error: no element counts, so there is no mean");
            errors.sum().scale((1.0 / total_weight) as f32)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_of_weight_zero_leaves_the_mean_alone() {
        let (outputs, targets) = (Tensor::new(&[3], [1.0, 2.0, 9.0]), Tensor::new(&[3], [0.0, 4.0, 0.0]));
        let how = Weighting { weights: Some(Tensor::new(&[3], [1.0, 3.0, 0.0])), ..Weighting::default() };
        assert_eq!(squared_error(&outputs, &targets, &how).item(), 13.0 / 4.0); // (1·1 + 3·4) / (1 + 3)
    }

    #[test]
    #[should_panic(expected = "outputs and targets differ in shape")]
    fn a_target_is_not_stretched_to_many_outputs() {
        squared_error(&Tensor::zeros(&[2, 3]), &Tensor::zeros(&[3]), &Weighting::default());
    }
}
