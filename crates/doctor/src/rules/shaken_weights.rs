//! # shaken-weights
//!
//! You see       A trained model whose loss leaps up when its training goes on, and has to learn again what it knew.
//! Measured as   The median of the five highest losses of the first fifth of the recorded steps, against the first loss, where a run
//!               begins from the weights of another (`train.init.run`).
//! Fires when    It is above twice the first loss.
//! Try           Warm-up, or a tenth of the learning rate: a fresh Adam has no memory of how large gradients are, and its first steps
//!               are as large as its rate.
//! False alarms  New data that are harder than the old, for which the first loss is high already. Losses over batches that
//!               differ by nature.
//! Read          Kingma, Ba, Adam, 2015, section 2.1; Goyal et al., Accurate, Large Minibatch SGD, 2017, section 2.2

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity, Trace};

const LEAPS: f64 = 2.0;
const LEAST: usize = 50;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "shaken-weights",
    severity: Severity::Fault,
    component: Component::Rate,
    source: include_str!("shaken_weights.rs"),
    check,
    sick: || goes_on(0.04),
    healthy: || goes_on(0.0004),
};

/// A trained model that goes on from a loss of 0.00025 and comes to so much within twenty steps.
fn goes_on(high: f64) -> Trace {
    let level = move |step: u64| if (2..20).contains(&step) { high } else { 2.5e-4 };
    let loss = move |step: u64| level(step) * (1.0 + 0.1 * (step as f64 * 2.4).sin());
    Patient::regression().recipe("[train.init]\nrun = \"runs/a\"\n").steps(100, |step| (loss(step), 1.0)).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    if exam.word("train.init.run").is_none_or(str::is_empty) {
        return Ok(Vec::new());
    }
    let (_, first) = exam.training.first().ok_or(Lack::STEPS)?;
    if exam.training.len() < LEAST {
        return Err(Lack::COURSE);
    }
    let Some((at, high)) = exam.training.leap().filter(|&(_, high)| high > LEAPS * first) else {
        return Ok(Vec::new());
    };
    let message = format!("the weights began at a loss of {first:.2e}, and the first steps took them to {high:.2e}");
    let finding = ENTRY.finds(message).since(at).because_of("train.lr");
    Ok(vec![exam.gentler(finding)])
}
