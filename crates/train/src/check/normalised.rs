//! # normalised: answers are logits, not probabilities
//!
//! Tried      the batch; and again with a copy of the model whose weights are all a thousand times as large
//! Measured   at `sum`, how far the sum of an answer's numbers is from 1, at the worst; at `range`, how far any number of the two
//!            lies outside of 0 to 1: where few logits happen to lie in between, larger ones do not
//! Reference  the standard deviation of the numbers of an answer, in the mean
//! Right      both far from 0. A softmax before a loss that has one brings both to 0, a sigmoid the second alone; log-softmax
//!            neither, and it is harmless

use super::subject::worst;
use super::{Entry, Measured, Subject};
use crate::task::Targets;
use crate::watch::mean_and_std;
use rushlight_engine::{Tensor, no_grad};
use rushlight_nn::Mode;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "normalised",
    about: "answers are logits, not probabilities",
    source: include_str!("normalised.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    if matches!(subject.batch.targets, Targets::Values(_)) {
        return Vec::new();
    }
    let answers = subject.answers(&subject.batch.input);
    let (mut sum, mut spread, mut rows) = (0.0_f64, 0.0, 0.0_f64);
    for row in answers.data().chunks_exact(answers.width()) {
        sum = worst(sum, (row.iter().map(|&x| f64::from(x)).sum::<f64>() - 1.0).abs());
        (spread, rows) = (spread + mean_and_std(row).1, rows + 1.0);
    }
    let range = match outside(&answers) {
        // What sums to 1 needs no second look.
        0.0 if subject.learns() && sum > ROUNDING => outside(&enlarged(subject)),
        range => range,
    };
    let spread = spread / rows.max(1.0);
    vec![Measured::at("sum", sum, spread), Measured::at("range", range, spread)]
}

const ROUNDING: f64 = 1e-3;

/// How far the numbers lie outside of 0 to 1 at most; without end, where one is none.
fn outside(answers: &Tensor) -> f64 {
    answers.data().iter().fold(0.0, |most, &x| worst(most, f64::from((-x).max(x - 1.0)).max(0.0)))
}

/// The answers of a copy with larger weights.
fn enlarged(subject: &Subject) -> Tensor {
    const TIMES: f32 = 1e3;
    let trial = subject.trial();
    for param in trial.model.params().trainable() {
        param.update(|numbers| numbers.iter_mut().for_each(|number| *number *= TIMES));
    }
    no_grad(|| trial.output(Mode::Evaluate, &subject.batch))
}
