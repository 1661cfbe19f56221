//! # skip-changed
//!
//! You see       A deep Transformer that learns like a shallow one, or not at all.
//! Measured as   The probe `carried`: how far what goes around the first sublayer of each layer is from what the layer before gave.
//! Fires when    They differ by more than a hundred thousandth in every layer.
//! Try           x + f(x): the same x, neither scaled nor dropped nor made anew.
//! False alarms  None: the two are the same numbers. Where evaluations are random, another rule speaks.
//! Read          He et al., Deep Residual Learning, 2016, section 3.1; Vaswani et al. 2017, section 3.1

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

const APART: f64 = 1e-5;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "skip-changed",
    severity: Severity::Fault,
    component: Component::Residual,
    source: include_str!("skip_changed.rs"),
    check,
    sick: || {
        Patient::language(27)
            .probed("carried", "blocks.0.attention.skip", 1.5, 0.5)
            .probed("carried", "blocks.1.attention.skip", 1.4, 0.5)
            .trace()
    },
    healthy: || {
        Patient::language(27)
            .probed("carried", "blocks.0.attention.skip", 0.0, 0.5)
            .probed("carried", "blocks.1.attention.skip", 0.0, 0.5)
            .trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("carried")?;
    let same = |probe: &&rushlight_trace::Probe| probe.measured <= APART * probe.reference;
    let Some(first) = probes.first().filter(|_| !probes.iter().any(same) && !exam.evaluates_at_random()) else {
        return Ok(Vec::new());
    };
    let message = format!(
        "what goes around `{}` is {:.2e} away from what came in, whose largest number is {:.2e}",
        first.place.trim_end_matches("skip").trim_end_matches('.'),
        first.measured,
        first.reference
    );
    Ok(vec![ENTRY.finds(message).at(&first.place)])
}
