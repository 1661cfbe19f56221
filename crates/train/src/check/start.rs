//! # start: a model that knows nothing answers as if it knew nothing
//!
//! Tried      the batch, before the first step
//! Measured   the mean loss
//! Reference  ln V, the loss of equal chances; of numbers, the mean of their squares, the loss of answering 0
//! Right      near each other

use super::{Entry, Measured, Subject};
use crate::task::Targets;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "start",
    about: "a model that knows nothing answers as if it knew nothing",
    source: include_str!("start.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    if subject.session.progress.step > 0 || !subject.learns() {
        return Vec::new();
    }
    let (loss, _) = subject.trial().gradient(&subject.batch);
    let reference = match &subject.batch.targets {
        Targets::Classes(_) => (subject.vocabulary() as f64).ln(),
        Targets::Labels(labels) => (subject.vocabulary() as f64).ln() + (labels.kinds as f64).ln(),
        Targets::Values(values) => values.sum_of_squares() / values.count().max(1) as f64,
    };
    Measured::whole(loss, reference)
}
