//! # train-worse-than-validation
//!
//! You see       At the end the model is better on what it has never seen than on what it learned from.
//! Measured as   The last evaluations of the two parts, both without dropout and smoothing.
//! Fires when    That of the training part is above that of validation by 15 %, and by 0.1 nats, after 100 recorded steps.
//! Try           Look at training targets: some are wrong, or belong to other inputs. Look whether validation data are among
//!               the training data.
//! False alarms  A validation part that is easier by nature (shorter, cleaner) or very small. A model that has learned nothing
//!               yet: silent while its loss is above that of single tokens.
//! Read          Karpathy, A Recipe for Training Neural Networks, 2019, "become one with the data"

use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity};

/// Provisional. The training losses of steps say nothing here: dropout and label smoothing raise them.
const TIMES: f64 = 1.15;
const NATS: f64 = 0.1;
const OF_VARIANCE: f64 = 0.05;
const LEAST: usize = 100;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "train-worse-than-validation",
    severity: Severity::Fault,
    component: Component::Data,
    source: include_str!("train_worse_than_validation.rs"),
    check,
    sick: || {
        let patient = Patient::language(65).steps(300, falling(4.0, 2.2, 40.0, 0.05));
        patient.evaluated("validation", 300, 1.9).evaluated("train", 300, 2.2).trace()
    },
    healthy: || {
        // Its steps, under dropout, are worse than validation; its training part is not.
        let patient = Patient::language(65).steps(300, falling(4.0, 2.2, 40.0, 0.05));
        patient.evaluated("validation", 300, 1.9).evaluated("train", 300, 1.85).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let (_, of_validation) = exam.validation.last().ok_or(Lack::VALIDATION)?;
    let of_train = exam.trace.evaluations("train").next_back().ok_or(Lack::TRAIN)?;
    if exam.training.len() < LEAST {
        return Err(Lack::COURSE);
    }
    let (margin, knows_nothing) = match exam.is_in_nats() {
        true => (NATS, exam.yardstick("unigram entropy").unwrap_or(f64::INFINITY)),
        false => {
            let variance = exam.yardstick("variance").unwrap_or(f64::INFINITY);
            (OF_VARIANCE * variance, variance)
        }
    };
    let is_worse = of_train.loss > TIMES * of_validation && of_train.loss - of_validation > margin;
    if !is_worse || of_train.loss >= knows_nothing {
        return Ok(Vec::new());
    }
    let message = format!(
        "the loss on the training part is {:.3} and on validation {of_validation:.3}: the training targets are noisier, or \
         wrong",
        of_train.loss
    );
    Ok(vec![ENTRY.finds(message).since(of_train.step).at("train").because_of("data")])
}
