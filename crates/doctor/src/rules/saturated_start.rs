//! # saturated-start
//!
//! You see       Slow learning from the first step on; in the map of a tanh layer whole columns are white.
//! Measured as   The share of values beyond 0.97 in size at each tanh site, in the first step.
//! Fires when    It is above 0.45: there the slope of tanh is below 0.06, and so is what the gradient keeps.
//! Try           A smaller gain of the start (5/3 for tanh), a start that knows the fan-in, or batch norm.
//! False alarms  Gates, which may well begin open or shut: not looked at. A run that begins from trained weights.
//! Read          Glorot, Bengio, Understanding the Difficulty of Training Deep Feedforward Neural Networks, 2010;
//!               Karpathy, makemore, lecture 3

use crate::{Exam, Lack, Patient, Rule, looks};
use rushlight_trace::{Component, Finding, Severity, SiteKind};

/// Provisional. Measured with `names-mlp-deep-no-norm`: 0.21 in the first layer, and 0.49 where the gain is 3.
const SATURATED: f64 = 0.45;

/// The gain that suits tanh, 5/3.
const TANH: f64 = 1.67;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "saturated-start",
    severity: Severity::Fault,
    component: Component::Start,
    source: include_str!("saturated_start.rs"),
    check,
    sick: || looked_at(0.62),
    healthy: || looked_at(0.21),
};

fn looked_at(share: f64) -> rushlight_trace::Trace {
    let site = ("hidden.0.active", SiteKind::Activation);
    // A forget gate that begins open is no fault.
    let gate = ("layers.0.f", SiteKind::Gate);
    let patient = Patient::language(27).layer(1, site, (0.0, 0.7), Some(share), Some(0));
    patient.layer(1, gate, (0.95, 0.05), Some(0.9), None).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let layers = exam.first_layers(SiteKind::Activation)?;
    let of_site = |layer: &&rushlight_trace::Layer| {
        let share = layer.saturated_share.filter(|&share| share > SATURATED)?;
        let percent = 100.0 * share;
        let message =
            format!("{percent:.0} % of the values at {} begin saturated: little gradient gets past those", layer.site);
        let finding = ENTRY.finds(message).since(layer.step).at(&layer.site);
        Some((share, finding.because_of("model.start")))
    };
    let is_kaiming = exam.word("model.start") == Some("kaiming");
    let gain = exam.number("model.gain").filter(|gain| is_kaiming && *gain > TANH + 0.01);
    let cured = |finding: Finding| match (exam.word("model.start"), gain) {
        (_, Some(_)) => finding.because_of("model.gain").cure(format!("model.gain={TANH}")),
        (Some(start), _) if start != "kaiming" => finding.cure(format!("model.start=kaiming model.gain={TANH}")),
        _ => finding,
    };
    Ok(looks::gathered(layers.iter().filter_map(of_site).collect()).into_iter().map(cured).collect())
}
