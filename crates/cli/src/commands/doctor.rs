//! `doctor`: why a training does not work, from what it has left behind.

use super::Answer;
use super::check::{ChosenFlags, expectation, summary, unexamined};
use crate::terminal::{findings, in_colour};
use anyhow::{Context, Result};
use rushlight_doctor::{Exam, Report, examine};
use rushlight_report::Page;
use rushlight_trace::{RunFolder, Trace, write_atomic};
use rushlight_train::recipe::Recipe;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The flags of `doctor`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// A run's folder.
    run: PathBuf,
    #[command(flatten)]
    chosen: ChosenFlags,
}

/// Examines.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    let chosen = flags.chosen.chosen()?;
    let folder = RunFolder::open(&flags.run)?;
    let trace = Trace::read(&folder)?;
    let recipe = Recipe::parse(&trace.recipe, &folder.recipe_path().display().to_string(), &[]).ok();
    let report = examine(&Exam::of(&trace), &chosen);
    let kept = keep(&folder, &report)?;
    let mut text = findings::drawn(&report, recipe.as_ref(), in_colour());
    let mut lacks: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    report.unexamined.iter().for_each(|(rule, lack)| lacks.entry(lack).or_default().push(rule));
    for (lack, rules) in &lacks {
        writeln!(text, "not examined for lack of: {lack} ({})", rules.join(", "))?;
    }
    let expected = recipe.as_ref().map(|recipe| expectation(&report, recipe));
    if let Some(expected) = &expected {
        writeln!(text, "{}: {}", trace.name, summary(&report, expected))?;
    }
    if !kept {
        writeln!(text, "the run is being written: its folder keeps no findings of this examination")?;
    }
    let is_exhibit = expected.is_some_and(|expected| expected.is_met());
    let json = json!({"run": flags.run, "findings": report.findings, "unexamined": unexamined(&report)});
    Ok(Answer { text, json, code: if is_exhibit { 0 } else { flags.chosen.code(&report) } })
}

/// Writes the findings into the run's folder and its page, unless somebody is writing there.
fn keep(folder: &RunFolder, report: &Report) -> Result<bool> {
    let Ok(writer) = folder.clone().write() else { return Ok(false) };
    writer.set_findings(&report.findings)?;
    drop(writer);
    page(folder.path())?;
    Ok(true)
}

/// Writes the page of a run anew.
fn page(path: &Path) -> Result<()> {
    let trace = Trace::read(&RunFolder::open(path)?)?;
    let page = Page::of_runs(&[trace]).to_html();
    write_atomic(&path.join("report.html"), page.as_bytes()).context("the page cannot be written")
}
