//! # exhausted-schedule
//!
//! You see       A loss that stops dead while the run goes on for long.
//! Measured as   The learning rate of each recorded step, over the largest; and the loss while it is next to nothing.
//! Fires when    It is below 1/500 for the last 30 % of the steps or more, and the loss of the first and of the last third of
//!               that stretch differ by no more than the noise.
//! Try           A schedule as long as the run, or a floor of a hundredth of the largest rate.
//! False alarms  A long quiet end that is wanted, to average weights: shorter than 30 % as a rule. Rates that sank because the
//!               loss no longer fell (`plateau`): then this says the same once more.
//! Read          Loshchilov, Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, 2017

use crate::course::{level, noise};
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity};

/// Provisional; a cosine from 1 to 0 is below 1/500 for its last 3 %.
const NOTHING: f64 = 1.0 / 500.0;
const SHARE: f64 = 0.3;
const LEAST: usize = 50;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "exhausted-schedule",
    severity: Severity::Risk,
    component: Component::Rate,
    source: include_str!("exhausted_schedule.rs"),
    check,
    sick: || decays(0.03),
    healthy: || decays(0.004),
};

/// The rate is multiplied by e to the minus `speed` at each of 400 steps.
fn decays(speed: f64) -> rushlight_trace::Trace {
    let fine = falling(4.0, 2.0, 40.0, 0.05);
    let told = move |step: u64| (fine(step).0, 1.0, 1e-3 * (-speed * step as f64).exp());
    Patient::language(65).rated(400, told).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let rates: Vec<(u64, f64)> = exam.rates().collect();
    if rates.len() < LEAST {
        return Err(Lack::COURSE);
    }
    let largest = rates.iter().map(|&(_, rate)| rate).filter(|rate| rate.is_finite()).fold(0.0, f64::max);
    let gone = rates.iter().rev().take_while(|&&(_, rate)| rate < NOTHING * largest).count();
    if largest <= 0.0 || gone as f64 <= SHARE * rates.len() as f64 {
        return Ok(Vec::new());
    }
    let stretch = &exam.training.0[rates.len() - gone..];
    let third = stretch.len() / 3;
    let ends = (level(&stretch[..third]), level(&stretch[stretch.len() - third..]), noise(stretch));
    let (Some(begin), Some(end), Some(trembles)) = ends else { return Err(Lack::COURSE) };
    if begin - end > trembles {
        return Ok(Vec::new());
    }
    let since = rates[rates.len() - gone].0;
    let share = 100.0 * gone as f64 / rates.len() as f64;
    let message = format!(
        "for {share:.0} % of the run, since step {since}, the learning rate is below 1/{:.0} of its largest, and the loss stays \
         at {end:.3}",
        1.0 / NOTHING
    );
    let finding = ENTRY.finds(message).since(since).because_of("train.schedule");
    let is_cosine = exam.word("train.schedule.kind") == Some("cosine");
    let floor = exam.number("train.lr").map(|rate| crate::exam::rounded(rate / 100.0)).filter(|_| is_cosine);
    Ok(vec![match floor {
        Some(floor) => finding.cure(format!("train.schedule.floor={floor}")),
        None => finding.cure("train.schedule={ kind = \"cosine\" }"),
    }])
}
