//! `runs`: lists, shows and removes runs.

use super::Answer;
use crate::progress::rounded;
use crate::terminal::{in_colour, say, strong};
use anyhow::{Result, bail, ensure};
use rushlight_report::{Cell, Table, sparkline};
use rushlight_trace::{Evaluation, LossUnit, RunFolder, Trace, TraceError, Which, runs_under};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// How many evaluations `show` shows.
const LAST: usize = 6;

/// The flags of `runs`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    #[command(subcommand)]
    what: What,
    /// Where runs are looked for; `runs` unless told otherwise.
    #[arg(long, global = true)]
    root: Option<PathBuf>,
}

#[derive(clap::Subcommand)]
enum What {
    /// A line for each run.
    List,
    /// What a run is and how it went.
    Show {
        /// The run's folder, or its name below the root.
        run: PathBuf,
    },
    /// Removes runs with everything in them.
    Rm {
        /// The runs' folders, or their names below the root.
        #[arg(required = true)]
        runs: Vec<PathBuf>,
        /// Says that you mean it.
        #[arg(long)]
        yes: bool,
    },
}

/// Does what is asked.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    match &flags.what {
        What::List => list(flags),
        What::Show { run } => show(&flags.find(run)?),
        What::Rm { runs, yes } => remove(&runs.iter().map(|run| flags.find(run)).collect::<Result<Vec<_>>>()?, *yes),
    }
}

impl Flags {
    fn root(&self) -> &Path {
        self.root.as_deref().unwrap_or(Path::new("runs"))
    }

    /// The run at a path, or else of this name below the root.
    fn find(&self, run: &Path) -> Result<RunFolder> {
        match RunFolder::open(run) {
            Ok(folder) => Ok(folder),
            Err(error) => {
                Ok(RunFolder::open(&self.root().join(run)).map_err(|below| if run.exists() { error } else { below })?)
            }
        }
    }
}

/// Reads runs; a folder that is none but holds some stands for all of those.
pub(crate) fn read_all(paths: &[PathBuf]) -> Result<Vec<Trace>> {
    let mut traces = Vec::new();
    for path in paths {
        let folders = match RunFolder::open(path) {
            Ok(folder) => vec![folder],
            Err(error) => match runs_under(path)? {
                none if none.is_empty() => return Err(error.into()),
                runs => runs,
            },
        };
        for folder in folders {
            traces.push(Trace::read(&folder)?);
        }
    }
    Ok(traces)
}

/// The evaluation that a run is known by: its best on the validation part, or else on the training part.
pub(crate) fn best(trace: &Trace) -> Option<&Evaluation> {
    trace.best_evaluation("validation").or_else(|| trace.best_evaluation("train"))
}

/// A loss with what it is counted in, where that is not nats per token.
pub(crate) fn loss_in_words(evaluation: &Evaluation) -> String {
    let unit = match evaluation.unit {
        LossUnit::NatsPerToken => "",
        LossUnit::NatsPerExample => " an example",
        LossUnit::SquaredError => " squared",
    };
    format!("{}{unit}", number(evaluation.loss))
}

/// Four decimals, as losses have them; an exponent for what has grown beyond measure.
pub(crate) fn number(value: f64) -> String {
    match value {
        value if value.is_nan() => "not a number".into(),
        value if value.abs() < 1e6 => format!("{value:.4}"),
        value => format!("{value:.2e}"),
    }
}

/// A share in hundredths; a dash where it was not measured.
pub(crate) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".into(), |share| format!("{:.1} %", 100.0 * share))
}

/// How far a run has come.
fn state(trace: &Trace) -> &'static str {
    if trace.done().is_some() {
        return "finished";
    }
    // Whoever writes a run holds its lock: where it can be had, nobody does.
    match RunFolder::open(&trace.path).and_then(RunFolder::write) {
        Err(TraceError::Locked { .. }) => "being written",
        _ => "interrupted",
    }
}

fn list(flags: &Flags) -> Result<Answer> {
    let root = flags.root();
    ensure!(
        flags.root.is_none() || root.is_dir(),
        "there is no folder `{}`; give `--root` the folder that holds your runs",
        root.display()
    );
    let mut table = Table::new()
        .words("run")
        .words("model")
        .numbers("steps", "")
        .numbers("loss", "")
        .numbers("seconds", "")
        .words("state");
    let mut objects = Vec::new();
    for folder in runs_under(root)? {
        let path = folder.path().display().to_string();
        let trace = match Trace::read(&folder) {
            Ok(trace) => trace,
            // One damaged run must not hide the others.
            Err(error) => {
                say(&format!("{path}: {error}"));
                table.push(vec![
                    path.clone().into(),
                    "".into(),
                    "".into(),
                    "".into(),
                    "".into(),
                    "cannot be read".into(),
                ]);
                objects.push(json!({"run": path, "state": "cannot be read", "why": error.to_string()}));
                continue;
            }
        };
        let ((steps, tokens, seconds), state) = (trace.progress(), state(&trace));
        let model = &trace.card.model;
        table.push(vec![
            path.clone().into(),
            Cell::model(&*model.label, model.order),
            rounded(steps as f64).into(),
            best(&trace).map_or_else(|| "–".into(), loss_in_words).into(),
            format!("{seconds:.1}").into(),
            state.into(),
        ]);
        objects.push(json!({
            "run": path, "model": model.name, "parameters": model.parameters, "steps": steps, "tokens": tokens, "seconds": seconds,
            "loss": best(&trace).map(|evaluation| evaluation.loss), "state": state,
        }));
    }
    let text = if table.is_empty() {
        format!("no runs under `{}`; `rushlight train names-mlp` makes one\n", root.display())
    } else {
        table.to_text(in_colour())
    };
    Ok(Answer::new(text, json!({"root": root, "runs": objects})))
}

fn show(folder: &RunFolder) -> Result<Answer> {
    let trace = Trace::read(folder)?;
    let (card, (steps, tokens, seconds), state) = (&trace.card, trace.progress(), state(&trace));
    let checkpoints = folder.checkpoints()?;
    let marked = |which| folder.checkpoint(which).ok().map(|checkpoint| checkpoint.step);
    let text_card = card
        .text
        .as_ref()
        .map_or_else(String::new, |text| format!(", {} different tokens ({})", text.vocabulary, text.token));
    let data: Vec<String> =
        card.data.iter().map(|data| format!("{} ({} bytes)", data.name, rounded(data.bytes as f64))).collect();
    let losses: Vec<f64> = trace.steps().map(|step| step.loss).collect();
    let mut lines = vec![
        ("folder", trace.path.display().to_string()),
        (
            "model",
            format!(
                "{} ({}{}), {} parameters",
                card.model.label,
                card.model.paper,
                card.model.year.map_or_else(String::new, |year| format!(" {year}")),
                rounded(card.model.parameters as f64)
            ),
        ),
        ("learns", format!("{}{text_card}", card.task)),
        ("data", if data.is_empty() { "made up".into() } else { data.join(", ") }),
        (
            "begun",
            format!("{}, by version {}, seed {}, on {} threads", card.started, card.rushlight, card.seed, card.threads),
        ),
        ("command", card.command.join(" ")),
        ("state", trace.done().map_or_else(|| state.into(), |done| done.reason.clone())),
        (
            "progress",
            format!("{} steps, {} tokens, {seconds:.1} seconds", rounded(steps as f64), rounded(tokens as f64)),
        ),
        ("checkpoints", in_words(&checkpoints, marked(Which::Best), marked(Which::Last))),
    ];
    if let [first, .., last] = losses.as_slice() {
        lines
            .push(("loss", format!("{}  {} to {}, of the batches", sparkline(&losses), number(*first), number(*last))));
    }
    let lines: String = lines.iter().map(|(name, value)| format!("{name:<11}  {value}\n")).collect();
    let mut table = Table::new()
        .numbers("step", "")
        .words("part")
        .numbers("loss", "")
        .numbers("perplexity", "")
        .numbers("top-1", "")
        .numbers("top-5", "");
    let evaluations: Vec<&Evaluation> = trace.all_evaluations().collect();
    let last = &evaluations[evaluations.len().saturating_sub(LAST)..];
    for evaluation in last {
        table.push(vec![
            rounded(evaluation.step as f64).into(),
            evaluation.split.as_str().into(),
            loss_in_words(evaluation).into(),
            evaluation.perplexity.map_or_else(|| "–".into(), number).into(),
            percent(evaluation.top1).into(),
            percent(evaluation.top5).into(),
        ]);
    }
    let measured = if table.is_empty() { "no evaluation yet\n".into() } else { table.to_text(in_colour()) };
    let text = format!("{}\n{lines}\n{}\n{measured}", strong(&trace.name), strong("Last evaluations"));
    let json = json!({
        "run": trace.path, "card": card, "state": state, "steps": steps, "tokens": tokens, "seconds": seconds,
        "checkpoints": checkpoints, "best": marked(Which::Best), "last": marked(Which::Last), "evaluations": last,
    });
    Ok(Answer::new(text, json))
}

fn in_words(checkpoints: &[u64], best: Option<u64>, last: Option<u64>) -> String {
    let word = |step: &u64| {
        let marks: Vec<&str> = [(best, "best"), (last, "last")]
            .into_iter()
            .filter(|(marked, _)| *marked == Some(*step))
            .map(|(_, mark)| mark)
            .collect();
        if marks.is_empty() { format!("step-{step}") } else { format!("step-{step} ({})", marks.join(", ")) }
    };
    if checkpoints.is_empty() { "none yet".into() } else { checkpoints.iter().map(word).collect::<Vec<_>>().join(", ") }
}

fn remove(folders: &[RunFolder], is_meant: bool) -> Result<Answer> {
    let paths: Vec<String> = folders.iter().map(|folder| folder.path().display().to_string()).collect();
    // Every lock before the first removal: either all can go, or nothing is touched.
    let mut writers = Vec::with_capacity(folders.len());
    for (index, folder) in folders.iter().enumerate() {
        ensure!(!paths[..index].contains(&paths[index]), "`{}` is named twice; name it once", paths[index]);
        writers.push(folder.clone().write()?);
    }
    if !is_meant {
        let names: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
        bail!("this would remove {} for ever; say `--yes` if that is what you want", names.join(", "));
    }
    for writer in writers {
        writer.remove()?;
    }
    let text = paths.iter().map(|path| format!("removed {path}\n")).collect::<String>();
    Ok(Answer::new(text, json!({"removed": Value::from(paths)})))
}
