//! # constant-column
//!
//! You see       A column of the table has no weight in the end, or its scale explodes in another part.
//! Measured as   The probe `columns`: the deviation of each feature over the training part, after it was standardised.
//! Fires when    It is 0: the column never changes.
//! Try           Leave the column out; look whether it was read as it was meant.
//! False alarms  Tables of fewer than ten rows: silent there.
//! Read          Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2009, section 9.6

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

/// In fewer rows a column may be constant by chance.
const LEAST_ROWS: f64 = 10.0;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "constant-column",
    severity: Severity::Risk,
    component: Component::Data,
    source: include_str!("constant_column.rs"),
    check,
    sick: || Patient::regression().probed("columns", "age", 1.0, 500.0).probed("columns", "unit", 0.0, 500.0).trace(),
    healthy: || {
        Patient::regression().probed("columns", "age", 1.0, 500.0).probed("columns", "unit", 0.7, 500.0).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("columns")?;
    let constant: Vec<&str> = probes
        .iter()
        .filter(|probe| probe.measured == 0.0 && probe.reference >= LEAST_ROWS)
        .map(|probe| &probe.place[..])
        .collect();
    let Some(first) = constant.first() else { return Ok(Vec::new()) };
    let message = format!("{} of {} columns never change: {}", constant.len(), probes.len(), constant.join(", "));
    Ok(vec![ENTRY.finds(message).at(*first).because_of("data")])
}
