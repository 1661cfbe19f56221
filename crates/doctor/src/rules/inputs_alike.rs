//! # inputs-alike
//!
//! You see       The loss stops at that of the frequencies: whatever is asked, the answer is the same.
//! Measured as   The probe `inputs`: how many different tokens, or rows of numbers, the first batch has.
//! Fires when    It has one only.
//! Try           Look at a batch as the model gets it: a wrong column, a mask over everything, a tokenizer that knows no word.
//! False alarms  Batches of fewer than five tokens or rows: silent there.
//! Read          Karpathy, A Recipe for Training Neural Networks, 2019, "become one with the data"

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

const LEAST: f64 = 5.0;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "inputs-alike",
    severity: Severity::Fault,
    component: Component::Data,
    source: include_str!("inputs_alike.rs"),
    check,
    sick: || Patient::language(27).probed("inputs", "", 1.0, 512.0).trace(),
    healthy: || Patient::language(27).probed("inputs", "", 2.0, 512.0).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let alike = |probe: &&&rushlight_trace::Probe| probe.measured <= 1.0 && probe.reference >= LEAST;
    let finding = |probe: &&rushlight_trace::Probe| {
        ENTRY.finds(format!("all {} inputs of the first batch are the same", probe.reference)).because_of("data")
    };
    Ok(exam.probed("inputs")?.iter().filter(alike).map(finding).collect())
}
