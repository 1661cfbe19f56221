//! # conflicting-labels
//!
//! You see       The training loss stays above 0 however large the model is.
//! Measured as   The probe `labels`: rows whose class is not the commonest one among rows with the very same features.
//! Fires when    More than one row of twenty is such a row.
//! Try           Look at the rows: labels may be wrong, or a column that tells them apart is missing.
//! False alarms  Few columns of few values: rows meet by chance, and classes overlap by nature.
//! Read          Northcutt, Jiang, Chuang, Confident Learning, 2021, section 1

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

const MANY: f64 = 0.05;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "conflicting-labels",
    severity: Severity::Risk,
    component: Component::Data,
    source: include_str!("conflicting_labels.rs"),
    check,
    sick: || Patient::language(3).probed("labels", "", 120.0, 1000.0).trace(),
    healthy: || Patient::language(3).probed("labels", "", 12.0, 1000.0).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("labels")?;
    let is_much = |probe: &&&rushlight_trace::Probe| probe.measured > MANY * probe.reference;
    let finding = |probe: &&rushlight_trace::Probe| {
        let message = format!("{} of {} rows have another class than their like", probe.measured, probe.reference);
        ENTRY.finds(message).because_of("data")
    };
    Ok(probes.iter().filter(is_much).map(finding).collect())
}
