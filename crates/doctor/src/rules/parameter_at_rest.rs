//! # parameter-at-rest
//!
//! You see       Training is slower or ends higher than it should; some weights are, at the end, what they were at the start.
//! Measured as   The probe `moved`: how far each parameter moves in a step, and its largest gradient.
//! Fires when    A gradient and no move: the optimizer does not hold it. No gradient at all: what it makes is used by nobody.
//! Try           Give the optimizer every parameter of this model; look for a value that is cut off, or set to zero, behind the
//!               parameter that is named.
//! False alarms  Parameters that the recipe freezes are not tried. A bias of keys has no gradient but rounding, for softmax does not
//!               see what all keys share: it is passed over.
//! Read          Karpathy, A Recipe for Training Neural Networks, 2019

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "parameter-at-rest",
    severity: Severity::Fault,
    component: Component::Optimizer,
    source: include_str!("parameter_at_rest.rs"),
    check,
    sick: || {
        Patient::language(27).probed("moved", "out.weight", 0.0, 0.5).probed("moved", "embed.weight", 1e-3, 0.2).trace()
    },
    healthy: || {
        Patient::language(27)
            .probed("moved", "out.weight", 1e-3, 0.5)
            .probed("moved", "blocks.0.attention.qkv.bias (k)", 0.0, 0.0)
            .trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("moved")?;
    let of_keys = |place: &str| place.ends_with(".bias (k)") || place.ends_with("key.bias");
    let rests: Vec<_> = probes.iter().filter(|probe| probe.measured == 0.0 && !of_keys(&probe.place)).collect();
    let (held, cut): (Vec<_>, Vec<_>) = rests.into_iter().partition(|probe| probe.reference > 0.0);
    let of = |rests: Vec<&&rushlight_trace::Probe>, component: Component, what: &str| {
        let first = rests.first()?;
        let message = format!("`{}` {what}; so do {} of {} parameters", first.place, rests.len(), probes.len());
        Some(Finding { component, ..ENTRY.finds(message).at(&first.place) })
    };
    let no_move = "has a gradient and does not move";
    let no_gradient = "has no gradient";
    let findings = [of(held, Component::Optimizer, no_move), of(cut, Component::Gradient, no_gradient)];
    Ok(findings.into_iter().flatten().collect())
}
