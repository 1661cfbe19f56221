//! # copies-its-source
//!
//! You see       "Translations" that are the source, word for word.
//! Measured as   Samples of the last step and the best translations: how many are their source, capitals aside, where the
//!               reference is not.
//! Fires when    They are more than a third of three or more, and two at least.
//! Try           Look for pairs in the training data whose two sides are the same, and leave them out; look whether source and
//!               target were read from the same file.
//! False alarms  Names, numbers and loan words, which stay as they are: where the reference does so too, it does not count.
//! Read          Khayrallah, Koehn, On the Impact of Various Types of Noise on Neural Machine Translation, 2018

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

/// Provisional; a guess: none of 35 translators copied a sentence. The worst translations are left aside, for what is rare is
/// among them.
const SHARE: f64 = 1.0 / 3.0;
const SENTENCES: usize = 3;
const COPIES: usize = 2;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "copies-its-source",
    severity: Severity::Note,
    component: Component::Data,
    source: include_str!("copies_its_source.rs"),
    check,
    sick: || {
        let said = [
            ("ein Hund läuft", "ein hund läuft", "a dog runs"),
            ("zwei Kinder spielen", "zwei kinder spielen", "two children play"),
            ("eine Frau singt", "a woman sings", "a woman sings"),
        ];
        Patient::language(1000).answered(500, &said).trace()
    },
    healthy: || {
        let said = [
            ("Anna Karenina", "Anna Karenina", "Anna Karenina"),
            ("1984", "1984", "1984"),
            ("eine Frau singt", "a woman sings", "a woman sings"),
        ];
        Patient::language(1000).answered(500, &said).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let pairs = exam.answers();
    pairs.first().ok_or(Lack::TRANSLATIONS)?;
    let same = |one: &str, other: &str| one.trim().to_lowercase() == other.trim().to_lowercase();
    let is_copy = |(source, text, reference): &&(&str, &str, &str)| {
        same(source, text) && !same(source, reference) && !text.is_empty()
    };
    let copies: Vec<_> = pairs.iter().filter(is_copy).collect();
    let is_much = copies.len() >= COPIES && copies.len() as f64 > SHARE * pairs.len() as f64;
    let Some((source, ..)) = copies.first().filter(|_| is_much && pairs.len() >= SENTENCES) else {
        return Ok(Vec::new());
    };
    let message = format!("{} of {} translations are their source, such as {source:?}", copies.len(), pairs.len());
    Ok(vec![ENTRY.finds(message).because_of("data")])
}
