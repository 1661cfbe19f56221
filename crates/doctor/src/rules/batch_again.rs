//! # batch-again
//!
//! You see       The training loss falls to nothing, and that of validation rises from the start.
//! Measured as   The probe `batches`: how many of the second and third batch are the same as one before.
//! Fires when    Both are.
//! Try           Draw each batch anew; do not keep the iterator's first answer.
//! False alarms  Training parts of fewer than three batches: silent there.
//! Read          Bottou, Curtis, Nocedal, Optimization Methods for Large-Scale Machine Learning, 2018, section 3

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "batch-again",
    severity: Severity::Fault,
    component: Component::Data,
    source: include_str!("batch_again.rs"),
    check,
    sick: || Patient::language(27).probed("batches", "", 2.0, 2.0).trace(),
    healthy: || Patient::language(27).probed("batches", "", 0.0, 2.0).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let again = |probe: &&&rushlight_trace::Probe| probe.reference > 0.0 && probe.measured >= probe.reference;
    let finding = |probe: &&rushlight_trace::Probe| {
        ENTRY.finds(format!("the {} batches after the first are the first again", probe.measured)).because_of("data")
    };
    Ok(exam.probed("batches")?.iter().filter(again).map(finding).collect())
}
