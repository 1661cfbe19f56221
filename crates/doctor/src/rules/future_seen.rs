//! # future-seen
//!
//! You see       The training loss falls below what is possible; what the model writes on its own is far worse than its loss.
//! Measured as   The probe `future`: how much values move before the place at which a token was changed, at every site of the pass.
//! Fires when    Anything before that place moves by more than a hundred thousandth of what moves behind it. The first such site
//!               in the order of the pass is named: the fault is there or just before.
//! Try           A causal mask in the attention that is named; positions and shifts of the input; batch norm over time.
//! False alarms  None: where no value of the future is used, the two passes are the same to the last bit.
//! Read          Vaswani et al., Attention Is All You Need, 2017, section 3.2.3

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

/// Beside what moves behind the changed place; every healthy model moves by 0 before it.
const MOVED: f64 = 1e-5;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "future-seen",
    severity: Severity::Fault,
    component: Component::Mask,
    source: include_str!("future_seen.rs"),
    check,
    sick: || {
        Patient::language(27)
            .probed("future", "blocks.0.attention.mixed", 0.2, 0.5)
            .probed("future", "logits", 0.1, 0.4)
            .trace()
    },
    healthy: || {
        Patient::language(27)
            .probed("future", "blocks.0.attention.mixed", 0.0, 0.5)
            .probed("future", "logits", 0.0, 0.4)
            .trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    if exam.evaluates_at_random() {
        return Ok(Vec::new());
    }
    let probes = exam.probed("future")?;
    let seen = probes.iter().find(|probe| probe.measured.is_nan() || probe.measured > MOVED * probe.reference);
    let Some(first) = seen else { return Ok(Vec::new()) };
    let message = format!(
        "a token that comes later changes `{}` by {:.2e}, where what comes after it changes by {:.2e}",
        first.place, first.measured, first.reference
    );
    Ok(vec![ENTRY.finds(message).at(&first.place)])
}
