//! # embedding-out-of-scale
//!
//! You see       Positions drown in the embeddings, or the first layer is saturated from the start.
//! Measured as   The probe `scale` before the first step: the root mean square of what the first layer reads.
//! Fires when    It is above 4, or below a ten thousandth.
//! Try           Start embeddings at a deviation between 0.02 and 1; scale them by √D only where they start at 1/√D.
//! False alarms  None known: the models that ship lie between 0.02 and 2.
//! Read          Vaswani et al. 2017, section 3.4; Glorot, Bengio 2010, section 4.2

use crate::{Exam, Lack, Patient, Rule, names};
use rushlight_trace::{Component, Finding, Severity};

const HIGH: f64 = 4.0;
const LOW: f64 = 1e-4;
const LARGE: f64 = 3.0;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "embedding-out-of-scale",
    severity: Severity::Fault,
    component: Component::Embedding,
    source: include_str!("embedding_out_of_scale.rs"),
    check,
    sick: || Patient::language(27).probed("scale", "embed", 30.0, 512.0).trace(),
    healthy: || {
        Patient::language(27).probed("scale", "embed", 0.03, 512.0).probed("scale", "blocks.0.x", 30.0, 512.0).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("scale")?;
    let tables: Vec<_> = exam.first_parameters().unwrap_or_default();
    let tables: Vec<_> = tables.into_iter().filter(|one| names::part_of(&one.name) == Component::Embedding).collect();
    let is_table = |place: &str| place.rsplit('.').next().is_some_and(|word| word == "embed") || place == "x";
    let wrong = |probe: &&&rushlight_trace::Probe| {
        probe.step == 0 && is_table(&probe.place) && !(LOW..=HIGH).contains(&probe.measured)
    };
    let finding = |probe: &&rushlight_trace::Probe| {
        let message = format!("the embeddings at `{}` have a root mean square of {:.2e}", probe.place, probe.measured);
        let finding = ENTRY.finds(message).at(&probe.place);
        // A table that begins so large is a matter of its start.
        let is_start = tables.iter().any(|table| table.std > LARGE);
        if is_start { Finding { component: Component::Start, ..finding } } else { finding }
    };
    Ok(probes.iter().filter(wrong).take(1).map(finding).collect())
}
