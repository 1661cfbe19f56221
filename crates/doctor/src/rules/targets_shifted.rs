//! # targets-shifted
//!
//! You see       A loss that falls to nothing within some hundred steps (the model repeats what it sees), or one that stays high.
//! Measured as   The probe `targets`: the share of targets that are the token 0, 1 and 2 places after the one they belong to.
//!               Of windows and vectors the probe `together`: the share of inputs that have their target in the data, too.
//! Fires when    Fewer than 99 of 100 stand one place after it, or belong to their input.
//! Try           Inputs without the last token, targets without the first, both from the same row.
//! False alarms  None: targets of a language model are the next tokens. Data that are changed on purpose on their way.
//! Read          Bengio et al. 2003, section 2

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

const NEXT: f64 = 0.99;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "targets-shifted",
    severity: Severity::Fault,
    component: Component::Data,
    source: include_str!("targets_shifted.rs"),
    check,
    sick: || Patient::language(27).probed("targets", "0", 1.0, 128.0).probed("targets", "1", 0.05, 124.0).trace(),
    healthy: || Patient::language(27).probed("targets", "0", 0.04, 128.0).probed("targets", "1", 1.0, 124.0).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("targets")?;
    if let Some(torn) = exam.probed("together")?.iter().find(|probe| probe.measured < NEXT) {
        let message = format!(
            "of {} inputs only {:.0} % have the target that they have in the data: inputs and targets do not belong together",
            torn.reference,
            100.0 * torn.measured
        );
        return Ok(vec![ENTRY.finds(message).at("train")]);
    }
    let share = |place: &str| probes.iter().find(|probe| probe.place == place).map(|probe| probe.measured);
    let Some(next) = share("1").filter(|&next| next < NEXT) else { return Ok(Vec::new()) };
    let next_percent = 100.0 * next;
    let message = match (share("0"), share("2")) {
        (Some(same), _) if same > NEXT => {
            format!(
                "every target is the token that the model is shown at that place, only {next_percent:.0} % the next one"
            )
        }
        (_, Some(after)) if after > NEXT => {
            format!("every target is the token after the next one, only {next_percent:.0} % the next one")
        }
        _ => {
            format!("only {next_percent:.0} % of targets are the next token: inputs and targets do not belong together")
        }
    };
    Ok(vec![ENTRY.finds(message).at("train")])
}
