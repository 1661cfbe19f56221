//! An examination: all rules, or those that are chosen, over one run.

use crate::{Exam, Rule, rules};
use rushlight_trace::{Finding, Severity};

/// What an examination gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// What was found: causes before what follows from them, notes last.
    pub findings: Vec<Finding>,
    /// Which rules could not be asked, and what they lacked.
    pub unexamined: Vec<(&'static str, &'static str)>,
    /// The rules that were asked and could answer.
    pub examined: Vec<&'static str>,
}

impl Report {
    /// The worst that was found.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

/// Which rules are asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// These alone; all, where none is named.
    pub select: Vec<String>,
    /// But not these.
    pub ignore: Vec<String>,
}

impl Chosen {
    /// The first name that is no rule's.
    pub fn unknown(&self) -> Option<&str> {
        self.select.iter().chain(&self.ignore).map(String::as_str).find(|name| Rule::named(name).is_none())
    }

    /// Whether the rule of this name is asked.
    pub fn takes(&self, rule: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|name| name == rule);
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }
}

/// Asks every chosen rule.
pub fn examine(exam: &Exam, chosen: &Chosen) -> Report {
    let mut report = Report::default();
    for rule in rules::ALL.iter().filter(|rule| chosen.takes(rule.name)) {
        match (rule.check)(exam) {
            Ok(findings) => {
                report.findings.extend(findings);
                report.examined.push(rule.name);
            }
            Err(lack) => report.unexamined.push((rule.name, lack.0)),
        }
    }
    let is_consequence = |finding: &Finding| rules::CONSEQUENCES.contains(&finding.name.as_str());
    if report.findings.iter().any(|finding| finding.severity == Severity::Fault && !is_consequence(finding)) {
        for finding in report.findings.iter_mut().filter(|finding| is_consequence(finding)) {
            // The cause has a cure; two would contradict each other.
            finding.severity = Severity::Note;
            finding.cures.clear();
        }
    }
    if !exam.has_recipe() {
        // A change of a recipe helps nobody who has none.
        report.findings.iter_mut().for_each(|finding| finding.cures.clear());
    }
    for finding in &mut report.findings {
        finding.cures.retain(|cure| exam.takes(cure));
    }
    if exam.word("fault.kind").is_some() {
        // What no setting causes was put in on purpose, and the rest follows from it.
        let uncured = |finding: &&mut Finding| finding.severity == Severity::Fault && finding.cures.is_empty();
        if let Some(finding) = report.findings.iter_mut().find(uncured) {
            *finding = finding.clone().because_of("fault.kind").cure("fault.kind=none");
        }
    }
    // In the order of the list, notes behind: a risk that is a cause stands before the fault that follows from it.
    report.findings.sort_by_key(|finding| finding.severity == Severity::Note);
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Patient;

    #[test]
    fn only_what_is_chosen_is_asked() {
        let trace = Patient::language(27).trace();
        let exam = Exam::of(&trace);
        let names = |chosen: &Chosen| examine(&exam, chosen).examined.len() + examine(&exam, chosen).unexamined.len();
        let one = rules::ALL[0].name.to_owned();
        assert_eq!(names(&Chosen::default()), rules::ALL.len());
        assert_eq!(names(&Chosen { select: vec![one.clone()], ignore: vec![] }), 1);
        assert_eq!(names(&Chosen { select: vec![], ignore: vec![one.clone()] }), rules::ALL.len() - 1);
        assert_eq!(Chosen { select: vec![one], ignore: vec!["no-rule".into()] }.unknown(), Some("no-rule"));
    }
}
