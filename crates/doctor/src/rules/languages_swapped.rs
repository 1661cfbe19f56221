//! # languages-swapped
//!
//! You see       The loss of validation rises from the start while that of training falls; translations are in the wrong language.
//! Measured as   The probe `swapped`: the parts whose words are those of the other side of the training part.
//! Fires when    There is one.
//! Try           Exchange the two files of that part, or `source` and `target` in the table `data`.
//! False alarms  Two languages that share most of their words: silent.
//! Read          Koehn, Knowles, Six Challenges for Neural Machine Translation, 2017

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "languages-swapped",
    severity: Severity::Fault,
    component: Component::Data,
    source: include_str!("languages_swapped.rs"),
    check,
    sick: || Patient::language(8000).probed("swapped", "validation", 1.0, 1.0).trace(),
    healthy: || Patient::language(8000).probed("leaked", "validation in train", 0.0, 1000.0).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("swapped")?;
    let finding = |probe: &&rushlight_trace::Probe| {
        let message = format!("1 part has its languages the other way round than the training part: {}", probe.place);
        ENTRY.finds(message).at(&probe.place).because_of("data.source")
    };
    Ok(probes.iter().map(finding).collect())
}
