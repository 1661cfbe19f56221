//! # cache-wrong
//!
//! You see       The loss is good and what the model writes is not: it loses the thread, repeats itself, or mixes up two requests.
//! Measured as   The probe `cached_step`: how far the logits of reading token by token are from those of reading at once, with rows
//!               that began together and with rows that did not (`joined`).
//! Fires when    They differ by more than a thousandth of the largest logit.
//! Try           Add each key and value to the cache once, in its own row and place; give each row its own position.
//! False alarms  None known: rounding is some hundred times below.
//! Read          Pope et al., Efficiently Scaling Transformer Inference, 2022, section 2

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

const MOVED: f64 = 1e-3;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "cache-wrong",
    severity: Severity::Fault,
    component: Component::Cache,
    source: include_str!("cache_wrong.rs"),
    check,
    sick: || {
        Patient::language(27).probed("cached_step", "", 0.3, 1.0).probed("cached_step", "joined", 0.3, 1.0).trace()
    },
    healthy: || {
        Patient::language(27).probed("cached_step", "", 6e-7, 1.0).probed("cached_step", "joined", 5e-7, 1.0).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("cached_step")?;
    let chance = exam.evaluates_at_random();
    let differs =
        |probe: &&&rushlight_trace::Probe| probe.measured.is_nan() || probe.measured > MOVED * probe.reference;
    let Some(probe) = probes.iter().filter(|_| !chance).find(differs) else { return Ok(Vec::new()) };
    let whose = if probe.place == "joined" { "of rows that began at different times " } else { "" };
    let message = format!(
        "reading {whose}token by token differs from reading at once by {:.2e}; the largest logit is {:.2e}",
        probe.measured, probe.reference
    );
    Ok(vec![ENTRY.finds(message)])
}
