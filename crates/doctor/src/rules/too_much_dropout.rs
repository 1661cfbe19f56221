//! # too-much-dropout
//!
//! You see       Training is slow and ends high; the loss without dropout is far below that with it.
//! Measured as   `dropout` in the recipe's model.
//! Fires when    It is above 0.7.
//! Try           0.1 to 0.5; less for small models and short trainings.
//! False alarms  None known: beyond 0.5 a layer's noise outweighs its signal.
//! Read          Srivastava et al., Dropout, 2014, section 7.3 and appendix A.4

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

const MOST: f64 = 0.7;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "too-much-dropout",
    severity: Severity::Risk,
    component: Component::Capacity,
    source: include_str!("too_much_dropout.rs"),
    check,
    sick: || Patient::language(27).recipe("[model]\nkind = \"gpt\"\ndropout = 0.95\n").trace(),
    healthy: || Patient::language(27).recipe("[model]\nkind = \"gpt\"\ndropout = 0.5\n").trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    exam.word("model.kind").ok_or(Lack::RECIPE)?;
    let Some(dropped) = exam.number("model.dropout").filter(|&dropped| dropped > MOST) else { return Ok(Vec::new()) };
    let message = format!("dropout takes {:.0} of 100 values away while training", 100.0 * dropped);
    Ok(vec![ENTRY.finds(message).because_of("model.dropout").cure("model.dropout=0.2")])
}
