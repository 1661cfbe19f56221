//! # probabilities-for-logits
//!
//! You see       The loss begins at ln V and creeps: with V tokens it cannot come below ln(e + V - 1) - 1, however long it trains.
//! Measured as   The probe `normalised`: how far the numbers of an answer are from a sum of 1, and from the range 0 to 1.
//! Fires when    Every number lies between 0 and 1. With a sum of 1 it is a softmax before a loss that has one, else a sigmoid.
//! Try           Return logits; apply softmax or sigmoid only where probabilities are wanted, and nowhere before the loss.
//! False alarms  Log-softmax, which is harmless: its numbers are below 0. A table of zeros: silent while all answers are alike.
//! Read          Goodfellow, Bengio, Courville, Deep Learning, 2016, section 6.2.2.3

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

const ROUNDING: f64 = 1e-3;
/// Answers spread less than this say nothing yet.
const ALIKE: f64 = 1e-9;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "probabilities-for-logits",
    severity: Severity::Fault,
    component: Component::Output,
    source: include_str!("probabilities_for_logits.rs"),
    check,
    sick: || {
        Patient::language(27).probed("normalised", "sum", 1e-7, 0.01).probed("normalised", "range", 0.0, 0.01).trace()
    },
    healthy: || {
        Patient::language(27).probed("normalised", "sum", 4.5, 0.2).probed("normalised", "range", 0.8, 0.2).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("normalised")?;
    let of = |place: &str| probes.iter().find(|probe| probe.place == place);
    let (Some(sum), Some(range)) = (of("sum"), of("range")) else { return Ok(Vec::new()) };
    if range.measured != 0.0 || range.reference.is_nan() || range.reference < ALIKE {
        return Ok(Vec::new());
    }
    let chance = exam.yardstick("ln V").unwrap_or(f64::NAN);
    let floor = (chance.exp() + std::f64::consts::E - 1.0).ln() - 1.0;
    let message = match sum.measured < ROUNDING {
        true => format!(
            "the answers are probabilities: they sum to 1 within {:.0e}; a loss that takes them for logits has its floor at {floor:.2} nats",
            sum.measured.max(1e-9)
        ),
        false => format!(
            "all answers lie between 0 and 1, as a sigmoid leaves them; their deviation is {:.1e}",
            range.reference
        ),
    };
    Ok(vec![ENTRY.finds(message).at("logits")])
}
