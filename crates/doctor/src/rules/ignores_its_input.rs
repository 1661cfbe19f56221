//! # ignores-its-input
//!
//! You see       A loss that falls at once by a good piece and then no further; samples of the commonest tokens.
//! Measured as   The median validation loss of the last fifth (that of training, where there are fewer than five evaluations),
//!               against the entropy of single tokens.
//! Fires when    It lies within 2 % of that entropy and fell by less than 1 % from the fifth before, after 300 recorded
//!               steps or at the end of the run: a note, and a fault after 900 recorded steps.
//! Try           Look whether inputs reach the model and belong to their targets: shuffled apart, masked away, or an embedding
//!               that is cut off. Then one batch again and again, which needs the inputs to be learned.
//! False alarms  Data in which tokens hardly differ in frequency: silent while the entropy is above 0.95 ln V. Data whose
//!               tokens do not depend on each other, where there is nothing else to learn.
//! Read          Karpathy, A Recipe for Training Neural Networks, 2019, "input-independent baseline"

use crate::course::level;
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity};

/// Provisional.
const NEAR: f64 = 0.02;
const FALLS: f64 = 0.01;
const INFORMED: f64 = 0.95;
const LEAST: usize = 300;
const LONG: usize = 900;
const EVALUATIONS: usize = 5;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "ignores-its-input",
    severity: Severity::Fault,
    component: Component::Data,
    source: include_str!("ignores_its_input.rs"),
    check,
    sick: || Patient::language(27).steps(1000, falling(3.3, 2.8, 40.0, 0.02)).trace(),
    healthy: || {
        // It stops at the unigrams for a while, and then finds the bigrams.
        let unigrams = falling(3.3, 2.8, 40.0, 0.02);
        let goes_on = move |step: u64| (unigrams(step).0 - 0.0025 * step.saturating_sub(250) as f64, 1.0);
        Patient::language(27).steps(400, goes_on).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    if !exam.is_in_nats() {
        return Ok(Vec::new());
    }
    let (chance, unigram) = (exam.yardstick("ln V")?, exam.yardstick("unigram entropy")?);
    let losses = exam.judged(EVALUATIONS);
    let fifths = (level(losses.part(0.6, 0.8)), level(losses.part(0.8, 1.0)));
    let is_enough = losses.len() >= EVALUATIONS && (exam.is_over() || exam.training.len() >= LEAST);
    let (Some(before), Some(last), true) = (fifths.0, fifths.1, is_enough) else { return Err(Lack::COURSE) };
    let is_at_unigrams = (last - unigram).abs() < NEAR * unigram && last > (1.0 - FALLS) * before;
    if unigram >= INFORMED * chance || !is_at_unigrams {
        return Ok(Vec::new());
    }
    let message = format!(
        "the loss stands at {last:.3} nats, and knowing only how frequent each token is costs {unigram:.3}: the model makes \
         nothing of what it reads"
    );
    let since = losses.part(0.8, 1.0).first().map_or(0, |&(step, _)| step);
    // Attention finds the frequencies first, and stays with them for some hundred steps.
    let severity = if exam.training.len() >= LONG { ENTRY.severity } else { Severity::Note };
    Ok(vec![Finding { severity, ..ENTRY.finds(message).since(since).because_of("data") }])
}
