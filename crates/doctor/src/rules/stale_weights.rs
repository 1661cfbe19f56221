//! # stale-weights
//!
//! You see       A model that was good when it was saved is no better than a fresh one when it is read back.
//! Measured as   The probe `saved`: how much the answers differ between the model and its weights read into a fresh one.
//! Fires when    They differ at all. Where the output alone comes back as other numbers, and not as zeros, it was drawn anew.
//! Try           Save every parameter and every running statistic, under the names by which they are read.
//! False alarms  None: the same numbers give the same answers to the last bit. Silent where evaluations are random themselves.
//! Read          safetensors documentation, Format

use crate::names::part_of;
use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Probe, Severity};

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "stale-weights",
    severity: Severity::Fault,
    component: Component::Evaluation,
    source: include_str!("stale_weights.rs"),
    check,
    sick: || Patient::language(27).probed("saved", "", 0.5, 1.0).trace(),
    healthy: || Patient::language(27).probed("saved", "", 0.0, 1.0).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed_ever("saved")?;
    let chance = exam.evaluates_at_random();
    let differs = |probe: &&&Probe| !chance && (probe.measured.is_nan() || probe.measured > 0.0);
    let finding = |probe: &&Probe| {
        let others: Vec<&Probe> =
            probes.iter().copied().filter(|other| other.step == probe.step && !other.place.is_empty()).collect();
        let message = format!(
            "after saving and reading the answers differ by {:.2e}; the largest is {:.2e}",
            probe.measured, probe.reference
        );
        match others.first() {
            None => ENTRY.finds(message),
            Some(first) => {
                let message = format!("{message}; `{}` comes back as {}", first.place, told(first));
                let more = if others.len() > 1 { format!(", and {} more", others.len() - 1) } else { String::new() };
                let component = if is_head_anew(exam, &others) { Component::Output } else { ENTRY.component };
                Finding { component, ..ENTRY.finds(message + &more).at(&first.place) }
            }
        }
    };
    Ok(probes.iter().filter(|probe| probe.place.is_empty()).filter(differs).map(finding).collect())
}

/// Whether nothing is left of a parameter but zeros: all that it had is what it lacks.
fn is_empty(probe: &Probe) -> bool {
    probe.measured == probe.reference
}

fn told(probe: &Probe) -> &'static str {
    if is_empty(probe) { "zeros" } else { "other numbers" }
}

/// Whether the output came back as other numbers than were saved, and all else as it was.
fn is_head_anew(exam: &Exam, others: &[&Probe]) -> bool {
    // Where layers are counted and nothing else, the last one is the output.
    let number = |name: &str| name.strip_prefix("layers.")?.strip_suffix(".weight")?.parse::<usize>().ok();
    let last = exam.trace.parameters().filter_map(|parameter| number(&parameter.name)).max();
    let is_last = |name: &str| last.is_some_and(|last| name.starts_with(&format!("layers.{last}.")));
    let is_of_output = |probe: &&Probe| part_of(&probe.place) == Component::Output || is_last(&probe.place);
    others.iter().all(is_of_output) && others.iter().any(|probe| !is_empty(probe))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_of_other_numbers_was_drawn_anew_and_one_of_zeros_was_not_read() {
        let found = |place: &str, apart: f64| {
            let trace = Patient::language(27).probed("saved", "", 0.5, 1.0).probed("saved", place, apart, 0.3).trace();
            let finding = check(&Exam::of(&trace)).unwrap().remove(0);
            (finding.component, finding.place, finding.message.contains("zeros"))
        };
        assert_eq!(found("out.weight", 0.33), (Component::Output, "out.weight".into(), false));
        assert_eq!(found("out.weight", 0.3), (Component::Evaluation, "out.weight".into(), true));
        assert_eq!(found("hidden.0.weight", 0.33), (Component::Evaluation, "hidden.0.weight".into(), false));
    }
}
