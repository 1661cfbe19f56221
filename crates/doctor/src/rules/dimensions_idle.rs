//! # dimensions-idle
//!
//! You see       A model that learns, and learns like a narrower one.
//! Measured as   The probe `dimensions` before the first step: how many dimensions of the token vectors never change.
//! Fires when    At least one in twenty.
//! Try           Look at how the vectors are made: a slice that is never written, a concatenation with zeros.
//! False alarms  None known: random vectors differ in every dimension. A batch of one token over and over: silent.
//! Read          Bengio et al., A Neural Probabilistic Language Model, 2003, section 2

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

const IDLE: f64 = 0.05;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "dimensions-idle",
    severity: Severity::Fault,
    component: Component::Embedding,
    source: include_str!("dimensions_idle.rs"),
    check,
    sick: || Patient::language(27).probed("dimensions", "embed", 8.0, 32.0).trace(),
    // All of them: one token, or none that means anything.
    healthy: || {
        Patient::language(27)
            .probed("dimensions", "embed", 0.0, 32.0)
            .probed("dimensions", "a.embed", 32.0, 32.0)
            .trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let is_idle = |measured: f64, all: f64| measured >= IDLE * all && measured < all;
    let idle = exam.probed("dimensions")?.into_iter().filter(|probe| is_idle(probe.measured, probe.reference));
    let finding = |probe: &rushlight_trace::Probe| {
        let message = format!(
            "{} of the {} dimensions at `{}` are the same number for every token",
            probe.measured, probe.reference, probe.place
        );
        ENTRY.finds(message).at(&probe.place)
    };
    Ok(idle.take(1).map(finding).collect())
}
