//! # too-good
//!
//! You see       A validation loss below what can be had, and that almost at once.
//! Measured as   The validation losses of the first tenth of the run, against the entropy of pairs or the variance of the targets.
//! Fires when    One of them is below a twentieth of that entropy, for a language model, or below a millionth of that variance.
//! Try           Look for the answer in the question: a target among the inputs, a mask that lets the next token through,
//!               validation data among the training data.
//! False alarms  Targets that are an exact function of the inputs, without noise. Text whose pairs say nothing and whose
//!               longer pieces say all: silent below half a nat of pairs, and for translations and made-up tasks. A run that
//!               begins with the weights of another is not looked at.
//! Read          Kapoor, Narayanan, Leakage and the Reproducibility Crisis in Machine-Learning-Based Science, 2023

use crate::course::shown;
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity, Trace};

/// Provisional; a guess from what text costs: a good model of it needs a third of the entropy of its pairs, and a small GPT
/// that saw the future was at a sixteenth after 300 steps. Translators of reversed digits come to a thousandth, by right.
const OF_PAIRS: f64 = 0.05;
const OF_VARIANCE: f64 = 1e-6;
const EARLY: f64 = 0.1;
const PAIRS_NATS: f64 = 0.5;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "too-good",
    severity: Severity::Note,
    component: Component::Data,
    source: include_str!("too_good.rs"),
    check,
    sick: || evaluated(10.0, 0.14),
    // A text of few lines, said again and again: known by heart, but only in the end.
    healthy: || evaluated(100.0, 2.7),
};

fn evaluated(pace: f64, early: f64) -> Trace {
    let patient = Patient::language(65).steps(400, falling(4.0, 0.1, pace, 0.005));
    patient.evaluated("validation", 40, early).evaluated("validation", 400, 0.14).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let (end, _) = exam.training.last().ok_or(Lack::STEPS)?;
    exam.validation.first().ok_or(Lack::VALIDATION)?;
    let (bound, held_against) = match exam.is_in_nats() {
        true => {
            let pairs = exam.yardstick("bigram entropy")?;
            (OF_PAIRS * pairs, format!("pairs of tokens alone leave {pairs:.3} nats"))
        }
        false => {
            let variance = exam.yardstick("variance")?;
            (OF_VARIANCE * variance, format!("the targets have a variance of {}", shown(variance)))
        }
    };
    let is_asked = !exam.is_in_nats() || exam.is_of_text() && bound >= OF_PAIRS * PAIRS_NATS;
    let goes_on = exam.word("train.init.run").is_some_and(|run| !run.is_empty());
    let mut early = exam.validation.finite().filter(|&(step, _)| step as f64 <= EARLY * end as f64);
    let Some((step, loss)) = early.find(|&(_, loss)| loss < bound).filter(|_| is_asked && !goes_on) else {
        return Ok(Vec::new());
    };
    let message = format!(
        "already at step {step} of {end} the validation loss is {}, where {held_against}: better than can be had, as where the \
         answer is among the inputs",
        shown(loss)
    );
    Ok(vec![ENTRY.finds(message).since(step).at("validation").because_of("data")])
}
