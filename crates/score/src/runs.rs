//! Runs of neighbouring tokens (n-grams), counted. Knows not what a token is.

use std::collections::HashMap;

/// Words as numbers, the same one for the same word.
#[derive(Default)]
pub(crate) struct Numbered(HashMap<String, u32>);

impl Numbered {
    pub(crate) fn ids<'a>(&mut self, words: impl Iterator<Item = &'a str>) -> Vec<u32> {
        words.map(|word| self.id(word)).collect()
    }

    fn id(&mut self, word: &str) -> u32 {
        if let Some(&id) = self.0.get(word) {
            return id;
        }
        let id = self.0.len() as u32;
        self.0.insert(word.to_string(), id);
        id
    }
}

/// The different runs of one length in a sequence, each with how often it stands there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Runs(Vec<(u128, u32)>);

impl Runs {
    /// The runs of `n` of these `ids`.
    ///
    /// # Panics
    /// If an id has more than 128 / n bits, so that runs could not be told apart; or if `n` is 0.
    pub(crate) fn of(ids: &[u32], n: usize) -> Self {
        let bits = 128 / n as u32;
        assert!(bits >= 32 || ids.iter().all(|id| id >> bits == 0), "runs of {n}: an id has more than {bits} bits");
        let packed = |run: &[u32]| run.iter().fold(0, |run: u128, &id| run.unbounded_shl(bits) | u128::from(id));
        let mut runs: Vec<u128> = ids.windows(n).map(packed).collect();
        runs.sort_unstable();
        Self(runs.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect())
    }

    /// How many runs, the same one as often as it stands there.
    pub(crate) fn count(&self) -> u64 {
        self.0.iter().map(|&(_, count)| u64::from(count)).sum()
    }

    /// How many of them stand in `other` too, each counted as often as in that which has fewer of it.
    pub(crate) fn shared(&self, other: &Self) -> u64 {
        let mut others = other.0.iter().peekable();
        let mut shared = 0;
        for &(run, count) in &self.0 {
            while others.next_if(|other| other.0 < run).is_some() {}
            if let Some(&(_, theirs)) = others.next_if(|other| other.0 == run) {
                shared += u64::from(count.min(theirs));
            }
        }
        shared
    }

    /// The runs of both, each as often as in that which has more of it.
    pub(crate) fn or(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self.0.sort_unstable();
        // Of a run in both, the greater count stands last.
        Self(self.0.chunk_by(|a, b| a.0 == b.0).map(|same| same[same.len() - 1]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ids: &[u32], others: &[u32], n: usize, shared: u64) {
        let (ids, others) = (Runs::of(ids, n), Runs::of(others, n));
        assert_eq!((ids.shared(&others), others.shared(&ids)), (shared, shared));
    }

    #[test]
    fn a_run_is_shared_as_often_as_it_is_in_both() {
        check(&[1, 1, 1, 2], &[1, 1, 3, 2, 2], 1, 3); // 1, 1 and 2
        check(&[1, 2, 1, 2], &[1, 2, 1], 2, 2); // 12 and 21
        check(&[1, 2], &[2, 1], 2, 0);
        check(&[5], &[5], 2, 0);
    }

    #[test]
    fn six_letters_of_any_script_fit() {
        let last = char::MAX as u32;
        check(&[last; 7], &[last; 6], 6, 1);
        check(&[0, last, 0, last, 0, last], &[last, 0, last, 0, last, 0], 6, 0);
    }

    #[test]
    fn one_id_fits_whole() {
        check(&[u32::MAX, 0], &[u32::MAX], 1, 1);
    }

    #[test]
    fn of_two_the_greater_count_stays() {
        let both = Runs::of(&[1, 1, 2], 1).or(Runs::of(&[1, 2, 2, 3], 1));
        assert_eq!(both.0, [(1, 2), (2, 2), (3, 1)]);
    }
}
