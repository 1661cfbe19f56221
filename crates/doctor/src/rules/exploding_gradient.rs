//! # exploding-gradient
//!
//! You see       The loss jumps by orders of magnitude, or is NaN a few steps later.
//! Measured as   The gradient norm before clipping, against the median of the last 100 recorded steps.
//! Fires when    It is above 50 times that median, and 10 times that of the first 30, on three recorded steps out of ten.
//!               Where gradients are clipped, those below that norm are none. A note, where the last fifth has no such step and its loss is no higher than before the first.
//! Try           Clip the norm at 1; halve the learning rate; shorten the sequences of a plain RNN.
//! False alarms  The beginning, while the median is still empty: silent before 30 recorded steps. A run that has learned
//!               nearly all, whose gradient is next to nothing as a rule: hence the comparison with the first steps.
//! Read          Pascanu, Mikolov, Bengio, On the Difficulty of Training Recurrent Neural Networks, 2013, section 3.2

use crate::course::{level, median};
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity};

const BURST: f64 = 50.0;
const WITHIN: usize = 10;
const BURSTS: usize = 3;
const REMEMBERED: usize = 100;
const LEAST: usize = 30;
const GONE: f64 = 1e-6;
/// In the median of the first steps. Three runs that learned to reverse text to the end had bursts of 170, 829 and 1,804 times
/// the median of the day; in what was usual at their start these were 1.7, 5.8 and 44. Hence also the note for what is over.
const OF_START: f64 = 10.0;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "exploding-gradient",
    severity: Severity::Fault,
    component: Component::Gradient,
    source: include_str!("exploding_gradient.rs"),
    check,
    sick: || {
        let fine = falling(4.0, 2.0, 40.0, 0.05);
        let bursts = |step: u64| if step >= 150 && step.is_multiple_of(2) { 200.0 } else { 1.0 };
        Patient::language(65).steps(200, |step| (fine(step).0, bursts(step))).trace()
    },
    healthy: || {
        let fine = falling(4.0, 2.0, 40.0, 0.05);
        let lone_burst = |step: u64| if step == 150 { 200.0 } else { 1.0 };
        Patient::language(65).steps(200, |step| (fine(step).0, lone_burst(step))).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let norms: Vec<(u64, f64)> = exam.trace.steps().map(|step| (step.step, step.gradient_norm)).collect();
    if norms.len() <= LEAST {
        return Err(Lack::COURSE);
    }
    // What clipping lets through whole is no burst.
    let bound = exam.clip_norm().ok().flatten().unwrap_or(0.0);
    let start = median(norms[..LEAST].iter().map(|(_, norm)| *norm)).unwrap_or(0.0);
    let bursts: Vec<Option<f64>> = (0..norms.len())
        .map(|at| {
            let before = &norms[at.saturating_sub(REMEMBERED)..at];
            let usual = median(before.iter().map(|(_, norm)| *norm)).filter(|&usual| at >= LEAST && usual > GONE)?;
            let least = (BURST * usual).max(OF_START * start).max(bound);
            (norms[at].1 > least).then_some(norms[at].1 / usual)
        })
        .collect();
    let many = |window: &&[Option<f64>]| window.iter().flatten().count() >= BURSTS;
    let Some(window) = bursts.windows(WITHIN).position(|window| many(&window)) else { return Ok(Vec::new()) };
    let first = window + bursts[window..].iter().position(Option::is_some).unwrap_or(0);
    let worst = bursts.iter().flatten().fold(0.0, |most: f64, &times| most.max(times));
    let message =
        format!("the gradient's norm is again and again above {BURST} times its median, up to {worst:.0} times");
    let last_fifth = norms.len() - norms.len() / 5;
    let before = level(&exam.training.0[first.saturating_sub(LEAST)..first]);
    let after = level(&exam.training.0[last_fifth..]);
    let is_over = bursts[last_fifth..].iter().flatten().count() == 0 && after.zip(before).is_some_and(|(a, b)| a <= b);
    let severity = if is_over { Severity::Note } else { ENTRY.severity };
    let finding = Finding { severity, ..ENTRY.finds(message).since(norms[first].0).because_of("train.clip") };
    let is_clipped = exam.clip_norm().is_ok_and(|norm| norm.is_some());
    let finding = if is_clipped { finding } else { finding.cure("train.clip={ norm = 1.0 }") };
    Ok(vec![exam.rate_times(0.5).into_iter().fold(finding, Finding::cure)])
}
