//! Where the right answer stands among the logits. Knows not what the answers mean.

/// The place of `target` when the logits are sorted from high to low, 0 for the first.
///
/// Of equal logits the one with the lower index stands first. NaN stands above every number, and a target that is NaN
/// stands last: a broken model is never right.
///
/// # Panics
/// If `target` is outside the row.
pub fn rank(logits: &[f32], target: usize) -> usize {
    let own = logits[target];
    let behind = |(index, &logit): (usize, &f32)| logit < own || (logit == own && index > target);
    logits.len() - 1 - logits.iter().enumerate().filter(|&each| behind(each)).count()
}

/// Whether `target` is one of the `k` best.
pub fn is_in_top(logits: &[f32], target: usize, k: usize) -> bool {
    rank(logits, target) < k
}

/// The share that is right, 0 to 1; NaN when nothing was counted.
pub fn accuracy(hits: u64, count: u64) -> f64 {
    hits as f64 / count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(logits: &[f32], target: usize, expected: usize) {
        assert_eq!(rank(logits, target), expected);
        assert!(is_in_top(logits, target, expected + 1));
        assert!(!is_in_top(logits, target, expected));
    }

    #[test]
    fn the_highest_logit_is_first() {
        check(&[0.5, 2.0, 1.0], 1, 0);
    }

    #[test]
    fn the_lowest_logit_is_last() {
        check(&[0.5, 2.0, 1.0], 0, 2);
    }

    #[test]
    fn of_equal_logits_the_lower_index_stands_first() {
        check(&[1.0, 1.0, 1.0], 0, 0);
        check(&[1.0, 1.0, 1.0], 2, 2);
    }

    #[test]
    fn nan_is_never_right() {
        check(&[f32::NAN, f32::NAN, f32::NAN], 0, 2);
        check(&[f32::NAN, 1.0], 1, 1);
    }

    #[test]
    fn minus_infinity_has_a_place_too() {
        check(&[f32::NEG_INFINITY, 0.0], 0, 1);
    }

    #[test]
    fn accuracy_is_a_share() {
        assert_eq!(accuracy(3, 4), 0.75);
        assert!(accuracy(0, 0).is_nan());
    }
}
