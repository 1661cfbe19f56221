//! # activation-out-of-range
//!
//! You see       The loss begins far too high, or training jumps from the first step on.
//! Measured as   The probe `scale`: the root mean square behind each nonlinearity, against that before it.
//! Fires when    It is larger by a fifth, and above 1.05: no nonlinearity makes values larger.
//! Try           Look at what is done between the nonlinearity and the next layer.
//! False alarms  A sigmoid makes 0.5 of 0, and so may be larger: not beyond 1.
//! Read          Glorot, Bengio, Understanding the Difficulty of Training Deep Feedforward Neural Networks, 2010

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

const LARGER: f64 = 1.2;
const BEYOND: f64 = 1.05;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "activation-out-of-range",
    severity: Severity::Fault,
    component: Component::FeedForward,
    source: include_str!("activation_out_of_range.rs"),
    check,
    sick: || {
        Patient::language(27)
            .probed("scale", "hidden.0.drive", 1.2, 512.0)
            .probed("scale", "hidden.0.active", 20.0, 512.0)
            .trace()
    },
    healthy: || {
        Patient::language(27)
            .probed("scale", "hidden.0.drive", 0.1, 512.0)
            .probed("scale", "hidden.0.active", 0.5, 512.0)
            .trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("scale")?;
    let before = |place: &str| {
        let drive = format!("{}drive", place.strip_suffix("active")?);
        probes.iter().find(|probe| probe.place == drive).map(|probe| probe.measured)
    };
    let wrong = |probe: &&&rushlight_trace::Probe| {
        before(&probe.place).is_some_and(|drive| probe.measured > BEYOND && probe.measured > LARGER * drive)
    };
    let finding = |probe: &&rushlight_trace::Probe| {
        let message = format!(
            "behind the nonlinearity `{}` has a root mean square of {:.2}, before it {:.2}",
            probe.place,
            probe.measured,
            before(&probe.place).unwrap_or(f64::NAN)
        );
        ENTRY.finds(message).at(&probe.place)
    };
    Ok(probes.iter().filter(wrong).take(1).map(finding).collect())
}
