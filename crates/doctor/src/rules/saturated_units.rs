//! # saturated-units
//!
//! You see       Learning that becomes slower and slower while the loss is still high.
//! Measured as   The share of values beyond 0.97 in size at each tanh site, at the last look.
//! Fires when    It is above 0.7.
//! Try           A lower learning rate, clipping, weight decay, or a norm before the nonlinearity.
//! False alarms  A note, for nets that learned well have been at 0.75. A recurrent state that keeps yes and no on purpose (brackets, quotes). Gates: not looked at. The start has a
//!               rule of its own: silent where there was but one look.
//! Read          Glorot, Bengio, Understanding the Difficulty of Training Deep Feedforward Neural Networks, 2010, section 3

use crate::{Exam, Lack, Patient, Rule, looks, names};
use rushlight_trace::{Component, Finding, Layer, Severity, SiteKind, Trace};

/// Provisional. Measured after 300 to 1,000 steps: 0.24 at most in six sound runs, 0.5 with a gain of 3, which learned.
const SATURATED: f64 = 0.7;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "saturated-units",
    severity: Severity::Note,
    component: Component::FeedForward,
    source: include_str!("saturated_units.rs"),
    check,
    sick: || looked_at(0.86),
    // Trained tanh units do go towards their ends.
    healthy: || looked_at(0.4),
};

fn looked_at(share: f64) -> Trace {
    let site = ("hidden.0.active", SiteKind::Activation);
    let patient = Patient::language(27).layer(1, site, (0.0, 0.6), Some(0.1), Some(0));
    patient.layer(900, site, (0.0, 0.9), Some(share), Some(0)).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let layers = exam.last_layers(SiteKind::Activation)?;
    Ok(looks::gathered(layers.into_iter().filter(|layer| layer.step > 1).filter_map(of_site).collect()))
}

fn of_site(layer: &Layer) -> Option<(f64, Finding)> {
    let share = layer.saturated_share.filter(|&share| share > SATURATED)?;
    let percent = 100.0 * share;
    let message = format!("{percent:.0} % of the values at {} are saturated by step {}", layer.site, layer.step);
    let component = match names::part_of(&layer.site) {
        Component::Recurrence => Component::Recurrence,
        _ => ENTRY.component,
    };
    let finding = ENTRY.finds(message).since(layer.step).at(&layer.site).because_of("train.lr");
    Some((share, Finding { component, ..finding }))
}
