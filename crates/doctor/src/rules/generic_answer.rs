//! # generic-answer
//!
//! You see       A translator that answers everything with the same sentence: "a man is standing in front of a building".
//! Measured as   The translations that were kept, worst and best: how many different sources got one and the same text.
//! Fires when    They are more than 60 % of five sources or more, whose references differ.
//! Try           Look whether the decoder reads the source at all: attention, its mask, the state that is handed over; whether
//!               pairs belong together; a longer training.
//! False alarms  Sources that do mean the same: silent where their references are mostly the same, too.
//! Read          Koehn, Knowles, Six Challenges for Neural Machine Translation, 2017

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity, Translation, Translations};
use std::collections::{BTreeMap, BTreeSet};

/// Provisional.
const SHARE: f64 = 0.6;
const SOURCES: usize = 5;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "generic-answer",
    severity: Severity::Fault,
    component: Component::Attention,
    source: include_str!("generic_answer.rs"),
    check,
    sick: || {
        const MAN: &str = "a man is standing";
        Patient::language(1000)
            .translated(&[
                ("ein Hund läuft", MAN, "a dog runs"),
                ("zwei Kinder spielen", MAN, "two children play"),
                ("eine Frau singt", MAN, "a woman sings"),
                ("ein Mann steht", MAN, "a man stands"),
                ("ein Zug fährt ein", "a train", "a train arrives"),
            ])
            .trace()
    },
    healthy: || {
        const HELLO: &str = "hello";
        Patient::language(1000)
            .translated(&[
                ("hallo", HELLO, HELLO),
                ("guten Tag", HELLO, HELLO),
                ("grüß Gott", HELLO, HELLO),
                ("servus", HELLO, HELLO),
                ("tschüss", "goodbye", "bye"),
            ])
            .trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let kept = exam.trace.translations().next_back().ok_or(Lack::TRANSLATIONS)?;
    Ok(of_part(kept).into_iter().collect())
}

fn of_part(kept: &Translations) -> Option<Finding> {
    let by_source: BTreeMap<&str, &Translation> =
        kept.worst.iter().chain(&kept.best).map(|one| (one.source.as_str(), one)).collect();
    let mut by_answer: BTreeMap<&str, Vec<&Translation>> = BTreeMap::new();
    by_source.values().for_each(|one| by_answer.entry(&one.text).or_default().push(one));
    let (answer, same) = by_answer.into_iter().max_by_key(|(_, same)| same.len())?;
    let references: BTreeSet<&str> = same.iter().map(|one| one.reference.as_str()).collect();
    let differ = 2 * references.len() > same.len();
    let is_generic = same.len() as f64 > SHARE * by_source.len() as f64;
    (by_source.len() >= SOURCES && is_generic && differ).then(|| {
        let message = format!(
            "{} of {} different {} sentences are translated as {answer:?}: the source is ignored",
            same.len(),
            by_source.len(),
            kept.split
        );
        ENTRY.finds(message).at(&kept.split)
    })
}
