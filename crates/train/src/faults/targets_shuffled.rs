//! # targets-shuffled: what shall come out has nothing to do with what goes in
//!
//! A `share` of the targets, all where nothing is said, becomes another one: a token or class drawn among those of the
//! first batch, by what the model has read so far, so that the same input asks for the same wrong answer each time.
//! Numbers move on to another row of their batch.
//!
//!     best loss = the entropy of the targets alone, what a model without inputs reaches
//!
//! The training loss stops at that entropy, or goes below it by learning by heart, and the validation loss rises.
//!
//! Cure  Look at ten examples as the model gets them, inputs beside targets: shuffle both by one order, or neither.

use super::chance::{START, further, hash, is_chosen};
use super::parts::share;
use super::{Entry, Fault, suits};
use crate::task::Labels;
use crate::{Prepared, Targets};
use rushlight_data::IGNORE;
use rushlight_engine::{Ids, Rng};
use rushlight_models::Input;
use rushlight_trace::Component;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "targets-shuffled",
    about: "targets replaced by others, at random",
    source: include_str!("targets_shuffled.rs"),
    component: Component::Data,
    suits: suits::learns,
    build: |config| Arc::new(TargetsShuffled { share: share(config, 1.0), classes: Mutex::default() }),
};

struct TargetsShuffled {
    share: f32,
    /// What is drawn from: the targets of the first batch.
    classes: Mutex<Vec<u32>>,
}

impl Fault for TargetsShuffled {
    fn batch(&self, batch: Prepared) -> Prepared {
        let targets = match &batch.targets {
            Targets::Classes(ids) => {
                Targets::Classes(Ids::new(ids.shape(), self.drawn(ids.data(), &contents(&batch.input))))
            }
            Targets::Labels(labels) => {
                let intents =
                    Ids::new(labels.intents.shape(), self.drawn(labels.intents.data(), &contents(&batch.input)));
                Targets::Labels(Labels { intents, ..labels.clone() })
            }
            Targets::Values(values) => Targets::Values(values.select(&self.moved_on(values.shape()[0]))),
        };
        Prepared { targets, ..batch }
    }
}

impl TargetsShuffled {
    /// A target for each; `contents` is what had been read before it.
    fn drawn(&self, targets: &[u32], contents: &[u64]) -> Vec<u32> {
        let mut classes = self.classes.lock().unwrap_or_else(PoisonError::into_inner);
        if classes.is_empty() {
            let known: BTreeSet<u32> = targets.iter().copied().filter(|&target| target != IGNORE).collect();
            classes.extend(known);
        }
        let drawn = |(&target, &content): (&u32, &u64)| {
            let mut rng = Rng::new(content);
            let kept = target == IGNORE || rng.uniform() >= self.share;
            if kept { target } else { classes[rng.below(classes.len())] }
        };
        targets.iter().zip(contents).map(drawn).collect()
    }

    /// From which row each row gets its numbers.
    fn moved_on(&self, rows: usize) -> Vec<usize> {
        let chosen: Vec<usize> = (0..rows).filter(|&row| is_chosen(self.share, [row as u64])).collect();
        let mut from: Vec<usize> = (0..rows).collect();
        chosen.iter().enumerate().for_each(|(i, &row)| from[row] = chosen[(i + 1) % chosen.len()]);
        from
    }
}

/// A number for what has been read before each target.
fn contents(input: &Input) -> Vec<u64> {
    let rows = |ids: &Ids| ids.data().chunks_exact(ids.shape().width().max(1)).map(<[u32]>::to_vec).collect::<Vec<_>>();
    let whole = |row: &[u32]| hash(row.iter().copied().map(u64::from));
    let places = |row: Vec<u32>, first: u64| {
        row.into_iter().scan(first, |content, id| {
            *content = further(*content, u64::from(id));
            Some(*content)
        })
    };
    match input {
        Input::Ids(ids) => rows(ids).into_iter().flat_map(|row| places(row, START)).collect(),
        Input::Contexts(ids) => rows(ids).iter().map(|row| whole(row)).collect(),
        Input::Sentences(source, _) => rows(&source.ids).iter().map(|row| whole(row)).collect(),
        Input::Rows(numbers) => {
            let rows = numbers.data().chunks_exact(numbers.width().max(1));
            rows.map(|row| hash(row.iter().map(|x| u64::from(x.to_bits())))).collect()
        }
        Input::Pair(source, ids) => {
            let firsts = rows(&source.ids).into_iter().zip(&source.lengths).map(|(row, &length)| whole(&row[..length]));
            rows(ids).into_iter().zip(firsts).flat_map(|(row, first)| places(row, first)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GoesOn;

    #[test]
    fn the_same_input_asks_for_the_same_wrong_answer() {
        let fault = TargetsShuffled { share: 1.0, classes: Mutex::default() };
        let batch = |ids: Vec<u32>, targets: Vec<u32>| {
            let rows = ids.len() / 3;
            let [ids, targets] = [ids, targets].map(|ids| Ids::new(&[rows, 3], ids));
            let batch = Prepared { input: Input::Ids(ids), targets: Targets::Classes(targets), goes_on: GoesOn::Never };
            let Targets::Classes(drawn) = fault.batch(batch).targets else { panic!("classes") };
            drawn.data().to_vec()
        };
        let first = batch(vec![1, 2, 3, 1, 2, 5], vec![2, 3, IGNORE, 2, 5, 7]);
        assert_eq!((first[0], first[1], first[2]), (first[3], first[4], IGNORE));
        assert_eq!(batch(vec![1, 2, 3], vec![9, 9, 9])[..2], first[..2]); // 9 was not among the targets of the first batch
    }

    #[test]
    fn numbers_of_chosen_rows_are_exchanged_and_none_is_lost() {
        let fault = TargetsShuffled { share: 0.5, classes: Mutex::default() };
        let mut from = fault.moved_on(100);
        let still = from.iter().enumerate().filter(|(row, from)| row == *from).count();
        assert!((30..70).contains(&still), "{still}"); // 50 plus or minus 4 standard errors
        from.sort_unstable();
        assert_eq!(from, (0..100).collect::<Vec<_>>());
    }
}
