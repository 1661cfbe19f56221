//! # vanishing-gradient
//!
//! You see       The last layers learn and the first ones stay as they began; or a recurrent net that forgets at once.
//! Measured as   The standard deviation of gradients in the first layer of a stack over that in its last, in the median of all
//!               looks; and the norm of the gradient that arrives ten tokens back or more, over that at the token itself.
//! Fires when    The first ratio is below 1/1000 (a risk), or the second below 1/10000 (a note).
//! Try           Residual sums, norms, ReLU in place of tanh; for time an LSTM or GRU, or attention.
//! False alarms  A plain RNN on text whose next token hangs on the last few alone. A run that has learned all: gradients of
//!               all layers are small then, and so is not their ratio.
//! Read          Hochreiter, Untersuchungen zu dynamischen neuronalen Netzen, 1991; Bengio, Simard, Frasconi 1994

use crate::course::median;
use crate::{Exam, Lack, Patient, Rule, looks};
use rushlight_trace::{Component, Finding, GradientDistance, Layer, Severity, SiteKind, Trace};
use std::collections::BTreeMap;

/// Provisional. Measured over four or five layers of four sound runs: 1.1 to 3.5; 0.007 at first with a gain of 0.3, which
/// learned all the same.
const BY_LAYER: f64 = 1e-3;
const BY_TIME: f64 = 1e-4;
const FAR: u64 = 10;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "vanishing-gradient",
    severity: Severity::Risk,
    component: Component::Gradient,
    source: include_str!("vanishing_gradient.rs"),
    check,
    sick: || stack(0.1),
    healthy: || stack(0.5),
};

/// Five layers, each with so many times the gradient of the one behind it, looked at twice.
fn stack(each: f64) -> Trace {
    let with = |patient: Patient, depth: i32| {
        let site = format!("hidden.{depth}.active");
        let std = 1e-2 * each.powi(4 - depth);
        let site = (site.as_str(), SiteKind::Gradient);
        patient.layer(1, site, (0.0, std), None, None).layer(100, site, (0.0, 0.1 * std), None, None)
    };
    (0..5).fold(Patient::language(27), with).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let gradients: Vec<&Layer> = exam.trace.layers().filter(|layer| layer.kind == SiteKind::Gradient).collect();
    let by_time = exam.trace.gradient_distances().next_back();
    if gradients.is_empty() && by_time.is_none() {
        return Err(Lack::INSIDE);
    }
    let mut findings = through_layers(gradients);
    if exam.setting("model.batch_norm").and_then(toml::Value::as_bool) == Some(false) {
        findings = findings.into_iter().map(|finding| finding.cure("model.batch_norm=true")).collect();
    }
    findings.extend(by_time.and_then(through_time));
    Ok(findings)
}

fn through_layers(gradients: Vec<&Layer>) -> Vec<Finding> {
    // By stack: its first site, and the ratio at each look.
    let mut ratios: BTreeMap<String, (String, Vec<f64>)> = BTreeMap::new();
    for (_, look) in looks::of_layers(gradients.into_iter()) {
        for stack in looks::stacks(&look).into_iter().filter(|stack| stack.layers.len() > 1) {
            let ends = (stack.layers.first(), stack.layers.last());
            if let (Some(first), Some(last)) = ends {
                let (_, of_stack) = ratios.entry(stack.name).or_insert_with(|| (first.site.clone(), Vec::new()));
                of_stack.push(first.std / last.std);
            }
        }
    }
    let of_stack = |(stack, (site, ratios)): (String, (String, Vec<f64>))| {
        let ratio = median(ratios).filter(|&ratio| ratio < BY_LAYER)?;
        let message = format!("along {stack} the gradient in the first layer is {ratio:.1e} times that in the last");
        Some(ENTRY.finds(message).at(site))
    };
    ratios.into_iter().filter_map(of_stack).collect()
}

fn through_time(measured: &GradientDistance) -> Option<Finding> {
    let pairs = || measured.distances.iter().zip(&measured.norms);
    let (_, &here) = pairs().find(|&(&distance, _)| distance == 0)?;
    let far: Vec<f64> = pairs().filter(|&(&distance, _)| distance >= FAR).map(|(_, &norm)| norm).collect();
    let most = far.iter().copied().fold(0.0, f64::max);
    if far.is_empty() || far.iter().any(|norm| !norm.is_finite()) || most >= BY_TIME * here || here <= 0.0 {
        return None;
    }
    let ratio = most / here;
    let message = format!("from {FAR} tokens back on, at most {ratio:.1e} of the gradient arrives");
    let finding = ENTRY.finds(message).since(measured.step).at("embed");
    Some(Finding { severity: Severity::Note, component: Component::Recurrence, ..finding })
}
