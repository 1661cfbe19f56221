//! # still-falling
//!
//! You see       The run is over, and the curve has not come to rest.
//! Measured as   The losses of the last quarter: those of validation, or of training where there are fewer than eight.
//! Fires when    They fell by more than 3 % within it, by more than 0.01 nats, and by more than training losses tremble.
//! Try           Twice the steps, with the schedule stretched along.
//! False alarms  A rate that falls to nothing at the end pulls the loss down with it; more steps still help, less than it seems.
//! Read          Hoffmann et al., Training Compute-Optimal Large Language Models, 2022, section 3.1

use crate::course::{jitter, level};
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity};

/// Provisional.
const FELL: f64 = 0.03;
const NATS: f64 = 0.01;
const EVALUATIONS: usize = 8;
const LEAST: usize = 40;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "still-falling",
    severity: Severity::Note,
    component: Component::Capacity,
    source: include_str!("still_falling.rs"),
    check,
    sick: || Patient::language(65).steps(400, falling(4.0, 2.0, 250.0, 0.02)).finished().trace(),
    healthy: || Patient::language(65).steps(400, falling(4.0, 2.0, 60.0, 0.02)).finished().trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let losses = exam.judged(EVALUATIONS);
    let is_validation = exam.validation.len() >= EVALUATIONS;
    if !is_validation && losses.len() < LEAST {
        return Err(Lack::COURSE);
    }
    let finished = exam.trace.done().is_some_and(|done| done.reason == "finished");
    // The beginning and the end of the last quarter, by steps, each at least one loss.
    let (end, _) = losses.last().ok_or(Lack::STEPS)?;
    let before = losses.0.iter().filter(|&&(step, _)| (step as f64) < 0.75 * end as f64).count();
    let quarter = &losses.0[before..];
    let few = (quarter.len() / 3).max(1).min(quarter.len());
    let (begin, end) = (level(&quarter[..few]), level(&quarter[quarter.len() - few..]));
    let (Some(begin), Some(end)) = (begin, end) else { return Err(Lack::COURSE) };
    let trembles = if is_validation { 0.0 } else { jitter(quarter).unwrap_or(0.0) };
    let margin = if exam.is_in_nats() { NATS } else { 0.0 };
    let fell = begin - end;
    let is_apart = losses.first().is_some_and(|(_, first)| end > first);
    if !finished || is_apart || fell <= FELL * begin || fell <= margin || fell <= trembles {
        return Ok(Vec::new());
    }
    let share = 100.0 * fell / begin;
    let what = if is_validation { "validation" } else { "training" };
    let message =
        format!("the {what} loss fell by {share:.0} % in the last quarter, to {end:.3}: more steps would help");
    let finding = ENTRY.finds(message).because_of("train.steps");
    let longer = ["train.steps", "train.epochs"].into_iter().find_map(|key| {
        exam.number(key).filter(|&length| length > 0.0).map(|length| format!("{key}={}", 2.0 * length))
    });
    Ok(vec![longer.into_iter().fold(finding, Finding::cure)])
}
