//! # equal-units
//!
//! You see       A wide layer that learns no more than a narrow one.
//! Measured as   Rows of a matrix that are number for number as a row before them, at the start.
//! Fires when    They are at least half of its rows: units that begin alike get the same gradient and stay alike.
//! Try           Random weights, and a random number generator that is not seeded anew for each row.
//! False alarms  Two units that happen to be alike: far below half. Rows of zeros count for zero-weight.
//! Read          Goodfellow, Bengio, Courville, Deep Learning, 2016, section 8.4

use crate::patient::sound;
use crate::{Exam, Lack, Patient, Rule, names};
use rushlight_trace::{Component, Finding, Parameter, Severity};

/// Of the rows; drawn from any continuous distribution, hardly one would be equal to another.
const EQUAL: f64 = 0.5;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "equal-units",
    severity: Severity::Fault,
    component: Component::Start,
    source: include_str!("equal_units.rs"),
    check,
    sick: || {
        let alike = Parameter { equal_rows: 99, ..sound(0, "hidden.0.weight", &[100, 30]) };
        Patient::language(27).parameter(sound(0, "embed.weight", &[27, 10])).parameter(alike).trace()
    },
    healthy: || {
        let two_alike = Parameter { equal_rows: 1, ..sound(0, "hidden.0.weight", &[100, 30]) };
        Patient::language(27).parameter(sound(0, "embed.weight", &[3, 2])).parameter(two_alike).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let of_matrix = |parameter: &Parameter| {
        let rows = *parameter.shape.first().filter(|_| parameter.shape.len() == 2)?;
        let is_one_number = parameter.std == 0.0;
        if is_one_number || parameter.equal_rows == 0 || (parameter.equal_rows as f64) < EQUAL * rows as f64 {
            return None;
        }
        let message = format!(
            "{} of the {rows} rows of {} begin equal to another, and nothing will ever tell them apart",
            parameter.equal_rows, parameter.name
        );
        let finding = ENTRY.finds(message).at(&parameter.name).because_of("model.start");
        let is_of_positions = names::part_of(&parameter.name) == Component::Positions;
        Some(if is_of_positions { Finding { component: Component::Positions, ..finding } } else { finding })
    };
    let weights = exam.first_parameters()?.into_iter().filter(|parameter| !names::is_statistic(&parameter.name));
    Ok(weights.filter_map(of_matrix).collect())
}
