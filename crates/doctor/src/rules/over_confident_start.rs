//! # over-confident-start
//!
//! You see       The loss begins far above that of a guess and falls steeply for some hundred steps: a hockey stick.
//! Measured as   The probe `start`, the loss before the first step, or else that of the first step, in ln V: what a model
//!               without an opinion has.
//! Fires when    It is above 1.3 ln V (and, without the probe, has come down by the tenth part of the run).
//! Try           Smaller output weights and an output bias of zero, so that the first answers are unsure.
//! False alarms  A network whose answers are wide apart on purpose, such as a table of counts: it has no first step.
//! Read          Karpathy, makemore, lecture 3; Karpathy, A Recipe for Training Neural Networks, 2019, "verify loss @ init"

use crate::course::level;
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, LossUnit, Severity};

/// In ln V; healthy starts of every model lie within 0.05 of 1 (the contract tests), those of the lectures at 8.
const SURE: f64 = 1.3;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "over-confident-start",
    severity: Severity::Fault,
    component: Component::Start,
    source: include_str!("over_confident_start.rs"),
    check,
    sick: || Patient::language(27).steps(500, falling(27.0, 2.3, 30.0, 0.05)).trace(),
    healthy: || Patient::language(27).steps(500, falling(3.3, 2.3, 60.0, 0.05)).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    if exam.unit() == LossUnit::SquaredError {
        return Ok(Vec::new());
    }
    let (loss, chance, step) = probed(exam).or_else(|_| trained(exam))?;
    if loss <= SURE * chance {
        return Ok(Vec::new());
    }
    let times = loss / chance;
    let message = format!(
        "the first loss is {loss:.2} nats; a model without an opinion has {chance:.2} (ln V), {times:.1} times less"
    );
    let finding = ENTRY.finds(message).at("output").because_of("model.output_scale");
    let finding = Finding { since_step: step, ..finding };
    Ok(vec![finding.cure("model.output_scale=0.01 model.output_bias_scale=0").cure("model.start=kaiming")])
}

/// The loss before the first step, as the probe `start` measured it, and ln V.
fn probed(exam: &Exam) -> Result<(f64, f64, Option<u64>), Lack> {
    let probes = exam.probed("start")?;
    let start = probes.first().ok_or(Lack::PROBES)?;
    Ok((start.measured, start.reference, None))
}

/// The loss of the first step, if it is soon left behind, and ln V.
fn trained(exam: &Exam) -> Result<(f64, f64, Option<u64>), Lack> {
    let chance = exam.yardstick("ln V")?;
    let (step, loss) = exam.training.first().ok_or(Lack::STEPS)?;
    let later = level(exam.training.part(0.1, 0.2)).ok_or(Lack::COURSE)?;
    // A run that was cut off at its beginning has no first step.
    let is_start = step == 1 && later < loss;
    Ok((if is_start { loss } else { chance }, chance, Some(step)))
}
