//! # clipping-every-step
//!
//! You see       Nothing, as a rule: the gradient's norm far above the bound, all the way.
//! Measured as   The norm of the gradient before clipping, over the norm that it is clipped to.
//! Fires when    It is above 10 on more than 98 % of the recorded steps: then clipping is no guard against bursts but fixes
//!               the length of every step, and the learning rate means something else.
//! Try           A bound near the usual norm, and a learning rate that is tuned again.
//! False alarms  Wanted normalised steps. With Adam it changes little but the weight of bursts: hence a note.
//! Read          Pascanu, Mikolov, Bengio, On the Difficulty of Training Recurrent Neural Networks, 2013, section 3.2

use crate::course::median;
use crate::exam::rounded;
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity, Trace};

/// Provisional.
const TIMES: f64 = 10.0;
const SHARE: f64 = 0.98;
const LEAST: usize = 100;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "clipping-every-step",
    severity: Severity::Note,
    component: Component::Gradient,
    source: include_str!("clipping_every_step.rs"),
    check,
    sick: || clipped(25.0),
    // Above the bound all the way as well, by a little.
    healthy: || clipped(3.0),
};

fn clipped(norm: f64) -> Trace {
    let fine = falling(4.0, 2.0, 40.0, 0.05);
    let recipe = "[train]\nlr = 0.001\nclip = { norm = 1.0 }\noptimizer = { kind = \"adam\" }\n";
    Patient::language(65).recipe(recipe).steps(200, move |step| (fine(step).0, norm * fine(step).1)).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let Some(bound) = exam.clip_norm()? else { return Ok(Vec::new()) };
    let norms: Vec<f64> = exam.trace.steps().map(|step| step.gradient_norm).filter(|norm| norm.is_finite()).collect();
    let usual = median(norms.iter().copied()).filter(|_| norms.len() >= LEAST).ok_or(Lack::COURSE)?;
    let share = norms.iter().filter(|&&norm| norm > TIMES * bound).count() as f64 / norms.len() as f64;
    if share <= SHARE {
        return Ok(Vec::new());
    }
    let percent = 100.0 * share;
    let message = format!(
        "the gradient's norm is above {TIMES} times what it is clipped to on {percent:.0} % of the steps: {usual:.1} as a rule, \
         clipped to {bound}"
    );
    let cure = format!("train.clip={{ norm = {:?} }}", rounded(usual));
    Ok(vec![ENTRY.finds(message).because_of("train.clip").cure(cure)])
}
