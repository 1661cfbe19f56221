//! # gradient-wrong
//!
//! You see       Training goes nowhere, or worse than it should, and every part of it looks right.
//! Measured as   The probe `slope`: the slope of the loss along each parameter's gradient, by central difference, against the
//!               gradient's length.
//! Fires when    The two are more than half apart.
//! Try           The backward pass of what uses this parameter; a value that was cut off from the graph; a gradient that is changed
//!               on its way.
//! False alarms  A gradient so small that the difference drowns in rounding: such parameters are not tried. Strong curvature: a fifth.
//! Read          Baydin et al., Automatic Differentiation in Machine Learning, 2018, section 2.1

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

/// Healthy models: within a twentieth.
const APART: f64 = 0.5;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "gradient-wrong",
    severity: Severity::Fault,
    component: Component::Gradient,
    source: include_str!("gradient_wrong.rs"),
    check,
    sick: || {
        Patient::language(27).probed("slope", "out.weight", 0.1, 0.5).probed("slope", "embed.weight", 0.2, 0.2).trace()
    },
    healthy: || {
        Patient::language(27).probed("slope", "out.weight", 0.49, 0.5).probed("slope", "embed.weight", 0.2, 0.2).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("slope")?;
    let apart = |probe: &&&rushlight_trace::Probe| {
        let difference = (probe.measured - probe.reference).abs();
        difference.is_nan() || difference > APART * probe.reference
    };
    let wrong: Vec<_> = probes.iter().filter(apart).collect();
    let Some(first) = wrong.first() else { return Ok(Vec::new()) };
    let message = format!(
        "along its gradient `{}` moves the loss by {:.2e}, where the gradient says {:.2e}; so do {} of {} parameters",
        first.place,
        first.measured,
        first.reference,
        wrong.len(),
        probes.len()
    );
    Ok(vec![ENTRY.finds(message).at(&first.place)])
}
