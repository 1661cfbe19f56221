//! # contexts: single targets with the C ids before them
//!
//! What Bengio's network reads: N targets drawn anywhere, each with its C previous ids as one row of inputs. Over lines
//! the context of a line's first ids is filled with the boundary on the left, and each line's end is a target too. Over
//! a long stream the first C ids are no targets, for want of a context.

use std::ops::Range;
use std::sync::Arc;

use super::{Entry, Shape};
use crate::{Batch, Batches, Chance, DataError, Grid, IdStream, Rows};

/// This way's line.
pub const ENTRY: Entry =
    Entry { name: "contexts", about: "single targets with the ids before them", source: include_str!("contexts.rs") };

/// Every target of a part, with its context.
#[derive(Debug)]
pub struct Examples {
    context: usize,
    stream: IdStream,
    targets: Places,
}

/// Where the targets stand in the stream; the context of each is what stands before.
#[derive(Debug)]
enum Places {
    All(Range<usize>),
    Some(Vec<usize>),
}

impl Places {
    fn len(&self) -> usize {
        match self {
            Places::All(places) => places.len(),
            Places::Some(places) => places.len(),
        }
    }

    fn at(&self, example: usize) -> usize {
        match self {
            Places::All(places) => places.start + example,
            Places::Some(places) => places[example],
        }
    }
}

impl Examples {
    /// The targets of lines.
    pub fn of_rows(rows: &Rows, context: usize) -> Self {
        let (mut stream, mut places) = (Vec::new(), Vec::new());
        for row in 0..rows.len() {
            stream.resize(stream.len() + context, rows.boundary());
            let counted = rows.counted(row);
            places.extend(counted.start + stream.len()..counted.end + stream.len());
            stream.extend(&rows.framed(row)[1..]);
        }
        Examples { context, stream: stream.into(), targets: Places::Some(places) }
    }

    /// The targets of a long stream.
    pub fn of_stream(ids: IdStream, context: usize) -> Self {
        Examples { context, targets: Places::All(context..ids.len().max(context)), stream: ids }
    }

    /// How many targets there are.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn batch(&self, chosen: impl ExactSizeIterator<Item = usize>) -> Result<Batch, DataError> {
        let (rows, cols) = (chosen.len(), self.context);
        let mut inputs = Grid { rows, cols, ids: Vec::with_capacity(rows * cols) };
        let mut targets = Grid { rows, cols: 1, ids: Vec::with_capacity(rows) };
        for example in chosen {
            let place = self.targets.at(example);
            let ids = self.stream.read(place - cols..place + 1)?;
            inputs.ids.extend(&ids[..cols]);
            targets.ids.push(ids[cols]);
        }
        Ok(Batch { inputs, targets, fresh: true, lengths: vec![cols; rows], source: None, spelling: None })
    }
}

/// Batches of random targets, drawn with replacement.
#[derive(Debug)]
pub struct Contexts {
    examples: Arc<Examples>,
    at_once: usize,
    chance: Chance,
}

impl Contexts {
    /// Batches of `at_once` examples.
    ///
    /// # Errors
    /// If there is no example: the text is not longer than the context.
    pub fn new(examples: Arc<Examples>, at_once: usize, seed: u64) -> Result<Self, DataError> {
        let shape = Shape { rows: at_once, length: examples.context };
        if examples.is_empty() {
            DataError::unless_long_enough(
                "a context and its target",
                examples.stream.len(),
                examples.context + 1,
                shape,
            )?;
            return Err(DataError::NoRows);
        }
        Ok(Contexts { examples, at_once, chance: Chance::new(seed, "contexts") })
    }
}

impl Batches for Contexts {
    fn at(&self, step: u64) -> Result<Batch, DataError> {
        let chance = self.chance.branch(step);
        let count = self.examples.len() as u64;
        self.examples.batch((0..self.at_once).map(|row| chance.below(row as u64, count) as usize))
    }

    fn steps_per_epoch(&self) -> u64 {
        self.examples.len().div_ceil(self.at_once) as u64
    }
}

/// Every example once, in order.
pub fn cover(examples: Arc<Examples>, at_once: usize) -> impl Iterator<Item = Result<Batch, DataError>> + Send {
    (0..examples.len()).step_by(at_once).map(move |first| examples.batch(first..examples.len().min(first + at_once)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_lines() -> Examples {
        let mut rows = Rows::new(0);
        rows.push(&[5, 6]);
        rows.push(&[7]);
        Examples::of_rows(&rows, 3)
    }

    #[test]
    fn a_lines_first_contexts_are_filled_with_the_boundary() {
        let batch = cover(Arc::new(two_lines()), 10).next().unwrap().unwrap();
        assert_eq!(batch.inputs.ids, [[0, 0, 0], [0, 0, 5], [0, 5, 6], [0, 0, 0], [0, 0, 7]].concat());
        assert_eq!(batch.targets.ids, [5, 6, 0, 7, 0]);
        assert_eq!((batch.targets.rows, batch.targets.cols), (5, 1));
    }

    #[test]
    fn a_stream_has_a_target_behind_every_full_context() {
        let examples = Examples::of_stream(vec![1, 2, 3, 4].into(), 2);
        let batch = cover(Arc::new(examples), 10).next().unwrap().unwrap();
        assert_eq!((batch.inputs.ids, batch.targets.ids), (vec![1, 2, 2, 3], vec![3, 4]));
    }

    #[test]
    fn only_targets_that_count_are_examples() {
        let mut rows = Rows::new(0);
        rows.push_counting(&[5, 6, 7], 2..3);
        let batch = cover(Arc::new(Examples::of_rows(&rows, 2)), 10).next().unwrap().unwrap();
        assert_eq!((batch.inputs.ids, batch.targets.ids), (vec![5, 6], vec![7]));
    }

    #[test]
    fn cover_takes_every_example_once_and_the_last_batch_is_smaller() {
        let batches = cover(Arc::new(two_lines()), 2).map(Result::unwrap);
        let sizes: Vec<usize> = batches.map(|batch| batch.targets.ids.len()).collect();
        assert_eq!(sizes, [2, 2, 1]);
    }

    #[test]
    fn training_draws_every_example_with_its_own_context() {
        let examples = Arc::new(two_lines());
        let all: std::collections::BTreeSet<(Vec<u32>, u32)> = cover(examples.clone(), 1)
            .map(Result::unwrap)
            .map(|batch| (batch.inputs.ids, batch.targets.ids[0]))
            .collect();
        let contexts = Contexts::new(examples, 4, 1).unwrap();
        let drawn = (0..40).map(|step| contexts.at(step).unwrap()).flat_map(|batch| {
            (0..4).map(move |row| (batch.inputs.row(row).to_vec(), batch.targets.ids[row])).collect::<Vec<_>>()
        });
        assert_eq!(drawn.collect::<std::collections::BTreeSet<_>>(), all);
        assert_eq!(contexts.steps_per_epoch(), 2);
    }

    #[test]
    fn a_stream_as_short_as_the_context_is_refused() {
        let examples = Arc::new(Examples::of_stream(vec![1, 2].into(), 2));
        let error = Contexts::new(examples, 4, 1).unwrap_err().to_string();
        assert!(error.contains("2 ids") && error.contains("3 are needed"), "{error}");
    }
}
