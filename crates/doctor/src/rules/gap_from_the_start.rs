//! # gap-from-the-start
//!
//! You see       A validation loss far above the training loss, and that from the first evaluation on.
//! Measured as   Each validation loss against the median training loss within a fifth of its step.
//! Fires when    All are above it by 25 % and by 0.3 nats, the first of them in the first third of the run.
//! Try           Shuffle before the data are split; look whether both parts go through the same tokenizer and preparation.
//! False alarms  Parts that differ on purpose, such as longer sentences for validation. Training data so few that the first
//!               third goes through them many times.
//! Read          Ng, Machine Learning Yearning, 2018, chapters 40 to 42 (data mismatch)

use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity, Trace};

/// Provisional. While nothing is seen twice, both parts cost the same if they are of one kind.
const TIMES: f64 = 1.25;
const NATS: f64 = 0.3;
const EARLY: f64 = 0.34;
const EVALUATIONS: usize = 2;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "gap-from-the-start",
    severity: Severity::Risk,
    component: Component::Data,
    source: include_str!("gap_from_the_start.rs"),
    check,
    sick: || evaluated([3.9, 3.3, 3.1]),
    // The gap comes with time: this one only learns by heart, and not too much.
    healthy: || evaluated([2.8, 2.75, 2.74]),
};

fn evaluated(losses: [f64; 3]) -> Trace {
    let patient = Patient::language(65).steps(600, falling(4.0, 2.0, 150.0, 0.05));
    let with = |patient: Patient, (step, loss)| patient.evaluated("validation", step, loss);
    [150, 300, 600].into_iter().zip(losses).fold(patient, with).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    if !exam.is_in_nats() {
        return Ok(Vec::new());
    }
    let (first, end) = (exam.validation.first().ok_or(Lack::VALIDATION)?, exam.training.last().ok_or(Lack::STEPS)?);
    let is_early = first.0 as f64 <= EARLY * end.0 as f64;
    if exam.validation.len() < EVALUATIONS || !is_early {
        return Err(Lack::COURSE);
    }
    let is_apart = |(step, loss): (u64, f64)| {
        exam.training.level_around(step).is_some_and(|level| loss > TIMES * level && loss - level > NATS)
    };
    let trained = exam.training.level_around(first.0).ok_or(Lack::COURSE)?;
    if !exam.validation.0.iter().all(|&evaluation| is_apart(evaluation)) {
        return Ok(Vec::new());
    }
    let message = format!(
        "already at step {} the validation loss is {:.3} and the training loss {trained:.3}: the two parts are of different \
         kinds",
        first.0, first.1
    );
    Ok(vec![ENTRY.finds(message).since(first.0).at("validation").because_of("data")])
}
