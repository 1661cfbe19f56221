//! # sampling-wrong
//!
//! You see       The losses are good, greedy writing too, and what is sampled is noise, or always the same.
//! Measured as   The probe `sampling`: by which share of a thousand draws of a next token they are others than softmax of the logits
//!               says.
//! Fires when    The share is more than a tenth above what chance makes of it.
//! Try           A softmax between the logits and the sampler, once; logits divided by a temperature of 1; the sum of the weights as
//!               the end of what is drawn from.
//! False alarms  None: chance alone is a tenth above its mean once in 500 million times.
//! Read          Holtzman et al., The Curious Case of Neural Text Degeneration, 2020, section 3

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

/// By McDiarmid's inequality exp(-2 · 1000 · 0.1²) = 2e-9 of all streams go beyond it.
const APART: f64 = 0.1;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "sampling-wrong",
    severity: Severity::Fault,
    component: Component::Decoding,
    source: include_str!("sampling_wrong.rs"),
    check,
    sick: || Patient::language(27).probed("sampling", "", 0.41, 0.05).trace(),
    healthy: || Patient::language(27).probed("sampling", "", 0.06, 0.05).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed_ever("sampling")?;
    let Some(probe) = probes.iter().find(|probe| probe.measured > probe.reference + APART) else {
        return Ok(Vec::new());
    };
    let message = format!(
        "{:.0} % of 1000 drawn tokens are others than softmax of the logits says; chance makes {:.0} % of it",
        100.0 * probe.measured,
        100.0 * probe.reference
    );
    Ok(vec![ENTRY.finds(message)])
}
