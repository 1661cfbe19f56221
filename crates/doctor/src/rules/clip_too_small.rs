//! # clip-too-small
//!
//! You see       A loss that creeps, whatever the model, under plain gradient descent.
//! Measured as   The norm that gradients are clipped to, over the median norm before clipping.
//! Fires when    It is below 1/1000, and the optimizer is SGD: each step is then a thousandth of what the rate says.
//! Try           A bound near the usual norm.
//! False alarms  Optimizers that divide by the size of the gradient, such as Adam, do not mind: silent with them.
//! Read          Pascanu, Mikolov, Bengio, On the Difficulty of Training Recurrent Neural Networks, 2013, section 3.2

use crate::course::median;
use crate::exam::rounded;
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity, Trace};

/// Provisional.
const SMALL: f64 = 1e-3;
const LEAST: usize = 30;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "clip-too-small",
    severity: Severity::Fault,
    component: Component::Gradient,
    source: include_str!("clip_too_small.rs"),
    check,
    sick: || clipped(1e-4),
    healthy: || clipped(0.2),
};

fn clipped(bound: f64) -> Trace {
    let fine = falling(4.0, 3.5, 100.0, 0.05);
    let recipe = format!("[train]\nlr = 0.1\nclip = {{ norm = {bound} }}\noptimizer = {{ kind = \"sgd\" }}\n");
    Patient::language(65).recipe(&recipe).steps(200, fine).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let clips = exam.clip_norm()?.is_some();
    if clips && exam.trace.steps().count() < LEAST {
        return Err(Lack::COURSE);
    }
    let Some((usual, bound)) = choked(exam) else { return Ok(Vec::new()) };
    let times = usual / bound;
    let message =
        format!("gradients of norm {usual:.2} are clipped to {bound}: each step of SGD is {times:.0} times too short");
    let cure = format!("train.clip={{ norm = {:?} }}", rounded(usual));
    Ok(vec![ENTRY.finds(message).because_of("train.clip.norm").cure(cure)])
}

/// The usual norm and what it is clipped to, where that makes the steps of SGD next to nothing.
pub(crate) fn choked(exam: &Exam) -> Option<(f64, f64)> {
    let bound = exam.clip_norm().ok()??;
    let usual = median(exam.trace.steps().map(|step| step.gradient_norm))?;
    let is_sgd = exam.word("train.optimizer.kind") == Some("sgd");
    (is_sgd && bound < SMALL * usual).then_some((usual, bound))
}
