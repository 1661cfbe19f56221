//! # not-a-number
//!
//! You see       A loss of NaN or inf, and from then on nothing else.
//! Measured as   The loss and the norm of the gradient of each recorded step; where there were looks inside, the values too.
//! Fires when    One of the two is no finite number. The place is the first tensor that holds such a number.
//! Try           A tenth of the learning rate; clipping at norm 1; an epsilon where something is divided, rooted or logged.
//! False alarms  None: from NaN there is no way back. A loss that is large and finite is for other rules.
//! Read          Pascanu, Mikolov, Bengio, On the Difficulty of Training Recurrent Neural Networks, 2013, section 3.2

use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Record, Severity, SiteKind};

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "not-a-number",
    severity: Severity::Fault,
    component: Component::Gradient,
    source: include_str!("not_a_number.rs"),
    check,
    sick: || {
        let fine = falling(4.0, 2.0, 40.0, 0.05);
        let site = ("layers.1.h", SiteKind::Activation);
        let patient = Patient::language(65).steps(149, fine).layer(150, site, (f64::NAN, f64::NAN), Some(0.0), None);
        patient.steps(1, |_| (f64::NAN, f64::NAN)).trace()
    },
    healthy: || {
        let fine = falling(4.0, 2.0, 40.0, 0.05);
        Patient::language(65).steps(200, |step| if step == 150 { (900.0, 30.0) } else { fine(step) }).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    exam.training.first().ok_or(Lack::STEPS)?;
    let tells_gradients = exam.tells_gradients();
    let is_broken =
        |step: &&rushlight_trace::Step| !step.loss.is_finite() || (tells_gradients && !step.gradient_norm.is_finite());
    let Some(broken) = exam.trace.steps().find(is_broken) else { return Ok(Vec::new()) };
    let before = exam.training.finite().take_while(|&(step, _)| step < broken.step).last();
    let before = before.map_or(String::new(), |(step, loss)| format!("; at step {step} the loss was still {loss:.3}"));
    let gradient =
        if tells_gradients { format!(" and a gradient of norm {}", broken.gradient_norm) } else { String::new() };
    let message = format!("step {} has a loss of {}{gradient}{before}", broken.step, broken.loss);
    let finding = ENTRY.finds(message).since(broken.step).because_of("train.lr");
    let seen = exam.trace.records.iter().filter(|record| record.step().is_some_and(|step| step <= broken.step));
    let finding = match seen.filter_map(broken_place).next() {
        Some(place) => finding.at(place),
        None => finding,
    };
    let finding = exam.rate_times(0.1).into_iter().fold(finding, Finding::cure);
    Ok(vec![if exam.clip_norm() == Ok(None) { finding.cure("train.clip={ norm = 1.0 }") } else { finding }])
}

/// The place of which a record says that it holds what is no number. The ratios of a weight do not: a bias that begins at
/// zero has a ratio of NaN.
fn broken_place(record: &Record) -> Option<&str> {
    match record {
        Record::Layer(layer) => {
            let is_broken = layer.histogram.not_finite > 0 || !layer.mean.is_finite();
            is_broken.then_some(&layer.site)
        }
        Record::Weight(weight) => (weight.grad_histogram.not_finite > 0).then_some(&weight.name),
        _ => None,
    }
}
