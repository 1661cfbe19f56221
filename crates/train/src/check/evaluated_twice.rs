//! # evaluated_twice: an evaluation has no chance in it
//!
//! Tried      the batch, evaluated twice
//! Measured   how much the answers differ
//! Reference  the largest answer
//! Right      0, to the last bit; dropout that was left on shows here

use super::subject::difference;
use super::{Entry, Measured, Subject};

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "evaluated_twice",
    about: "an evaluation has no chance in it",
    source: include_str!("evaluated_twice.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    let [one, other] = [(); 2].map(|()| subject.answers(&subject.batch.input));
    let (apart, largest) = difference(other.data(), one.data());
    Measured::whole(apart, largest)
}
