//! # rows: whole lines, padded on the right
//!
//! A row's inputs are the boundary and its ids; its targets are its ids and the boundary. An epoch takes every row
//! once, in a new order. With buckets, rows of like length come together, so that less is padding: the order is cut
//! into pools of some batches, each pool is sorted by length, and its batches are shuffled.

use std::sync::Arc;

use super::Entry;
use crate::{Batch, Batches, Chance, DataError, Order, Rows};
use rushlight_text::Limit;

/// This way's line.
pub const ENTRY: Entry =
    Entry { name: "rows", about: "whole lines, padded on the right", source: include_str!("rows.rs") };

/// How rows become rectangles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Padding {
    /// How many inputs a row has at most, its boundary included. What is cut off is not read, and no end is taught there.
    pub max_length: Limit,
    /// Whether rows of like length come together.
    pub buckets: bool,
}

/// Batches of whole rows.
#[derive(Debug)]
pub struct RowBatches {
    rows: Arc<Rows>,
    at_once: usize,
    padding: Padding,
    chance: Chance,
}

/// How many batches are sorted together. More means less padding, fewer means more chance.
const POOL: usize = 20;

impl RowBatches {
    /// Batches of `at_once` rows; the last of an epoch may have fewer.
    ///
    /// # Errors
    /// If there are no rows.
    pub fn new(rows: Arc<Rows>, at_once: usize, padding: Padding, seed: u64) -> Result<Self, DataError> {
        if rows.is_empty() {
            return Err(DataError::NoRows);
        }
        Ok(RowBatches { rows, at_once, padding, chance: Chance::new(seed, "rows") })
    }

    /// The rows of batch `number` of `epoch`.
    fn chosen(&self, epoch: u64, number: usize) -> Vec<usize> {
        let chance = self.chance.branch(epoch);
        let order = Order::new(chance, self.rows.len());
        let places = |from: usize, batches: usize| {
            let first = from * self.at_once;
            (first..self.rows.len().min(first + batches * self.at_once)).map(|place| order.at(place))
        };
        if !self.padding.buckets {
            return places(number, 1).collect();
        }
        let pool = number / POOL;
        let mut sorted: Vec<usize> = places(pool * POOL, POOL).collect();
        sorted.sort_by_key(|&row| self.rows.framed(row).len());
        let batches = sorted.len().div_ceil(self.at_once);
        let number = Order::new(chance.branch(pool as u64), batches).at(number % POOL);
        sorted.chunks(self.at_once).nth(number).map(<[usize]>::to_vec).unwrap_or_default()
    }
}

impl Batches for RowBatches {
    fn at(&self, step: u64) -> Result<Batch, DataError> {
        let (epoch, number) = (step / self.steps_per_epoch(), step % self.steps_per_epoch());
        Ok(padded(&self.rows, &self.chosen(epoch, number as usize), self.padding.max_length))
    }

    fn steps_per_epoch(&self) -> u64 {
        self.rows.len().div_ceil(self.at_once) as u64
    }
}

/// Every row once, in order.
pub fn cover(rows: Arc<Rows>, at_once: usize, max_length: Limit) -> impl Iterator<Item = Batch> + Send {
    (0..rows.len()).step_by(at_once).map(move |first| {
        let chosen: Vec<usize> = (first..rows.len().min(first + at_once)).collect();
        padded(&rows, &chosen, max_length)
    })
}

fn padded(rows: &Rows, chosen: &[usize], max_length: Limit) -> Batch {
    let cut = |&row: &usize| {
        let framed = rows.framed(row);
        &framed[..framed.len().min(max_length.most().saturating_add(1))]
    };
    let mut batch = Batch::shifted(&chosen.iter().map(cut).collect::<Vec<_>>(), true);
    if !rows.counts_all() {
        for (place, &row) in chosen.iter().enumerate() {
            batch.count_only(place, &rows.counted(row));
        }
    }
    batch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IGNORE;

    /// Row n holds the id n + 1, n % 7 times.
    fn rows(count: u32) -> Arc<Rows> {
        let mut rows = Rows::new(0);
        for n in 0..count {
            rows.push(&vec![n + 1; n as usize % 7]);
        }
        Arc::new(rows)
    }

    const PLAIN: Padding = Padding { max_length: Limit::Never, buckets: false };
    const BUCKETS: Padding = Padding { buckets: true, ..PLAIN };

    #[test]
    fn a_row_begins_and_ends_with_the_boundary() {
        let mut rows = Rows::new(9);
        rows.push(&[1, 2]);
        rows.push(&[]);
        let batch = cover(Arc::new(rows), 2, Limit::Never).next().unwrap();
        assert_eq!(batch.inputs.row(0), [9, 1, 2]);
        assert_eq!(batch.targets.row(0), [1, 2, 9]);
        assert_eq!(batch.targets.row(1), [9, IGNORE, IGNORE]);
        assert_eq!(batch.lengths, [3, 1]);
    }

    #[test]
    fn a_row_that_is_cut_is_not_taught_an_end() {
        let mut rows = Rows::new(9);
        rows.push(&[1, 2, 3]);
        let cut = |most| cover(Arc::new(rows.clone()), 1, Limit::At(most)).next().unwrap().targets.ids;
        assert_eq!(cut(2), [1, 2]);
        assert_eq!(cut(3), [1, 2, 3]);
        assert_eq!(cut(4), [1, 2, 3, 9]);
    }

    #[test]
    fn targets_that_do_not_count_are_left_out() {
        let mut rows = Rows::new(9);
        rows.push_counting(&[1, 2, 3], 2..4);
        let batch = cover(Arc::new(rows), 1, Limit::Never).next().unwrap();
        assert_eq!(batch.targets.ids, [IGNORE, IGNORE, 3, 9]);
    }

    fn epoch(batches: &RowBatches, epoch: u64) -> Vec<Vec<usize>> {
        let steps = batches.steps_per_epoch();
        (0..steps).map(|number| batches.chosen(epoch, number as usize)).collect()
    }

    fn every_row_once(layout: Padding) {
        for count in [1, 5, 6, 59, 60, 61, 200, 500] {
            let batches = RowBatches::new(rows(count), 6, layout, 1).unwrap();
            for number in [0, 1] {
                let mut taken = epoch(&batches, number).concat();
                taken.sort_unstable();
                assert_eq!(taken, (0..count as usize).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn an_epoch_takes_every_row_once() {
        every_row_once(PLAIN);
    }

    #[test]
    fn an_epoch_in_buckets_takes_every_row_once() {
        every_row_once(BUCKETS);
    }

    #[test]
    fn each_epoch_has_its_own_order() {
        for layout in [PLAIN, BUCKETS] {
            let batches = RowBatches::new(rows(100), 6, layout, 1).unwrap();
            assert_ne!(epoch(&batches, 0), epoch(&batches, 1));
        }
    }

    #[test]
    fn a_step_beyond_the_first_epoch_is_the_next_epochs() {
        let batches = RowBatches::new(rows(20), 6, PLAIN, 1).unwrap();
        assert_eq!(batches.steps_per_epoch(), 4);
        assert_eq!(batches.at(5).unwrap(), padded(&batches.rows, &batches.chosen(1, 1), Limit::Never));
    }

    #[test]
    fn buckets_leave_less_padding() {
        let padding = |layout| {
            let batches = RowBatches::new(rows(600), 6, layout, 1).unwrap();
            let all = (0..batches.steps_per_epoch()).map(|step| batches.at(step).unwrap());
            all.map(|batch| batch.inputs.ids.len() - batch.lengths.iter().sum::<usize>()).sum::<usize>()
        };
        // A pool holds 120 rows of 7 lengths: few of its 20 batches mix two of them.
        assert!(padding(BUCKETS) * 4 < padding(PLAIN), "{} {}", padding(BUCKETS), padding(PLAIN));
    }

    #[test]
    fn no_rows_are_refused() {
        assert!(matches!(RowBatches::new(rows(0), 6, PLAIN, 1), Err(DataError::NoRows)));
    }
}
