//! Rows: lines of text as ids, each with the boundary before and behind it. Knows not how rows are batched.

use std::ops::Range;

/// Rows of ids of any length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    boundary: u32,
    /// Every row as `boundary ids boundary`, one after the other.
    framed: Vec<u32>,
    /// Where each row ends in `framed`.
    ends: Vec<usize>,
    /// Which targets of each row count; empty when all do.
    counted: Vec<Range<usize>>,
}

impl Rows {
    /// No rows yet. `boundary` is the id that starts and ends each.
    pub fn new(boundary: u32) -> Self {
        Rows { boundary, framed: Vec::new(), ends: Vec::new(), counted: Vec::new() }
    }

    /// Adds a row of which every target counts: each id, and the boundary behind the last.
    ///
    /// # Panics
    /// If the rows before count only some.
    pub fn push(&mut self, ids: &[u32]) {
        assert!(self.counted.is_empty(), "rows: some rows count all targets, some do not");
        self.frame(ids);
    }

    /// Adds a row of which only some targets count; target `j` is id `j` of the row, and the boundary is the last.
    ///
    /// # Panics
    /// If the rows before count all.
    pub fn push_counting(&mut self, ids: &[u32], counted: Range<usize>) {
        assert_eq!(self.counted.len(), self.ends.len(), "rows: some rows count all targets, some do not");
        self.frame(ids);
        self.counted.push(counted);
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The id that starts and ends each row.
    pub fn boundary(&self) -> u32 {
        self.boundary
    }

    /// The ids of a row, without its boundaries.
    pub fn ids(&self, row: usize) -> &[u32] {
        let framed = self.framed(row);
        &framed[1..framed.len() - 1]
    }

    /// Which targets of a row count.
    pub fn counted(&self, row: usize) -> Range<usize> {
        let all = 0..self.framed(row).len() - 1;
        self.counted.get(row).cloned().unwrap_or(all)
    }

    /// How many targets count in all rows.
    pub fn targets(&self) -> usize {
        (0..self.len()).map(|row| self.counted(row).len()).sum()
    }

    /// All rows as one stream, with one boundary before, between and behind them.
    pub fn joined(&self) -> Vec<u32> {
        let mut stream = vec![self.boundary];
        for row in 0..self.len() {
            stream.extend(&self.framed(row)[1..]);
        }
        stream
    }

    /// The rows with these numbers.
    pub(crate) fn pick(&self, numbers: &[usize]) -> Rows {
        let mut rows = Rows::new(self.boundary);
        for &row in numbers {
            if self.counts_all() {
                rows.push(self.ids(row));
            } else {
                rows.push_counting(self.ids(row), self.counted(row));
            }
        }
        rows
    }

    pub(crate) fn counts_all(&self) -> bool {
        self.counted.is_empty()
    }

    pub(crate) fn framed(&self, row: usize) -> &[u32] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.framed[start..self.ends[row]]
    }

    fn frame(&mut self, ids: &[u32]) {
        self.framed.push(self.boundary);
        self.framed.extend(ids);
        self.framed.push(self.boundary);
        self.ends.push(self.framed.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back() {
        let mut rows = Rows::new(0);
        rows.push(&[1, 2]);
        rows.push(&[]);
        rows.push(&[3]);
        assert_eq!((0..3).map(|row| rows.ids(row)).collect::<Vec<_>>(), [&[1, 2][..], &[], &[3]]);
        assert_eq!(rows.joined(), [0, 1, 2, 0, 0, 3, 0]);
        assert_eq!(rows.targets(), 6);
    }

    #[test]
    fn only_some_targets_may_count() {
        let mut rows = Rows::new(0);
        rows.push_counting(&[5, 6, 7], 2..3);
        rows.push_counting(&[5], 0..2);
        assert_eq!((rows.counted(0), rows.targets()), (2..3, 3));
        let one = rows.pick(&[1]);
        assert_eq!((one.ids(0), one.counted(0), one.len()), (&[5][..], 0..2, 1));
    }
}
