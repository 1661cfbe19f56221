//! # output-out-of-scale
//!
//! You see       The first answers are far too sure, or all the same, although the weights of the output look right.
//! Measured as   The probe `scale` before the first step: the root mean square of the logits, against what the output's weights make of
//!               what comes in: its root mean square times their deviation times the root of its width.
//! Fires when    It is more than ten times as large, or as small.
//! Try           Look at what is done to the logits: a temperature, a cap, a factor from another place.
//! False alarms  An output that sees several things side by side: within three times of it.
//! Read          Glorot, Bengio 2010, section 4.2

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::Parameter;
use rushlight_trace::{Component, Finding, Severity};

const TIMES: f64 = 10.0;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "output-out-of-scale",
    severity: Severity::Fault,
    component: Component::Output,
    source: include_str!("output_out_of_scale.rs"),
    check,
    sick: || {
        let out = Parameter { std: 0.02, ..crate::patient::sound(0, "out.weight", &[27, 64]) };
        let patient = Patient::language(27).parameter(out).probed("scale", "norm", 1.0, 512.0);
        patient.probed("scale", "logits", 4.8, 512.0).trace()
    },
    healthy: || {
        let out = Parameter { std: 0.02, ..crate::patient::sound(0, "out.weight", &[27, 64]) };
        let patient = Patient::language(27).parameter(out).probed("scale", "norm", 1.0, 512.0);
        patient.probed("scale", "logits", 0.16, 512.0).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("scale")?;
    let Some(at) = probes.iter().position(|probe| probe.place == "logits" && probe.step == 0) else {
        return Ok(Vec::new());
    };
    // Probabilities are another rule's affair.
    if exam.probed("normalised")?.iter().any(|probe| probe.place == "range" && probe.measured == 0.0) {
        return Ok(Vec::new());
    }
    let parameters = exam.first_parameters()?;
    let named = |name: &str| parameters.iter().find(|parameter| parameter.name == name && parameter.shape.len() == 2);
    let (Some(before), Some(out)) = (at.checked_sub(1), named("out.weight").or_else(|| named("embed.weight"))) else {
        return Ok(Vec::new());
    };
    let expected = probes[before].measured * out.std * (out.shape[1] as f64).sqrt();
    let times = probes[at].measured / expected;
    if expected == 0.0 || (1.0 / TIMES..=TIMES).contains(&times) {
        return Ok(Vec::new());
    }
    let message = format!(
        "the logits have a root mean square of {:.2e}; {} makes about {expected:.2e} of what comes in",
        probes[at].measured, out.name
    );
    Ok(vec![ENTRY.finds(message).at("logits")])
}
