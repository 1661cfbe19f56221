//! How varied written text is. Knows not whether it is good.

use std::collections::HashSet;

/// Distinct-n (Li and others, 2016): different runs of `n` ids, as a share of all runs; 0 where there is none.
///
/// # Panics
/// If `n` is 0.
pub fn distinct_n(ids: &[u32], n: usize) -> f64 {
    let distinct: HashSet<&[u32]> = ids.windows(n).collect();
    match ids.windows(n).len() {
        0 => 0.0,
        all => distinct.len() as f64 / all as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ids: &[u32], n: usize, expected: f64) {
        assert_eq!(distinct_n(ids, n), expected);
    }

    #[test]
    fn repeated_runs_count_once() {
        check(&[1, 2, 1, 2, 1], 2, 0.5); // 12 and 21, out of four
    }

    #[test]
    fn all_different_is_1() {
        check(&[1, 2, 3], 1, 1.0);
    }

    #[test]
    fn text_shorter_than_n_is_0() {
        check(&[1], 2, 0.0);
    }
}
