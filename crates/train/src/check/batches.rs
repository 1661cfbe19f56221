//! # batches: each batch is another one
//!
//! Tried      the first three batches of the training
//! Measured   how many of them are the same as one before
//! Reference  how many were looked at after the first
//! Right      0, where the training part has more than one batch

use super::{Entry, Measured, Subject};
use crate::faults::befallen;
use crate::task::{Prepared, Targets};
use rushlight_models::Input;

/// This probe in the list.
pub const ENTRY: Entry =
    Entry { name: "batches", about: "each batch is another one", source: include_str!("batches.rs"), measure };

const BATCHES: u64 = 3;

fn measure(subject: &Subject) -> Vec<Measured> {
    if subject.session.steps_per_epoch() < BATCHES {
        return Vec::new();
    }
    let fault = subject.session.recipe.fault();
    let made = (0..BATCHES).map_while(|number| {
        let batch = subject.session.batch_at(number).ok()?;
        Some(numbers(&befallen(fault.as_deref(), &batch)))
    });
    let made: Vec<Vec<u32>> = made.collect();
    let again = (1..made.len()).filter(|&number| made[..number].contains(&made[number])).count();
    Measured::whole(again as f64, made.len().saturating_sub(1) as f64)
}

/// All that a batch is made of.
fn numbers(batch: &Prepared) -> Vec<u32> {
    let input = match &batch.input {
        Input::Ids(ids) | Input::Contexts(ids) => ids.data().to_vec(),
        Input::Pair(source, ids) => [source.ids.data(), ids.data()].concat(),
        Input::Sentences(source, _) => source.ids.data().to_vec(),
        Input::Rows(rows) => rows.data().iter().map(|x| x.to_bits()).collect(),
    };
    let targets = match &batch.targets {
        Targets::Classes(ids) => ids.data().to_vec(),
        Targets::Labels(labels) => [labels.intents.data(), labels.tags.data()].concat(),
        Targets::Values(values) => values.data().iter().map(|x| x.to_bits()).collect(),
    };
    [input, targets].concat()
}
