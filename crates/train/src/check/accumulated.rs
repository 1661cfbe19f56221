//! # accumulated: a batch in parts has the gradient of the whole
//!
//! Tried      a step on the batch, whole and in two parts, at a rate of 0
//! Measured   the norm of the gradient of the parts
//! Reference  that of the whole
//! Right      equal but for rounding. Not asked with batch norm, whose statistics are those of each part

use super::{Entry, Measured, Subject};
use crate::shard;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "accumulated",
    about: "a batch in parts has the gradient of the whole",
    source: include_str!("accumulated.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    let rows = subject.batch.rows();
    if !subject.learns() || rows < 2 || !subject.model().rows_are_apart() || subject.drops() {
        return Vec::new();
    }
    let norm = |parts: &[crate::Prepared]| subject.trial().step_of(parts, 0.0).gradient_norm;
    let parts = [shard::part(&subject.raw, 0..rows / 2), shard::part(&subject.raw, rows / 2..rows)];
    Measured::whole(norm(&parts), norm(std::slice::from_ref(&subject.raw)))
}
