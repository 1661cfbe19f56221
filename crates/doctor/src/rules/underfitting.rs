//! # underfitting
//!
//! You see       Training and validation loss come to rest together, and high.
//! Measured as   The last evaluations of both parts, against each other and the entropy of pairs; the training losses of the
//!               last two quarters.
//! Fires when    The parts are within 3 % of each other, both 10 % above that entropy and below 0.97 ln V (above, it is
//!               stuck-at-chance), and the training loss no longer falls by 1 % from the third quarter to the fourth.
//! Try           A larger model, less dropout and weight decay, another learning rate: what is wrong is not that it learns by heart.
//! False alarms  A model that may look at one token alone can do no better than pairs. Large vocabularies on little text, whose
//!               pairs promise more than they tell of new text.
//! Read          Goodfellow, Bengio, Courville, Deep Learning, 2016, section 5.2; Karpathy, A Recipe for Training Neural Networks,
//!               2019, "overfit"

use crate::course::level;
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity, Trace};

/// Provisional; guessed from counted bigrams on names, which end 1 % above the entropy of pairs, and from sound
/// runs on names, of which the parts are 2 to 3 % apart and below 0.97 of it.
const APART: f64 = 0.03;
const ABOVE_PAIRS: f64 = 1.1;
const CHANCE: f64 = 0.97;
const FALLS: f64 = 0.01;
const LEAST: usize = 100;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "underfitting",
    severity: Severity::Note,
    component: Component::Capacity,
    source: include_str!("underfitting.rs"),
    check,
    sick: || ends_at(3.3),
    // As much alike, but it knows more than pairs tell.
    healthy: || ends_at(2.6),
};

fn ends_at(loss: f64) -> Trace {
    let patient = Patient::language(65).steps(400, falling(4.1, loss, 40.0, 0.03));
    patient.evaluated("validation", 400, 1.01 * loss).evaluated("train", 400, loss).finished().trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    if !exam.is_in_nats() || !exam.is_of_text() {
        return Ok(Vec::new());
    }
    let (chance, pairs) = (exam.yardstick("ln V")?, exam.yardstick("bigram entropy")?);
    let (_, of_validation) = exam.validation.last().ok_or(Lack::VALIDATION)?;
    let of_train = exam.trace.evaluations("train").next_back().ok_or(Lack::TRAIN)?.loss;
    if exam.training.len() < LEAST {
        return Err(Lack::COURSE);
    }
    let of = |from, to| level(exam.training.part(from, to)).ok_or(Lack::COURSE);
    let (third, last) = (of(0.5, 0.75)?, of(0.75, 1.0)?);
    let is_between = |loss: f64| loss > ABOVE_PAIRS * pairs && loss < CHANCE * chance;
    let are_alike = (of_train - of_validation).abs() <= APART * of_validation;
    let rests = (third - last).abs() < FALLS * last;
    if !is_between(of_train) || !is_between(of_validation) || !are_alike || !rests {
        return Ok(Vec::new());
    }
    let message = format!(
        "at the end the loss is {of_train:.3} on training and {of_validation:.3} on validation data and no longer falls, where \
         pairs of tokens alone leave {pairs:.3}: the model is too small, or held back"
    );
    let finding = ENTRY.finds(message).because_of("model");
    let is_wet = exam.number("model.dropout").is_some_and(|share| share > 0.0);
    Ok(vec![if is_wet { finding.cure("model.dropout=0.0") } else { finding }])
}
