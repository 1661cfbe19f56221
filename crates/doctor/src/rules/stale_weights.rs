//! # stale-weights
//!
//! You see       A model that was good when it was saved is no better than a fresh one when it is read back.
//! Measured as   The probe `saved`: how much the answers differ between the model and its weights read into a fresh one.
//! Fires when    They differ at all.
//! Try           Save every parameter and every running statistic, under the names by which they are read.
//! False alarms  None: the same numbers give the same answers to the last bit. Silent where evaluations are random themselves.
//! Read          safetensors documentation, Format

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "stale-weights",
    severity: Severity::Fault,
    component: Component::Evaluation,
    source: include_str!("stale_weights.rs"),
    check,
    sick: || Patient::language(27).probed("saved", "", 0.5, 1.0).trace(),
    healthy: || Patient::language(27).probed("saved", "", 0.0, 1.0).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let chance = exam.evaluates_at_random();
    let differs = |probe: &&&rushlight_trace::Probe| !chance && (probe.measured.is_nan() || probe.measured > 0.0);
    let finding = |probe: &&rushlight_trace::Probe| {
        let message = format!(
            "after saving and reading the answers differ by {:.2e}; the largest is {:.2e}",
            probe.measured, probe.reference
        );
        ENTRY.finds(message)
    };
    Ok(exam.probed_ever("saved")?.iter().filter(differs).map(finding).collect())
}
