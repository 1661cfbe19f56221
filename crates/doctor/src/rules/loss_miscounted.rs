//! # loss-miscounted
//!
//! You see       A loss that is many times ln V, or a fraction of it, at the start; losses that follow the batch size or the padding.
//! Measured as   The probe `loss`: the loss that a step tells, against the mean over the targets that count, computed apart.
//! Fires when    The two are more than a hundredth apart. A multiple is a sum in place of a mean; where they part only at `padding`,
//!               what does not count is counted.
//! Try           Divide the sum of the losses by the number of targets that count, over the whole batch.
//! False alarms  None known: both see the same dropout. Losses of nothing: silent there.
//! Read          Ott et al., fairseq, 2019 (losses are normalised by the number of tokens of the whole batch)

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

/// Rounding is a thousand times below.
const APART: f64 = 0.01;
/// A loss that is as good as nothing has no digits to compare.
const NOTHING: f64 = 1e-5;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "loss-miscounted",
    severity: Severity::Fault,
    component: Component::Loss,
    source: include_str!("loss_miscounted.rs"),
    check,
    sick: || Patient::language(27).probed("loss", "", 105.6, 3.3).probed("loss", "padding", 70.4, 3.3).trace(),
    healthy: || Patient::language(27).probed("loss", "", 3.3001, 3.3).probed("loss", "padding", 3.3001, 3.3).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("loss")?;
    let apart = |probe: &&&rushlight_trace::Probe| {
        let times = probe.measured / probe.reference;
        probe.reference > NOTHING && !(1.0 - APART..=1.0 + APART).contains(&times)
    };
    let Some(probe) = probes.iter().find(apart) else { return Ok(Vec::new()) };
    let (measured, reference) = (probe.measured, probe.reference);
    let times = measured / reference;
    let message = match probe.place.as_str() {
        "counted" => format!("a step counts {measured} targets, of which {reference} should count"),
        "padding" => {
            format!("where some targets do not count, a step tells {measured:.3}, {times:.2} times {reference:.3}")
        }
        _ => {
            format!("a step tells a loss of {measured:.3}, {times:.2} times the mean over what counts, {reference:.3}")
        }
    };
    Ok(vec![ENTRY.finds(message)])
}
