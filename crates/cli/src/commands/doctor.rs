//! `doctor`: why a training does not work, from what it has left behind.

use super::Answer;
use super::check::{ChosenFlags, expectation, summary, unexamined};
use crate::recipes;
use crate::terminal::{findings, in_colour, say};
use anyhow::{Context, Result, bail, ensure};
use rushlight_doctor::{Chosen, Exam, Lack, Report, examine};
use rushlight_report::Page;
use rushlight_trace::{RunFolder, Trace, foreign, write_atomic};
use rushlight_train::recipe::Recipe;
use rushlight_train::{Run, check};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

mod fix;

/// The flags of `doctor`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// A run's folder; or what another program left behind: a loss log (CSV, JSON lines, TensorBoard events, printed
    /// lines), or weights (safetensors), of which the earlier checkpoint comes first.
    #[arg(required = true, value_name = "RUN|LOG|WEIGHTS", num_args = 1..=2)]
    paths: Vec<PathBuf>,
    /// Tries what the findings propose: trains a short while with and without each change, and writes the recipe with what
    /// helped as `fixed.toml` into the run's folder.
    #[arg(long)]
    fix: bool,
    /// With how many seeds each change is tried.
    #[arg(long, default_value_t = 5, requires = "fix", value_parser = clap::value_parser!(u64).range(1..=100))]
    seeds: u64,
    /// How many steps each of these trainings takes: 300, and half as many again as it took until something was wrong, unless
    /// told otherwise.
    #[arg(long, requires = "fix", value_parser = clap::value_parser!(u64).range(1..))]
    steps: Option<u64>,
    /// Judges what the run has recorded alone, without probes of its weights.
    #[arg(long, conflicts_with = "fix")]
    no_probes: bool,
    #[command(flatten)]
    chosen: ChosenFlags,
}

/// Examines.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    let chosen = flags.chosen.chosen()?;
    let first = &flags.paths[0];
    for path in &flags.paths {
        of_another_kind(path)?;
    }
    if let Some(missing) = flags.paths.iter().find(|path| !path.exists()) {
        bail!("there is no `{}`; give a run's folder, a log or a safetensors file", missing.display());
    }
    let is_weights = |path: &PathBuf| path.extension().is_some_and(|end| end == "safetensors");
    ensure!(
        flags.paths.len() == 1 || flags.paths.iter().all(is_weights),
        "two files are compared where both are weights; give one run, one log, or two safetensors files"
    );
    if flags.fix && (is_weights(first) || foreign::is_foreign(first)) {
        bail!("`--fix` trains again, and `{}` does not say how; give a run's folder", first.display());
    }
    if is_weights(first) {
        let still = flags.paths.get(1).map(|second| compared(first, second)).transpose()?.flatten();
        let trace = Trace { records: check::weights(&flags.paths)?, ..named(&flags.paths[flags.paths.len() - 1]) };
        let report = examine(&Exam::of(&trace), &chosen);
        let nothing = still.unwrap_or_else(|| nothing_found(&report, &trace));
        return answer(flags, &report, &trace, None, &nothing);
    }
    if foreign::is_foreign(first) {
        let trace = foreign::read(first)?;
        let report = examine(&Exam::of(&trace), &chosen);
        return answer(flags, &report, &trace, None, &nothing_found(&report, &trace));
    }
    let folder = RunFolder::open(first)?;
    let recorded = Trace::read(&folder)?;
    let recipe = Recipe::parse(&recorded.recipe, &folder.recipe_path().display().to_string(), &[]).ok();
    let trace = if flags.no_probes { recorded.clone() } else { probed(&recorded) };
    let report = examine(&Exam::of(&trace), &chosen);
    if !keep(&folder, recorded, &report)? {
        say("the run is being written: its folder keeps no findings of this examination");
    }
    let answer = answer(flags, &report, &trace, recipe.as_ref(), &nothing_found(&report, &trace))?;
    if flags.fix { fix::fixed(flags, &report, &folder, answer) } else { Ok(answer) }
}

/// Refuses what another command is there for, and names that command.
fn of_another_kind(path: &Path) -> Result<()> {
    let shown = path.display();
    let name = path.to_string_lossy();
    if path.is_file() && path.extension().is_some_and(|end| end == "toml")
        || !path.exists() && recipes::is_shipped(&name)
    {
        bail!(
            "`{shown}` is a recipe, and `doctor` examines what a training has left behind; `rushlight check {shown}` examines \
             the recipe"
        );
    }
    let weights = path.join("model.safetensors");
    if path.is_dir() && weights.is_file() && !path.join("run.json").is_file() {
        let run = path
            .ancestors()
            .find(|above| above.join("run.json").is_file())
            .map(|run| format!("`rushlight doctor {}` examines the run that it is of, ", run.display()));
        bail!(
            "`{shown}` is a checkpoint and no run; {}`rushlight doctor {}` its weights",
            run.unwrap_or_default(),
            weights.display()
        );
    }
    Ok(())
}

/// What is to be said where two checkpoints are the same one.
fn compared(first: &Path, second: &Path) -> Result<Option<String>> {
    let (shared, same) = check::in_common(first, second)?;
    let names = format!("`{}` and `{}`", first.display(), second.display());
    ensure!(
        shared > 0,
        "{names} share no parameter of one name and one shape, so nothing can be compared; give two checkpoints of one \
         training, the earlier first, or one file alone"
    );
    Ok((shared == same).then(|| format!("{names} hold the same numbers in all {shared} parameters that they share")))
}

/// What is to be said where no rule found anything: of how little, if there was too little.
fn nothing_found(report: &Report, trace: &Trace) -> String {
    let losses = trace.steps().count() + trace.all_evaluations().count();
    match report.unexamined.iter().filter(|(_, lack)| *lack == Lack::COURSE.0).count() {
        0 => "nothing was found".to_owned(),
        rules => {
            let (is, need) = (
                if losses == 1 { "loss, which is" } else { "losses, which are" },
                if rules == 1 { "needs" } else { "need" },
            );
            let noun = if rules == 1 { "rule" } else { "rules" };
            format!("nothing was found in {losses} {is} too few to judge a course by: {rules} {noun} {need} more")
        }
    }
}

/// The same with what probes say of the training before its first step and of its last weights.
fn probed(recorded: &Trace) -> Trace {
    match Run::probed(&recorded.path) {
        Ok([before, after]) => {
            let records = before.into_iter().chain(recorded.records.iter().cloned()).chain(after).collect();
            Trace { records, ..recorded.clone() }
        }
        Err(error) => {
            say(&format!("no probes, only what was recorded: {error}"));
            recorded.clone()
        }
    }
}

fn named(path: &Path) -> Trace {
    let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    Trace { path: path.into(), name, ..Trace::default() }
}

/// `nothing` is what is said where nothing was found.
fn answer(flags: &Flags, report: &Report, trace: &Trace, recipe: Option<&Recipe>, nothing: &str) -> Result<Answer> {
    let mut text = findings::drawn(report, recipe, in_colour());
    let mut lacks: BTreeMap<&str, usize> = BTreeMap::new();
    report.unexamined.iter().for_each(|(_, lack)| *lacks.entry(lack).or_default() += 1);
    if report.findings.is_empty() {
        writeln!(text, "{nothing}")?;
    }
    if !lacks.is_empty() {
        let each = lacks.iter().map(|(lack, count)| format!("{lack} ({count})")).collect::<Vec<_>>();
        writeln!(text, "rules that could not be asked: {}; `--format json` lists them", each.join("; "))?;
    }
    let expected = expectation(report, recipe);
    writeln!(text, "{}: {}", trace.name, summary(report, &expected))?;
    let code = if expected.is_met() { 0 } else { flags.chosen.code(report) };
    let json = json!({"run": flags.paths[0], "findings": report.findings, "unexamined": unexamined(report)});
    Ok(Answer { text, json, code })
}

/// Examines a run that has ended, keeps what was found, and writes its page.
pub(crate) fn examined(path: &Path) -> Result<Report> {
    let folder = RunFolder::open(path)?;
    let trace = Trace::read(&folder)?;
    let report = examine(&Exam::of(&trace), &Chosen::default());
    keep(&folder, trace, &report)?;
    Ok(report)
}

/// Writes the findings into the run's folder, and its page, unless somebody is writing there.
fn keep(folder: &RunFolder, trace: Trace, report: &Report) -> Result<bool> {
    let Ok(writer) = folder.clone().write() else { return Ok(false) };
    writer.set_findings(&report.findings)?;
    drop(writer);
    let page = Page::of_runs(&[Trace { findings: report.findings.clone(), ..trace }]).to_html();
    write_atomic(&folder.path().join("report.html"), page.as_bytes()).context("the page cannot be written")?;
    Ok(true)
}
