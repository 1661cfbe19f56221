//! # leaked: no part of the data stands in another
//!
//! Tried      the lines of the parts, where the data have lines; of pairs, their sources
//! Measured   at `validation in train` and so on, how many lines of the later part stand in the earlier one too
//! Reference  how many lines the later part has
//! Right      few: short lines repeat themselves

use super::{Entry, Measured, Subject};

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "leaked",
    about: "no part of the data stands in another",
    source: include_str!("leaked.rs"),
    measure: |subject: &Subject| {
        let leaks = &subject.session.corpus.leaks;
        let place = |leak: &rushlight_data::Leak| format!("{} in {}", leak.into.name(), leak.from.name());
        leaks.iter().map(|leak| Measured::at(place(leak), leak.lines as f64, leak.of as f64)).collect()
    },
};
