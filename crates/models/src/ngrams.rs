//! Runs of N tokens, how often each was seen, and of the shorter runs in them, after how many different tokens each
//! stands. Knows no probability and no tensor.

use std::ops::Range;

/// Stands in a context where there is no token, because the sequence has not begun.
pub(crate) const NOTHING: u32 = u32::MAX;

/// Different runs of one length in order, with a count for each. A run is its context, the nearest token first, and then
/// its last token: so the runs of one context lie side by side.
pub(crate) struct NGrams {
    order: usize,
    tokens: Vec<u32>,
    counts: Vec<u64>,
}

impl NGrams {
    /// Runs of `order` tokens; of those that stand there more than once the counts are added up.
    pub(crate) fn new(order: usize, tokens: &[u32], counts: &[u64]) -> Self {
        let run = |place: usize| &tokens[place * order..][..order];
        let mut places: Vec<usize> = (0..counts.len()).collect();
        places.sort_unstable_by(|&a, &b| run(a).cmp(run(b)));
        let mut different = Self { order, tokens: Vec::new(), counts: Vec::new() };
        for place in places {
            match different.counts.last_mut() {
                Some(count) if different.tokens.ends_with(run(place)) => *count += counts[place],
                _ => {
                    different.tokens.extend(run(place));
                    different.counts.push(counts[place]);
                }
            }
        }
        different
    }

    /// How many different runs there are.
    pub(crate) fn len(&self) -> usize {
        self.counts.len()
    }

    /// The context of a run, the nearest token first.
    pub(crate) fn context(&self, place: usize) -> &[u32] {
        &self.tokens[place * self.order..][..self.order - 1]
    }

    /// The last token of a run.
    pub(crate) fn word(&self, place: usize) -> u32 {
        self.tokens[(place + 1) * self.order - 1]
    }

    /// The counts of all runs.
    pub(crate) fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Whether a run begins before its sequence does, and so has fewer tokens than it seems.
    pub(crate) fn is_cut(&self, place: usize) -> bool {
        self.context(place).last() == Some(&NOTHING)
    }

    /// The places of the runs of each context.
    pub(crate) fn by_context(&self) -> impl Iterator<Item = Range<usize>> {
        let mut start = 0;
        std::iter::from_fn(move || {
            let context = (start < self.len()).then(|| self.context(start))?;
            let more = (start + 1..self.len()).take_while(|&place| self.context(place) == context).count();
            let group = start..start + 1 + more;
            start = group.end;
            Some(group)
        })
    }

    /// The runs without their first token. Each counts the different tokens before it, and every time that there was none
    /// because it began a sequence.
    pub(crate) fn shorter(&self) -> Self {
        let (mut tokens, mut counts) = (Vec::new(), Vec::new());
        for place in 0..self.len() {
            tokens.extend(&self.context(place)[..self.order - 2]);
            tokens.push(self.word(place));
            counts.push(if self.is_cut(place) { self.counts[place] } else { 1 });
        }
        Self::new(self.order - 1, &tokens, &counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs with their counts, read from left to right as people read them: `_` is nothing.
    fn told(runs: &NGrams) -> Vec<String> {
        let letter = |token: u32| if token == NOTHING { '_' } else { char::from(b'a' + token as u8) };
        let run = |place| {
            let context: String = runs.context(place).iter().rev().map(|&token| letter(token)).collect();
            format!("{context}{} {}", letter(runs.word(place)), runs.counts()[place])
        };
        (0..runs.len()).map(run).collect()
    }

    /// All runs of three letters in sequences that begin with nothing.
    fn threes(sequences: &[&str]) -> NGrams {
        let mut tokens = Vec::new();
        for sequence in sequences {
            let ids: Vec<u32> =
                [NOTHING; 2].into_iter().chain(sequence.bytes().map(|byte| u32::from(byte - b'a'))).collect();
            tokens.extend(ids.windows(3).flat_map(|run| [run[1], run[0], run[2]]));
        }
        NGrams::new(3, &tokens, &vec![1; tokens.len() / 3])
    }

    #[test]
    fn runs_are_counted_once_each_and_lie_by_their_contexts_the_nearest_token_first() {
        assert_eq!(told(&threes(&["abab", "bab"])), ["bab 2", "_ab 1", "aba 1", "_ba 1", "__a 1", "__b 1"]);
    }

    #[test]
    fn a_shorter_run_counts_the_different_tokens_before_it_and_its_own_beginnings() {
        // `ab` twice after b, which is one token, and once at the front; `ba` after a, and once at the front.
        let twos = threes(&["abab", "bab"]).shorter();
        assert_eq!(told(&twos), ["ab 2", "ba 2", "_a 1", "_b 1"]);
        // `a` after b and once at the front; `b` after a and once at the front.
        assert_eq!(told(&twos.shorter()), ["a 2", "b 2"]);
    }

    #[test]
    fn the_runs_of_one_context_are_a_group() {
        let twos = threes(&["abab", "aa"]).shorter();
        assert_eq!(told(&twos), ["aa 1", "ab 2", "ba 1", "_a 2"]);
        assert_eq!(twos.by_context().collect::<Vec<_>>(), [0..2, 2..3, 3..4]);
    }

    #[test]
    fn no_runs_have_no_shorter_ones() {
        let none = NGrams::new(3, &[], &[]);
        assert_eq!((none.by_context().count(), none.shorter().len()), (0, 0));
    }
}
