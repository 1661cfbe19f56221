//! # rate-too-low
//!
//! You see       A loss that hardly moves, in a network whose values and gradients look fine.
//! Measured as   How far a step moves a weight, over its size: the median over all weights and all looks at which the learning
//!               rate was at least a tenth of its largest.
//! Fires when    It is below 1.5e-4, after more than 100 recorded steps, and the loss has not fallen by half.
//! Try           A learning rate so many times as large that it comes to about 1e-3; a thousand times at once, at most.
//! False alarms  Training that begins with trained weights. A run that has learned all there is: silent once the loss has
//!               fallen by half. SGD whose gradients are clipped to next to nothing: clip-too-small says that.
//! Read          Karpathy, makemore, lecture 3 (updates of about 1/1000 of the weights)

use crate::course::{level, median};
use crate::rules::clip_too_small;
use crate::{Exam, Lack, Patient, Rule, names, patient::falling};
use rushlight_trace::{Component, Finding, Severity, Trace};

/// Provisional: a hundredth of the 1e-3 that the lecture aims at. Measured in short runs of eight recipes: 3e-4 to 3e-2; with
/// a ten-thousandth of its rate, `names-mlp-deep-no-norm` moved by 2e-5.
const MOVES: f64 = 1.5e-4;
const AIM: f64 = 1e-3;
const MOST_TIMES: f64 = 1e3;
const NEAR_LARGEST: f64 = 0.1;
const FELL: f64 = 0.5;
const ROSE: f64 = 1.1;
const LEAST: usize = 100;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "rate-too-low",
    severity: Severity::Fault,
    component: Component::Rate,
    source: include_str!("rate_too_low.rs"),
    check,
    sick: || looked_at(|_| 2e-6),
    // So small only while it warms up and at the very end.
    healthy: || looked_at(|step| if step <= 1 || step >= 390 { 2e-6 } else { 6e-4 }),
};

fn looked_at(moves: fn(u64) -> f64) -> Trace {
    let fine = falling(4.17, 3.1, 200.0, 0.02);
    let rate = |step: u64| if step <= 1 || step >= 390 { 1e-6 } else { 1e-3 };
    let patient = Patient::language(65).rated(400, move |step| (fine(step).0, 1.0, rate(step)));
    let look = |patient: Patient, step| {
        patient.weight(step, "hidden.0.weight", 0.1, moves(step)).weight(step, "out.weight", 0.1, moves(step))
    };
    [1, 100, 200, 300, 400].into_iter().fold(patient, look).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    exam.trace.weights().next().ok_or(Lack::INSIDE)?;
    let losses = &exam.training;
    let found = (losses.first(), level(losses.part(0.9, 1.0)));
    let ((_, Some(end)), Some((_, start)), true) = (found, found.0, losses.len() > LEAST) else {
        return Err(Lack::COURSE);
    };
    let largest = exam.rates().map(|(_, rate)| rate).filter(|rate| rate.is_finite()).fold(0.0, f64::max);
    // Of a look between two recorded steps: the rate of the one before.
    let rates: Vec<(u64, f64)> = exam.rates().collect();
    let rate_at = |step: u64| rates[..rates.partition_point(|&(other, _)| other <= step)].last().map(|&(_, rate)| rate);
    let at_work = exam
        .trace
        .weights()
        .filter(|weight| names::is_matrix(&weight.name))
        .filter(|weight| rate_at(weight.step).is_some_and(|rate| rate >= NEAR_LARGEST * largest));
    let moves = median(at_work.map(|weight| weight.update_to_data)).ok_or(Lack::COURSE)?;
    // What came apart no longer moves either.
    let is_apart = end > ROSE * start;
    if moves >= MOVES || end < FELL * start || is_apart || clip_too_small::choked(exam).is_some() {
        return Ok(Vec::new());
    }
    let message =
        format!("a step moves a weight by {moves:.1e} of its size, and the loss went from {start:.3} to {end:.3}");
    let times = 10f64.powf((AIM / moves.max(f64::MIN_POSITIVE)).log10().round()).min(MOST_TIMES);
    let finding = ENTRY.finds(message).because_of("train.lr");
    Ok(vec![exam.rate_times(times).into_iter().fold(finding, Finding::cure)])
}
