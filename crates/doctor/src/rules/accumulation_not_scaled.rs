//! # accumulation-not-scaled
//!
//! You see       A training with accumulation behaves as with another learning rate than one with the whole batch.
//! Measured as   The probe `accumulated`: the norm of the gradient of a batch in two parts, against that of the whole.
//! Fires when    They are more than a twentieth apart.
//! Try           Divide by what counts in all parts together, once.
//! False alarms  Batch norm, whose statistics are those of each part, and dropout: not tried with them.
//! Read          Unsloth, Gradient Accumulation Fix, 2024

use crate::rules::targets_shifted;
use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

const APART: f64 = 0.05;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "accumulation-not-scaled",
    severity: Severity::Fault,
    component: Component::Gradient,
    source: include_str!("accumulation_not_scaled.rs"),
    check,
    sick: || Patient::language(27).probed("accumulated", "", 2.0, 1.0).trace(),
    healthy: || Patient::language(27).probed("accumulated", "", 1.0001, 1.0).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let apart = |probe: &&&rushlight_trace::Probe| (probe.measured / probe.reference - 1.0).abs() > APART;
    let finding = |probe: &&rushlight_trace::Probe| {
        let message = format!(
            "in two parts the batch has a gradient {:.3} times as long as the whole",
            probe.measured / probe.reference
        );
        ENTRY.finds(message).because_of("train.accumulate")
    };
    // Targets that are torn from their inputs batch by batch differ from part to part.
    let is_torn = targets_shifted::ENTRY.check;
    if is_torn(exam).is_ok_and(|found| !found.is_empty()) {
        return Ok(Vec::new());
    }
    Ok(exam.probed("accumulated")?.iter().filter(apart).map(finding).collect())
}
