//! # attention-wrong
//!
//! You see       A Transformer that learns, and worse than it should.
//! Measured as   The probe `attention`: how far the mixture of each attention is from softmax(QKᵀ/√d)V of what may be seen, computed
//!               apart from its own queries, keys and values.
//! Fires when    They differ by more than a thousandth of its largest number. What else it equals is named: the formula without
//!               1/√d, without its mask, or the plain mean.
//! Try           The scale 1/√d before the softmax; the mask on the right axis; no dropout on the weights in evaluation.
//! False alarms  None known: rounding is some thousand times below.
//! Read          Vaswani et al., Attention Is All You Need, 2017, equation 1

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

const APART: f64 = 1e-3;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "attention-wrong",
    severity: Severity::Fault,
    component: Component::Attention,
    source: include_str!("attention_wrong.rs"),
    check,
    sick: || {
        Patient::language(27)
            .probed("attention", "blocks.0.attention", 0.3, 1.0)
            .probed("attention", "blocks.0.attention unscaled", 1e-7, 1.0)
            .trace()
    },
    healthy: || {
        Patient::language(27)
            .probed("attention", "blocks.0.attention", 2e-7, 1.0)
            .probed("attention", "blocks.0.attention unscaled", 0.3, 1.0)
            .trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    if exam.evaluates_at_random() {
        return Ok(Vec::new());
    }
    let probes = exam.probed("attention")?;
    let differs = |probe: &rushlight_trace::Probe| probe.measured.is_nan() || probe.measured > APART * probe.reference;
    let wrong: Vec<_> = probes.iter().filter(|probe| !probe.place.contains(' ') && differs(probe)).collect();
    let Some(first) = wrong.first() else { return Ok(Vec::new()) };
    let equals = |variant: &str| {
        let place = format!("{} {variant}", first.place);
        probes.iter().any(|probe| probe.place == place && !differs(probe))
    };
    let (component, cause) = if equals("unscaled") {
        (Component::Attention, "; it is the formula without 1/√d")
    } else if equals("unmasked") {
        (Component::Mask, "; it is the formula without its mask")
    } else if equals("uniform") {
        (Component::Attention, "; it is the plain mean of what may be seen")
    } else {
        (Component::Attention, "")
    };
    let message = format!(
        "`{}` is {:.2e} away from softmax(QKᵀ/√d)V, whose largest number is {:.2e}{cause}; so are {} attentions",
        first.place,
        first.measured,
        first.reference,
        wrong.len()
    );
    Ok(vec![Finding { component, ..ENTRY.finds(message).at(&first.place) }])
}
