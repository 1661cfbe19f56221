//! # parts-leaked
//!
//! You see       Validation is better than it will ever be on new text, and so the wrong model is chosen.
//! Measured as   The probe `leaked`: how many lines of a later part, rows of a table, or runs of 64 tokens stand in an earlier one.
//! Fires when    At least half of them do (fault), a quarter (risk), a twentieth (note).
//! Try           Cut the data into parts once, by whole documents, after repeated lines are taken out.
//! False alarms  Short lines repeat themselves: 13 of 100 names, and as many lines of Shakespeare's plays, most of them
//!               the names of those who speak.
//! Read          Lee et al., Deduplicating Training Data Makes Language Models Better, 2022, section 3

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

const MANY: f64 = 0.5;
const SOME: f64 = 0.25;
const FEW: f64 = 0.05;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "parts-leaked",
    severity: Severity::Fault,
    component: Component::Data,
    source: include_str!("parts_leaked.rs"),
    check,
    sick: || Patient::language(27).probed("leaked", "validation in train", 900.0, 1000.0).trace(),
    healthy: || Patient::language(27).probed("leaked", "validation in train", 9.0, 1000.0).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let share = |probe: &rushlight_trace::Probe| probe.measured / probe.reference.max(1.0);
    let mut leaks = exam.probed("leaked")?;
    leaks.retain(|probe| share(probe) >= FEW);
    let Some(worst) = leaks.iter().max_by(|one, other| share(one).total_cmp(&share(other))) else {
        return Ok(Vec::new());
    };
    let severity = match share(worst) {
        share if share >= MANY => Severity::Fault,
        share if share >= SOME => Severity::Risk,
        _ => Severity::Note,
    };
    let of_part = |probe: &&rushlight_trace::Probe| {
        let (parts, what) = probe.place.split_once(", ").unwrap_or((&probe.place, "lines"));
        format!("{} of {} {what} of {}", probe.measured, probe.reference, parts.replace(" in ", " stand in "))
    };
    let message = leaks.iter().map(of_part).collect::<Vec<_>>().join("; ");
    Ok(vec![Finding { severity, ..ENTRY.finds(message).at(&worst.place).because_of("data") }])
}
