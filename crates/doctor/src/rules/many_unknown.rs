//! # many-unknown
//!
//! You see       The model writes the unknown token, and its loss is lower than its text is good.
//! Measured as   The probe `unknown`: how many ids of a part are the unknown token.
//! Fires when    More than a tenth of any part: a note, for such a training does work; a risk above a half.
//! Try           A larger vocabulary, a lower floor of frequency, or pieces of words (BPE) in place of words.
//! False alarms  Penn Treebank's 10,000 words: 5 % of it is `<unk>` by design.
//! Read          Sennrich, Haddow, Birch, Neural Machine Translation of Rare Words with Subword Units, 2016, section 1

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{Component, Finding, Severity};

const SOME: f64 = 0.1;
/// Of plays as 800 words a fifth is unknown, and their model learns as any other.
const MANY: f64 = 0.5;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "many-unknown",
    severity: Severity::Risk,
    component: Component::Data,
    source: include_str!("many_unknown.rs"),
    check,
    sick: || Patient::language(10000).probed("unknown", "train", 600.0, 1000.0).trace(),
    healthy: || {
        Patient::language(10000)
            .probed("unknown", "train", 50.0, 1000.0)
            .probed("unknown", "validation", 60.0, 1000.0)
            .trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let probes = exam.probed("unknown")?;
    let share = |probe: &rushlight_trace::Probe| probe.measured / probe.reference.max(1.0);
    let is_much = |probe: &&&rushlight_trace::Probe| share(probe) > SOME;
    let finding = |probe: &&rushlight_trace::Probe| {
        let message = format!("{:.1} % of the {} part is the unknown token", 100.0 * share(probe), probe.place);
        let severity = if share(probe) > MANY { ENTRY.severity } else { Severity::Note };
        let finding = Finding { severity, ..ENTRY.finds(message) };
        finding.at(&probe.place).because_of("tokenizer.kind").cure("tokenizer.kind=bpe")
    };
    Ok(probes.iter().filter(is_much).map(finding).collect())
}
