//! # inputs: what goes in differs from row to row
//!
//! Tried      the first batch
//! Measured   how many different tokens it has; of numbers, how many different rows
//! Reference  how many there are in all
//! Right      many: where all inputs are alike, so are all answers

use super::{Entry, Measured, Subject};
use rushlight_models::Input;
use std::collections::HashSet;

/// This probe in the list.
pub const ENTRY: Entry =
    Entry { name: "inputs", about: "what goes in differs from row to row", source: include_str!("inputs.rs"), measure };

fn measure(subject: &Subject) -> Vec<Measured> {
    let tokens = |ids: &[u32]| (ids.iter().collect::<HashSet<_>>().len(), ids.len());
    let (different, all) = match &subject.batch.input {
        Input::Ids(ids) | Input::Contexts(ids) => tokens(ids.data()),
        Input::Pair(source, _) | Input::Sentences(source, _) => tokens(source.ids.data()),
        Input::Rows(rows) => {
            let rows = rows.data().chunks_exact(rows.width().max(1));
            let all = rows.len();
            (rows.map(|row| row.iter().map(|x| x.to_bits()).collect::<Vec<_>>()).collect::<HashSet<_>>().len(), all)
        }
    };
    Measured::whole(different as f64, all as f64)
}
