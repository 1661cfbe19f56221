//! # rate-too-high
//!
//! You see       A loss that jumps up and down from step to step and comes down no further.
//! Measured as   How far neighbouring losses of the last half lie apart, over their median; and the median over weights and
//!               looks of how far a step moves a weight, over its size.
//! Fires when    The first is above 0.5 and nothing falls meanwhile; and the second above 0.03, where there were looks inside.
//! Try           A third of the learning rate, a schedule that falls, warm-up, a larger batch.
//! False alarms  Small batches, or batches sorted by length, whose losses differ by nature: looks inside tell (`--watch`).
//!               Silent while the loss is below a tenth of the first, or validation falls by 5 % in the last half.
//! Read          Karpathy, makemore, lecture 3 (updates of about 1/1000 of the weights)

use crate::course::{jitter, level, median};
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity, Trace};

/// Provisional, all four.
const JUMPS: f64 = 0.5;
const MOVES: f64 = 0.03;
const SMALL: f64 = 0.1;
const FALLS: f64 = 0.05;
const LEAST: usize = 100;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "rate-too-high",
    severity: Severity::Risk,
    component: Component::Rate,
    source: include_str!("rate_too_high.rs"),
    check,
    sick: || jumping(0.2),
    // As restless, but for its batches of one line: no weight moves far.
    healthy: || jumping(1e-3),
};

fn jumping(moves: f64) -> Trace {
    let fine = falling(3.3, 2.2, 40.0, 0.02);
    let jumps = move |step: u64| (fine(step).0 + if step.is_multiple_of(2) { 1.2 } else { -1.2 }, 1.0);
    let patient = Patient::language(27).steps(200, jumps);
    let look = |patient: Patient, step| {
        patient.weight(step, "hidden.0.weight", 0.1, moves).weight(step, "out.weight", 0.1, moves)
    };
    [1, 50, 100, 150, 200].into_iter().fold(patient, look).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let losses = &exam.training;
    if losses.len() < LEAST {
        return Err(Lack::COURSE);
    }
    let half = losses.part(0.5, 1.0);
    let found = (level(losses.part(0.0, 0.05)), level(half), jitter(half));
    let (Some(start), Some(middle), Some(jumps)) = found else { return Err(Lack::COURSE) };
    let since = half.first().map_or(0, |&(step, _)| step);
    let later = exam.trace.weights().filter(|weight| weight.step >= since);
    let moves = median(later.map(|weight| weight.update_to_data));
    let is_restless = jumps > JUMPS * middle && middle > SMALL * start;
    if !is_restless || still_falls(exam, since) || moves.is_some_and(|moves| moves <= MOVES) {
        return Ok(Vec::new());
    }
    let moved = moves.map_or(String::new(), |moves| format!(", and a step moves a weight by {moves:.3} of its size"));
    let message = format!("in the last half the loss jumps by about {jumps:.2} around {middle:.2}{moved}");
    let finding = ENTRY.finds(message).since(since).because_of("train.lr");
    Ok(vec![exam.rate_times(1.0 / 3.0).into_iter().fold(finding, Finding::cure)])
}

/// Whether the loss falls since that step: that of validation, or of training.
fn still_falls(exam: &Exam, since: u64) -> bool {
    let later: Vec<f64> = exam.validation.finite().filter(|&(step, _)| step >= since).map(|(_, loss)| loss).collect();
    let quarters = (level(exam.training.part(0.5, 0.75)), level(exam.training.part(0.75, 1.0)));
    let (begin, end) = match later.as_slice() {
        [first, .., last] => (*first, *last),
        _ => (quarters.0.unwrap_or(0.0), quarters.1.unwrap_or(0.0)),
    };
    end < (1.0 - FALLS) * begin
}
