//! # evaluation-is-random
//!
//! You see       Two evaluations of the same weights give two losses; validation is worse than it need be.
//! Measured as   The probe `evaluated_twice`: how much the answers to one batch differ between two evaluations.
//! Fires when    They differ at all.
//! Try           Leave dropout and every other chance to training: put the model into evaluation mode.
//! False alarms  None: without chance the two are the same to the last bit.
//! Read          Srivastava et al., Dropout, 2014, section 1

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "evaluation-is-random",
    severity: Severity::Fault,
    component: Component::Evaluation,
    source: include_str!("evaluation_is_random.rs"),
    check,
    sick: || Patient::language(27).probed("evaluated_twice", "", 0.05, 1.0).trace(),
    healthy: || Patient::language(27).probed("evaluated_twice", "", 0.0, 1.0).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let differs = |probe: &&&rushlight_trace::Probe| probe.measured.is_nan() || probe.measured > 0.0;
    let finding = |probe: &&rushlight_trace::Probe| {
        let message = format!(
            "two evaluations of one batch differ by {:.2e}; the largest answer is {:.2e}",
            probe.measured, probe.reference
        );
        ENTRY.finds(message)
    };
    Ok(exam.probed("evaluated_twice")?.iter().filter(differs).map(finding).collect())
}
