//! What a rule is: a name, its card, a judgement, and two patients that show it at work.

use crate::{Exam, Lack};
use rushlight_trace::{Component, Finding, Severity, Trace};

/// A rule in the list.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name, that of its file.
    pub name: &'static str,
    /// How bad its findings are at worst.
    pub severity: Severity,
    /// The part of a training that its findings are about, where they name no other.
    pub component: Component,
    /// The file itself, whose header is the card.
    pub source: &'static str,
    /// What it finds; or what it would have to know and does not.
    pub check: fn(&Exam) -> Result<Vec<Finding>, Lack>,
    /// A run in which it finds something.
    pub sick: fn() -> Trace,
    /// A run that looks like it and has nothing.
    pub healthy: fn() -> Trace,
}

impl Rule {
    /// The rule of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        crate::rules::ALL.iter().find(|rule| rule.name == name)
    }

    /// What one sees of it: the first line of its card.
    pub fn about(&self) -> String {
        self.line("You see")
    }

    /// What its card says under a heading, in one line.
    pub fn line(&self, heading: &str) -> String {
        let card =
            self.source.lines().map_while(|line| line.strip_prefix("//!")).map(|line| line.get(1..).unwrap_or(""));
        let mut words = Vec::new();
        for line in card.skip_while(|line| !line.starts_with(heading)) {
            match line.strip_prefix(heading) {
                Some(first) => words.push(first.trim()),
                None if line.starts_with(' ') => words.push(line.trim()),
                None => break,
            }
        }
        words.join(" ")
    }

    /// A finding of this rule about the run as a whole.
    pub(crate) fn finds(&self, message: impl Into<String>) -> Finding {
        Finding::new(self.name, self.severity, self.component, message)
    }
}
