//! # stream: one long text as B parallel streams, for truncated back-propagation
//!
//! The text is cut into B pieces of the same length; row b of every batch reads on in piece b where it stopped. A state
//! may be carried from batch to batch, and is dropped where `fresh` says so: at the start of each epoch. Nothing is
//! drawn, so there is no seed. What does not fill a whole step of all rows is left out in training, and only there.

use super::{Entry, Shape};
use crate::{Batch, Batches, DataError, IdStream};

/// This way's line.
pub const ENTRY: Entry =
    Entry { name: "stream", about: "parallel streams, read on from batch to batch", source: include_str!("stream.rs") };

/// Batches that read on.
#[derive(Debug)]
pub struct Stream {
    ids: IdStream,
    shape: Shape,
}

impl Stream {
    /// `shape.rows` streams over `ids`, `shape.length` steps a batch.
    ///
    /// # Errors
    /// A text that is too short for one batch.
    pub fn new(ids: IdStream, shape: Shape) -> Result<Self, DataError> {
        DataError::unless_long_enough("one step of every stream", ids.len(), shape.rows * shape.length + 1, shape)?;
        Ok(Stream { ids, shape })
    }

    fn piece(&self) -> usize {
        (self.ids.len() - 1) / self.shape.rows
    }
}

impl Batches for Stream {
    fn at(&self, step: u64) -> Result<Batch, DataError> {
        let part = (step % self.steps_per_epoch()) as usize;
        let window = |row: usize| {
            let start = row * self.piece() + part * self.shape.length;
            self.ids.read(start..start + self.shape.length + 1)
        };
        Ok(Batch::shifted(&(0..self.shape.rows).map(window).collect::<Result<Vec<_>, _>>()?, part == 0))
    }

    fn steps_per_epoch(&self) -> u64 {
        (self.piece() / self.shape.length) as u64
    }
}

/// The whole text once, as streams that read on; the last batch is narrower, and a last stream may end before the
/// others. Every id but the first is a target. With one row the state is carried through the whole text.
pub fn cover(ids: IdStream, shape: Shape) -> impl Iterator<Item = Result<Batch, DataError>> + Send {
    let targets = ids.len().saturating_sub(1);
    let piece = targets.div_ceil(shape.rows);
    (0..piece).step_by(shape.length).map(move |from| {
        let window = |row: usize| {
            let end = targets.min(row * piece + piece.min(from + shape.length));
            let start = end.min(row * piece + from);
            ids.read(if start < end { start..end + 1 } else { 0..0 })
        };
        Ok(Batch::shifted(&(0..shape.rows).map(window).collect::<Result<Vec<_>, _>>()?, from == 0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: u32) -> IdStream {
        (0..count).collect()
    }

    const SHAPE: Shape = Shape { rows: 2, length: 3 };

    #[test]
    fn rows_read_on_and_start_afresh_with_the_epoch() {
        // 16 ids: two pieces of 7 targets, two steps of 3; then again from the front.
        let stream = Stream::new(ids(16), SHAPE).unwrap();
        assert_eq!(stream.steps_per_epoch(), 2);
        let expected = [([0, 1, 2, 7, 8, 9], true), ([3, 4, 5, 10, 11, 12], false), ([0, 1, 2, 7, 8, 9], true)];
        for (step, (inputs, fresh)) in expected.into_iter().enumerate() {
            let batch = stream.at(step as u64).unwrap();
            assert_eq!((batch.inputs.ids, batch.fresh), (inputs.to_vec(), fresh));
            assert_eq!(batch.targets.ids, inputs.map(|id| id + 1));
        }
    }

    #[test]
    fn a_text_for_one_step_is_long_enough_and_a_shorter_one_is_not() {
        assert_eq!(Stream::new(ids(7), SHAPE).unwrap().steps_per_epoch(), 1);
        let error = Stream::new(ids(6), SHAPE).unwrap_err().to_string();
        assert!(error.contains("6 ids") && error.contains("7 are needed"), "{error}");
    }

    #[test]
    fn cover_counts_every_target_once_and_each_row_reads_on() {
        for count in [0, 1, 2, 3, 7, 14, 15, 16, 50] {
            let mut rows = vec![Vec::<u32>::new(); 2];
            for (n, batch) in cover(ids(count), SHAPE).map(Result::unwrap).enumerate() {
                assert_eq!(batch.fresh, n == 0);
                for (row, seen) in rows.iter_mut().enumerate() {
                    seen.extend(batch.targets.row(row).iter().filter(|&&id| id != crate::IGNORE));
                }
            }
            assert_eq!(rows.concat(), (1..count).collect::<Vec<_>>(), "{count} ids");
        }
    }
}
