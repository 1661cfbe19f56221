//! A histogram: equal bins between two ends. Plain data and the counting; no drawing.

use crate::number;
use serde::{Deserialize, Serialize};

/// Counts in equal bins from `low` to `high`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// Lower edge of the first bin.
    #[serde(with = "number")]
    pub low: f64,
    /// Upper edge of the last bin.
    #[serde(with = "number")]
    pub high: f64,
    /// Values in each bin; the first and last bin also hold what lies beyond them.
    pub counts: Vec<u64>,
    /// Values that were NaN or infinite: in no bin.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub not_finite: u64,
}

impl Histogram {
    /// Counts `values` in `bins` equal bins from `low` to `high`.
    pub fn between(low: f64, high: f64, bins: usize, values: impl IntoIterator<Item = f32>) -> Self {
        assert!(bins > 0 && low < high, "histogram: {bins} bins from {low} to {high}");
        let mut counts = vec![0; bins];
        let mut not_finite = 0;
        let bins_per_unit = bins as f64 / (high - low);
        for value in values {
            if value.is_finite() {
                let bin = ((f64::from(value) - low) * bins_per_unit).floor();
                counts[bin.clamp(0.0, (bins - 1) as f64) as usize] += 1;
            } else {
                not_finite += 1;
            }
        }
        Self { low, high, counts, not_finite }
    }

    /// Counts `values` in `bins` equal bins from their least to their greatest.
    pub fn spanning(values: &[f32], bins: usize) -> Self {
        let finite = values.iter().copied().filter(|value| value.is_finite());
        let (low, high) =
            finite.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        // Nothing, or one value only: a bin needs some width all the same.
        let (low, high) = match (low <= high, low < high) {
            (false, _) => (-0.5, 0.5),
            (true, true) => (f64::from(low), f64::from(high)),
            (true, false) => {
                let half = f64::from(low.abs()).max(1.0) / 2.0;
                (f64::from(low) - half, f64::from(low) + half)
            }
        };
        Self::between(low, high, bins, values.iter().copied())
    }

    /// How many finite values were counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Width of one bin.
    pub fn bin_width(&self) -> f64 {
        (self.high - self.low) / self.counts.len().max(1) as f64
    }

    /// The middle of each bin, with its count.
    pub fn bins(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        let width = self.bin_width();
        let middle = move |index: usize| self.low + (index as f64 + 0.5) * width;
        self.counts.iter().enumerate().map(move |(index, count)| (middle(index), *count))
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::Histogram;

    #[test]
    fn each_value_falls_into_its_bin() {
        let counted = Histogram::between(0.0, 4.0, 4, [0.0, 0.5, 1.0, 3.9, 3.999]);
        assert_eq!(counted.counts, [2, 1, 0, 2]);
    }

    #[test]
    fn what_lies_beyond_an_end_is_counted_at_that_end() {
        let counted = Histogram::between(-1.0, 1.0, 2, [-7.0, 1.0, 9.0]);
        assert_eq!(counted.counts, [1, 2]);
    }

    #[test]
    fn what_is_no_number_is_counted_apart() {
        let counted = Histogram::spanning(&[1.0, f32::NAN, 3.0, f32::INFINITY], 2);
        assert_eq!((counted.low, counted.high), (1.0, 3.0));
        assert_eq!((counted.counts.as_slice(), counted.not_finite), ([1, 1].as_slice(), 2));
    }

    #[test]
    fn one_value_and_no_value_still_have_a_width() {
        assert_eq!(Histogram::spanning(&[4.0, 4.0], 2).total(), 2);
        assert_eq!(Histogram::spanning(&[], 3).counts, [0, 0, 0]);
        assert!(Histogram::spanning(&[4.0], 2).bin_width() > 0.0);
    }

    #[test]
    fn bins_are_named_by_their_middle() {
        let counted = Histogram::between(0.0, 1.0, 2, [0.1]);
        assert_eq!(counted.bins().collect::<Vec<_>>(), [(0.25, 1), (0.75, 0)]);
    }
}
