//! # together: inputs have the targets that they have in the data
//!
//! Tried      the batch of windows or vectors, and the whole training part, if it has no more than four million examples
//! Measured   the share of inputs whose target stands with them in the part
//! Reference  how many were looked for
//! Right      1: an input whose target nowhere belongs to it was torn from it on the way, by a shuffle of one of the two

use super::{Entry, Measured, Subject};
use crate::task::{Prepared, Targets};
use rushlight_models::Input;
use std::collections::HashSet;

/// Examples that are gone through.
const MOST: usize = 4_000_000;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "together",
    about: "inputs have the targets that they have in the data",
    source: include_str!("together.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    let asked = examples(&subject.batch);
    let mut missing: HashSet<&[u32]> = asked.iter().map(Vec::as_slice).collect();
    let different = missing.len();
    if different == 0 {
        return Vec::new();
    }
    let mut seen = 0;
    for batch in subject.session.cover(&subject.session.corpus.train) {
        let Ok(batch) = batch else { return Vec::new() };
        let part = examples(&batch);
        part.iter().for_each(|example| _ = missing.remove(example.as_slice()));
        seen += part.len();
        if missing.is_empty() {
            break;
        }
        if seen > MOST {
            return Vec::new();
        }
    }
    Measured::whole((different - missing.len()) as f64 / different as f64, different as f64)
}

/// The bits of each input with its target; nothing, where a batch is one of sequences.
fn examples(batch: &Prepared) -> Vec<Vec<u32>> {
    let bits = |numbers: &[f32]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<u32>>();
    let (inputs, width) = match &batch.input {
        Input::Contexts(ids) => (ids.data().to_vec(), ids.shape().width()),
        Input::Rows(rows) => (bits(rows.data()), rows.width()),
        Input::Ids(_) | Input::Pair(..) | Input::Sentences(..) => return Vec::new(),
    };
    let (targets, answers) = match &batch.targets {
        Targets::Classes(ids) => (ids.data().to_vec(), 1),
        Targets::Labels(_) => return Vec::new(),
        Targets::Values(values) => (bits(values.data()), values.width()),
    };
    let pairs = inputs.chunks_exact(width.max(1)).zip(targets.chunks_exact(answers.max(1)));
    pairs.map(|(input, target)| [input, target].concat()).collect()
}
