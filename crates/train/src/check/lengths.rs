//! # lengths: no row is much longer than the others
//!
//! Tried      the rows of the training part, where the data have rows
//! Measured   the longest row
//! Reference  the length that 99 of 100 rows do not exceed
//! Right      within a few times: one row of a thousand tokens makes every batch that it is in a thousand tokens wide

use super::{Entry, Measured, Subject};
use rushlight_data::Part;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "lengths",
    about: "no row is much longer than the others",
    source: include_str!("lengths.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    let mut lengths: Vec<usize> = match &subject.session.corpus.train {
        Part::Rows(rows) => (0..rows.len()).map(|row| rows.ids(row).len()).collect(),
        Part::Pairs(pairs) => (0..pairs.len()).map(|pair| pairs.length(pair)).collect(),
        Part::Utterances(utterances) => (0..utterances.len()).map(|row| utterances.words(row).len()).collect(),
        Part::Table(_) | Part::Stream(_) => return Vec::new(),
    };
    lengths.sort_unstable();
    let Some(&longest) = lengths.last() else { return Vec::new() };
    let usual = lengths[(lengths.len() - 1) * 99 / 100];
    vec![Measured::at("train", longest as f64, usual as f64)]
}
