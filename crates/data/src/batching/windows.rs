//! # windows: random pieces of one long stream
//!
//! Each row is a piece of T ids that begins anywhere; its targets are the same ids one place on. Every batch starts
//! afresh: nothing is carried from one to the next. Pieces are drawn with replacement, so an epoch is only a count.

use super::{Entry, Shape};
use crate::{Batch, Batches, Chance, DataError, IdStream};

/// This way's line.
pub const ENTRY: Entry =
    Entry { name: "windows", about: "random pieces of one long stream", source: include_str!("windows.rs") };

/// Batches of random windows.
#[derive(Debug)]
pub struct Windows {
    ids: IdStream,
    shape: Shape,
    chance: Chance,
}

impl Windows {
    /// Windows of `shape.length` inputs over `ids`.
    ///
    /// # Errors
    /// A stream that is shorter than one window and its last target.
    pub fn new(ids: IdStream, shape: Shape, seed: u64) -> Result<Self, DataError> {
        DataError::unless_long_enough("a window", ids.len(), shape.length + 1, shape)?;
        Ok(Windows { ids, shape, chance: Chance::new(seed, "windows") })
    }
}

impl Batches for Windows {
    fn at(&self, step: u64) -> Result<Batch, DataError> {
        let chance = self.chance.branch(step);
        let starts = self.ids.len() - self.shape.length;
        let window = |row: usize| {
            let start = chance.below(row as u64, starts as u64) as usize;
            self.ids.read(start..start + self.shape.length + 1)
        };
        Ok(Batch::shifted(&(0..self.shape.rows).map(window).collect::<Result<Vec<_>, _>>()?, true))
    }

    fn steps_per_epoch(&self) -> u64 {
        (self.ids.len() - 1).div_ceil(self.shape.rows * self.shape.length) as u64
    }
}

/// The whole stream once, in windows side by side; the last one may be shorter. Every id but the first is a target.
pub fn cover(ids: IdStream, shape: Shape) -> impl Iterator<Item = Result<Batch, DataError>> + Send {
    let windows = ids.len().saturating_sub(1).div_ceil(shape.length);
    (0..windows).step_by(shape.rows).map(move |first| {
        let window = |n: usize| ids.read(n * shape.length..ids.len().min((n + 1) * shape.length + 1));
        let rows = (first..windows.min(first + shape.rows)).map(window);
        Ok(Batch::shifted(&rows.collect::<Result<Vec<_>, _>>()?, true))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(count: u32) -> IdStream {
        (0..count).collect()
    }

    const SHAPE: Shape = Shape { rows: 3, length: 4 };

    #[test]
    fn every_window_runs_on_and_its_targets_are_one_place_on() {
        let windows = Windows::new(stream(50), SHAPE, 1).unwrap();
        for step in 0..100 {
            let batch = windows.at(step).unwrap();
            for row in 0..3 {
                let first = batch.inputs.row(row)[0];
                assert_eq!(batch.inputs.row(row), [first, first + 1, first + 2, first + 3]);
                assert_eq!(batch.targets.row(row), [first + 1, first + 2, first + 3, first + 4]);
            }
            assert!(batch.fresh);
        }
    }

    #[test]
    fn the_first_and_the_last_window_are_drawn_too() {
        let windows = Windows::new(stream(7), SHAPE, 1).unwrap();
        let firsts = (0..50).flat_map(|step| windows.at(step).unwrap().inputs.ids.into_iter().step_by(4));
        assert_eq!(firsts.collect::<std::collections::BTreeSet<_>>(), [0, 1, 2].into());
    }

    #[test]
    fn a_step_is_the_same_whenever_it_is_asked() {
        let windows = || Windows::new(stream(50), SHAPE, 9).unwrap();
        let at = |step| windows().at(step).unwrap();
        assert_eq!(at(7), at(7));
        assert_ne!(at(7), at(8));
        assert_ne!(at(7), Windows::new(stream(50), SHAPE, 10).unwrap().at(7).unwrap());
    }

    #[test]
    fn an_epoch_reads_as_many_ids_as_there_are() {
        assert_eq!(Windows::new(stream(49), SHAPE, 1).unwrap().steps_per_epoch(), 4);
        assert_eq!(Windows::new(stream(50), SHAPE, 1).unwrap().steps_per_epoch(), 5);
    }

    #[test]
    fn a_stream_of_one_window_is_long_enough_and_a_shorter_one_is_not() {
        assert!(Windows::new(stream(5), SHAPE, 1).is_ok());
        let error = Windows::new(stream(4), SHAPE, 1).unwrap_err().to_string();
        assert!(error.contains("4 ids") && error.contains("5 are needed"), "{error}");
    }

    #[test]
    fn cover_counts_every_target_once() {
        for (count, targets) in [(0, 0), (1, 0), (2, 1), (5, 4), (6, 5), (13, 12), (50, 49)] {
            let seen: Vec<u32> = cover(stream(count), SHAPE)
                .flat_map(|batch| batch.unwrap().targets.ids)
                .filter(|&id| id != crate::IGNORE)
                .collect();
            assert_eq!(seen, (1..=targets).collect::<Vec<_>>(), "{count} ids");
        }
    }
}
