//! How sure a score is: lines drawn again and again, with replacement. Knows no text.
//!
//! Source  Koehn, Statistical Significance Tests for Machine Translation Evaluation, 2004, <https://aclanthology.org/W04-3250>

use crate::metrics::Metric;

/// The scores of `trials` choices of as many lines as there are, each drawn from all of them. The same seed draws the same
/// lines for every system.
pub fn resampled(metric: &dyn Metric, lines: &[Vec<f64>], trials: usize, seed: u64) -> Vec<f64> {
    let mut draws = Draws(seed);
    let mut trial = || {
        let drawn = lines.iter().map(|_| &lines[draws.below(lines.len())]);
        metric.score(&crate::metrics::summed(drawn))
    };
    if lines.is_empty() { Vec::new() } else { (0..trials).map(|_| trial()).collect() }
}

/// Mean and half the width of the middle 95 %, as sacreBLEU cuts them off; NaN without any score.
pub fn interval_95(scores: &[f64]) -> (f64, f64) {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let cut = sorted.len() / 40;
    match (sorted.get(cut), sorted.iter().nth_back(cut)) {
        (Some(low), Some(high)) => (sorted.iter().sum::<f64>() / sorted.len() as f64, (high - low) / 2.0),
        _ => (f64::NAN, f64::NAN),
    }
}

/// How often two systems that are in truth alike would differ by as much as these two do, by the same choices of lines for
/// both: 0 to 1, below 0.05 by custom called a difference. Shifts the differences to a mean of zero, as sacreBLEU does,
/// which counts greater ones alone, so that by it a system differs from itself.
///
/// # Panics
/// If the two have another count of scores.
pub fn p_value(scores: [&[f64]; 2], difference: f64) -> f64 {
    assert_eq!(scores[0].len(), scores[1].len(), "p_value: resampled another count of times");
    let differences: Vec<f64> = scores[0].iter().zip(scores[1]).map(|(a, b)| (a - b).abs()).collect();
    let mean = differences.iter().sum::<f64>() / differences.len().max(1) as f64;
    let beyond = differences.iter().filter(|&&each| each - mean >= difference.abs()).count();
    (beyond + 1) as f64 / (differences.len() + 1) as f64
}

/// SplitMix64: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, 2014, figure 16.
struct Draws(u64);

impl Draws {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, by the upper half of a product: of 2^64 no more than `end` are too many for some number.
    fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.bits()) * end as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The score of lines that each add one number, and 1 to their count.
    struct Mean;

    impl Metric for Mean {
        fn measure(&self, _: &str, _: &[&str]) -> Vec<f64> {
            unreachable!("the tests bring their own lines")
        }
        fn score(&self, sums: &[f64]) -> f64 {
            sums[0] / sums[1]
        }
        fn label(&self) -> String {
            "mean".to_string()
        }
        fn settings(&self) -> Vec<String> {
            Vec::new()
        }
    }

    fn lines(numbers: impl IntoIterator<Item = f64>) -> Vec<Vec<f64>> {
        numbers.into_iter().map(|number| vec![number, 1.0]).collect()
    }

    #[test]
    fn the_interval_is_that_of_the_mean() {
        // 400 lines, half of them 1: the mean's standard error is 0.5 / 20, and 1.96 of it 0.049.
        let lines = lines((0..400).map(|i| f64::from(i % 2)));
        let (mean, half) = interval_95(&resampled(&Mean, &lines, 4000, 7));
        assert!((mean - 0.5).abs() < 0.002 && (half - 0.049).abs() < 0.003, "{mean} {half}");
    }

    #[test]
    fn a_system_does_not_differ_from_itself() {
        let scores = resampled(&Mean, &lines((0..50).map(f64::from)), 100, 0);
        assert_eq!(p_value([&scores, &scores], 0.0), 1.0);
    }

    #[test]
    fn a_constant_lead_is_sure_and_noise_is_not() {
        let noise: Vec<f64> = (0..200).map(|i| f64::from(i * 37 % 101)).collect();
        let base = resampled(&Mean, &lines(noise.clone()), 1000, 3);
        let ahead = resampled(&Mean, &lines(noise.iter().map(|x| x + 5.0)), 1000, 3);
        assert!(p_value([&base, &ahead], 5.0) < 0.01);
        let other = resampled(&Mean, &lines(noise.iter().rev().copied()), 1000, 3);
        assert!(p_value([&base, &other], 0.5) > 0.2);
    }

    #[test]
    fn the_same_seed_draws_the_same_lines() {
        let lines = lines((0..30).map(f64::from));
        assert_eq!(resampled(&Mean, &lines, 10, 1), resampled(&Mean, &lines, 10, 1));
        assert_ne!(resampled(&Mean, &lines, 10, 1), resampled(&Mean, &lines, 10, 2));
    }

    #[test]
    fn nothing_has_no_interval() {
        assert!(interval_95(&resampled(&Mean, &[], 10, 0)).0.is_nan());
    }
}
