//! # company: a row is answered alike, whoever stands beside it
//!
//! Tried      the batch, and each of its first rows alone (by twos, where one has no variance), in evaluation
//! Measured   how much the answers of a row move
//! Reference  the largest answer
//! Right      nothing but rounding; batch norm by the statistics of the batch, or one cache for two rows, show here

use super::subject::{difference, worst};
use super::{Entry, Measured, Subject};
use crate::shard;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "company",
    about: "a row is answered alike, whoever stands beside it",
    source: include_str!("company.rs"),
    measure,
};

const FEW: usize = 4;

fn measure(subject: &Subject) -> Vec<Measured> {
    let (rows, least) = (subject.batch.rows(), subject.model().least_rows());
    if rows <= least {
        return Vec::new();
    }
    let together = subject.answers(&subject.batch.input);
    let width = least * together.count() / rows;
    let (mut most, mut scale) = (0.0, 0.0);
    for few in 0..(rows / least).min(FEW) {
        let alone = subject.answers(&shard::part(&subject.batch, few * least..(few + 1) * least).input);
        let (apart, largest) = difference(alone.data(), &together.data()[few * width..][..width]);
        (most, scale) = (worst(most, apart), worst(scale, largest));
    }
    Measured::whole(most, scale)
}
