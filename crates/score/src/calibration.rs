//! Whether a model is as often right as it says.
//!
//! Follows  Guo et al., On Calibration of Modern Neural Networks, 2017, <https://arxiv.org/abs/1706.04599>, section 2 (the
//!          error) and section 4.2 (one temperature for all logits)

/// How many steps the axis of confidence is cut into.
const STEPS: usize = 15;

/// The expected calibration error, 0 to 1: answers are put together by their confidence, 0 to 1, in 15 steps; in each, how far the
/// share of right ones is from their mean confidence; the mean of that over all answers. 0 without answers.
///
/// # Panics
/// If the lengths differ.
pub fn calibration_error(confidences: &[f64], right: &[bool]) -> f64 {
    assert_eq!(confidences.len(), right.len(), "calibration: confidences and answers");
    let mut steps = [(0.0, 0_u64); STEPS];
    for (&confidence, &right) in confidences.iter().zip(right) {
        // A confidence at the border of two steps belongs to the lower one.
        let step = ((confidence * STEPS as f64).ceil() as usize).clamp(1, STEPS) - 1;
        steps[step].0 += confidence - f64::from(u8::from(right));
        steps[step].1 += 1;
    }
    let total: u64 = steps.iter().map(|step| step.1).sum();
    steps.iter().map(|step| step.0.abs()).sum::<f64>() / total.max(1) as f64
}

/// The temperature that makes `losses(temperature)` least: the logits are divided by it. Sought between 1/8 and 8, where the
/// loss has one valley.
pub fn fit_temperature(loss: impl Fn(f64) -> f64) -> f64 {
    /// The golden section: each look makes what is left this much shorter.
    const GOLDEN: f64 = 0.618_033_988_749_895;
    const LOOKS: usize = 40;
    let (mut low, mut high) = (-(8.0_f64.ln()), 8.0_f64.ln());
    let at = |place: f64| loss(place.exp());
    let (mut left, mut right) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut loss_left, mut loss_right) = (at(left), at(right));
    for _ in 0..LOOKS {
        if loss_left <= loss_right {
            (high, right, loss_right) = (right, left, loss_left);
            left = high - GOLDEN * (high - low);
            loss_left = at(left);
        } else {
            (low, left, loss_left) = (left, right, loss_right);
            right = low + GOLDEN * (high - low);
            loss_right = at(right);
        }
    }
    (0.5 * (low + high)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_right_as_often_as_said_has_no_error() {
        assert_eq!(calibration_error(&[0.75; 4], &[true, true, true, false]), 0.0);
        assert_eq!(calibration_error(&[1.0, 1.0], &[false, true]), 0.5);
        // Two answers in one step, |0.2 - 0.9 - ...| apart from two in another.
        let error = calibration_error(&[0.9, 0.9, 0.1, 0.1], &[true, true, false, true]);
        assert!((error - (0.2 + 0.8) / 4.0).abs() < 1e-12, "{error}");
        assert_eq!(calibration_error(&[], &[]), 0.0);
    }

    #[test]
    fn the_best_temperature_is_found() {
        let valley = |temperature: f64| (temperature.ln() - 0.7_f64).powi(2);
        assert!((fit_temperature(valley) - 0.7_f64.exp()).abs() < 1e-6);
        assert!((fit_temperature(|temperature| temperature) - 0.125).abs() < 1e-4);
    }
}
