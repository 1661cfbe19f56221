//! # company-matters
//!
//! You see       The same sentence gets another answer when it is evaluated beside other ones; validation depends on the batch size.
//! Measured as   The probe `company`: how much the answers of a row move between the batch and the row alone, in evaluation.
//! Fires when    They move by more than a thousandth of the largest answer.
//! Try           Evaluate with the running statistics of batch norm, not with those of the batch; give each row a cache of its own.
//! False alarms  None known: rounding is some hundred times below.
//! Read          Ioffe, Szegedy, Batch Normalization, 2015, section 3.1

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

const MOVED: f64 = 1e-3;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "company-matters",
    severity: Severity::Fault,
    component: Component::Evaluation,
    source: include_str!("company_matters.rs"),
    check,
    sick: || Patient::language(27).probed("company", "", 0.4, 2.0).trace(),
    healthy: || Patient::language(27).probed("company", "", 1e-5, 36.0).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    // Where an evaluation is random, no two of its passes are alike, and company is not to blame.
    let chance = exam.evaluates_at_random();
    let moved = |probe: &&&rushlight_trace::Probe| probe.measured.is_nan() || probe.measured > MOVED * probe.reference;
    let finding = |probe: &&rushlight_trace::Probe| {
        let message = format!(
            "a row alone is answered {:.2e} apart from the same row in its batch; the largest answer is {:.2e}",
            probe.measured, probe.reference
        );
        ENTRY.finds(message)
    };
    let company = exam.probed_ever("company")?;
    Ok(company.iter().filter(|_| !chance).filter(moved).map(finding).collect())
}
