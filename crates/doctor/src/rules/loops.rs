//! # loops
//!
//! You see       Text that says the same again and again: "the the the the".
//! Measured as   Of each sample of the last step, the share that repeats itself with a period of twelve characters or less.
//! Fires when    It is above 0.7 in more than half of the samples, of two or more with 20 characters each.
//! Try           Sampling in place of the likeliest token (a temperature of 0.8); a longer training; a penalty on repetition.
//! False alarms  Texts that do repeat themselves, such as tables: where a reference does so too, the sample does not count.
//! Read          Holtzman et al., The Curious Case of Neural Text Degeneration, 2020

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Sample, Severity};

/// Provisional.
const SHARE: f64 = 0.7;
const PERIOD: usize = 12;
const CHARACTERS: usize = 20;
const SAMPLES: usize = 2;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "loops",
    severity: Severity::Risk,
    component: Component::Decoding,
    source: include_str!("loops.rs"),
    check,
    sick: || {
        let patient = Patient::language(27).wrote(100, "the king and the king and the king and the king");
        let patient = patient.wrote(500, "I am the the the the the the the the the the");
        patient
            .wrote(500, "a man a man a man a man a man a man a man")
            .wrote(500, "what is the matter with you, my lord")
            .trace()
    },
    healthy: || {
        let patient = Patient::language(27).wrote(100, "the the the the the the the the the the the the");
        let patient = patient.wrote(500, "row, row, row your boat, gently down the stream");
        patient.wrote(500, "never, never, never! pray you, undo this button").trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let last = exam.trace.samples().next_back().ok_or(Lack::SAMPLES)?.step;
    let counts = |sample: &&Sample| {
        let repeats_by_right = sample.reference.as_ref().is_some_and(|reference| repeated(reference).0 > SHARE);
        sample.step == last && sample.text.chars().count() >= CHARACTERS && !repeats_by_right
    };
    let long: Vec<&Sample> = exam.trace.samples().filter(counts).collect();
    let caught: Vec<(f64, String)> =
        long.iter().map(|sample| repeated(&sample.text)).filter(|(share, _)| *share > SHARE).collect();
    let Some((_, piece)) = caught.first().filter(|_| long.len() >= SAMPLES && 2 * caught.len() > long.len()) else {
        return Ok(Vec::new());
    };
    let message =
        format!("{} of {} samples repeat one short piece to their end, such as {piece:?}", caught.len(), long.len());
    Ok(vec![ENTRY.finds(message).since(last)])
}

/// The largest share of a text that one piece of at most `PERIOD` characters fills by repeating itself, and the piece.
fn repeated(text: &str) -> (f64, String) {
    let signs: Vec<char> = text.chars().collect();
    let mut most = (0.0, String::new());
    for period in 1..=PERIOD.min(signs.len() / 2) {
        let mut run = 0;
        for at in period..signs.len() {
            run = if signs[at] == signs[at - period] { run + 1 } else { 0 };
            let share = (run + period) as f64 / signs.len() as f64;
            if run >= period && share > most.0 {
                most = (share, signs[at + 1 - period..=at].iter().collect());
            }
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_counts_from_its_first_to_its_last_sign() {
        // "ab" fills 6 of 8 signs.
        assert_eq!(repeated("xababaxy").0, 0.0 + 5.0 / 8.0);
        assert_eq!(repeated("xabababy"), (0.75, "ab".into()));
        assert_eq!((repeated(""), repeated("a")), ((0.0, String::new()), (0.0, String::new())));
    }
}
