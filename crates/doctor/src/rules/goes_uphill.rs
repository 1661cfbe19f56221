//! # goes-uphill
//!
//! You see       The loss rises from the first step on, whatever the learning rate.
//! Measured as   The probe `memorised`: the last loss while a copy of the model learns two rows by heart, against the first.
//! Fires when    It ends above 1.2 of the first.
//! Try           The sign of the loss or of the update: a descent subtracts the gradient of what shall become small.
//! False alarms  A start so wild that Adam at 0.01 makes it wilder: other rules name the start before this one.
//! Read          Goodfellow, Bengio, Courville, Deep Learning, 2016, section 4.3

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

/// Of the first: no descent ends there.
const UPHILL: f64 = 1.2;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "goes-uphill",
    severity: Severity::Fault,
    component: Component::Gradient,
    source: include_str!("goes_uphill.rs"),
    check,
    sick: || Patient::language(27).probed("memorised", "", 3.3, 3.3).probed("memorised", "last", 80.0, 3.3).trace(),
    healthy: || Patient::language(27).probed("memorised", "", 1.5, 3.3).probed("memorised", "last", 1.6, 3.3).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("memorised")?;
    let rises = |probe: &&&rushlight_trace::Probe| probe.place == "last" && probe.measured > UPHILL * probe.reference;
    let finding = |probe: &&rushlight_trace::Probe| {
        let message = format!(
            "60 steps of Adam on two rows bring the loss from {:.3} up to {:.3}: they go against the gradient",
            probe.reference, probe.measured
        );
        ENTRY.finds(message)
    };
    Ok(probes.iter().filter(rises).map(finding).collect())
}
