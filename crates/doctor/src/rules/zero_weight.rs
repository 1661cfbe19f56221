//! # zero-weight
//!
//! You see       A part of the network that might as well not be there; or a loss that does not move at all.
//! Measured as   The largest number in a parameter, and its standard deviation, at the start.
//! Fires when    A matrix is all zeros, or one number throughout; or the gain of a norm is all zeros.
//! Try           Random weights; ones for the gain of a norm. Zeros are for biases and for the shift of a norm.
//! False alarms  A table of bigrams, which begins at zero on purpose: not counted. An output layer or the second matrix of a
//!               LoRA may: a note. The last gain of a residual branch may, too (Goyal 2017): ignore it there.
//! Read          Goodfellow, Bengio, Courville, Deep Learning, 2016, section 8.4; Goyal et al. 2017, section 5.1

use crate::patient::sound;
use crate::{Exam, Lack, Patient, Rule, names};
use rushlight_trace::{Component, Finding, Parameter, Severity};

/// Of the rows of a table of tokens; one row for padding is usual.
const EMPTY: f64 = 0.1;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "zero-weight",
    severity: Severity::Fault,
    component: Component::Start,
    source: include_str!("zero_weight.rs"),
    check,
    sick: || {
        let nothing = constant(0.0, "blocks.0.mlp.up.weight", &[256, 64]);
        Patient::language(27).parameter(nothing).parameter(constant(0.0, "blocks.0.norm1.weight", &[64])).trace()
    },
    healthy: || {
        let usual = Patient::language(27).parameter(constant(0.0, "blocks.0.mlp.up.bias", &[256]));
        let norm = usual.parameter(constant(1.0, "norm.weight", &[64])).parameter(constant(0.0, "norm.bias", &[64]));
        // A bigram model that learns its table, and the counts of one that counts it.
        let table = norm.parameter(constant(0.0, "table.weight", &[27, 27]));
        table.parameter(constant(0.0, "table.counts", &[27, 27])).trace()
    },
};

fn constant(number: f64, name: &str, shape: &[u64]) -> Parameter {
    Parameter { mean: number, std: 0.0, largest: number, ..sound(0, name, shape) }
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    // Of weights alone nobody knows whether they are those of a start.
    let is = if exam.training.len() > 0 || !exam.trace.recipe.is_empty() { "begin at" } else { "are" };
    let mut findings: Vec<Finding> =
        exam.first_parameters()?.into_iter().filter_map(|parameter| of_parameter(parameter, is)).collect();
    // Where nothing but the way from state to state is shut, that is what is broken.
    let of_state = |finding: &Finding| names::part_of(&finding.place) == Component::Recurrence;
    if findings.iter().all(of_state) {
        findings.iter_mut().for_each(|finding| finding.component = Component::Recurrence);
    }
    Ok(findings)
}

fn of_parameter(parameter: &Parameter, is: &str) -> Option<Finding> {
    let (name, shape) = (parameter.name.as_str(), &parameter.shape);
    let (is_zero, is_one_number) = (parameter.largest == 0.0, parameter.std == 0.0);
    if name == "table.weight" || names::is_statistic(name) || parameter.not_finite > 0 {
        return None;
    }
    if shape.len() == 2 && (is_zero || is_one_number) && shape.iter().product::<u64>() > 1 {
        let what = if is_zero { "zero".to_owned() } else { format!("{:.3}", parameter.mean) };
        let message = format!("all {} x {} numbers of {name} {is} {what}", shape[0], shape[1]);
        let finding = ENTRY.finds(message).at(name).because_of("model.start");
        let may_be_zero = names::part_of(name) == Component::Output || name.to_lowercase().contains("lora_b");
        let severity = if is_zero && may_be_zero { Severity::Note } else { ENTRY.severity };
        return Some(Finding { severity, ..finding });
    }
    let zero_rows = parameter.zero_rows as f64 / shape.first().map_or(1.0, |&rows| rows as f64);
    if shape.len() == 2 && names::part_of(name) == Component::Embedding && zero_rows >= EMPTY {
        let message = format!("{} of the {} rows of {name} {is} zero", parameter.zero_rows, shape[0]);
        return Some(Finding { component: Component::Embedding, ..ENTRY.finds(message).at(name) });
    }
    let is_shut = shape.len() == 1 && is_zero && names::is_gain(name);
    is_shut.then(|| {
        let message =
            format!("all {} numbers of the gain {name} {is} zero: the norm gives nothing but its shift", shape[0]);
        Finding { component: Component::Norm, ..ENTRY.finds(message).at(name) }
    })
}
