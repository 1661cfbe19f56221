//! # fresh_gradient: each step's gradient is that of its own batch alone
//!
//! Tried      three steps on the batch, at a rate of 0
//! Measured   the norm of the gradient that the third step moves by
//! Reference  that of the gradient of this step computed apart
//! Right      equal but for rounding. Gradients that are not reset between steps add up: about three times as long

use super::{Entry, Measured, Subject};

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "fresh_gradient",
    about: "each step's gradient is that of its own batch alone",
    source: include_str!("fresh_gradient.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    if !subject.learns() {
        return Vec::new();
    }
    let mut trial = subject.trial();
    for _ in 0..2 {
        trial.step(&subject.raw, 0.0);
    }
    let (_, apart) = trial.of_next_step(&subject.batch);
    let squares = trial.model.params().trainable().filter_map(|param| param.gradient(&apart));
    let reference = squares.map(|gradient| gradient.sum_of_squares()).sum::<f64>().sqrt();
    Measured::whole(trial.step(&subject.raw, 0.0).gradient_norm, reference)
}
