//! # dead-units
//!
//! You see       A ReLU layer that learns like a narrower one; its histogram is one bar at 0.
//! Measured as   The share of units at a ReLU site that gave 0 for every example of the batch, at the last look.
//! Fires when    It is above 0.4; above 0.15 it is worth a note.
//! Try           A lower learning rate, a bias that does not begin below 0, a leaky ReLU or GELU, batch norm.
//! False alarms  Small batches, in which many units have no occasion to speak; layers of fewer than ten units: silent.
//!               Sites with values below 0 are no ReLU, and those of tanh have another rule.
//! Read          Maas, Hannun, Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models, 2013

use crate::{Exam, Lack, Patient, Rule, looks};
use rushlight_trace::{Component, Finding, Layer, Severity, SiteKind, Trace};

/// Provisional. Measured with `names-mlp-deep-no-norm` and ReLU, after 1,000 steps: 7 of 100 at most.
const MANY: f64 = 0.4;
const SOME: f64 = 0.15;
const UNITS: u64 = 10;
const EXAMPLES: u64 = 400;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "dead-units",
    severity: Severity::Fault,
    component: Component::FeedForward,
    source: include_str!("dead_units.rs"),
    check,
    sick: || looked_at([3, 71]),
    // Many at the start, of which most come back.
    healthy: || looked_at([45, 6]),
};

fn looked_at(dead: [u64; 2]) -> Trace {
    let site = ("layers.0.active", SiteKind::Activation);
    let patient = Patient::language(27).layer(1, site, (0.5, 0.1), None, Some(dead[0]));
    patient.layer(500, site, (0.5, 0.1), None, Some(dead[1])).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let found = looks::gathered(exam.last_layers(SiteKind::Activation)?.into_iter().filter_map(of_site).collect());
    let cured = |finding: Finding| {
        let finding = exam.rate_times(1.0 / 3.0).into_iter().fold(finding, Finding::cure);
        if exam.word("model.activation") == Some("relu") { finding.cure("model.activation=gelu") } else { finding }
    };
    Ok(found.into_iter().map(cured).collect())
}

fn of_site(layer: &Layer) -> Option<(f64, Finding)> {
    let examples = layer.histogram.total() / layer.units.max(1);
    let dead = layer.dead_units.filter(|_| layer.saturated_share.is_none() && layer.units >= UNITS)?;
    // Of a few examples many units have nothing to say; all of them dead is death all the same.
    if examples < EXAMPLES && dead < layer.units {
        return None;
    }
    let share = dead as f64 / layer.units as f64;
    // The histogram of nothing but zeros has some width all the same.
    let is_relu = layer.histogram.low >= 0.0 || dead == layer.units;
    let severity = if share > MANY { Severity::Fault } else { Severity::Note };
    (is_relu && share > SOME).then(|| {
        let message = format!("{dead} of the {} units at {} gave 0 for every example", layer.units, layer.site);
        let finding = ENTRY.finds(message).since(layer.step).at(&layer.site).because_of("model.activation");
        (share, Finding { severity, ..finding })
    })
}
