//! # gradient-altered
//!
//! You see       Training swings wider and wider, or hardly moves: what the weights move by is not the gradient of this batch.
//! Measured as   The probe `fresh_gradient`: the norm of the gradient that the third step on one batch moves by, while nothing moves,
//!               against that of the gradient computed apart.
//! Fires when    It is more than a tenth longer or shorter.
//! Try           Set the gradients to zero before each step; look for what scales, cuts or adds to them before the optimizer.
//! False alarms  None known: rounding, and a gradient of nothing, where the loss is 0: silent there.
//! Read          PyTorch documentation, Optimizer.zero_grad

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

const LONGER: f64 = 1.1;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "gradient-altered",
    severity: Severity::Fault,
    component: Component::Gradient,
    source: include_str!("gradient_altered.rs"),
    check,
    sick: || Patient::language(27).probed("fresh_gradient", "", 3.0, 1.0).trace(),
    healthy: || Patient::language(27).probed("fresh_gradient", "", 1.0003, 1.0).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let kept = |probe: &&&rushlight_trace::Probe| {
        let times = probe.measured / probe.reference;
        probe.reference > 1e-6 && !(1.0 / LONGER..=LONGER).contains(&times)
    };
    let finding = |probe: &&rushlight_trace::Probe| {
        let message = format!(
            "at the third step on one batch, with weights that stand still, the gradient is {:.2} times as long as it should be",
            probe.measured / probe.reference
        );
        ENTRY.finds(message)
    };
    Ok(exam.probed("fresh_gradient")?.iter().filter(kept).map(finding).collect())
}
