//! # cannot-memorise
//!
//! You see       The loss does not fall, whatever the learning rate.
//! Measured as   The probe `memorised`: the least loss while a copy of the model learns two rows by heart, against the first.
//! Fires when    It is still above 0.85 of the first after 60 steps.
//! Try           Look for what else was found: a loss, a gradient or an optimizer that is broken. If nothing was, the model is too
//!               small for two rows, or a layer saturates.
//! False alarms  A table of bigrams, which learns a row of the table a step: 0.68.
//! Read          Karpathy, A Recipe for Training Neural Networks, 2019, "overfit one batch"

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

/// The shipped recipes lie at or below 0.68.
const LEFT: f64 = 0.85;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "cannot-memorise",
    severity: Severity::Fault,
    component: Component::Unknown,
    source: include_str!("cannot_memorise.rs"),
    check,
    sick: || Patient::language(27).probed("memorised", "", 3.2, 3.3).trace(),
    healthy: || Patient::language(27).probed("memorised", "", 1.5, 3.3).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("memorised")?;
    let least = probes.iter().find(|probe| probe.place.is_empty());
    let Some(least) = least.filter(|least| least.measured.is_nan() || least.measured > LEFT * least.reference) else {
        return Ok(Vec::new());
    };
    let message = format!(
        "two rows cannot be learned by heart: the loss goes from {:.3} to {:.3} in 60 steps of Adam",
        least.reference, least.measured
    );
    Ok(vec![ENTRY.finds(message)])
}
