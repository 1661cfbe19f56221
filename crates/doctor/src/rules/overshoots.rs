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
const HIGHEST: usize = 5;
const LEAST: usize = 50;
/// A first loss lower than this share of ln V is no beginning.
const BEGINS: f64 = 0.8;
const SURE: f64 = 1.3;
const WARM_UP: u64 = 100;

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
    let mut early: Vec<(u64, f64)> = exam.training.part(0.0, 0.2).to_vec();
    early.retain(|(_, loss)| loss.is_finite());
    early.sort_by(|one, other| other.1.total_cmp(&one.1));
    let Some(&(at, high)) = early.get(HIGHEST / 2).filter(|_| begins && early.len() >= HIGHEST) else {
        return Ok(Vec::new());
    };
    if high <= ABOVE * first {
        return Ok(Vec::new());
    }
    let message = format!("within the first steps the loss leaps from {first:.2} to {high:.2}");
    let finding = ENTRY.finds(message).since(at).because_of("train.lr");
    let warms_up = exam.number("train.schedule.warmup_steps").is_none_or(|steps| steps > 0.0);
    let finding = if warms_up { finding } else { finding.cure(format!("train.schedule.warmup_steps={WARM_UP}")) };
    Ok(vec![exam.rate_times(0.1).into_iter().fold(finding, Finding::cure)])
}
