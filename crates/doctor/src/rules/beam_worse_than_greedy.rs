//! # beam-worse-than-greedy
//!
//! You see       A wider search translates no better than the likeliest token each time, or worse.
//! Measured as   The same 200 validation sentences, translated greedily and with a beam of five: how likely the model says the
//!               translations are, and their BLEU.
//! Fires when    The beam's are less likely, by 1 % of the logarithm and 0.01 nats a sentence (fault): it loses what it had found. Or
//!               they are as likely, and BLEU is a point and 5 % lower (note), or 20 % (risk): likelier is shorter.
//! Try           Where they are less likely, look how the hypotheses are ranked, and whether each goes on with its own memory. Where
//!               BLEU is lower, divide by the length (`--length-penalty 1`), or a narrower beam.
//! False alarms  A beam may lose a sentence that the greedy search finds; in the mean it gains. Below 5 BLEU all are chance.
//! Read          Koehn, Knowles, Six Challenges for Neural Machine Translation, 2017, section 3.6; Stahlberg, Byrne, On NMT Search
//!               Errors and Model Errors: Cat Got Your Tongue?, 2019

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Record, Searched, Severity, Trace, Translations};

/// Of eight sound translators of Multi30k and of digits: what a beam finds is likelier by 6 to 16 % of the logarithm where anything is
/// left to find, and less likely by 1e-7 nats where nothing is; its BLEU is 0.1 lower to 2.3 higher. No broken search was
/// measured, for no fault breaks one: provisional.
const UNLIKELIER: f64 = 0.01;
const NATS: f64 = 0.01;
const LOWER: f64 = 0.05;
const MUCH_LOWER: f64 = 0.2;
const POINTS: f64 = 1.0;
const LEAST_BLEU: f64 = 5.0;
const SENTENCES: u64 = 50;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "beam-worse-than-greedy",
    severity: Severity::Fault,
    component: Component::Decoding,
    source: include_str!("beam_worse_than_greedy.rs"),
    check,
    sick: || searched([(-9.0, 12.0, 33.0), (-9.6, 11.8, 32.0)]),
    healthy: || searched([(-9.0, 12.0, 33.0), (-8.6, 11.6, 32.6)]),
};

/// Of a greedy search and of a beam of five: mean logarithm of the probability, mean tokens, BLEU.
fn searched(found: [(f64, f64, f64); 2]) -> Trace {
    let of =
        |(width, (log_probability, tokens, bleu))| Searched { width, sentences: 200, log_probability, tokens, bleu };
    Patient::language(1000)
        .with(Record::Translations(Translations {
            split: "validation".into(),
            metric: "chrF2".into(),
            worst: Vec::new(),
            best: Vec::new(),
            searches: [1, 5].into_iter().zip(found).map(of).collect(),
        }))
        .trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let kept = exam.trace.translations().next_back().ok_or(Lack::TRANSLATIONS)?;
    let (Some(greedy), Some(wide)) = (kept.searches.first(), kept.searches.last()) else { return Err(Lack::SEARCHES) };
    if greedy.width != 1 || wide.width <= 1 || greedy.sentences.min(wide.sentences) < SENTENCES {
        return Err(Lack::SEARCHES);
    }
    let finds = |message: String| ENTRY.finds(message).at(&kept.split);
    let lost = greedy.log_probability - wide.log_probability;
    if lost > NATS.max(UNLIKELIER * greedy.log_probability.abs()) {
        return Ok(vec![finds(format!(
            "a beam of {} finds translations that the model gives {:.2} nats a sentence, the greedy search some of {:.2}: the search \
             loses the likelier ones",
            wide.width, wide.log_probability, greedy.log_probability
        ))]);
    }
    let fell = greedy.bleu - wide.bleu;
    if greedy.bleu < LEAST_BLEU || fell < POINTS || fell < LOWER * greedy.bleu {
        return Ok(Vec::new());
    }
    let severity = if fell < MUCH_LOWER * greedy.bleu { Severity::Note } else { Severity::Risk };
    let message = format!(
        "a beam of {} scores {:.1} BLEU, the greedy search {:.1}, though what it finds is likelier: {:.1} tokens a sentence against \
         {:.1}",
        wide.width, wide.bleu, greedy.bleu, wide.tokens, greedy.tokens
    );
    Ok(vec![Finding { severity, ..finds(message) }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likelier_translations_that_are_worse_are_no_broken_search() {
        let found = |bleu: f64| {
            let trace = searched([(-9.0, 12.0, 33.0), (-8.6, 9.0, bleu)]);
            check(&Exam::of(&trace)).unwrap().first().map(|finding| finding.severity)
        };
        assert_eq!([32.0, 31.0, 26.0].map(found), [None, Some(Severity::Note), Some(Severity::Risk)]);
    }

    #[test]
    fn of_a_run_that_was_searched_in_one_way_nothing_is_said() {
        let trace = Patient::language(1000).translated(&[("ja", "yes", "yes")]).trace();
        assert_eq!(check(&Exam::of(&trace)), Err(Lack::SEARCHES));
    }
}
