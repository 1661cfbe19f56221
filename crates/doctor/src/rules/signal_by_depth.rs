//! # signal-by-depth
//!
//! You see       A deep network that hardly learns, or whose first losses are huge; with fewer layers all is well.
//! Measured as   The standard deviation of activations in the last layer of a stack, over that in its first, in the first step.
//! Fires when    It is below 0.05 or above 20, in a stack of three layers or more.
//! Try           A start that keeps the variance (Kaiming, with the gain of the nonlinearity), layer or batch norm, residual
//!               sums.
//! False alarms  Stacks whose last layer is another kind of layer under the same name.
//! Read          He, Zhang, Ren, Sun, Delving Deep into Rectifiers, 2015, section 2.2

use crate::{Exam, Lack, Patient, Rule, looks};
use rushlight_trace::{Component, Finding, Severity, SiteKind, Trace};

/// Provisional. Measured over four or five layers: 0.85 to 1.9 in `names-mlp-deep`, `names-mlp-deep-no-norm` (tanh and ReLU) and
/// `names-gpt`; 0.007 where the gain is 0.3.
const FADED: f64 = 0.05;
const GROWN: f64 = 20.0;
const LAYERS: usize = 3;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "signal-by-depth",
    severity: Severity::Risk,
    component: Component::Start,
    source: include_str!("signal_by_depth.rs"),
    check,
    sick: || stack(0.3),
    healthy: || stack(0.8),
};

/// Five layers, each with so many times the spread of the one before.
fn stack(each: f64) -> Trace {
    let sites = ["hidden.0.active", "hidden.1.active", "hidden.2.active", "hidden.3.active", "hidden.4.active"];
    let with = |patient: Patient, (depth, site): (i32, &str)| {
        patient.layer(1, (site, SiteKind::Activation), (0.0, 0.6 * each.powi(depth)), Some(0.05), Some(0))
    };
    (0..).zip(sites).fold(Patient::language(27), with).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let layers = exam.first_layers(SiteKind::Activation)?;
    let of_stack = |stack: looks::Stack| {
        let (first, last) = (stack.layers.first()?, stack.layers.last()?);
        let ratio = last.std / first.std;
        // NaN and an infinite ratio are no judgement: another rule names values that are no numbers.
        let is_odd = ratio < FADED || (ratio > GROWN && ratio.is_finite());
        if stack.layers.len() < LAYERS || !is_odd {
            return None;
        }
        let how = if ratio < FADED { "fades" } else { "grows" };
        let message = format!(
            "the signal {how} with depth: at {} its deviation goes from {:.2e} in the first layer to {:.2e} in the last of {}",
            stack.name,
            first.std,
            last.std,
            stack.layers.len()
        );
        let finding = ENTRY.finds(message).since(last.step).at(&last.site).because_of("model.start");
        let finding = if exam.number("model.gain").is_some() { finding.cure("model.gain=1.67") } else { finding };
        let normed = exam.setting("model.batch_norm").is_some();
        Some(if normed { finding.cure("model.batch_norm=true") } else { finding })
    };
    Ok(looks::stacks(&layers).into_iter().filter_map(of_stack).collect())
}
