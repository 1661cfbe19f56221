//! # labels: like rows have like classes
//!
//! Tried      the training part of a table of classes
//! Measured   how many rows have a class that others with the very same features have not
//! Reference  how many rows there are
//! Right      few: nobody can learn two answers to one question

use super::{Entry, Measured, Subject};
use rushlight_data::{Part, Targets};
use std::collections::HashMap;

/// This probe in the list.
pub const ENTRY: Entry =
    Entry { name: "labels", about: "like rows have like classes", source: include_str!("labels.rs"), measure };

fn measure(subject: &Subject) -> Vec<Measured> {
    let Part::Table(table) = &subject.session.corpus.train else { return Vec::new() };
    let Targets::Classes(classes) = &table.all.targets else { return Vec::new() };
    let mut alike: HashMap<Vec<u32>, HashMap<u32, usize>> = HashMap::new();
    for (row, &class) in table.all.features.chunks_exact(table.all.width.max(1)).zip(classes) {
        let key = row.iter().map(|value| value.to_bits()).collect();
        *alike.entry(key).or_default().entry(class).or_default() += 1;
    }
    let outvoted = |counts: &HashMap<u32, usize>| counts.values().sum::<usize>() - counts.values().max().unwrap_or(&0);
    let conflicting: usize = alike.values().map(outvoted).sum();
    Measured::whole(conflicting as f64, classes.len() as f64)
}
