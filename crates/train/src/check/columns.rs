//! # columns: every column of a table says something
//!
//! Tried      the training part of a table
//! Measured   the standard deviation of each feature, as it is standardised
//! Reference  how many rows there are
//! Right      above 0: a column that never changes can teach nothing

use super::{Entry, Measured, Subject};
use crate::watch::mean_and_std;
use rushlight_data::Part;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "columns",
    about: "every column of a table says something",
    source: include_str!("columns.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    let Part::Table(table) = &subject.session.corpus.train else { return Vec::new() };
    let (rows, width) = (&table.all.features, table.all.width.max(1));
    let spread = |column: usize| {
        let values: Vec<f32> = rows.iter().skip(column).step_by(width).copied().collect();
        mean_and_std(&values).1
    };
    let names = table.layout.features.iter().enumerate();
    names.map(|(column, name)| Measured::at(name, spread(column), (rows.len() / width) as f64)).collect()
}
