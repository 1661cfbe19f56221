//! # never-falls
//!
//! You see       A curve that is flat from its first point to its last.
//! Measured as   The median loss of the last fifth of the logged losses, against that of the first tenth.
//! Fires when    It is not 2 % lower, nor is any tenth between, of 20 losses or more. Only where nobody knows what a guess costs: where ln V is known,
//!               stuck-at-chance tells more.
//! Try           The learning rate first, then whether the weights move, then whether targets belong to their inputs; `check`, where the
//!               model is at hand.
//! False alarms  A run that goes on from weights that were trained before; a loss that began at its floor.
//! Read          Karpathy, A Recipe for Training Neural Networks, 2019

use crate::course::level;
use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

const FALLS: f64 = 0.02;
const LEAST: usize = 20;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "never-falls",
    severity: Severity::Risk,
    component: Component::Unknown,
    source: include_str!("never_falls.rs"),
    check,
    sick: || plain(2.303, 2.303),
    healthy: || plain(2.303, 1.9),
};

fn plain(from: f64, to: f64) -> rushlight_trace::Trace {
    let mut trace = Patient::language(27).steps(100, crate::patient::falling(from, to, 30.0, 0.005)).trace();
    trace.records.retain(|record| !matches!(record, rushlight_trace::Record::Yardsticks(_)));
    trace
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let losses = exam.judged(LEAST);
    let found = (level(losses.part(0.0, 0.1)), level(losses.part(0.8, 1.0)));
    let (Some(first), Some(last), true) = (found.0, found.1, losses.len() >= LEAST) else { return Err(Lack::COURSE) };
    // A log that begins in the middle of a training begins low.
    let rises_again = losses.tenths().is_some_and(|tenths| tenths.iter().any(|(_, of)| *of < (1.0 - FALLS) * first));
    if exam.trace.yardsticks().is_some() || rises_again || last < (1.0 - FALLS) * first || first.abs() < 1e-6 {
        return Ok(Vec::new());
    }
    let message = format!("the loss is {last:.3} at the end and was {first:.3} at the beginning: nothing was learned");
    Ok(vec![ENTRY.finds(message)])
}
