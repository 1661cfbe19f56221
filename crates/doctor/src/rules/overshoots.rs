//! # overshoots
//!
//! You see       The loss leaps up within the first steps, far above that of a guess, and takes long to come back, or never does.
//! Measured as   The median of the five highest losses of the first fifth of the recorded steps, against the first loss.
//! Fires when    It is above 1.25 times the first loss, in nats.
//! Try           Warm-up, or a tenth of the learning rate: the first steps of Adam are as large as the rate allows.
//! False alarms  A first loss below that of a guess, as of weights that were trained before, or far above it; weights that hardly
//!               move: silent there.
//! Read          Vaswani et al. 2017, section 5.3; Goyal et al., Accurate, Large Minibatch SGD, 2017, section 2.2

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

/// Of 360 sound runs of the gym none rose above 1.1 times its first loss; with a hundred times the rate all did, above twice.
const ABOVE: f64 = 1.25;
const LEAST: usize = 50;
/// A first loss lower than this share of ln V is no beginning.
const BEGINS: f64 = 0.8;
const SURE: f64 = 1.3;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "overshoots",
    severity: Severity::Fault,
    component: Component::Rate,
    source: include_str!("overshoots.rs"),
    check,
    sick: || Patient::language(27).steps(300, |step| (if (3..40).contains(&step) { 8.0 } else { 3.3 }, 1.0)).trace(),
    healthy: || {
        Patient::language(27)
            .steps(300, |step| (if (3..5).contains(&step) { 8.0 } else { 3.3 - 0.003 * step as f64 }, 1.0))
            .trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    if !exam.is_in_nats() {
        return Ok(Vec::new());
    }
    let (step, first) = exam.training.first().ok_or(Lack::STEPS)?;
    if exam.training.len() < LEAST {
        return Err(Lack::COURSE);
    }
    let near = |chance: f64| (BEGINS * chance..=SURE * chance).contains(&first);
    let begins = step == 1 && exam.yardstick("ln V").map_or(true, near) && !exam.stands_still();
    let Some((at, high)) = exam.training.leap().filter(|&(_, high)| begins && high > ABOVE * first) else {
        return Ok(Vec::new());
    };
    let message = format!("within the first steps the loss leaps from {first:.2} to {high:.2}");
    let finding = ENTRY.finds(message).since(at).because_of("train.lr");
    Ok(vec![exam.gentler(finding)])
}
