//! Batches: ids in rectangles, padded on the right. Knows no files and no way of drawing.

use crate::{DataError, Lists};

/// A target that does not count.
pub const IGNORE: u32 = u32::MAX;

/// What stands in the inputs where a row is over. Any id would do: nothing behind it counts.
const PADDING: u32 = 0;

/// Ids in a rectangle, row after row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// How many rows.
    pub rows: usize,
    /// How many ids in a row.
    pub cols: usize,
    /// `rows * cols` ids.
    pub ids: Vec<u32>,
}

impl Grid {
    /// The ids of one row.
    pub fn row(&self, row: usize) -> &[u32] {
        &self.ids[row * self.cols..(row + 1) * self.cols]
    }

    fn of(rows: usize, cols: usize, fill: u32) -> Self {
        Grid { rows, cols, ids: vec![fill; rows * cols] }
    }

    fn row_mut(&mut self, row: usize) -> &mut [u32] {
        &mut self.ids[row * self.cols..(row + 1) * self.cols]
    }
}

/// What a model reads at one step, and what it should have said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// [B, T] ids.
    pub inputs: Grid,
    /// The next id at each place, [`IGNORE`] where none counts. [B, T], or [B, 1] when a model says one id a row.
    pub targets: Grid,
    /// The rows start anew: a state carried from the batch before must be dropped.
    pub fresh: bool,
    /// How many inputs of each row are real; the rest is padding.
    pub lengths: Vec<usize>,
    /// What the rows are translations of; none where nothing is translated.
    pub source: Option<Padded>,
    /// The spelling of the word at each place, row after row; none where tokens are no words.
    pub spelling: Option<Lists>,
}

/// Rows that are read whole, padded on the right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Padded {
    /// [B, S] ids; those of a source end with its boundary.
    pub grid: Grid,
    /// How many ids of each row are real; the rest is padding.
    pub lengths: Vec<usize>,
}

impl Padded {
    /// Rows of any length in one rectangle.
    pub fn of<R: AsRef<[u32]>>(rows: &[R]) -> Self {
        let lengths: Vec<usize> = rows.iter().map(|row| row.as_ref().len()).collect();
        let mut grid = Grid::of(rows.len(), lengths.iter().copied().max().unwrap_or(0), PADDING);
        for (row, ids) in rows.iter().enumerate() {
            grid.row_mut(row)[..lengths[row]].copy_from_slice(ids.as_ref());
        }
        Padded { grid, lengths }
    }
}

impl Batch {
    /// How many targets count.
    pub fn counted(&self) -> usize {
        self.targets.ids.iter().filter(|&&id| id != IGNORE).count()
    }

    /// Each row of n + 1 ids gives n inputs and, one place on, n targets. A row may be empty.
    pub(crate) fn shifted<R: AsRef<[u32]>>(rows: &[R], fresh: bool) -> Self {
        let lengths: Vec<usize> = rows.iter().map(|row| row.as_ref().len().saturating_sub(1)).collect();
        let cols = lengths.iter().copied().max().unwrap_or(0);
        let mut inputs = Grid::of(rows.len(), cols, PADDING);
        let mut targets = Grid::of(rows.len(), cols, IGNORE);
        for (row, (ids, &length)) in rows.iter().zip(&lengths).enumerate() {
            let ids = ids.as_ref();
            if length > 0 {
                inputs.row_mut(row)[..length].copy_from_slice(&ids[..length]);
                targets.row_mut(row)[..length].copy_from_slice(&ids[1..]);
            }
        }
        Batch { inputs, targets, fresh, lengths, source: None, spelling: None }
    }

    /// In row `row`, only the targets at `counted` count.
    pub(crate) fn count_only(&mut self, row: usize, counted: &std::ops::Range<usize>) {
        for (place, target) in self.targets.row_mut(row).iter_mut().enumerate() {
            if !counted.contains(&place) {
                *target = IGNORE;
            }
        }
    }
}

/// Batches to train on. Each is a pure function of its step, so that a resumed run sees what the first would have seen.
pub trait Batches<B = Batch>: Send + Sync {
    /// The batch of step `step`, counted from 0.
    ///
    /// # Errors
    /// A file that is read only now and can no longer be read; what is in memory has none.
    fn at(&self, step: u64) -> Result<B, DataError>;

    /// How many steps pass over the data about once. At least 1.
    fn steps_per_epoch(&self) -> u64;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_the_inputs_one_place_on() {
        let batch = Batch::shifted(&[[1, 2, 3], [4, 5, 6]], true);
        assert_eq!(batch.inputs.ids, [1, 2, 4, 5]);
        assert_eq!(batch.targets.ids, [2, 3, 5, 6]);
        assert_eq!((batch.inputs.rows, batch.inputs.cols), (2, 2));
    }

    #[test]
    fn a_short_row_is_padded_on_the_right_and_its_padding_does_not_count() {
        let batch = Batch::shifted(&[&[1, 2, 3, 4][..], &[7, 8], &[]], false);
        assert_eq!(batch.inputs.row(1), [7, 0, 0]);
        assert_eq!(batch.targets.row(1), [8, IGNORE, IGNORE]);
        assert_eq!(batch.lengths, [3, 1, 0]);
        assert_eq!(batch.counted(), 4);
    }

    #[test]
    fn rows_that_are_read_whole_keep_their_last_id() {
        let padded = Padded::of(&[&[1, 2, 9][..], &[9]]);
        assert_eq!((padded.grid.rows, padded.grid.ids), (2, vec![1, 2, 9, 9, 0, 0]));
        assert_eq!(padded.lengths, [3, 1]);
    }

    #[test]
    fn targets_can_be_taken_out() {
        let mut batch = Batch::shifted(&[[1, 2, 3, 4]], true);
        batch.count_only(0, &(1..2));
        assert_eq!(batch.targets.ids, [IGNORE, 3, IGNORE]);
    }
}
