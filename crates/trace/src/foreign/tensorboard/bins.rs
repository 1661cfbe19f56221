//! The bins of a foreign histogram, of any widths, as equal bins. Within a bin nobody knows where its values lie: they
//! are taken to lie evenly.

use crate::Histogram;

/// As many as a run that watches itself has.
const BINS: usize = 60;
/// Beyond it a count of values is no longer exact in a double.
const MOST: f64 = 9_007_199_254_740_992.0; // 2^53

/// `counts` of values up to each of the `limits`, from `low` to `high`, in equal bins; the number of values stays. None
/// for what is no histogram.
pub(super) fn equal(low: f64, high: f64, limits: &[f64], counts: &[f64]) -> Option<Histogram> {
    let total: f64 = counts.iter().sum();
    let numbers = limits.iter().all(|limit| !limit.is_nan()) && counts.iter().all(|count| *count >= 0.0);
    if limits.len() != counts.len() || !numbers || !(1.0..=MOST).contains(&total) {
        return None;
    }
    let (low, high) = with_a_width(low, high)?;
    let mut amounts = [0.0; BINS];
    let mut from = low;
    for (limit, count) in limits.iter().zip(counts) {
        let to = limit.clamp(low, high).max(from);
        spread(&mut amounts, (from - low) / (high - low), (to - low) / (high - low), *count);
        from = to;
    }
    // What is whole so far, less what is already given: no value is lost by rounding.
    let (mut so_far, mut given) = (0.0, 0);
    let counts = amounts.iter().map(|amount| {
        so_far += amount;
        let whole = so_far.round() as u64;
        let here = whole.saturating_sub(given);
        given += here;
        here
    });
    Some(Histogram { low, high, counts: counts.collect(), not_finite: 0 })
}

/// One value only: a bin needs some width all the same.
fn with_a_width(low: f64, high: f64) -> Option<(f64, f64)> {
    let (low, high) = if low == high {
        let half = low.abs().max(1.0) / 2.0;
        (low - half, high + half)
    } else {
        (low, high)
    };
    let width = (high - low) / BINS as f64;
    (width > 0.0 && width.is_finite()).then_some((low, high))
}

/// Adds a count between two places, which are shares of the whole width.
fn spread(amounts: &mut [f64; BINS], from: f64, to: f64, count: f64) {
    let bin = |place: f64| ((place * BINS as f64).floor().max(0.0) as usize).min(BINS - 1);
    if to <= from {
        amounts[bin(to)] += count;
        return;
    }
    for (at, amount) in amounts.iter_mut().enumerate().take(bin(to) + 1).skip(bin(from)) {
        let (begin, end) = (at as f64 / BINS as f64, (at + 1) as f64 / BINS as f64);
        let overlap = (to.min(end) - from.max(begin)).max(0.0);
        *amount += count * overlap / (to - from);
    }
}

#[cfg(test)]
mod tests {
    use super::{BINS, equal};

    #[test]
    fn a_bin_is_shared_evenly_among_those_that_it_covers() {
        // From 0 to 6 in 60 bins of 0.1: two bins of 3 each cover thirty of them.
        let counted = equal(0.0, 6.0, &[3.0, 6.0], &[30.0, 90.0]).unwrap();
        assert_eq!((counted.low, counted.high, counted.counts.len()), (0.0, 6.0, BINS));
        assert!(counted.counts[..30].iter().all(|count| *count == 1));
        assert!(counted.counts[30..].iter().all(|count| *count == 3));
    }

    #[test]
    fn no_value_is_lost() {
        let limits = [-0.9, 0.01, 0.02, 0.5, f64::MAX];
        assert_eq!(equal(-1.0, 1.0, &limits, &[7.0, 1.0, 1.0, 13.0, 5.0]).unwrap().total(), 27);
    }

    #[test]
    fn values_that_are_all_the_same_still_have_a_width() {
        let counted = equal(2.0, 2.0, &[1.9, 2.1], &[0.0, 4.0]).unwrap();
        assert_eq!((counted.low, counted.high, counted.total()), (1.0, 3.0, 4));
    }

    #[test]
    fn what_is_no_histogram_is_none() {
        assert_eq!(equal(0.0, 1.0, &[], &[]), None);
        assert_eq!(equal(0.0, 1.0, &[1.0], &[1.0, 2.0]), None);
        assert_eq!(equal(0.0, 1.0, &[1.0], &[-1.0]), None);
        assert_eq!(equal(0.0, 1.0, &[f64::NAN], &[1.0]), None);
        assert_eq!(equal(1.0, 0.0, &[1.0], &[1.0]), None);
        assert_eq!(equal(f64::MIN, f64::MAX, &[1.0], &[1.0]), None);
        assert_eq!(equal(0.0, 1.0, &[1.0], &[f64::INFINITY]), None);
    }
}
