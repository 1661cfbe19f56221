//! # plateau
//!
//! You see       The loss fell a little at the beginning and has been level for half of the run.
//! Measured as   The median losses of the third and of the fourth quarter, against the noise and the second tenth.
//! Fires when    They differ by less than half of the noise and 1 %, the last is above 0.9 times the second tenth, above the entropy
//!               of bigrams, and below 0.97 ln V (above, it is stuck-at-chance).
//! Try           A higher learning rate, or one that falls when nothing happens (`schedule = plateau`); a larger model.
//! False alarms  A loss that has found its floor: data whose pairs say less than their entropy promises on this little text.
//! Read          Bengio, Practical Recommendations for Gradient-Based Training of Deep Architectures, 2012, section 3.1.1

use crate::course::{level, noise};
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity};

/// Provisional; meant to speak seldom.
const OF_SECOND_TENTH: f64 = 0.9;
const OF_NOISE: f64 = 0.5;
const CHANCE: f64 = 0.97;
const OF_LEVEL: f64 = 0.01;
const LEAST: usize = 200;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "plateau",
    severity: Severity::Note,
    component: Component::Rate,
    source: include_str!("plateau.rs"),
    check,
    sick: || Patient::language(27).steps(400, falling(3.3, 3.0, 10.0, 0.03)).trace(),
    healthy: || {
        let flat = falling(3.3, 3.0, 10.0, 0.03);
        Patient::language(27).steps(400, |step| (flat(step).0 - 0.0006 * step as f64, 1.0)).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    if !exam.is_in_nats() {
        return Ok(Vec::new());
    }
    let (chance, bigram) = (exam.yardstick("ln V")?, exam.yardstick("bigram entropy")?);
    let losses = &exam.training;
    if losses.len() < LEAST {
        return Err(Lack::COURSE);
    }
    let of = |from, to| level(losses.part(from, to)).ok_or(Lack::COURSE);
    let (early, third, last) = (of(0.1, 0.2)?, of(0.5, 0.75)?, of(0.75, 1.0)?);
    let trembles = noise(losses.part(0.5, 1.0)).ok_or(Lack::COURSE)?;
    let is_flat = (third - last).abs() < (OF_NOISE * trembles).min(OF_LEVEL * last) && last > OF_SECOND_TENTH * early;
    if !is_flat || last <= bigram || last >= CHANCE * chance {
        return Ok(Vec::new());
    }
    let since = losses.part(0.5, 1.0).first().map_or(0, |&(step, _)| step);
    let message = format!(
        "the loss has been level since step {since}: {third:.3} and {last:.3} nats in the last two quarters, {early:.3} near \
         the start"
    );
    let finding = ENTRY.finds(message).since(since).because_of("train.lr");
    Ok(vec![exam.rate_times(3.0).into_iter().fold(finding, Finding::cure)])
}
