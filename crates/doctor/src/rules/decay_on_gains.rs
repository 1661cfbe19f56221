//! # decay-on-gains
//!
//! You see       Nothing, as a rule: gains of norms and biases that are pulled to 0 along with the weights.
//! Measured as   The recipe's AdamW: `weight_decay`, and which weights it is for; times the learning rates of all steps.
//! Fires when    It is for all of them, some are gains or biases, and by itself it would take off a tenth of them in this run.
//! Try           `decay = "matrices"`: weights that are multiplied decay, what is added or scales does not.
//! False alarms  Small models that train as well either way: a matter of good order more than of losses. Silent on the other
//!               optimizers, whose decay is part of the gradient and has no such choice.
//! Read          Loshchilov, Hutter, Decoupled Weight Decay Regularization, 2019; Karpathy, nanoGPT, `configure_optimizers`

use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity, Trace};

/// Provisional; guessed so that AdamW's default of 0.01 is let be in the short runs of the recipes, where it takes 2 to 9 %,
/// and the 0.1 of large models is not.
const TAKEN: f64 = 0.1;
/// What AdamW does where the recipe does not say.
const DEFAULT: f64 = 0.01;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "decay-on-gains",
    severity: Severity::Note,
    component: Component::Optimizer,
    source: include_str!("decay_on_gains.rs"),
    check,
    sick: || decayed("all"),
    healthy: || decayed("matrices"),
};

fn decayed(what: &str) -> Trace {
    let optimizer = format!("optimizer = {{ kind = \"adamw\", weight_decay = 0.1, decay = \"{what}\" }}");
    let fine = falling(4.0, 2.0, 60.0, 0.02);
    let told = move |step| (fine(step).0, fine(step).1, 0.005);
    Patient::language(65).recipe(&format!("[train]\nlr = 0.005\n{optimizer}\n")).rated(400, told).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let kind = exam.word("train.optimizer.kind").ok_or(Lack::RECIPE)?;
    let decay = exam.number("train.optimizer.weight_decay").unwrap_or(DEFAULT);
    let is_for_all = exam.word("train.optimizer.decay").unwrap_or("all") == "all";
    if kind != "adamw" || !is_for_all || decay <= 0.0 {
        return Ok(Vec::new());
    }
    let mut vectors = exam.trace.parameters().map(|parameter| parameter.shape.len() == 1).peekable();
    let has_none = vectors.peek().is_some() && !vectors.any(|is_vector| is_vector);
    // Each recorded rate stands for the steps since the one before.
    let mut before = 0;
    let mut rates = 0.0;
    for (step, rate) in exam.rates().filter(|(_, rate)| rate.is_finite()) {
        rates += rate * step.saturating_sub(before) as f64;
        before = step;
    }
    let taken = 1.0 - (-rates * decay).exp();
    if before == 0 {
        return Err(Lack::STEPS);
    }
    if has_none || taken < TAKEN {
        return Ok(Vec::new());
    }
    let message = format!(
        "a weight decay of {decay} is on gains and biases as well: by itself it takes {:.0} % off them in {before} steps",
        100.0 * taken
    );
    let key = "train.optimizer.decay";
    Ok(vec![ENTRY.finds(message).because_of(key).cure(format!("{key}=matrices"))])
}
