//! # moved: every parameter has a gradient, and moves
//!
//! Tried      a step of the optimizer on the batch
//! Measured   how far each parameter moved, at most; queries, keys and values of one matrix apart
//! Reference  its largest gradient
//! Right      both above 0. No gradient: what it makes is used by nobody. A gradient and no move: the optimizer does not hold
//!            it. A parameter that is held still on purpose is not told

use super::{Entry, Measured, Subject};
use rushlight_engine::Tensor;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "moved",
    about: "every parameter has a gradient, and moves",
    source: include_str!("moved.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    if !subject.learns() {
        return Vec::new();
    }
    let mut trial = subject.trial();
    let (_, grads) = trial.gradient(&subject.batch);
    let before: Vec<Tensor> = trial.model.params().trainable().map(|param| param.value().detach()).collect();
    trial.step(&subject.raw, trial.rate().max(1e-4));
    let mut measured = Vec::new();
    for (param, before) in trial.model.params().trainable().zip(&before) {
        let value = param.value();
        let gradient = param.gradient(&grads).map_or_else(|| vec![0.0; before.count()], |g| g.data().to_vec());
        let parts = parts_of(param.name());
        let length = before.count() / parts.len();
        for (number, part) in parts.iter().enumerate() {
            let of = |numbers: &[f32]| numbers[number * length..][..length].to_vec();
            let largest = |numbers: Vec<f32>| numbers.iter().fold(0.0, |most: f64, x| most.max(f64::from(x.abs())));
            let change: Vec<f32> =
                of(value.data()).iter().zip(of(before.data())).map(|(now, before)| now - before).collect();
            measured.push(Measured::at(format!("{}{part}", param.name()), largest(change), largest(of(&gradient))));
        }
    }
    measured
}

/// The parts of one matrix that are parameters of their own in the paper.
fn parts_of(name: &str) -> &'static [&'static str] {
    if name.contains(".qkv.") {
        &[" (q)", " (k)", " (v)"]
    } else if name.contains(".kv.") {
        &[" (k)", " (v)"]
    } else {
        &[""]
    }
}
