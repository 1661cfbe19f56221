//! # update-outlier
//!
//! You see       One layer that runs ahead of all others, or a learning rate that is right for all but one.
//! Measured as   How far a step moves each matrix, over its size, against the median over the weights of the same look.
//! Fires when    It is above 100 times that median, at more than half of three looks or more.
//! Try           A larger start of that matrix, or a learning rate of its own.
//! False alarms  An output layer that begins small on purpose is one at first, and soon no more. Biases begin at zero: not
//!               looked at.
//! Read          Karpathy, makemore, lecture 3 (the update to data ratio)

use crate::course::median;
use crate::{Exam, Lack, Patient, Rule, looks, names};
use rushlight_trace::{Component, Finding, Severity, Trace, Weight};
use std::collections::BTreeMap;

/// Provisional.
const TIMES: f64 = 100.0;
const LOOKS: usize = 3;
const WEIGHTS: usize = 3;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "update-outlier",
    severity: Severity::Note,
    component: Component::Optimizer,
    source: include_str!("update_outlier.rs"),
    check,
    sick: || looked_at(|_| 0.3),
    healthy: || looked_at(|step| if step == 1 { 0.3 } else { 3e-3 }),
};

fn looked_at(output: fn(u64) -> f64) -> Trace {
    let look = |patient: Patient, step: u64| {
        let patient = patient.weight(step, "embed.weight", 0.1, 1e-3).weight(step, "hidden.0.weight", 0.1, 1e-3);
        // A bias that has only just left zero.
        patient.weight(step, "hidden.0.bias", 0.1, 5.0).weight(step, "hidden.1.weight", 0.1, 1e-3).weight(
            step,
            "out.weight",
            0.1,
            output(step),
        )
    };
    [1, 100, 200, 300].into_iter().fold(Patient::language(27), look).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let all = looks::of_weights(exam.trace.weights());
    if all.len() < LOOKS {
        return Err(Lack::INSIDE);
    }
    // By matrix: its ratio at each look at which it was far out.
    let mut far: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (_, weights) in &all {
        let matrices: Vec<&&Weight> = weights.iter().filter(|weight| names::is_matrix(&weight.name)).collect();
        let Some(usual) = median(matrices.iter().map(|weight| weight.update_to_data)) else { continue };
        if matrices.len() < WEIGHTS || usual <= 0.0 {
            continue;
        }
        let is_far = |weight: &&&&Weight| weight.update_to_data.is_finite() && weight.update_to_data > TIMES * usual;
        for weight in matrices.iter().filter(is_far) {
            far.entry(&weight.name).or_default().push(weight.update_to_data / usual);
        }
    }
    let of_matrix = |(name, ratios): (&str, Vec<f64>)| {
        let (count, looks) = (ratios.len(), all.len());
        let times = median(ratios).filter(|_| 2 * count > looks)?;
        let message =
            format!("a step moves {name} {times:.0} times as far as the usual matrix, at {count} of {looks} looks");
        Some(ENTRY.finds(message).at(name))
    };
    Ok(far.into_iter().filter_map(of_matrix).collect())
}
