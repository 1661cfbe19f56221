//! Records in few words, for the tests of the readers.

use crate::{Evaluation, Record, Step};

fn all_steps(records: &[Record]) -> impl Iterator<Item = &Step> {
    records.iter().filter_map(|record| if let Record::Step(step) = record { Some(step) } else { None })
}

/// Each step with its loss.
pub(super) fn steps(records: &[Record]) -> Vec<(u64, f64)> {
    all_steps(records).map(|step| (step.step, step.loss)).collect()
}

/// Each evaluation: step, part, loss.
pub(super) fn evaluations(records: &[Record]) -> Vec<(u64, &str, f64)> {
    let all = records.iter().filter_map(|record| if let Record::Evaluation(one) = record { Some(one) } else { None });
    all.map(|Evaluation { step, split, loss, .. }| (*step, split.as_str(), *loss)).collect()
}

/// Steps and evaluations in a line: `1: 2.5 at 0.001 norm 0.5; 1 validation: 2.75`.
pub(super) fn told(records: &[Record]) -> String {
    let known = |word: &str, number: f64| if number.is_nan() { String::new() } else { format!(" {word} {number}") };
    let tell = |record: &Record| match record {
        Record::Step(Step { step, loss, learning_rate, gradient_norm, .. }) => {
            Some(format!("{step}: {loss}{}{}", known("at", *learning_rate), known("norm", *gradient_norm)))
        }
        Record::Evaluation(Evaluation { step, split, loss, .. }) => Some(format!("{step} {split}: {loss}")),
        _ => None,
    };
    records.iter().filter_map(tell).collect::<Vec<_>>().join("; ")
}
