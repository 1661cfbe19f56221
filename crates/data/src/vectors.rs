//! Rows of numbers, with a number or a class to be said of each: tables, and their batches. Knows no files.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Batches, Chance, DataError, Order};

/// Some rows of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorBatch {
    /// `rows * width` numbers, row after row.
    pub features: Vec<f32>,
    /// How many numbers a row has.
    pub width: usize,
    /// What is to be said of each row.
    pub targets: Targets,
}

/// What is to be said of rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// Regression: numbers.
    Numbers {
        /// `rows * width` numbers, row after row.
        values: Vec<f32>,
        /// How many numbers a row has.
        width: usize,
    },
    /// Classification: the class of each row.
    Classes(Vec<u32>),
}

impl VectorBatch {
    /// How many rows.
    pub fn rows(&self) -> usize {
        match &self.targets {
            Targets::Numbers { values, width } => values.len() / width,
            Targets::Classes(classes) => classes.len(),
        }
    }

    pub(crate) fn pick(&self, rows: impl Iterator<Item = usize> + Clone) -> Self {
        let picked = |from: &[f32], width: usize| {
            rows.clone().flat_map(|row| &from[row * width..(row + 1) * width]).copied().collect()
        };
        let targets = match &self.targets {
            Targets::Numbers { values, width } => Targets::Numbers { values: picked(values, *width), width: *width },
            Targets::Classes(classes) => Targets::Classes(rows.clone().map(|row| classes[row]).collect()),
        };
        VectorBatch { features: picked(&self.features, self.width), width: self.width, targets }
    }
}

/// A table: all rows of a part, and what their numbers mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// All rows, standardised.
    pub all: VectorBatch,
    /// What their numbers mean.
    pub layout: Layout,
}

/// What the columns of a table mean, and how its features were standardised: learned from the training part, and needed
/// to read another table for the same model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// The names of the features, in order.
    pub features: Vec<String>,
    /// The names of the targets.
    pub targets: Vec<String>,
    /// The classes by id; empty for regression.
    pub classes: Vec<String>,
    /// Subtracted from each feature.
    pub means: Vec<f32>,
    /// Then each feature is divided by this.
    pub deviations: Vec<f32>,
}

impl Layout {
    /// Leaves the features as they are.
    pub(crate) fn plain(features: Vec<String>, targets: Vec<String>, classes: Vec<String>) -> Self {
        let width = features.len();
        Layout { features, targets, classes, means: vec![0.0; width], deviations: vec![1.0; width] }
    }

    /// Takes means and deviations from `rows`; a feature that never changes is only shifted.
    pub(crate) fn fit(&mut self, rows: &VectorBatch) {
        let count = rows.rows().max(1) as f64;
        for column in 0..rows.width {
            let values = || rows.features.iter().skip(column).step_by(rows.width).map(|&value| f64::from(value));
            let mean = values().sum::<f64>() / count;
            let deviation = (values().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
            self.means[column] = mean as f32;
            // A deviation too small for f32 is none.
            self.deviations[column] = if deviation as f32 > 0.0 { deviation as f32 } else { 1.0 };
        }
    }

    /// Standardises `rows` in place. What is too far out for f32 stays at its end.
    pub(crate) fn apply(&self, rows: &mut VectorBatch) {
        for row in rows.features.chunks_mut(rows.width.max(1)) {
            for (value, (mean, deviation)) in row.iter_mut().zip(self.means.iter().zip(&self.deviations)) {
                let standard = (f64::from(*value) - f64::from(*mean)) / f64::from(*deviation);
                *value = standard.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32;
            }
        }
    }
}

/// Batches of a table's rows: every row once an epoch, in a new order.
#[derive(Debug)]
pub struct TableBatches {
    table: Arc<Table>,
    at_once: usize,
    chance: Chance,
}

impl TableBatches {
    /// Batches of `at_once` rows. The last of an epoch may have fewer, but not a single one: batch norm cannot learn from
    /// that, so it joins the batch before.
    ///
    /// # Errors
    /// If there are no rows.
    pub fn new(table: Arc<Table>, at_once: usize, seed: u64) -> Result<Self, DataError> {
        match table.all.rows() {
            0 => Err(DataError::NoRows),
            _ => Ok(TableBatches { table, at_once, chance: Chance::new(seed, "table") }),
        }
    }
}

impl Batches<VectorBatch> for TableBatches {
    fn at(&self, step: u64) -> Result<VectorBatch, DataError> {
        let (rows, steps) = (self.table.all.rows(), self.steps_per_epoch());
        let (epoch, number) = (step / steps, step % steps);
        let order = Order::new(self.chance.branch(epoch), rows);
        let first = number as usize * self.at_once;
        let end = if number + 1 == steps { rows } else { first + self.at_once };
        Ok(self.table.all.pick((first..end).map(|place| order.at(place))))
    }

    fn steps_per_epoch(&self) -> u64 {
        let rows = self.table.all.rows();
        let leaves_one = rows > self.at_once && rows % self.at_once == 1;
        (rows.div_ceil(self.at_once) - usize::from(leaves_one)) as u64
    }
}

/// Every row once, in order.
pub(crate) fn cover(table: Arc<Table>, at_once: usize) -> impl Iterator<Item = VectorBatch> + Send {
    let rows = table.all.rows();
    (0..rows).step_by(at_once).map(move |first| table.all.pick(first..rows.min(first + at_once)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row n has the features n and 10 n, and the class n.
    fn table(rows: u32) -> Arc<Table> {
        let features = (0..rows).flat_map(|n| [n as f32, 10.0 * n as f32]).collect();
        let all = VectorBatch { features, width: 2, targets: Targets::Classes((0..rows).collect()) };
        Arc::new(Table { all, layout: Layout::plain(vec!["a".into(), "b".into()], vec!["c".into()], Vec::new()) })
    }

    fn classes(batch: VectorBatch) -> Vec<u32> {
        match batch.targets {
            Targets::Classes(classes) => classes,
            Targets::Numbers { .. } => panic!("these rows have classes"),
        }
    }

    #[test]
    fn an_epoch_takes_every_row_once_with_its_own_target() {
        let batches = TableBatches::new(table(8), 3, 1).unwrap();
        assert_eq!(batches.steps_per_epoch(), 3);
        let mut seen = Vec::new();
        for step in 3..6 {
            let batch = batches.at(step).unwrap();
            let expected: Vec<f32> = batch.features.iter().step_by(2).flat_map(|&n| [n, 10.0 * n]).collect();
            assert_eq!(batch.features, expected);
            assert!(batch.features.iter().step_by(2).map(|&n| n as u32).eq(classes(batch.clone())));
            seen.extend(classes(batch));
        }
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    fn check(rows: u32, at_once: usize, sizes: &[usize]) {
        let batches = TableBatches::new(table(rows), at_once, 1).unwrap();
        assert_eq!(batches.steps_per_epoch(), sizes.len() as u64);
        for epoch in 0..3 {
            let steps = batches.steps_per_epoch();
            let parts: Vec<Vec<u32>> =
                (epoch * steps..(epoch + 1) * steps).map(|step| classes(batches.at(step).unwrap())).collect();
            assert!(parts.iter().map(Vec::len).eq(sizes.iter().copied()), "{rows} rows, {at_once} at once");
            let mut seen = parts.concat();
            seen.sort_unstable();
            assert!(seen.into_iter().eq(0..rows));
        }
    }

    #[test]
    fn a_last_row_that_is_alone_joins_the_batch_before() {
        check(33, 32, &[33]);
        check(65, 32, &[32, 33]);
        check(7, 3, &[3, 4]);
    }

    #[test]
    fn other_rests_are_batches_of_their_own() {
        check(64, 32, &[32, 32]);
        check(66, 32, &[32, 32, 2]);
        check(8, 3, &[3, 3, 2]);
    }

    #[test]
    fn a_single_row_and_batches_of_one_stay() {
        check(1, 32, &[1]);
        check(3, 1, &[1, 1, 1]);
    }

    #[test]
    fn a_batch_does_not_hang_on_those_before() {
        let batches = || TableBatches::new(table(65), 32, 1).unwrap();
        let (one, other) = (batches(), batches());
        let in_order: Vec<VectorBatch> = (0..8).map(|step| one.at(step).unwrap()).collect();
        for step in (0..8).rev() {
            assert_eq!(other.at(step).unwrap(), in_order[step as usize]);
        }
    }

    #[test]
    fn cover_goes_through_in_order() {
        let seen: Vec<Vec<u32>> = cover(table(5), 2).map(classes).collect();
        assert_eq!(seen, [vec![0, 1], vec![2, 3], vec![4]]);
    }

    #[test]
    fn standardised_features_have_mean_0_and_deviation_1_and_a_constant_becomes_0() {
        let mut rows =
            VectorBatch { features: vec![1.0, 5.0, 3.0, 5.0], width: 2, targets: Targets::Classes(vec![0, 1]) };
        let mut layout = Layout::plain(vec!["a".into(), "b".into()], vec!["c".into()], Vec::new());
        layout.fit(&rows);
        layout.apply(&mut rows);
        assert_eq!(rows.features, [-1.0, 0.0, 1.0, 0.0]); // by hand: mean 2, deviation 1; mean 5, deviation 0
    }

    #[test]
    fn the_ends_of_f32_are_standardised_without_leaving_it() {
        let column = |values: [f32; 2]| {
            let classes = Targets::Classes(vec![0, 1]);
            let mut rows = VectorBatch { features: values.to_vec(), width: 1, targets: classes };
            let mut layout = Layout::plain(vec!["a".into()], vec!["c".into()], Vec::new());
            layout.fit(&rows);
            layout.apply(&mut rows);
            (rows.features, layout)
        };
        // Mean 0, deviation the largest number; mean and deviation half the smallest number, which is 0 in f32.
        assert_eq!(column([f32::MIN, f32::MAX]).0, [-1.0, 1.0]);
        let (small, layout) = column([0.0, f32::from_bits(1)]);
        assert!(small.iter().all(|value| value.is_finite()), "{small:?}");
        let mut other = VectorBatch { features: vec![f32::MAX], width: 1, targets: Targets::Classes(vec![0]) };
        Layout { deviations: vec![1e-40], ..layout }.apply(&mut other);
        assert_eq!(other.features, [f32::MAX]);
    }
}
