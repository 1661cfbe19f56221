//! # swapped: all parts translate the same way
//!
//! Tried      the parts of parallel data: whose words are whose
//! Measured   for each part whose languages seem to be the other way round than those of the training part, 1
//! Reference  1
//! Right      nothing is told

use super::{Entry, Measured, Subject};

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "swapped",
    about: "all parts translate the same way",
    source: include_str!("swapped.rs"),
    measure: |subject: &Subject| {
        subject.session.corpus.swapped.iter().map(|part| Measured::at(part.name(), 1.0, 1.0)).collect()
    },
};
