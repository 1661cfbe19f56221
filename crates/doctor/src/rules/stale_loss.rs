//! # stale-loss
//!
//! You see       The same loss again and again, to the last digit.
//! Measured as   Neighbouring recorded steps whose losses are equal bit for bit, while there is still a gradient.
//! Fires when    They are more than 30 % of all neighbours, of 20 or more. Or, of eight losses or more, each is told twice.
//! Try           Look whether the loss that is shown is the one of this step: kept from before, rounded, or of one fixed batch
//!               while the weights stand still.
//! False alarms  A loss that is 0. One batch learned to the last bit: silent once the gradient is below a hundredth of the
//!               first ones.
//! Read          Karpathy, A Recipe for Training Neural Networks, 2019

use crate::course::{median, shown};
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Finding, Severity, Step};

/// Provisional: of losses in f32 over changing batches, hardly two neighbours are equal.
const SHARE: f64 = 0.3;
const PAIRS: usize = 20;
const GRADIENT: f64 = 0.01;
const STIRS: f64 = 1e-3;
/// Losses that change by one last digit at a time are rounded.
const DIGITS: f64 = 5.0;
const TWICE: usize = 8;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "stale-loss",
    severity: Severity::Fault,
    component: Component::Loss,
    source: include_str!("stale_loss.rs"),
    check,
    sick: || {
        let fine = falling(4.0, 2.0, 40.0, 0.05);
        Patient::language(65).steps(200, |step| fine(step - step % 10)).trace()
    },
    healthy: || {
        // One batch, known by heart from the middle on.
        let fine = falling(4.0, -0.5, 50.0, 0.0);
        let told = |step: u64| if step < 100 { (fine(step).0.max(0.0), 1.0) } else { (0.0, 1e-9) };
        Patient::language(65).steps(200, told).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let steps: Vec<&Step> = exam.trace.steps().collect();
    steps.first().ok_or(Lack::STEPS)?;
    let early = median(steps.iter().take(PAIRS / 2).map(|step| step.gradient_norm));
    if let Some((first, last)) = told_twice(&steps) {
        let message = format!(
            "every loss is told twice, bit for bit, and the loss does fall from {} to {}: the second is that of the same pass, not \
             measured anew after the step",
            shown(first),
            shown(last)
        );
        return Ok(vec![ENTRY.finds(message).since(steps[1].step)]);
    }
    let pairs = steps.windows(2).len();
    if pairs < PAIRS {
        return Err(Lack::COURSE);
    }
    let is_stale = |at: &usize| {
        let [before, now] = [steps[at - 1], steps[*at]];
        let is_same = before.loss.to_bits() == now.loss.to_bits() && now.loss != 0.0 && now.loss.is_finite();
        // Where no gradient is told, a loss that was rounded and stands still must not count: it goes on from there.
        let goes_on = || steps.get(at + 1).is_some_and(|next| (next.loss / now.loss - 1.0).abs() > STIRS);
        let moves = early.map_or_else(goes_on, |early| now.gradient_norm > 0.0 && now.gradient_norm > GRADIENT * early);
        is_same && moves
    };
    let stale: Vec<&[&Step]> = (1..steps.len()).filter(is_stale).map(|at| &steps[at - 1..=at]).collect();
    let Some(first) = stale.first().filter(|_| stale.len() as f64 > SHARE * pairs as f64) else {
        return Ok(Vec::new());
    };
    let message = format!(
        "{} of {pairs} recorded losses are bit for bit those of the step before, such as {:.6} at step {}, while the gradient \
         is not 0",
        stale.len(),
        first[1].loss,
        first[1].step
    );
    Ok(vec![ENTRY.finds(message).since(first[1].step)])
}

/// The first and the last loss, where each stands there twice and changes from pair to pair, by more than rounding leaves.
fn told_twice(steps: &[&Step]) -> Option<(f64, f64)> {
    let pairs: Vec<&[&Step]> = steps.chunks_exact(2).collect();
    let is_pair = |pair: &&[&Step]| pair[0].loss == pair[1].loss && pair[0].loss != 0.0;
    if steps.len() < TWICE || !pairs.iter().all(is_pair) {
        return None;
    }
    let changes: Vec<f64> = pairs.windows(2).map(|two| (two[1][0].loss - two[0][0].loss).abs()).collect();
    let least = changes.iter().copied().fold(f64::INFINITY, f64::min);
    let is_more = least > 0.0
        && steps[0].loss > steps[steps.len() - 1].loss
        && median(changes).is_some_and(|usual| usual >= DIGITS * least);
    Some((pairs.first()?[0].loss, pairs.last()?[0].loss)).filter(|_| is_more)
}
