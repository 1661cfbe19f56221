//! # order-ignored
//!
//! You see       A Transformer that treats a sentence as a bag of tokens: it knows what is there and not in which order.
//! Measured as   The probe `order`: how much the first attention moves at the last place when two earlier tokens are exchanged,
//!               against how much it moves when one of them is another token.
//! Fires when    It moves by less than a hundred thousandth of that, whenever it was tried; unless queries or keys have no gradient
//!               (the probe `moved`): then attention weighs all places alike, and it is not the positions that are missing.
//! Try           Add positions to the embeddings: sinusoids or a learned table, another row for each place.
//! False alarms  Positions that start small move little: 0.06 in the smallest of the shipped recipes.
//! Read          Vaswani et al., Attention Is All You Need, 2017, section 3.5

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

/// Rounding moves it by about 1e-6 of that; positions that start at 0.02 without a norm behind them, by 2e-5.
const MOVED: f64 = 1e-5;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "order-ignored",
    severity: Severity::Fault,
    component: Component::Positions,
    source: include_str!("order_ignored.rs"),
    check,
    sick: || Patient::language(27).probed("order", "blocks.0.attention.mixed", 1e-9, 0.04).trace(),
    healthy: || Patient::language(27).probed("order", "blocks.0.attention.mixed", 2e-6, 0.04).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed_ever("order")?;
    let is_idle = |probe: &&rushlight_trace::Probe| {
        let name = &probe.place;
        probe.reference == 0.0 && (name.ends_with(" (q)") || name.ends_with(" (k)")) && name.contains("weight")
    };
    if exam.probed("moved")?.iter().any(is_idle) {
        return Ok(Vec::new());
    }
    let matters = |probe: &&rushlight_trace::Probe| probe.measured > MOVED * probe.reference || probe.reference == 0.0;
    let Some(first) = probes.first().filter(|_| !probes.iter().any(matters)) else {
        return Ok(Vec::new());
    };
    let message = format!(
        "exchanging two earlier tokens moves `{}` by {:.1e}, replacing one by {:.1e}: positions are not used",
        first.place, first.measured, first.reference
    );
    Ok(vec![ENTRY.finds(message).at(&first.place).because_of("model.positions")])
}
