//! # end-never-written
//!
//! You see       Texts that do not end: translations that go on and on, names of two hundred letters.
//! Measured as   Samples of the last step, and of a translator the best translations: their length against that of their
//!               reference; or, of a model of lines, against the most tokens a sample may have.
//! Fires when    More than half of three translations or more are above twice as long as their reference, in signs. Or more than
//!               half of two samples are as long as they may be, where 99 of 100 lines of the training part are shorter.
//! Try           Look whether rows end with the boundary token, whether it counts in the loss and is no padding, and whether
//!               generation looks for the same one; a longer training.
//! False alarms  A model that loops does not end either: that is what `loops` says. A temperature far above 1. Lines cut into
//!               pieces of unknown length (BPE) are not looked at.
//! Read          Welleck et al., Consistency of a Recurrent Language Model With Respect to Incomplete Decoding, 2020

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Sample, Severity};

/// Provisional; the sentences of 35 translators, good and bad, were 0.6 to 1.3 times as long as their references.
const TIMES: usize = 2;
const TRANSLATIONS: usize = 3;
const SAMPLES: usize = 2;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "end-never-written",
    severity: Severity::Note,
    component: Component::Decoding,
    source: include_str!("end_never_written.rs"),
    check,
    sick: || {
        Patient::language(1000)
            .answered(
                500,
                &[
                    ("ein Hund läuft", "a dog runs in the grass with a ball and", "a dog runs"),
                    ("zwei Kinder spielen", "two kids play on a beach next to some water near", "two children play"),
                    ("eine Frau singt", "a woman sings", "a woman sings"),
                ],
            )
            .trace()
    },
    healthy: || {
        // Names that end, and one that may be as long as it is.
        let patient = Patient::language(27).recipe(NAMES).probed("lengths", "train", 15.0, 11.0);
        let patient = patient.wrote(500, "maryelizabethannejoy").wrote(500, "olivia");
        patient.wrote(500, "emma").trace()
    },
};

const NAMES: &str =
    "[data]\nkind = \"lines\"\n[tokenizer]\nkind = \"character\"\n[train]\nevaluate = { sample_tokens = 20 }\n";

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let pairs = exam.answers();
    let last = exam.trace.samples().next_back().map_or(0, |sample| sample.step);
    if pairs.is_empty() {
        return of_lines(exam, last);
    }
    let signs = |text: &str| text.trim().chars().count();
    let is_long =
        |(_, text, reference): &&(&str, &str, &str)| !reference.is_empty() && signs(text) > TIMES * signs(reference);
    let long: Vec<_> = pairs.iter().filter(is_long).collect();
    let Some((_, text, reference)) =
        long.first().filter(|_| pairs.len() >= TRANSLATIONS && 2 * long.len() > pairs.len())
    else {
        return Ok(Vec::new());
    };
    let message = format!(
        "{} of {} translations are more than {TIMES} times as long as their references, such as {text:?} for {reference:?}",
        long.len(),
        pairs.len()
    );
    Ok(vec![ENTRY.finds(message)])
}

fn of_lines(exam: &Exam, last: u64) -> Result<Vec<Finding>, Lack> {
    let samples: Vec<&Sample> = exam.trace.samples().filter(|sample| sample.step == last).collect();
    samples.first().ok_or(Lack::SAMPLES)?;
    let most = exam.number("train.evaluate.sample_tokens").ok_or(Lack::RECIPE)?;
    let tokens = match exam.word("tokenizer.kind") {
        Some("character") => |text: &str| text.chars().count(),
        Some("word") => |text: &str| text.split_whitespace().count(),
        _ => return Ok(Vec::new()),
    };
    if exam.word("data.kind") != Some("lines") || samples.len() < SAMPLES {
        return Ok(Vec::new());
    }
    let lengths = exam.probed("lengths")?;
    let usual = lengths.iter().find(|probe| probe.place == "train").ok_or(Lack::PROBES)?.reference;
    let endless = samples.iter().filter(|sample| tokens(&sample.text) as f64 >= most).count();
    if 2 * endless <= samples.len() || most <= usual {
        return Ok(Vec::new());
    }
    let message = format!(
        "{endless} of {} samples go on to the {most} tokens that they may have, where 99 of 100 lines have at most {usual}: the \
         end is never written",
        samples.len()
    );
    Ok(vec![ENTRY.finds(message).since(last)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_as_long_as_it_may_be_has_no_end() {
        let found = |usual| {
            let patient = Patient::language(27).recipe(NAMES).probed("lengths", "train", 99.0, usual);
            let trace = patient.wrote(500, "aeonarlinaeonarlinao").wrote(500, "shanelynnorahaniabel").trace();
            check(&Exam::of(&trace)).unwrap().len()
        };
        assert_eq!((found(11.0), found(30.0)), (1, 0));
    }
}
