//! # memorised: one small batch can be learned by heart
//!
//! Tried      a copy of the model, trained on two rows of the batch alone (of windows and vectors, on 16) with Adam at 0.01
//! Measured   the least loss of 60 steps, or of as many as it takes to come below half of the first; at `last`, the last
//! Reference  the loss of the first
//! Right      far below it. A model that cannot even do that does not learn: its loss, its gradient or its optimizer is broken
//!
//! Read  Karpathy, A Recipe for Training Neural Networks, 2019, "overfit one batch"

use super::{Entry, Measured, Subject};
use crate::shard;
use rushlight_models::Input;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "memorised",
    about: "one small batch can be learned by heart",
    source: include_str!("memorised.rs"),
    measure,
};

const STEPS: usize = 60;
const RATE: f32 = 1e-2;
const ENOUGH: f64 = 0.5;

fn measure(subject: &Subject) -> Vec<Measured> {
    if !subject.learns() || subject.session.progress.step > 0 {
        return Vec::new();
    }
    let rows = if matches!(subject.batch.input, Input::Contexts(_) | Input::Rows(_)) { 16 } else { 2 };
    let batch = shard::part(&subject.raw, 0..subject.raw.rows().min(rows));
    let mut trial = subject.trial().with_adam();
    let first = trial.step(&batch, RATE).loss;
    let (mut least, mut last) = (first, first);
    for _ in 1..STEPS {
        last = trial.step(&batch, RATE).loss;
        least = least.min(last);
        if least < ENOUGH * first {
            break;
        }
    }
    vec![Measured::at("", least, first), Measured::at("last", last, first)]
}
