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
    let probes = exam.probed("evaluated_twice")?;
    let differs = |probe: &&&rushlight_trace::Probe| probe.measured.is_nan() || probe.measured > 0.0;
    let Some(whole) = probes.iter().filter(differs).find(|probe| probe.place.is_empty()) else {
        return Ok(Vec::new());
    };
    let first = probes.iter().find(|probe| !probe.place.is_empty()).map_or("", |probe| &probe.place[..]);
    // Dropout falls after the embedding too; noise on the way around falls in every layer.
    let carried = exam.probed("carried")?;
    let (component, what) = if first.ends_with("mixed") {
        (Component::Attention, ": chance falls on the weights of attention")
    } else if first.contains("skip") && carried.iter().all(|probe| probe.measured > 0.0) {
        (Component::Residual, ": chance falls on what goes around a sublayer")
    } else {
        (Component::Evaluation, "")
    };
    let message = format!(
        "two evaluations of one batch differ by {:.2e}; the largest answer is {:.2e}{what}",
        whole.measured, whole.reference
    );
    Ok(vec![Finding { component, ..ENTRY.finds(message).at(first) }])
}
