//! # last-layer-ahead
//!
//! You see       A loss that trembles at a rate at which the layers below hardly move.
//! Measured as   How far a step moves the output's matrix, over its size, against the median over the other matrices of the look.
//! Fires when    It is above 10 times that median at more than half of three looks or more, and at most 100 times in the middle of
//!               them: beyond, update-outlier speaks.
//! Try           A larger start of the output, or a learning rate of its own that is divided by the width.
//! False alarms  An output that begins small on purpose moves far in its first steps. Other layers that are frozen, or that
//!               vanishing gradients leave where they are: then those are the matter.
//! Read          Karpathy, makemore, lecture 3 (the update to data ratio); Yang et al., Tensor Programs V, 2022

use crate::course::median;
use crate::names::{is_matrix, part_of};
use crate::{Exam, Lack, Patient, Rule, looks};
use rushlight_trace::{Component, Finding, Severity, Trace, Weight};
use std::collections::BTreeMap;

/// Provisional; in nine runs on names and Shakespeare, some of them sick, the output moved 0.4 to 2.3 times as far as the
/// usual matrix, 4.6 times at most. `update_outlier.rs` holds every matrix to a hundred times.
const TIMES: f64 = 10.0;
const OUTLIER: f64 = 100.0;
const LOOKS: usize = 3;
const OTHERS: usize = 2;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "last-layer-ahead",
    severity: Severity::Note,
    component: Component::Output,
    source: include_str!("last_layer_ahead.rs"),
    check,
    sick: || looked_at(|_| 0.03),
    healthy: || looked_at(|step| if step == 1 { 0.03 } else { 4e-3 }),
};

fn looked_at(output: fn(u64) -> f64) -> Trace {
    let look = |patient: Patient, step: u64| {
        let patient = patient.weight(step, "embed.weight", 0.1, 1e-3).weight(step, "hidden.0.weight", 0.1, 1e-3);
        patient.weight(step, "hidden.1.weight", 0.1, 1e-3).weight(step, "out.weight", 0.1, output(step))
    };
    [1, 100, 200, 300].into_iter().fold(Patient::language(27), look).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let all = looks::of_weights(exam.trace.weights());
    if all.len() < LOOKS {
        return Err(Lack::INSIDE);
    }
    // By matrix of an output: its ratio at each look.
    let mut ratios: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (_, weights) in &all {
        let matrices = weights.iter().filter(|weight| is_matrix(&weight.name));
        let (outputs, others): (Vec<&&Weight>, Vec<&&Weight>) =
            matrices.partition(|weight| part_of(&weight.name) == Component::Output);
        let Some(usual) = median(others.iter().map(|weight| weight.update_to_data)) else { continue };
        if others.len() < OTHERS || usual <= 0.0 {
            continue;
        }
        for weight in outputs.iter().filter(|weight| weight.update_to_data.is_finite()) {
            ratios.entry(&weight.name).or_default().push(weight.update_to_data / usual);
        }
    }
    let of_matrix = |(name, ratios): (&str, Vec<f64>)| {
        let (count, looks) = (ratios.iter().filter(|&&ratio| ratio > TIMES).count(), all.len());
        let times = median(ratios).filter(|&times| 2 * count > looks && times <= OUTLIER)?;
        let message = format!(
            "a step moves {name} {times:.0} times as far as the usual matrix before it, and more than {TIMES} times at {count} of \
             {looks} looks"
        );
        Some(ENTRY.finds(message).at(name))
    };
    Ok(ratios.into_iter().filter_map(of_matrix).collect())
}
