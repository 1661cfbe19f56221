//! # source-ignored
//!
//! You see       A translator that writes fluent sentences, whatever it is given: its decoder has become a language model.
//! Measured as   The probe `source`: how much the logits move when the source is another one, against how much they move when
//!               what was written so far is another one.
//! Fires when    It is rounding whenever it was tried (fault): the encoder is not connected. Or, on trained weights, it is less than
//!               a twentieth of that (note), while the loss has come to rest below the entropy of single tokens (risk).
//! Try           Follow the encoder's output into the decoder; look whether the two sides of a pair belong together; train longer,
//!               with attention, or with a decoder that reads less of the reference.
//! False alarms  None where it is rounding. A decoder learns to write first and to translate later: no more than a note while the
//!               loss still falls.
//! Read          Koehn, Knowles, Six Challenges for Neural Machine Translation, 2017

use crate::course::level;
use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Probe, Severity};

/// Rounding moves single logits by about 1e-6 of their scale. Fresh translators, sound ones, have 0.12 to 2.7.
const ROUNDING: f64 = 1e-5;
/// After training, 0.6 to 3.9 in 22 runs of Multi30k and of digits, and 0.36 to 3.9 in 95 trainings of the tuned half; but 0.001 to
/// 0.14 in 9 of Tatoeba that end after 150 steps, while their loss falls by 2.3 to 4 % in the last quarter. A Transformer
/// whose pairs do not belong together came to 0.002; recurrent ones that learn from such pairs use neither side, and are not told.
const LITTLE: f64 = 0.05;
const RESTS: f64 = 0.01;
const LEAST: usize = 40;

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
    let severity = if writes_and_rests(exam) { Severity::Risk } else { Severity::Note };
    Ok(vec![Finding { severity, ..ENTRY.finds(message) }])
}

/// Whether it has learned to write, and learns no more. What came apart, or learned nothing, depends on nothing at all.
fn writes_and_rests(exam: &Exam) -> bool {
    let of = |from, to| level(exam.training.part(from, to)).filter(|_| exam.training.len() >= LEAST);
    let (Some(third), Some(last)) = (of(0.5, 0.75), of(0.75, 1.0)) else { return false };
    let writes = exam.yardstick("unigram entropy").is_ok_and(|entropy| last < entropy);
    writes && third - last < RESTS * last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patient::falling;
    use rushlight_trace::Record;

    #[test]
    fn who_writes_before_he_translates_gets_a_note_and_who_stays_there_a_risk() {
        let found = |pace: f64, measured: f64| {
            let trained =
                Patient::language(1000).probed("source", "", 0.1, 0.4).steps(400, falling(6.0, 4.0, pace, 0.01));
            let probe = Probe { step: 400, name: "source".into(), place: String::new(), measured, reference: 1.0 };
            let trace = trained.with(Record::Probe(probe)).trace();
            check(&Exam::of(&trace)).unwrap().pop().map(|finding| finding.severity)
        };
        // Of two nats every 200 steps leave 37 %, so that the loss still falls at the end; every 20, and it rests.
        assert_eq!(
            [found(200.0, 0.002), found(20.0, 0.002), found(20.0, 0.6)],
            [Some(Severity::Note), Some(Severity::Risk), None]
        );
    }
}
