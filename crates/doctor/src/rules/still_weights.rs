//! # still-weights
//!
//! You see       A part of the network that stays as it began, while the rest learns around it.
//! Measured as   Of each weight its gradient and its last change, over its size, at every look.
//! Fires when    It has a gradient and never changes, while others do: the optimizer does not hold it. Or its gradient is
//!               exactly 0 at every look, while others have one: nothing leads from it to the loss.
//! Try           Hand all parameters to the optimizer, after the model is complete; look for a detached tensor, or a layer that
//!               is made and not used.
//! False alarms  Weights frozen on purpose (`train.init.freeze`) are not recorded. Changes too small for f32: silent while the
//!               gradient is below a thousandth of the usual one. What cancels exactly, such as a bias before a norm, is seldom
//!               exactly 0.
//! Read          Karpathy, A Recipe for Training Neural Networks, 2019

use crate::course::median;
use crate::{Exam, Lack, Patient, Rule, looks, names};
use rushlight_trace::{Component, Finding, Severity, Trace, Weight};
use std::collections::BTreeSet;

const MATTERS: f64 = 1e-3; // provisional
const LOOKS: usize = 2;
const UNDERFLOWS: f64 = 1e-6;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "still-weights",
    severity: Severity::Fault,
    component: Component::Optimizer,
    source: include_str!("still_weights.rs"),
    check,
    sick: || looked_at([0.1, 0.0], [0.0, 0.0]),
    // One moves little, the other has a small gradient; a bias that began at zero has no ratio at first.
    healthy: || looked_at([0.1, 1e-4], [1e-9, 1e-7]),
};

fn looked_at(embed: [f64; 2], direct: [f64; 2]) -> Trace {
    let look = |patient: Patient, step: u64| {
        let bias = if step == 1 { f64::NAN } else { 1e-3 };
        let patient = patient.weight(step, "hidden.0.weight", 0.1, 1e-3).weight(step, "hidden.0.bias", bias, bias);
        let patient = patient.weight(step, "embed.weight", embed[0], embed[1]);
        patient.weight(step, "direct.weight", direct[0], direct[1])
    };
    [1, 100, 200].into_iter().fold(Patient::language(27), look).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let all = looks::of_weights(exam.trace.weights());
    let later = all.get(1..).filter(|_| all.len() >= LOOKS).ok_or(Lack::INSIDE)?;
    let names: BTreeSet<&str> = exam.trace.weights().map(|weight| weight.name.as_str()).collect();
    let at = |name: &str, weights: &[&Weight], says: &dyn Fn(&Weight, f64) -> bool| {
        let usual = median(weights.iter().map(|weight| weight.grad_to_data)).unwrap_or(0.0);
        weights.iter().find(|weight| weight.name == name).is_none_or(|weight| says(weight, usual))
    };
    // Updates that all but vanish in f32 leave many a weight where it is.
    let others_move = |weights: &[&Weight]| weights.iter().any(|weight| weight.update_to_data > UNDERFLOWS);
    let moving: Vec<&[&Weight]> =
        later.iter().map(|(_, weights)| weights.as_slice()).filter(|&weights| others_move(weights)).collect();
    let mut findings = Vec::new();
    for name in
        names.into_iter().filter(|name| exam.trace.weights().filter(|weight| weight.name == *name).count() >= LOOKS)
    {
        let held = |weight: &Weight, usual: f64| weight.update_to_data == 0.0 && weight.grad_to_data > MATTERS * usual;
        let cut = |weight: &Weight, usual: f64| weight.grad_to_data == 0.0 && usual > 0.0;
        let looked = moving.len() + 1;
        if !moving.is_empty() && moving.iter().all(|weights| at(name, weights, &held)) {
            let message =
                format!("{name} has a gradient and has not moved at {looked} looks: the optimizer does not hold it");
            findings.push(ENTRY.finds(message).at(name));
        } else if all.iter().all(|(_, weights)| at(name, weights, &cut)) {
            let message =
                format!("the gradient of {name} is 0 at all {} looks: nothing leads from it to the loss", all.len());
            findings.push(Finding { component: Component::Gradient, ..ENTRY.finds(message).at(name) });
        }
    }
    findings.retain(|finding| !names::is_statistic(&finding.place));
    Ok(findings)
}
