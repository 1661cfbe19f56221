//! # stopped-too-early
//!
//! You see       The run stopped by itself, and both losses looked as if they would go on falling.
//! Measured as   Of a run that was stopped early: the validation losses on the way, its patience, and the training losses of the
//!               last two quarters.
//! Fires when    The lowest validation loss lies in the last fifth and the last one is within 2 % of it, the patience is three
//!               evaluations or fewer, and the training loss still fell by 2 % from the third quarter to the fourth.
//! Try           A patience of ten evaluations, or losses that are smoothed before they are compared (`train.stop.smoothing`).
//! False alarms  Evaluations so rare that three of them are a long time; a validation loss that has turned for good.
//! Read          Prechelt, Early Stopping - But When?, 1998

use crate::course::{jitter, level};
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Done, Finding, Record, Severity, Trace};

/// Provisional; no measured run has stopped so yet. Validation losses of translators tremble by 0.5 % from one evaluation to
/// the next, and patience is five to ten in most papers.
const LAST: f64 = 0.8;
const PATIENCE: f64 = 3.0;
const CLIMBED: f64 = 0.02;
const FELL: f64 = 0.02;
const LEAST: usize = 40;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "stopped-too-early",
    severity: Severity::Note,
    component: Component::Capacity,
    source: include_str!("stopped_too_early.rs"),
    check,
    sick: || stopped(250.0, [3.8, 3.6, 3.4, 3.25, 3.1, 3.0, 2.9, 2.8, 2.81, 2.805]),
    // As little patience, but there was nothing left to wait for.
    healthy: || stopped(40.0, [2.9, 2.5, 2.3, 2.25, 2.2, 2.18, 2.17, 2.16, 2.165, 2.17]),
};

fn stopped(pace: f64, losses: [f64; 10]) -> Trace {
    let recipe = "[train]\nlr = 0.001\nstop = { patience_evaluations = 2 }\n";
    let patient = Patient::language(65).recipe(recipe).steps(500, falling(4.0, 2.0, pace, 0.01));
    let with = |patient: Patient, (step, loss)| patient.evaluated("validation", step, loss);
    let patient = (1..).map(|i| 50 * i).zip(losses).fold(patient, with);
    let reason = "stopped early: the validation loss no longer fell".to_owned();
    // The best weights come back, and are measured once more.
    let patient = patient.evaluated("validation", 500, losses[7]);
    patient.with(Record::Done(Done { reason, steps: 500, tokens: 16_000, seconds: 5.0, wait_seconds: 0.0 })).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    if !exam.trace.done().is_some_and(|done| done.reason.starts_with("stopped early")) {
        return Ok(Vec::new());
    }
    let patience = exam.number("train.stop.patience_evaluations").ok_or(Lack::RECIPE)?;
    let mut on_the_way: Vec<(u64, f64)> = exam.validation.finite().collect();
    // The last is of the best weights, which came back.
    if let [.., (before, _), (last, _)] = on_the_way[..]
        && before == last
    {
        on_the_way.pop();
    }
    let least = on_the_way.iter().copied().min_by(|one, other| one.1.total_cmp(&other.1));
    let ((at, least), &(end, last)) = least.zip(on_the_way.last()).ok_or(Lack::VALIDATION)?;
    if exam.training.len() < LEAST {
        return Err(Lack::COURSE);
    }
    let of = |from, to| level(exam.training.part(from, to)).ok_or(Lack::COURSE);
    let (third, fourth) = (of(0.5, 0.75)?, of(0.75, 1.0)?);
    let trembles = jitter(exam.training.part(0.5, 1.0)).unwrap_or(0.0);
    let still_fell = third - fourth > FELL * fourth.abs() && third - fourth > trembles;
    let is_late = at as f64 >= LAST * end as f64 && last <= (1.0 + CLIMBED) * least;
    if patience > PATIENCE || !is_late || !still_fell {
        return Ok(Vec::new());
    }
    let message = format!(
        "stopped at step {end} after {patience} evaluations without a gain, while the training loss still fell, from {third:.3} to \
         {fourth:.3}, and the validation loss, {last:.3}, is close to its lowest, {least:.3} at step {at}"
    );
    let key = "train.stop.patience_evaluations";
    Ok(vec![ENTRY.finds(message).since(at).at("validation").because_of(key).cure(format!("{key}=10"))])
}
