//! # noise-floor
//!
//! You see       A regression that is no better than always answering with the mean of the targets.
//! Measured as   The lowest validation loss, or the median training loss of the last fifth, over the variance of the targets.
//! Fires when    It is 0.95 or more, after 200 recorded steps or at the end of a run of at least 50.
//! Try           Look whether inputs and targets are still in the same order, whether inputs are scaled, whether the targets
//!               depend on them at all: fit a straight line and compare.
//! False alarms  Targets that are mostly noise by nature, of which a few percent is all that can be had.
//! Read          Goodfellow, Bengio, Courville, Deep Learning, 2016, section 5.2 (Bayes error)

use crate::course::level;
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity};

/// Of the variance. Provisional.
const FLOOR: f64 = 0.95;
const LEAST: usize = 50;
const ENOUGH: usize = 200;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "noise-floor",
    severity: Severity::Fault,
    component: Component::Data,
    source: include_str!("noise_floor.rs"),
    check,
    sick: || {
        let patient = Patient::regression().steps(300, falling(1.6, 0.98, 40.0, 0.03));
        patient.evaluated("validation", 100, 1.06).evaluated("validation", 300, 1.02).trace()
    },
    healthy: || {
        // Little can be known of these targets, but something.
        let patient = Patient::regression().steps(300, falling(1.6, 0.82, 40.0, 0.03));
        patient.evaluated("validation", 100, 0.88).evaluated("validation", 300, 0.85).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    if exam.is_in_nats() {
        return Ok(Vec::new());
    }
    let variance = exam.yardstick("variance")?;
    let is_enough = exam.training.len() >= if exam.is_over() { LEAST } else { ENOUGH };
    let of_training = level(exam.training.part(0.8, 1.0)).filter(|_| is_enough).ok_or(Lack::COURSE)?;
    let (what, loss) = exam.validation.least().map_or(("training", of_training), |(_, loss)| ("validation", loss));
    if variance <= 0.0 || loss < FLOOR * variance {
        return Ok(Vec::new());
    }
    let message = format!(
        "the {what} loss came to {loss:.4} at best, and always answering with the mean costs {variance:.4} (the variance): the \
         inputs say nothing about the targets"
    );
    Ok(vec![ENTRY.finds(message).because_of("data")])
}
