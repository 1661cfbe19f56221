//! # source-ignored
//!
//! You see       A translator that writes fluent sentences, whatever it is given: its decoder has become a language model.
//! Measured as   The probe `source`: how much the logits move when the source is another one, against how much they move when
//!               what was written so far is another one.
//! Fires when    It is rounding whenever it was tried (fault): the encoder is not connected. Or, on trained weights, less than
//!               TODO of it (risk).
//! Try           Follow the encoder's output into the decoder; look whether the two sides of a pair belong together; train longer,
//!               with attention, or with a decoder that reads less of the reference.
//! False alarms  None where it is rounding. Trained for a few steps a decoder learns to write first, and to translate later.
//! Read          Koehn, Knowles, Six Challenges for Neural Machine Translation, 2017

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Probe, Severity};

/// Rounding moves single logits by about 1e-6 of their scale.
const ROUNDING: f64 = 1e-5;
const LITTLE: f64 = 0.01;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "source-ignored",
    severity: Severity::Fault,
    component: Component::Attention,
    source: include_str!("source_ignored.rs"),
    check,
    sick: || Patient::language(1000).probed("source", "", 0.0, 0.4).trace(),
    healthy: || Patient::language(1000).probed("source", "", 0.02, 0.4).trace(),
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed_ever("source")?;
    let below = |probe: &Probe, share: f64| probe.reference > 0.0 && probe.measured <= share * probe.reference;
    let Some(last) = probes.last() else { return Ok(Vec::new()) };
    let numbers = format!(
        "another source moves the logits by {:.1e}, another beginning of the translation by {:.1e}",
        last.measured, last.reference
    );
    if probes.iter().all(|probe| below(probe, ROUNDING)) {
        return Ok(vec![ENTRY.finds(format!("{numbers}: the decoder is not connected to its source"))]);
    }
    if last.step == 0 || !below(last, LITTLE) {
        return Ok(Vec::new());
    }
    let message = format!("after {} steps {numbers}: what is written does not depend on the source", last.step);
    Ok(vec![Finding { severity: Severity::Risk, ..ENTRY.finds(message) }])
}
