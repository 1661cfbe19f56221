//! `compare`: runs side by side, the best first, and where their recipes differ.

use super::eval::Split;
use super::{Answer, runs};
use crate::progress::rounded;
use crate::terminal::{in_colour, say, strong};
use anyhow::{Result, bail, ensure};
use rushlight_report::{Cell, Table};
use rushlight_score as score;
use rushlight_trace::{Evaluation, LossUnit, RunFolder, Trace};
use rushlight_train::recipe::Recipe;
use serde_json::{Map, Number, Value, json};
use std::path::{Path, PathBuf};

mod translations;

/// The flags of `compare`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// The runs' folders; a folder of runs stands for all of them.
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// Lets runs that translate translate this part of their data, and says by how much they differ and how sure that is;
    /// the first is the baseline.
    #[arg(long, value_enum)]
    split: Option<Split>,
    /// How many hypotheses a translation keeps side by side; 1 is greedy.
    #[arg(long, value_name = "WIDTH", default_value_t = 1, requires = "split", value_parser = clap::value_parser!(u16).range(1..=1000))]
    beam: u16,
}

/// A run with its best evaluation and its settings.
struct Compared {
    trace: Trace,
    settings: Map<String, Value>,
}

impl Compared {
    fn best(&self) -> Option<&Evaluation> {
        runs::best(&self.trace)
    }

    /// Runs without a finite loss come last.
    fn loss(&self) -> f64 {
        self.best().map(|evaluation| evaluation.loss).filter(|loss| loss.is_finite()).unwrap_or(f64::INFINITY)
    }

    fn in_nats_per_token(&self) -> bool {
        self.best().is_some_and(|evaluation| evaluation.unit == LossUnit::NatsPerToken)
    }
}

/// Compares.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    if let Some(split) = flags.split {
        return translations::compared(&flags.runs, split.into(), usize::from(flags.beam));
    }
    let mut all = Vec::new();
    for trace in runs::read_all(&flags.runs)? {
        let recipe = Recipe::parse(&trace.recipe, &trace.path.join("recipe.toml").display().to_string(), &[])?;
        all.push(Compared { settings: settings(&recipe), trace });
    }
    one_measure(&all)?;
    warn(&all.iter().map(|run| &run.trace).collect::<Vec<_>>());
    all.sort_by(|a, b| a.loss().total_cmp(&b.loss()));
    let differing = differing(&all.iter().map(|run| &run.settings).collect::<Vec<_>>());
    let shown = without_strangers(&all, &differing);
    let mut text = table(&all).to_text(in_colour());
    if !shown.is_empty() {
        text += &format!(
            "\n{}\n{}",
            strong("Where their recipes differ"),
            settings_table(&all, &shown).to_text(in_colour())
        );
    }
    let objects: Vec<Value> = all.iter().map(|run| object(run, &differing)).collect();
    Ok(Answer::new(text, json!({"runs": objects, "differing": differing})))
}

/// Losses can be compared only if they are counted in the same.
fn one_measure(all: &[Compared]) -> Result<()> {
    let unit = |run: &Compared| run.best().map(|evaluation| evaluation.unit);
    let mut measured = all.iter().filter_map(|run| Some((run, unit(run)?)));
    let Some((first, of_first)) = measured.next() else { return Ok(()) };
    if let Some((other, of_other)) = measured.find(|(_, unit)| *unit != of_first) {
        let (a, b) = (first.trace.path.display(), other.trace.path.display());
        ensure!(
            of_other == of_first,
            "`{a}` is measured in {of_first} and `{b}` in {of_other}; compare runs of one task"
        );
    }
    Ok(())
}

/// What makes the losses of runs speak of different things.
pub(crate) fn warn(all: &[&Trace]) {
    let differs = |what: &dyn Fn(&Trace) -> String| all.windows(2).any(|pair| what(pair[0]) != what(pair[1]));
    if differs(&|trace| trace.card.data.iter().map(|data| format!("{} {}", data.name, data.bytes)).collect()) {
        say("these runs learned from different data: their losses say little about the models");
    }
    if differs(&|trace| {
        trace.card.text.as_ref().map_or_else(String::new, |text| format!("{} {}", text.token, text.vocabulary))
    }) {
        say("these runs have different tokens: a loss per token is not the same measure in each");
    }
    let on_training = |trace: &&&Trace| runs::best(trace).is_some_and(|best| best.split == "train");
    for trace in all.iter().filter(on_training) {
        say(&format!(
            "`{}` is measured on its training part: its recipe keeps nothing for validation",
            trace.path.display()
        ));
    }
}

/// Where two models (or optimizers) differ, the keys that only one of them has say nothing more.
fn without_strangers(all: &[Compared], differing: &[String]) -> Vec<String> {
    let of_one_kind =
        |key: &str| !key.rsplit_once('.').is_some_and(|(table, _)| differing.contains(&format!("{table}.kind")));
    let everywhere = |key: &str| all.iter().all(|run| run.settings.contains_key(key));
    differing.iter().filter(|key| of_one_kind(key) || everywhere(key)).cloned().collect()
}

fn table(all: &[Compared]) -> Table {
    let in_nats = all.iter().any(Compared::in_nats_per_token);
    let mut table = Table::new()
        .words("run")
        .words("model")
        .numbers("parameters", "")
        .numbers("tokens", "")
        .numbers("time", "seconds")
        .numbers("loss", "");
    if in_nats {
        table = table.numbers("perplexity", "").numbers("loss", "bits");
    }
    table = table.numbers("top-1", "").numbers("top-5", "").words("on");
    for (place, run) in all.iter().enumerate() {
        let (model, (_, tokens, seconds), best) = (&run.trace.card.model, run.trace.progress(), run.best());
        let loss = Cell::from(best.map_or_else(|| "–".into(), runs::loss_in_words));
        let mut row = vec![
            run.trace.name.as_str().into(),
            Cell::model(&*model.label, model.order),
            rounded(model.parameters as f64).into(),
            rounded(tokens as f64).into(),
            format!("{seconds:.1}").into(),
            if place == 0 && all.len() > 1 { loss.strong() } else { loss },
        ];
        if in_nats {
            row.push(best.map_or_else(|| "–".into(), |best| runs::number(score::perplexity(best.loss))).into());
            row.push(best.map_or_else(|| "–".into(), |best| runs::number(score::bits(best.loss))).into());
        }
        row.push(runs::percent(best.and_then(|best| best.top1)).into());
        row.push(runs::percent(best.and_then(|best| best.top5)).into());
        row.push(best.map_or("", |best| &best.split).into());
        table.push(row);
    }
    table
}

fn settings_table(all: &[Compared], differing: &[String]) -> Table {
    let mut table = all.iter().fold(Table::new().words("setting"), |table, run| table.words(&run.trace.name));
    for key in differing {
        let value = |run: &Compared| run.settings.get(key).map_or_else(|| "–".into(), Value::to_string).into();
        table.push(std::iter::once(key.as_str().into()).chain(all.iter().map(value)).collect());
    }
    table
}

fn object(run: &Compared, differing: &[String]) -> Value {
    let (trace, best) = (&run.trace, run.best());
    let (steps, tokens, seconds) = trace.progress();
    let per_token = best.filter(|_| run.in_nats_per_token());
    let settings: Map<String, Value> =
        differing.iter().filter_map(|key| Some((key.clone(), run.settings.get(key)?.clone()))).collect();
    json!({
        "run": trace.path, "model": trace.card.model.name, "parameters": trace.card.model.parameters,
        "steps": steps, "tokens": tokens, "seconds": seconds,
        "split": best.map(|best| &best.split), "unit": best.map(|best| best.unit), "loss": best.map(|best| best.loss),
        "perplexity": per_token.map(|best| score::perplexity(best.loss)), "bits_per_token": per_token.map(|best| score::bits(best.loss)),
        "top1": best.and_then(|best| best.top1), "top5": best.and_then(|best| best.top5), "settings": settings,
    })
}

/// Every setting of a recipe under its full name, such as `train.optimizer.beta1`.
pub(crate) fn settings(recipe: &Recipe) -> Map<String, Value> {
    let mut all = Map::new();
    let tables = [
        ("data", serde_json::to_value(&recipe.data)),
        ("tokenizer", serde_json::to_value(&recipe.tokenizer)),
        ("tokenizer", serde_json::to_value(recipe.normalizer)),
        ("model", serde_json::to_value(&recipe.model)),
        ("train", serde_json::to_value(&recipe.train)),
    ];
    for (name, table) in tables {
        flatten(name, &table.expect("settings are plain data"), &mut all);
    }
    all
}

fn flatten(name: &str, value: &Value, into: &mut Map<String, Value>) {
    match value {
        Value::Object(table) => table.iter().for_each(|(key, value)| flatten(&format!("{name}.{key}"), value, into)),
        Value::Number(number) => drop(into.insert(name.to_owned(), short(number).into())),
        value => drop(into.insert(name.to_owned(), value.clone())),
    }
}

/// A number that went through an f32 as people wrote it: 0.1, not 0.10000000149011612.
fn short(number: &Number) -> Number {
    let written = number.as_f64().filter(|value| number.is_f64() && f64::from(*value as f32) == *value);
    let shorter = written.and_then(|value| (value as f32).to_string().parse().ok()).and_then(Number::from_f64);
    shorter.unwrap_or_else(|| number.clone())
}

/// That a run which is there already was made with this recipe.
pub(crate) fn must_be_of(folder: &RunFolder, recipe: &Recipe) -> Result<()> {
    let there = Recipe::parse(&folder.recipe()?, &folder.recipe_path().display().to_string(), &[])?;
    let (there, here) = (settings(&there), settings(recipe));
    let Some(key) = differing(&[&there, &here]).into_iter().next() else { return Ok(()) };
    let value = |settings: &Map<String, Value>| settings.get(&key).map_or_else(|| "not set".into(), Value::to_string);
    bail!(is_another(folder.path(), &format!("`{key}` is {} there and {} here", value(&there), value(&here))))
}

/// That a run which is there is not the one that is asked for, and what to do.
pub(crate) fn is_another(path: &Path, how: &str) -> String {
    format!("`{}` holds a run with other settings: {how}; give another `--out`", path.display())
}

/// The keys whose values are not the same everywhere, in the order in which they are met.
pub(crate) fn differing(all: &[&Map<String, Value>]) -> Vec<String> {
    let mut keys: Vec<&String> = all.iter().flat_map(|settings| settings.keys()).collect();
    let mut seen = std::collections::HashSet::new();
    keys.retain(|key| seen.insert(*key));
    let differs = |key: &&String| all.windows(2).any(|pair| pair[0].get(*key) != pair[1].get(*key));
    keys.into_iter().filter(differs).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_they_were_written() {
        let [tenth, half, whole] =
            [json!(0.1_f32), json!(0.5), json!(3)].map(|value| short(value.as_number().unwrap()).to_string());
        assert_eq!([tenth, half, whole], ["0.1", "0.5", "3"]);
    }

    #[test]
    fn settings_differ_where_a_value_differs_or_is_missing() {
        let [a, b] = [json!({"x": 1, "in": {"y": 2, "z": 3}}), json!({"x": 1, "in": {"y": 4}})].map(|value| {
            let mut all = Map::new();
            flatten("model", &value, &mut all);
            all
        });
        assert_eq!(differing(&[&a, &b]), ["model.in.y", "model.in.z"]);
    }
}
