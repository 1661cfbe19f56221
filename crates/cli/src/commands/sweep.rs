//! `sweep`: a recipe trained again and again with some settings varied, the results compared in a table, and a page with the
//! first run of each setting. Runs that are finished already are not trained again.

use super::{Answer, compare, runs, train};
use crate::recipes;
use crate::terminal::{in_colour, say};
use anyhow::{Result, bail, ensure};
use plan::{Setting, settings};
use rushlight_report::{Cell, Page, Table};
use rushlight_score::{Spread, spread};
use rushlight_trace::{RunFolder, Trace, write_atomic};
use rushlight_train::recipe::{Place, Recipe, RecipeError};
use rushlight_train::{Reason, Run};
use serde_json::json;
use std::path::{Path, PathBuf};

mod plan;

/// The flags of `sweep`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// The recipe: a TOML file, or the name of one that ships.
    recipe: String,
    /// A key and the values it shall take: `--vary train.lr=1e-3,3e-4`. Given twice, all combinations are tried.
    #[arg(long, value_name = "KEY=A,B,C", required_unless_present = "case")]
    vary: Vec<String>,
    /// Settings that belong together: `--case "model.layers=5 train.lr=0.01"`. Given again and again, one after the other
    /// is tried; `--case ""` is the recipe as it is.
    #[arg(long, value_name = "KEY=VALUE KEY=VALUE", conflicts_with = "vary")]
    case: Vec<String>,
    /// Another value for a key, the same in all runs.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// How many seeds for each setting, from the recipe's own on.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Where the runs lie; `runs/sweep-<recipe>` unless told otherwise.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// One run to be made.
struct Trial {
    /// Which of the settings it belongs to.
    setting: usize,
    seed: u64,
    path: PathBuf,
    recipe: Recipe,
}

/// Trains all of them and compares.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    let settings = settings(&flags.vary, &flags.case)?;
    let trials = trials(flags, &settings)?;
    // All that can be refused is refused before the first hour of training.
    for trial in &trials {
        if let Ok(folder) = RunFolder::open(&trial.path) {
            compare::must_be_of(&folder, &trial.recipe)?;
        }
    }
    let mut losses = vec![Vec::new(); settings.len()];
    let mut paths = vec![Vec::new(); settings.len()];
    let mut firsts = Vec::new();
    let mut code = 0;
    for (number, trial) in trials.iter().enumerate() {
        say(&format!("{} of {}: {}, seed {}", number + 1, trials.len(), settings[trial.setting], trial.seed));
        if !is_finished(&trial.path) && carry_out(trial)? == Reason::Interrupted {
            say("interrupted; the same command goes on from here");
            code = super::INTERRUPTED;
            break;
        }
        let trace = Trace::read(&RunFolder::open(&trial.path)?)?;
        // What a run reached before it came apart is no result of its setting.
        let best = trace.done().and_then(|_| runs::best(&trace));
        losses[trial.setting].push(best.map_or(f64::NAN, |best| best.loss));
        if paths[trial.setting].is_empty() {
            firsts.push(trace);
        }
        paths[trial.setting].push(trial.path.clone());
    }
    let mut answer = Answer { code, ..answer(flags, &settings, &losses, &paths) };
    if !firsts.is_empty() {
        let path = flags.folder(&trials[0].recipe).join("report.html");
        write_atomic(&path, Page::of_runs(&firsts).to_html().as_bytes())?;
        answer.text = format!("{}\nThe page with the first run of each: {}\n", answer.text.trim_end(), path.display());
        answer.json["page"] = json!(path);
    }
    Ok(answer)
}

impl Flags {
    /// Which flag says what is varied.
    fn way(&self) -> &'static str {
        if self.case.is_empty() { "--vary" } else { "--case" }
    }

    /// Where the runs lie.
    fn folder(&self, recipe: &Recipe) -> PathBuf {
        self.out.clone().unwrap_or_else(|| Path::new("runs").join(format!("sweep-{}", recipe.name)))
    }
}

fn trials(flags: &Flags, settings: &[Setting]) -> Result<Vec<Trial>> {
    ensure!(flags.seeds > 0, "`--seeds 0` trains nothing; give 1 or more, such as 3 for an interval");
    ensure!(flags.seeds <= 1000, "`--seeds {}` is more than anybody could wait for; give at most 1000", flags.seeds);
    for set in &flags.sets {
        let key = set.split('=').next().unwrap_or(set).trim();
        let twice = settings.iter().any(|setting| setting.keys().any(|varied| varied == key));
        ensure!(!twice, "`--set {set}` and `{}` both give `{key}`; give it in one of them", flags.way());
    }
    let varies_seed = settings.iter().any(|setting| setting.sets().any(|set| set.starts_with("train.seed=")));
    ensure!(
        !varies_seed || flags.seeds == 1,
        "`{} train.seed` and `--seeds` both choose seeds; give one of them",
        flags.way()
    );
    let mut trials = Vec::new();
    for (index, setting) in settings.iter().enumerate() {
        let sets: Vec<String> = flags.sets.iter().cloned().chain(setting.sets()).collect();
        let first = recipes::find(&flags.recipe, &sets).map_err(|error| as_varied(error, setting, flags.way()))?;
        let out = flags.folder(&first);
        for offset in 0..flags.seeds {
            let mut recipe = first.clone();
            let seed = recipe.train.seed.wrapping_add(offset);
            recipe.train.seed = seed;
            let path = out.join(format!("{}_seed-{seed}", setting.folder()));
            trials.push(Trial { setting: index, seed, path, recipe });
        }
    }
    for (index, trial) in trials.iter().enumerate() {
        if trials[..index].iter().any(|other| other.path == trial.path) {
            bail!("two settings are the same or have the same name, `{}`; give each value once", trial.path.display());
        }
    }
    Ok(trials)
}

/// The mistake stands behind `--vary` or `--case`, not behind `--set`.
fn as_varied(error: anyhow::Error, setting: &Setting, way: &str) -> anyhow::Error {
    match error.downcast::<RecipeError>() {
        Ok(error) => match &error.place {
            Place::Set { words } if setting.sets().any(|set| set == *words) => {
                anyhow::anyhow!("{}, from `{way}` (`{words}`); {}", error.message(), error.help)
            }
            _ => error.into(),
        },
        Err(error) => error,
    }
}

fn is_finished(path: &Path) -> bool {
    RunFolder::open(path).and_then(|folder| Trace::read(&folder)).is_ok_and(|trace| trace.done().is_some())
}

fn carry_out(trial: &Trial) -> Result<Reason> {
    let mut run = match RunFolder::open(&trial.path) {
        Ok(_) => Run::resume(&trial.path)?,
        Err(_) => train::begin(&trial.path, trial.recipe.clone())?,
    };
    let ending = train::train(&mut run)?;
    if let Reason::Asked(why) = &ending.reason {
        say(&format!("{}: {why}", trial.path.display()));
    }
    Ok(ending.reason)
}

fn answer(flags: &Flags, settings: &[Setting], losses: &[Vec<f64>], paths: &[Vec<PathBuf>]) -> Answer {
    let spreads: Vec<Option<Spread>> =
        losses.iter().map(|losses| (!losses.is_empty()).then(|| spread(losses))).collect();
    let mean = |index: usize| spreads[index].map(|spread| spread.mean).filter(|mean| mean.is_finite());
    let best = (0..settings.len()).filter(|&index| mean(index).is_some()).min_by(|&a, &b| {
        let mean = |index| mean(index).unwrap_or(f64::INFINITY);
        mean(a).total_cmp(&mean(b))
    });
    // What is varied has a column each; cases set different keys.
    let keys: Vec<&str> = if flags.case.is_empty() { settings[0].keys().collect() } else { vec!["case"] };
    let mut table = keys.iter().fold(Table::new(), |table, key| table.words(key));
    table = table.numbers("seeds", "").numbers("loss", "mean").numbers("interval", "95 %").words("");
    let mut objects = Vec::with_capacity(settings.len());
    for (index, setting) in settings.iter().enumerate() {
        let (is_best, spread) = (best == Some(index), spreads[index]);
        let told = spread.map_or_else(|| "–".into(), |spread| runs::number(spread.mean));
        let interval = spread
            .filter(|spread| spread.half_width_95.is_finite())
            .map_or_else(|| "–".into(), |spread| format!("± {}", runs::number(spread.half_width_95)));
        let mut row: Vec<Cell> = match flags.case.is_empty() {
            true => setting.values().map(Cell::from).collect(),
            false => vec![setting.to_string().into()],
        };
        row.push(losses[index].len().to_string().into());
        row.push(if is_best { Cell::from(told).strong() } else { told.into() });
        row.push(interval.into());
        row.push(if is_best { "best" } else { "" }.into());
        table.push(row);
        objects.push(json!({
            "settings": setting.object(), "runs": paths[index], "losses": losses[index],
            "mean": spread.map(|spread| spread.mean), "std": spread.map(|spread| spread.std), "half_width_95": spread.map(|spread| spread.half_width_95),
        }));
    }
    let json = json!({"recipe": flags.recipe, "settings": objects, "best": best.map(|index| settings[index].object())});
    Answer::new(table.to_text(in_colour()), json)
}
