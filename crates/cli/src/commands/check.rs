//! `check`: what must hold of a training before its first step, tried in seconds.

use super::Answer;
use crate::recipes;
use crate::terminal::{did_you_mean, findings, in_colour, strong};
use anyhow::{Context, Result, bail};
use rushlight_doctor::{Chosen, Exam, Report, checklist, examine};
use rushlight_trace::{Record, Severity, Trace};
use rushlight_train::{Session, check, recipe::Recipe};
use serde_json::{Value, json};
use std::fmt::Write;

/// The flags of `check`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// The recipe: a TOML file, or the name of one that ships (`names-mlp`).
    recipe: String,
    /// Another value for a key: `--set train.lr=3e-4`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    #[command(flatten)]
    chosen: ChosenFlags,
}

/// Which rules are asked, and what counts as bad.
#[derive(clap::Args)]
pub(crate) struct ChosenFlags {
    /// Asks these rules alone.
    #[arg(long, value_delimiter = ',', value_name = "RULES")]
    select: Vec<String>,
    /// Does not ask these rules.
    #[arg(long, value_delimiter = ',', value_name = "RULES")]
    ignore: Vec<String>,
    /// Ends with exit code 1 on risks and notes too, not only on faults.
    #[arg(long)]
    strict: bool,
}

impl ChosenFlags {
    /// The rules, if all that are named exist.
    pub(crate) fn chosen(&self) -> Result<Chosen> {
        let chosen = Chosen { select: self.select.clone(), ignore: self.ignore.clone() };
        known(&chosen)?;
        Ok(chosen)
    }

    /// The exit code that a report deserves.
    pub(crate) fn code(&self, report: &Report) -> u8 {
        let bad = if self.strict { Severity::Note } else { Severity::Fault };
        u8::from(report.worst().is_some_and(|worst| worst >= bad))
    }
}

/// Refuses names that are no rule's.
pub(crate) fn known(chosen: &Chosen) -> Result<()> {
    let Some(unknown) = chosen.unknown() else { return Ok(()) };
    let names = || rushlight_doctor::rules::ALL.iter().map(|rule| rule.name);
    bail!("no rule is called `{unknown}`.{} `rushlight explain` lists all", did_you_mean(unknown, names()))
}

/// Checks.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    let chosen = flags.chosen.chosen()?;
    let recipe = recipes::find(&flags.recipe, &flags.sets)?;
    known(&Chosen { select: recipe.doctor.stop_on.clone(), ignore: recipe.doctor.expect.clone() })
        .with_context(|| format!("[doctor] of {}", recipe.name))?;
    let session = Session::new(recipe.clone(), None)?;
    let trace = before_training(&session, &recipe)?;
    let report = examine(&Exam::of(&trace), &chosen);
    let mut text = findings::drawn(&report, Some(&recipe), in_colour());
    // Of a line of which only some rules are asked, only what one of them finds is known.
    let was_asked = |item: &&checklist::Item| {
        item.rules.iter().all(|rule| chosen.takes(rule)) || item.answer(&report, &trace) == checklist::Answer::Broken
    };
    let lines = checklist::ALL.iter().filter(was_asked);
    let lines = lines.map(|item| (item.answer(&report, &trace), item.words)).collect::<Vec<_>>();
    if !lines.is_empty() {
        let title = format!("{}: before the first step  ([x] holds, [!] does not, [-] not asked)", recipe.name);
        writeln!(text, "{}", strong(&title))?;
    }
    for (answer, words) in &lines {
        let tick = match answer {
            checklist::Answer::Holds => "x",
            checklist::Answer::Broken => "!",
            checklist::Answer::Open => "-",
        };
        writeln!(text, "  [{tick}] {words}")?;
    }
    // A changed exhibit, or one of which little is asked, is held to no promise.
    let is_whole = flags.sets.is_empty() && chosen == Chosen::default();
    let expected = expectation(&report, Some(&recipe).filter(|_| is_whole));
    writeln!(text, "{}", summary(&report, &expected))?;
    let code = if expected.is_met() { 0 } else { flags.chosen.code(&report) };
    let checklist: Vec<Value> = lines
        .iter()
        .map(|(answer, words)| json!({"item": words, "answer": format!("{answer:?}").to_lowercase()}))
        .collect();
    let json = json!({
        "recipe": recipe.name,
        "findings": report.findings,
        "checklist": checklist,
        "probes": trace.probes().collect::<Vec<_>>(),
        "unexamined": unexamined(&report),
        "expected": recipe.doctor.expect,
    });
    Ok(Answer { text, json, code })
}

/// What is known of a training before its first step, as the trace of a run that has not begun.
fn before_training(session: &Session, recipe: &Recipe) -> Result<Trace> {
    let mut records = check::check(session)?;
    records.extend(session.yardsticks()?.map(Record::Yardsticks));
    Ok(Trace { name: recipe.name.clone(), recipe: recipe.to_toml(), records, ..Trace::default() })
}

/// What an exhibit, bad on purpose, says of itself, against what was found.
pub(crate) struct Expectation {
    expects: bool,
    missing: Vec<String>,
    more: Vec<String>,
}

impl Expectation {
    /// Whether it is an exhibit, and all that it promises was found and no other fault.
    pub(crate) fn is_met(&self) -> bool {
        self.expects && self.missing.is_empty() && self.more.is_empty()
    }
}

/// Holds the faults of a report against what the recipe expects.
pub(crate) fn expectation(report: &Report, recipe: Option<&Recipe>) -> Expectation {
    let expect = recipe.map_or(&[][..], |recipe| &recipe.doctor.expect);
    let faults = || report.findings.iter().filter(|finding| finding.severity == Severity::Fault);
    Expectation {
        expects: !expect.is_empty(),
        missing: expect.iter().filter(|name| faults().all(|finding| finding.name != **name)).cloned().collect(),
        more: faults().map(|finding| finding.name.clone()).filter(|name| !expect.contains(name)).collect(),
    }
}

/// How many of each kind, and how many rules could be asked.
pub(crate) fn summary(report: &Report, expected: &Expectation) -> String {
    let count = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
    let words = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let mut line = format!(
        "{}, {}, {}; {} rules asked, {} had nothing to look at",
        words(count(Severity::Fault), "fault"),
        words(count(Severity::Risk), "risk"),
        words(count(Severity::Note), "note"),
        report.examined.len(),
        report.unexamined.len()
    );
    if expected.is_met() {
        line += "; just what this exhibit, bad on purpose, promises";
    } else if expected.expects && !expected.missing.is_empty() {
        line += &format!("; this exhibit promises {}, which was not found", expected.missing.join(", "));
    }
    line
}

/// The rules that could not be asked, with what they lacked.
pub(crate) fn unexamined(report: &Report) -> Vec<Value> {
    report.unexamined.iter().map(|(rule, lack)| json!({"rule": rule, "lack": lack})).collect()
}
