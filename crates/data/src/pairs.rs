//! Pairs: sources and their translations as ids. Knows not how pairs are batched, nor which are left out.

use crate::Rows;

/// Sources and targets; number n of the one belongs to number n of the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairs {
    sources: Rows,
    targets: Rows,
    /// Source and target as they were written; empty where nobody translates them.
    lines: Vec<[String; 2]>,
}

impl Pairs {
    /// Each source with the target of the same number.
    ///
    /// # Panics
    /// If there are not as many of both, or if only some ids of a row count.
    pub fn new(sources: Rows, targets: Rows) -> Self {
        assert_eq!(sources.len(), targets.len(), "pairs: sources and targets");
        assert!(sources.counts_all() && targets.counts_all(), "pairs: all of a row counts");
        Pairs { sources, targets, lines: Vec::new() }
    }

    /// The same with what was written, a source and its target for each pair: for pairs that are translated and scored.
    ///
    /// # Panics
    /// If there are not as many.
    #[must_use]
    pub fn with_lines(self, lines: Vec<[String; 2]>) -> Self {
        assert_eq!(lines.len(), self.len(), "pairs: lines");
        Pairs { lines, ..self }
    }

    /// Source and target of each pair as they were written; none for pairs that are trained on.
    pub fn lines(&self) -> &[[String; 2]] {
        &self.lines
    }

    /// How many pairs.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The ids of a source, without its boundaries.
    pub fn source(&self, pair: usize) -> &[u32] {
        self.sources.ids(pair)
    }

    /// The ids of a target, without its boundaries.
    pub fn target(&self, pair: usize) -> &[u32] {
        self.targets.ids(pair)
    }

    /// All sources.
    pub fn sources(&self) -> &Rows {
        &self.sources
    }

    /// All targets.
    pub fn targets(&self) -> &Rows {
        &self.targets
    }

    /// The tokens of the longer side, its boundary included: how many places the pair takes in a batch, on either side.
    pub fn length(&self, pair: usize) -> usize {
        self.source(pair).len().max(self.target(pair).len()) + 1
    }

    /// The pairs with these numbers, without what was written.
    pub(crate) fn pick(&self, numbers: &[usize]) -> Pairs {
        Pairs::new(self.sources.pick(numbers), self.targets.pick(numbers))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Sources have the boundary 8, targets 9.
    pub(crate) fn pairs(sides: &[(&[u32], &[u32])]) -> Pairs {
        let (mut sources, mut targets) = (Rows::new(8), Rows::new(9));
        for (source, target) in sides {
            sources.push(source);
            targets.push(target);
        }
        Pairs::new(sources, targets)
    }

    #[test]
    fn pairs_come_back() {
        let pairs = pairs(&[(&[1, 2], &[3]), (&[], &[4, 5, 6])]);
        assert_eq!((pairs.len(), pairs.source(0), pairs.target(1)), (2, &[1, 2][..], &[4, 5, 6][..]));
        assert_eq!([0, 1].map(|pair| pairs.length(pair)), [3, 4]);
    }

    #[test]
    fn some_pairs_can_be_picked() {
        let all = pairs(&[(&[1], &[2]), (&[3], &[4]), (&[5], &[6])]);
        assert_eq!(all.pick(&[0, 2]), pairs(&[(&[1], &[2]), (&[5], &[6])]));
    }
}
