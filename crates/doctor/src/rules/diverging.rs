//! # diverging
//!
//! You see       The loss falls, turns, and climbs; or climbs from the start.
//! Measured as   The median loss of the last tenth of the recorded steps, against that of the lowest tenth and the first loss.
//! Fires when    It is 1.3 times the lowest and 6 times the noise above it, by 5 % of the first level at least; or 1.05 times
//!               what a guess costs, ln V or the very first loss, whichever is more.
//! Try           A tenth of the learning rate, or warm-up; clipping at norm 1.
//! False alarms  Texts read in order, some parts of which are harder. A decoder that comes to read what it writes itself: silent
//!               while teacher forcing fades. Losses near zero that tremble: the 5 % are for them.
//! Read          Goodfellow, Bengio, Courville, Deep Learning, 2016, section 8.3.1

use crate::course::{noise, shown};
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity};

/// Provisional.
const CLIMBED: f64 = 1.3;
const NOISES: f64 = 6.0;
const MATTERS: f64 = 0.05;
const ABOVE_FIRST: f64 = 1.05;
/// Where nobody knows what a guess costs.
const UNKNOWN: f64 = 1.15;
const LEAST: usize = 50;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "diverging",
    severity: Severity::Fault,
    component: Component::Rate,
    source: include_str!("diverging.rs"),
    check,
    sick: || {
        let fine = falling(4.0, 2.0, 40.0, 0.05);
        let climbs = move |step: u64| (fine(step).0 + 0.02 * step.saturating_sub(150) as f64, 1.0);
        Patient::language(65).steps(300, climbs).trace()
    },
    healthy: || {
        let fine = falling(4.0, 2.0, 40.0, 0.05);
        let hump = |step: u64| if (150..200).contains(&step) { 1.5 } else { 0.0 };
        Patient::language(65).steps(300, |step| (fine(step).0 + hump(step), 1.0)).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let losses = &exam.training;
    if losses.len() < LEAST {
        return Err(Lack::COURSE);
    }
    let (_, first) = losses.first().ok_or(Lack::STEPS)?;
    let tenths = losses.tenths().ok_or(Lack::COURSE)?;
    let lowest = tenths.iter().enumerate().min_by(|(_, one), (_, other)| one.1.total_cmp(&other.1));
    let (Some((at, &(_, least))), Some(&(last_step, last))) = (lowest, tenths.last()) else { return Err(Lack::COURSE) };
    let ends = losses.last().is_some_and(|(_, loss)| loss.is_finite());
    if !ends || exam.forcing_fades() || exam.stands_still() {
        return Ok(Vec::new());
    }
    let of_lowest = losses.part(at as f64 / 10.0, (at + 1) as f64 / 10.0);
    let matters = last - least > MATTERS * tenths[0].1;
    let climbed = last > CLIMBED * least && last > least + NOISES * noise(of_lowest).unwrap_or(0.0) && matters;
    // Above the first loss, which was that of a guess at least.
    let guess = exam.yardstick("ln V").unwrap_or(first * UNKNOWN).max(first);
    if !climbed && last <= ABOVE_FIRST * guess {
        return Ok(Vec::new());
    }
    let message = match climbed {
        true => {
            format!("the loss ends at {}, after it had been {} ({} at first)", shown(last), shown(least), shown(first))
        }
        false => format!("the loss ends at {}, above the {} that it began with", shown(last), shown(first)),
    };
    let since = tenths.get(at + 1).map_or(last_step, |&(step, _)| step);
    let finding = ENTRY.finds(message).since(since).because_of("train.lr");
    let finding = exam.rate_times(0.1).into_iter().fold(finding, Finding::cure);
    Ok(vec![if exam.clip_norm() == Ok(None) { finding.cure("train.clip={ norm = 1.0 }") } else { finding }])
}
