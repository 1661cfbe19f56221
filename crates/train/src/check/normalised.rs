//! # normalised: answers are logits, not probabilities
//!
//! Tried      the batch
//! Measured   at `sum`, how far the sum of an answer's numbers is from 1, at the worst; at `range`, how far any number lies
//!            outside of 0 to 1
//! Reference  the standard deviation of the numbers of an answer, in the mean
//! Right      both far from 0. A softmax before a loss that has one brings both to 0, a sigmoid the second alone; log-softmax
//!            neither, and it is harmless

use super::subject::worst;
use super::{Entry, Measured, Subject};
use crate::task::Targets;
use crate::watch::mean_and_std;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "normalised",
    about: "answers are logits, not probabilities",
    source: include_str!("normalised.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    if matches!(subject.batch.targets, Targets::Values(_)) {
        return Vec::new();
    }
    let answers = subject.answers(&subject.batch.input);
    let (mut sum, mut range, mut spread, mut rows) = (0.0_f64, 0.0_f64, 0.0, 0.0_f64);
    for row in answers.data().chunks_exact(answers.width()) {
        sum = worst(sum, (row.iter().map(|&x| f64::from(x)).sum::<f64>() - 1.0).abs());
        range = row.iter().fold(range, |most, &x| worst(most, f64::from((-x).max(x - 1.0)).max(0.0)));
        (spread, rows) = (spread + mean_and_std(row).1, rows + 1.0);
    }
    let spread = spread / rows.max(1.0);
    vec![Measured::at("sum", sum, spread), Measured::at("range", range, spread)]
}
