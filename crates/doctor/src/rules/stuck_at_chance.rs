//! # stuck-at-chance
//!
//! You see       A loss that begins near ln V, as it should, and stays there.
//! Measured as   The median loss of each tenth of the recorded steps, and of the last fifth, in ln V.
//! Fires when    None of them is below 0.97, and the last fifth not above 1.1, after 100 recorded steps or more.
//! Try           In this order: one batch again and again (a sound model learns it by heart), a ten times higher rate, whether
//!               gradients reach all weights, whether logits and not probabilities enter the loss, whether targets belong to
//!               their inputs.
//! False alarms  Tasks that begin with a long stretch of nothing, such as repeating from memory: wait. Data that hold nothing
//!               to be learned.
//! Read          Karpathy, A Recipe for Training Neural Networks, 2019, "overfit one batch"

use crate::course::level;
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity};

/// Provisional; in ln V.
const CHANCE: f64 = 0.97;
/// What is worse than guessing is over-confident or diverges.
const WORSE: f64 = 1.1;
const LEAST: usize = 100;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "stuck-at-chance",
    severity: Severity::Fault,
    component: Component::Unknown,
    source: include_str!("stuck_at_chance.rs"),
    check,
    sick: || Patient::language(27).steps(400, falling(3.32, 3.28, 40.0, 0.02)).trace(),
    healthy: || {
        // As a recall task goes: nothing for a long time, and then all at once.
        let stuck = falling(3.32, 3.28, 40.0, 0.02);
        let learns = move |step: u64| (stuck(step).0 - 0.012 * step.saturating_sub(250) as f64, 1.0);
        Patient::language(27).steps(400, learns).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    if !exam.is_in_nats() {
        return Ok(Vec::new());
    }
    let chance = exam.yardstick("ln V")?;
    let tenths = exam.training.tenths().filter(|_| exam.training.len() >= LEAST).ok_or(Lack::COURSE)?;
    let last = level(exam.training.part(0.8, 1.0)).ok_or(Lack::COURSE)?;
    let is_near = last > CHANCE * chance && last < WORSE * chance;
    if chance <= 0.0 || !is_near || tenths.iter().any(|&(_, tenth)| tenth < CHANCE * chance) {
        return Ok(Vec::new());
    }
    let steps = exam.training.last().map_or(0, |(step, _)| step);
    let message = format!(
        "after {steps} steps the loss is {last:.3} nats, and guessing costs {chance:.3} (ln V): nothing has been learned; look \
         at the rate, at the gradients of all weights, at what enters the loss, and whether targets belong to inputs"
    );
    let finding = ENTRY.finds(message).since(tenths[0].0).because_of("train.lr");
    Ok(vec![exam.rate_times(10.0).into_iter().fold(finding, Finding::cure)])
}
