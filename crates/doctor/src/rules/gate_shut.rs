//! # gate-shut
//!
//! You see       An LSTM that learns no more than a window of a few tokens.
//! Measured as   The mean of each forget gate at the first look.
//! Fires when    It is below 0.1: of what was remembered, next to nothing is left a step later.
//! Try           Start the bias of the forget gate at 1.
//! False alarms  None known: forget gates begin at 0.5 to 0.75.
//! Read          Gers, Schmidhuber, Cummins, Learning to Forget, 2000; Jozefowicz et al., 2015, section 2.2

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::SiteKind;
use rushlight_trace::{Component, Finding, Severity};

const SHUT: f64 = 0.1;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "gate-shut",
    severity: Severity::Fault,
    component: Component::Recurrence,
    source: include_str!("gate_shut.rs"),
    check,
    sick: || {
        Patient::language(27).layer(1, ("layers.0.gates.f", SiteKind::Gate), (0.02, 0.01), Some(0.9), None).trace()
    },
    healthy: || {
        Patient::language(27).layer(1, ("layers.0.gates.f", SiteKind::Gate), (0.7, 0.1), Some(0.0), None).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let shut = |layer: &&&rushlight_trace::Layer| layer.site.ends_with(".f") && layer.mean < SHUT;
    let finding = |layer: &&rushlight_trace::Layer| {
        let message = format!("the forget gate {} lets {:.1} % through in the mean", layer.site, 100.0 * layer.mean);
        ENTRY.finds(message).at(&layer.site)
    };
    Ok(exam.first_layers(SiteKind::Gate)?.iter().filter(shut).take(1).map(finding).collect())
}
