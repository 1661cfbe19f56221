//! # rows-mismatched: each row has the targets of the row beside it
//!
//! Inputs and targets were put into order separately, or one of them lost its first row: row b is asked for the targets
//! of row b + 1, and the last row for those of the first.
//!
//!     best loss = the entropy of the targets alone, what a model without inputs reaches
//!
//! The loss stops where that of word counts stops. Whatever two neighbours have in common is still learned, their
//! language among it.
//!
//! Cure  Keep a row and its targets in one thing, and shuffle, sort and filter that.

use super::{Entry, Fault, suits};
use crate::task::Labels;
use crate::{Prepared, Targets};
use rushlight_engine::Ids;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "rows-mismatched",
    about: "the targets of the next row",
    source: include_str!("rows_mismatched.rs"),
    component: Component::Data,
    suits: |recipe| suits::learns(recipe) && recipe.train.batch > 1,
    build: |_| Arc::new(RowsMismatched),
};

struct RowsMismatched;

impl Fault for RowsMismatched {
    fn batch(&self, batch: Prepared) -> Prepared {
        let rows = batch.rows();
        let next = |row: usize| (row + 1) % rows;
        let targets = match &batch.targets {
            Targets::Classes(ids) => {
                let width = ids.data().len() / rows.max(1);
                let of_next = (0..rows).flat_map(|row| ids.data()[next(row) * width..][..width].to_vec());
                Targets::Classes(Ids::new(ids.shape(), of_next.collect::<Vec<_>>()))
            }
            Targets::Labels(labels) => {
                let of_next: Vec<u32> = (0..rows).map(next).map(|row| labels.intents.data()[row]).collect();
                Targets::Labels(Labels { intents: Ids::new(labels.intents.shape(), of_next), ..labels.clone() })
            }
            Targets::Values(values) => Targets::Values(values.select(&(0..rows).map(next).collect::<Vec<_>>())),
        };
        Prepared { targets, ..batch }
    }
}
