//! # padding-seen
//!
//! You see       Translations change with the length of the other sentences of a batch; short sentences do worst.
//! Measured as   The probe `padding`: how much the logits move when the padding of a source is another token, and longer.
//! Fires when    They move by more than a thousandth of the largest logit.
//! Try           Hide places beyond a sentence's length from attention; shut the gates of a recurrent encoder there.
//! False alarms  None known: rounding is some hundred times below.
//! Read          Vaswani et al. 2017, section 3.2.3; Cho et al. 2014, section 2.2

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

const MOVED: f64 = 1e-3;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "padding-seen",
    severity: Severity::Fault,
    component: Component::Mask,
    source: include_str!("padding_seen.rs"),
    check,
    sick: || Patient::language(27).probed("padding", "", 0.3, 1.0).trace(),
    healthy: || Patient::language(27).probed("padding", "", 2e-7, 1.0).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    if exam.evaluates_at_random() {
        return Ok(Vec::new());
    }
    let seen = |probe: &&&rushlight_trace::Probe| probe.measured.is_nan() || probe.measured > MOVED * probe.reference;
    let finding = |probe: &&rushlight_trace::Probe| {
        let message = format!(
            "other padding moves the logits by {:.2e}; the largest of them is {:.2e}",
            probe.measured, probe.reference
        );
        ENTRY.finds(message).at("source")
    };
    Ok(exam.probed("padding")?.iter().filter(seen).map(finding).collect())
}
