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

use crate::{Exam, Lack, Patient, Rule, names};
use rushlight_trace::{Component, Finding, Probe, Severity};

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
    let rests = probes.iter().copied().filter(|probe| probe.measured == 0.0 && !of_keys(&probe.place));
    let (held, cut): (Vec<&Probe>, Vec<&Probe>) = rests.partition(|probe| probe.reference > 0.0);
    // What the optimizer was given, as the first look at the weights tells it.
    let given = |place: &str| exam.trace.weights().find(|weight| place.split(' ').next() == Some(&weight.name[..]));
    let is_lost = |probe: &&Probe| {
        given(&probe.place).is_some_and(|weight| {
            // 0 of 0, of a bias that begins there, is none either.
            weight.grad_to_data == 0.0 || weight.grad_to_data.is_nan()
        })
    };
    let lost = held.iter().filter(|probe| is_lost(probe)).count();
    let of_held = if 2 * lost > held.len() { Component::Gradient } else { Component::Optimizer };
    // Queries, keys and values that nobody uses take the norm before them along.
    let part = |probe: &&Probe| names::part_of(&probe.place);
    let is_attention = cut.iter().any(|probe| part(probe) == Component::Attention)
        && cut.iter().all(|probe| [Component::Attention, Component::Norm].contains(&part(probe)));
    let of_cut = if is_attention { Component::Attention } else { Component::Gradient };
    let found = [(held, of_held, "has a gradient and does not move"), (cut, of_cut, "has no gradient")];
    let finding = |(rests, component, what): (Vec<&Probe>, Component, &str)| {
        let first = rests.first()?;
        let message = format!("`{}` {what}; so do {} of {} parameters", first.place, rests.len(), probes.len());
        Some(Finding { component, ..ENTRY.finds(message).at(&first.place) })
    };
    Ok(found.into_iter().filter_map(finding).collect())
}
