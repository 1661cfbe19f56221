//! # broken-weight
//!
//! You see       A model that gives NaN, one answer for all, or worse answers than its size promises.
//! Measured as   The numbers of each parameter as last looked at: what is no number, the largest, rows and columns.
//! Fires when    A number is NaN or infinite, at any step. A matrix holds numbers above 10,000 and above 1,000 times the largest
//!               of the usual one. Half of its rows are equal. All of it is zero, after training. A fifth of its rows or columns are zeros (a risk).
//! Try           The last checkpoint from before it; a lower learning rate, clipping. Dead rows: another start, no weight decay
//!               on what gets no gradient.
//! False alarms  Tables of embeddings, some rows of which nobody ever looked up; counts and averages; weights pruned on purpose.
//! Read          Karpathy, A Recipe for Training Neural Networks, 2019

use crate::course::median;
use crate::patient::sound;
use crate::{Exam, Lack, Patient, Rule, names};
use rushlight_trace::{Component, Finding, Parameter, Severity};

/// Provisional, all four: far beyond what a network holds whose numbers all take part.
const EXPLODED: f64 = 1e4;
const TIMES_USUAL: f64 = 1e3;
const DEAD: f64 = 0.2;
const EQUAL: f64 = 0.5;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "broken-weight",
    severity: Severity::Fault,
    component: Component::FeedForward,
    source: include_str!("broken_weight.rs"),
    check,
    sick: || {
        let wild = Parameter { largest: 3e6, ..sound(900, "blocks.1.mlp.up.weight", &[256, 64]) };
        let dead = Parameter { zero_rows: 80, ..sound(900, "blocks.0.mlp.up.weight", &[256, 64]) };
        Patient::language(27).parameter(wild).parameter(dead).parameter(sound(900, "out.weight", &[27, 64])).trace()
    },
    healthy: || {
        // Tokens that never came, a unit that died, a running variance of large inputs.
        let table = Parameter { zero_rows: 300, ..sound(900, "embed.weight", &[1000, 64]) };
        let layer = Parameter { zero_rows: 1, ..sound(900, "hidden.0.weight", &[256, 64]) };
        let average = Parameter { largest: 2e5, ..sound(900, "norms.0.running_var", &[64]) };
        Patient::language(1000).parameter(table).parameter(layer).parameter(average).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let last = exam.last_parameters()?;
    let is_trained = last.first().is_some_and(|parameter| parameter.step > 1);
    let usual = |name: &str| {
        let others = last.iter().filter(|other| is_matrix(other) && other.name != name);
        median(others.map(|other| other.largest)).unwrap_or(0.0)
    };
    let broken: Vec<&Parameter> = exam.trace.parameters().filter(|parameter| parameter.not_finite > 0).collect();
    let mut findings: Vec<Finding> = Vec::new();
    for parameter in &broken {
        if findings.iter().all(|finding| finding.place != parameter.name) {
            let count = parameter.shape.iter().product::<u64>();
            let what =
                format!("{} of the {count} numbers of {} are NaN or infinite", parameter.not_finite, parameter.name);
            findings.push(told(parameter, what, Severity::Fault));
        }
    }
    let judged = last.iter().filter(|parameter| is_matrix(parameter) && parameter.not_finite == 0);
    findings.extend(judged.filter_map(|parameter| of_matrix(parameter, usual(&parameter.name), is_trained)));
    Ok(findings)
}

fn is_matrix(parameter: &Parameter) -> bool {
    parameter.shape.len() == 2 && !names::is_statistic(&parameter.name)
}

/// What is wrong with the numbers of a matrix. At the start, equal and zero rows are for other rules.
fn of_matrix(parameter: &Parameter, usual: f64, is_trained: bool) -> Option<Finding> {
    let Parameter { name, largest, .. } = parameter;
    let [rows, columns] = [parameter.shape[0], parameter.shape[1]];
    let share = |count: u64, all: u64| count as f64 / all.max(1) as f64;
    let is_start_fault = parameter.std == 0.0 || share(parameter.equal_rows, rows) >= EQUAL;
    let (zero_rows, zero_columns) = (parameter.zero_rows, parameter.zero_columns);
    if *largest > EXPLODED && *largest > TIMES_USUAL * usual {
        let message =
            format!("{name} holds numbers up to {largest:.1e}; in other matrices the largest is about {usual:.1e}");
        return Some(told(parameter, message, Severity::Fault));
    }
    if is_start_fault && !is_trained {
        return None;
    }
    if parameter.equal_rows > 0 && share(parameter.equal_rows, rows) >= EQUAL {
        let message = format!("{} of the {rows} rows of {name} are equal to another", parameter.equal_rows);
        return Some(told(parameter, message, Severity::Fault));
    }
    if is_trained && *largest == 0.0 && rows * columns > 0 {
        return Some(told(parameter, format!("all {rows} x {columns} numbers of {name} are zero"), Severity::Fault));
    }
    let is_dead = share(zero_rows, rows) >= DEAD || share(zero_columns, columns) >= DEAD;
    (is_dead && !names::is_table(name)).then(|| {
        let message =
            format!("{zero_rows} of the {rows} rows and {zero_columns} of the {columns} columns of {name} are zeros");
        told(parameter, message, Severity::Risk)
    })
}

fn told(parameter: &Parameter, message: String, severity: Severity) -> Finding {
    let component = names::part_of(&parameter.name);
    let finding = Finding { severity, component, ..ENTRY.finds(message).at(&parameter.name) };
    if parameter.step > 0 { finding.since(parameter.step) } else { finding }
}
