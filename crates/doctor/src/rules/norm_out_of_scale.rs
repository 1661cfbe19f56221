//! # norm-out-of-scale
//!
//! You see       Training is slow or unsteady although there are norms, as if there were none.
//! Measured as   The probe `scale` before the first step: the root mean square behind each layer norm; else the probe `norms`: the
//!               deviation behind each norm, before its gain and shift.
//! Fires when    The first is not between 0.5 and 2, for a norm that has not learned yet gives 1; or the second is not within a fifth
//!               of 1, whatever was learned.
//! Try           Gains at 1, shifts at 0, an epsilon far below the variance of what comes in.
//! False alarms  A norm that begins from the weights of another run: it may have learned. Gains that begin at 0 on purpose, to make a
//!               layer the identity.
//! Read          Ba, Kiros, Hinton, Layer Normalization, 2016, section 3

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};
use std::ops::RangeInclusive;

const LOW: f64 = 0.5;
const HIGH: f64 = 2.0;
/// What an epsilon of 1e-5 takes away of an input with a deviation of 0.005.
const NORMAL: RangeInclusive<f64> = 0.8..=1.25;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "norm-out-of-scale",
    severity: Severity::Fault,
    component: Component::Norm,
    source: include_str!("norm_out_of_scale.rs"),
    check,
    sick: || Patient::language(27).probed("scale", "blocks.0.norm1", 30.0, 512.0).trace(),
    healthy: || {
        Patient::language(27)
            .probed("scale", "blocks.0.norm1", 1.0, 512.0)
            .probed("scale", "blocks.0.x", 30.0, 512.0)
            .probed("norms", "blocks.0.norm1", 0.99, 1.0)
            .trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("scale")?;
    let is_norm = |place: &str| place.rsplit('.').next().is_some_and(|word| word.starts_with("norm"));
    let begins_anew = exam.word("train.init.run").is_none_or(str::is_empty);
    let wrong: Vec<_> = probes
        .iter()
        .filter(|probe| begins_anew && probe.step == 0 && is_norm(&probe.place))
        .filter(|probe| !(LOW..=HIGH).contains(&probe.measured))
        .collect();
    let Some(first) = wrong.first() else { return not_normal(exam) };
    let message = format!(
        "`{}` gives values of root mean square {:.3}, where a fresh norm gives 1; so do {} norms",
        first.place,
        first.measured,
        wrong.len()
    );
    Ok(vec![ENTRY.finds(message).at(&first.place)])
}

/// The same by what comes out before gain and shift.
fn not_normal(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("norms")?;
    let wrong: Vec<_> = probes.iter().filter(|probe| !NORMAL.contains(&probe.measured)).collect();
    let Some(first) = wrong.first() else { return Ok(Vec::new()) };
    let message = format!(
        "`{}` gives values of deviation {:.3} before its gain and shift, where a norm gives 1: is its epsilon as large as the \
         variance of what comes in? so do {} of {} norms",
        first.place,
        first.measured,
        wrong.len(),
        probes.len()
    );
    Ok(vec![ENTRY.finds(message).at(&first.place)])
}
