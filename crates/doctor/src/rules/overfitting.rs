//! # overfitting
//!
//! You see       The validation loss turns and climbs while the training loss goes on falling.
//! Measured as   The last validation loss against the lowest, and the training loss around both.
//! Fires when    It and the one before are 5 % above the lowest, and 0.05 nats where the loss is in nats; the lowest came before 70 % of the run;
//!               and the training loss kept falling, below the lowest of validation.
//! Try           Stopping early; more data, dropout, weight decay, or a smaller model, in this order.
//! False alarms  Losses that climb while accuracy or BLEU still climb as well: the model grows surer of its mistakes. A course that
//!               jumps at a high rate leaves its lowest loss too, on both parts: who is no better at what was seen learned none by heart.
//! Read          Goodfellow, Bengio, Courville, Deep Learning, 2016, sections 5.2 and 7.8

use crate::course::level;
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity, Trace};

/// Provisional; one run of `multi30k-bahdanau`, trained a little too long, ended 3.3 % and 0.06 nats above its lowest.
const ABOVE: f64 = 0.05;
const NATS: f64 = 0.05;
const BEFORE: f64 = 0.7;
const EVALUATIONS: usize = 4;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "overfitting",
    severity: Severity::Risk,
    component: Component::Capacity,
    source: include_str!("overfitting.rs"),
    check,
    sick: || evaluated([2.6, 2.4, 2.3, 2.35, 2.5, 2.7]),
    healthy: || evaluated([2.6, 2.4, 2.3, 2.31, 2.32, 2.34]),
};

fn evaluated(losses: [f64; 6]) -> Trace {
    let patient = Patient::language(65).steps(600, falling(4.0, 1.0, 150.0, 0.05));
    let with = |patient: Patient, (step, loss)| patient.evaluated("validation", step, loss);
    (1..).map(|i| 100 * i).zip(losses).fold(patient, with).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let losses = &exam.validation;
    let (Some((at, least)), Some((end, last))) = (losses.least(), losses.last()) else { return Err(Lack::VALIDATION) };
    if losses.len() < EVALUATIONS {
        return Err(Lack::COURSE);
    }
    let then = exam.training.level_around(at).ok_or(Lack::STEPS)?;
    let now = level(exam.training.part(0.9, 1.0)).ok_or(Lack::STEPS)?;
    let margin = if exam.is_in_nats() { NATS } else { 0.0 };
    let climbed = last > (1.0 + ABOVE) * least && last - least > margin;
    let stays = losses.finite().rev().take(2).all(|(_, loss)| loss > (1.0 + ABOVE) * least);
    if !climbed || !stays || (at as f64) >= BEFORE * end as f64 || now >= then.min(least) {
        return Ok(Vec::new());
    }
    let message = format!(
        "the validation loss was lowest at step {at} ({least:.3}) and is {last:.3} at step {end}, while the training loss went \
         from {then:.3} to {now:.3}"
    );
    let finding = ENTRY.finds(message).since(at).at("validation").because_of("train.stop.patience_evaluations");
    let finding = finding.cure("train.stop.patience_evaluations=3");
    let is_dry = exam.number("model.dropout").is_some_and(|share| share < 0.3);
    Ok(vec![if is_dry { finding.cure("model.dropout=0.3") } else { finding }])
}
