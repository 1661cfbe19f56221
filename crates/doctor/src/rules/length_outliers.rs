//! # length-outliers
//!
//! You see       Some steps take many times as long, and as much memory, as the others.
//! Measured as   The probe `lengths`: the longest row of the training part, against the length that 99 of 100 do not exceed.
//! Fires when    It is more than ten times as long.
//! Try           Cut or leave out rows beyond a length: `data.max_length` for parallel text, `train.window`
//!               elsewhere.
//! False alarms  A recipe that cuts rows to its window anyway pays nothing for it.
//! Read          Ott et al., Scaling Neural Machine Translation, 2018, section 3

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

const LONGER: f64 = 10.0;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "length-outliers",
    severity: Severity::Note,
    component: Component::Data,
    source: include_str!("length_outliers.rs"),
    check,
    sick: || Patient::language(8000).probed("lengths", "train", 2000.0, 60.0).trace(),
    healthy: || Patient::language(8000).probed("lengths", "train", 120.0, 60.0).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("lengths")?;
    let is_long = |probe: &&&rushlight_trace::Probe| probe.measured > LONGER * probe.reference.max(1.0);
    let finding = |probe: &&rushlight_trace::Probe| {
        let message =
            format!("the longest row has {} tokens; 99 of 100 have at most {}", probe.measured, probe.reference);
        ENTRY.finds(message).at(&probe.place).because_of("data")
    };
    Ok(probes.iter().filter(is_long).map(finding).collect())
}
