//! `train`: what a recipe says, into a new run folder.

use super::Answer;
use crate::attending::Attending;
use crate::progress::{Progress, stop_on_ctrl_c};
use crate::terminal::say;
use crate::{log, recipes};
use anyhow::{Context, Result};
use rushlight_doctor::{Chosen, Report};
use rushlight_trace::{Severity, Trace};
use rushlight_train::recipe::Recipe;
use rushlight_train::{Ending, Reason, Run, Session};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The flags of `train`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// The recipe: a TOML file, or the name of one that ships (`names-mlp`).
    recipe: String,
    /// Another value for a key: `--set train.lr=3e-4`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// How many passes over the training part.
    #[arg(long, conflicts_with = "steps")]
    epochs: Option<u64>,
    /// How many optimizer steps.
    #[arg(long)]
    steps: Option<u64>,
    /// The learning rate.
    #[arg(long, allow_negative_numbers = true)]
    lr: Option<f32>,
    /// Looks at every layer, gate and gradient so many times over the run (every 10th of it unless the recipe says).
    #[arg(long)]
    watch: bool,
    /// The run's folder; `runs/<recipe>` unless told otherwise.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Trains.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    let mut recipe = recipes::find(&flags.recipe, &flags.sets())?;
    if flags.watch {
        // How many steps a number of epochs makes, only the data can tell.
        let steps =
            if recipe.train.steps > 0 { recipe.train.steps } else { Session::new(recipe.clone(), None)?.total_steps() };
        let tenth = (steps / 10).max(1);
        let asked = recipe.train.watch_every_steps;
        recipe.train.watch_every_steps = if (1..=steps).contains(&asked) { asked } else { tenth };
    }
    let path = flags.out.clone().unwrap_or_else(|| Path::new("runs").join(&recipe.name));
    let run = begin(&path, recipe)?;
    carry_on(run)
}

impl Flags {
    /// All overrides; the flags of their own count like `--set`.
    fn sets(&self) -> Vec<String> {
        let mut sets = self.sets.clone();
        let mut set = |key: &str, value: Option<String>| sets.extend(value.map(|value| format!("train.{key}={value}")));
        set("epochs", self.epochs.map(|epochs| epochs.to_string()));
        set("steps", self.steps.map(|steps| steps.to_string()));
        set("lr", self.lr.map(|lr| format!("{lr:?}").to_lowercase())); // TOML writes `nan`
        sets
    }
}

/// Begins a run in a new folder.
pub(crate) fn begin(path: &Path, recipe: Recipe) -> Result<Run> {
    let doctor = Chosen { select: recipe.doctor.stop_on.clone(), ignore: recipe.doctor.expect.clone() };
    super::check::known(&doctor).with_context(|| format!("[doctor] of {}", recipe.name))?;
    let command: Vec<String> = std::env::args().collect();
    let run = Run::create(path, recipe, &command)?;
    log::into_file(&run.folder().log_path());
    tracing::info!("{}", command.join(" "));
    for leak in &run.session.corpus.leaks {
        tracing::warn!(
            "{} of {} lines of the {} part stand in the {} part too",
            leak.lines,
            leak.of,
            leak.into.name(),
            leak.from.name()
        );
    }
    let corpus = &run.session.corpus;
    if corpus.left_out.total() > 0 {
        say(&format!("{}: {} of its training part", run.folder().name(), corpus.left_out));
    }
    for part in &corpus.swapped {
        let warning = format!(
            "the {} part has its languages the other way round than the training part; swap its files, or `source` and \
             `target` in [data]",
            part.name()
        );
        tracing::debug!("{warning}");
        say(&format!("{}: {warning}", run.folder().name()));
    }
    Ok(run)
}

/// Trains to the end or to Ctrl-C, writes the page, and tells what came of it.
pub(crate) fn carry_on(mut run: Run) -> Result<Answer> {
    let ending = train(&mut run)?;
    let path = run.folder().path().to_owned();
    let name = run.folder().name();
    match &ending.reason {
        Reason::Interrupted => say(&format!("{name}: interrupted; go on with: rushlight resume {}", path.display())),
        Reason::Asked(why) => {
            say(&format!("{name}: {why}; train it again with other settings, such as a smaller `lr`"))
        }
        Reason::Finished | Reason::StoppedEarly => {}
    }
    let summary = summary(&run, &ending);
    drop(run);
    let report = super::doctor::examined(&path)?;
    let advice = advice(&report, &path);
    let text = format!("{}\npage: {}\n{advice}", text_of(&summary), path.join("report.html").display());
    // An observer stops a run only for a fault, such as a loss that is no number.
    let code = match ending.reason {
        Reason::Finished | Reason::StoppedEarly => 0,
        Reason::Asked(_) => 1,
        Reason::Interrupted => super::INTERRUPTED,
    };
    Ok(Answer { text, json: summary, code })
}

/// A line on what the doctor found in the finished run, where it is worth one.
fn advice(report: &Report, path: &Path) -> String {
    let names = |severity| {
        let found = report.findings.iter().filter(|finding| finding.severity == severity);
        let mut names: Vec<&str> = found.map(|finding| finding.name.as_str()).collect();
        names.dedup();
        names.join(", ")
    };
    match (names(Severity::Fault), names(Severity::Risk)) {
        (faults, risks) if faults.is_empty() && risks.is_empty() => String::new(),
        (faults, risks) => {
            let found = [faults, risks].into_iter().filter(|names| !names.is_empty()).collect::<Vec<_>>().join(", ");
            format!("found: {found}; `rushlight doctor {}` tells what, where and what to try\n", path.display())
        }
    }
}

/// Trains with progress on the terminal.
pub(crate) fn train(run: &mut Run) -> Result<Ending> {
    let progress = Progress::new(&run.folder().name(), run.session.total_steps(), run.session.progress.step);
    let mut attending = Attending::new(progress, || Trace::read(run.folder()), &run.session.recipe.doctor)?;
    let ending = run.train(&mut attending, stop_on_ctrl_c());
    attending.end();
    ending.with_context(|| {
        let (name, step) = (run.folder().name(), run.session.progress.step);
        format!(
            "{name} stopped at step {step}; later, `rushlight resume {}` goes on from its last checkpoint",
            run.folder().path().display()
        )
    })
}

/// What came of a run, as an object.
pub(crate) fn summary(run: &Run, ending: &Ending) -> Value {
    let (session, progress) = (&run.session, &run.session.progress);
    let mut summary = json!({
        "run": run.folder().path(),
        "model": session.entry.name,
        "parameters": session.model.params().count(),
        "steps": progress.step,
        "tokens": progress.tokens,
        "seconds": progress.seconds,
        "waiting_share": progress.waiting_share(),
        "reason": ending.reason.to_string(),
    });
    for (split, score) in [("train", &ending.train), ("validation", &ending.validation)] {
        if let Some(score) = score {
            super::eval::put(&mut summary, session, split, score);
        }
    }
    summary
}

/// The object in a few lines, as `key: value`.
pub(crate) fn text_of(summary: &Value) -> String {
    let entries = summary.as_object().into_iter().flatten();
    let width = entries.clone().map(|(key, _)| key.len()).max().unwrap_or(0);
    let line = |(key, value): (&String, &Value)| match value {
        Value::String(text) => format!("{key:width$}  {text}"),
        Value::Number(value) if value.is_f64() => {
            format!("{key:width$}  {}", super::number(value.as_f64().unwrap_or(f64::NAN)))
        }
        // Losses that came apart have perplexities beyond every number.
        Value::Null => format!("{key:width$}  infinite"),
        other => format!("{key:width$}  {other}"),
    };
    entries.map(line).collect::<Vec<_>>().join("\n")
}
