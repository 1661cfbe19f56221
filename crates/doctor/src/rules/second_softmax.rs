//! # second-softmax
//!
//! You see       A loss that begins at ln V, falls by less than a nat, and stands, while the accuracy may be fine.
//! Measured as   The losses of a log of which nothing else is known. V is e to the first loss, as a whole number. With probabilities
//!               for logits no loss can come below ln(e + V - 1) - 1.
//! Fires when    The first loss is that of a whole V, no loss is below that floor, and the last tenth has fallen and stands: within
//!               0.1 nats of the floor (a fault); or above it, of 30 tokens or more, having fallen in the first half (a risk). Of more than 70
//!               tokens a note: every loss is near some ln V there, that of a language model that is trained on, too.
//! Try           Return logits: take out the softmax before the loss. PyTorch's cross_entropy and Keras's from_logits=True have one.
//! False alarms  A hard task that ends there by chance, of which no batch ever was below. Of a run of Rushlight's own more is known,
//!               and this rule is silent.
//! Read          Goodfellow, Bengio, Courville, Deep Learning, 2016, section 6.2.2.3

use crate::course::level;
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity, Trace};

/// Nobody's first loss: answers that are all between 0 and 1 hardly differ.
const NEAR: f64 = 0.005;
const ROUNDING: f64 = 1e-3;
const STANDS: f64 = 0.1;
const FELL: f64 = 0.1;
/// With few classes an honest loss may end anywhere.
const MANY: f64 = 30.0;
/// Beyond it every loss is near the logarithm of some whole number.
const TOLD_APART: f64 = 70.0;
/// Of all that it fell, how much in the last half.
const LEVELS: f64 = 0.2;
const LEAST: usize = 100;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "second-softmax",
    severity: Severity::Fault,
    component: Component::Output,
    source: include_str!("second_softmax.rs"),
    check,
    sick: || log(falling(10f64.ln(), 1.47, 60.0, 0.002)),
    // A linear map that begins at zero and learns what it can.
    healthy: || log(falling(10f64.ln(), 1.75, 60.0, 0.06)),
};

/// A log, and nothing else.
fn log(tell: impl Fn(u64) -> (f64, f64)) -> Trace {
    let mut trace = Patient::language(10).steps(400, |step| tell(step - 1)).trace();
    trace.records.retain(|record| !matches!(record, rushlight_trace::Record::Yardsticks(_)));
    trace
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let is_known = exam.trace.probes().next().is_some() || exam.trace.yardsticks().is_some();
    if is_known || !exam.is_in_nats() {
        return Ok(Vec::new());
    }
    let losses = &exam.training;
    let (Some((at, first)), Some((_, least))) = (losses.first(), losses.least()) else { return Err(Lack::STEPS) };
    let (Some(last), true) = (level(losses.part(0.9, 1.0)), losses.len() >= LEAST) else { return Err(Lack::COURSE) };
    let vocabulary = first.exp().round();
    let floor = (std::f64::consts::E + vocabulary - 1.0).ln() - 1.0;
    let begins = at <= 10 && vocabulary >= 3.0 && (first - vocabulary.ln()).abs() < NEAR;
    if !begins || least < floor - ROUNDING || first - last < FELL {
        return Ok(Vec::new());
    }
    let is_at_floor = last < floor + STANDS;
    let falls = level(losses.part(0.4, 0.5)).ok_or(Lack::COURSE)? - last;
    if !is_at_floor && (vocabulary < MANY || falls > LEVELS * (first - last)) {
        return Ok(Vec::new());
    }
    let message = format!(
        "the loss begins at ln {vocabulary} = {:.3} and ends at {last:.3}; none is below {floor:.3}, the floor of a loss that \
         takes probabilities for logits",
        vocabulary.ln()
    );
    let finding = ENTRY.finds(message).at("logits");
    let severity = match is_at_floor {
        _ if vocabulary > TOLD_APART => Severity::Note,
        true => Severity::Fault,
        false => Severity::Risk,
    };
    Ok(vec![Finding { severity, ..finding }])
}
