//! `growth`: what a training step costs as each of its sizes grows: length, width, depth, batch, vocabulary. Every rung of the
//! ladder is measured on made-up tokens, and an exponent is fitted to each line.

use super::Answer;
use crate::terminal::{self, say};
use crate::{page, recipes};
use anyhow::Result;
use rushlight_models::{Entry, Sizes, Takes};
use rushlight_report::{Growth, Page, exponent};
use rushlight_trace::{Axis, Cost, Machine, write_atomic};
use rushlight_train::recipe::Recipe;
use rushlight_train::{entry, probe};
use serde_json::{Value, json};
use std::path::PathBuf;

/// The sizes that an axis goes through; the others stay at their first, or are those of the ladder's recipe.
fn sizes(axis: Axis) -> &'static [usize] {
    match axis {
        Axis::Length => &[64, 128, 256, 512, 1024, 2048],
        Axis::Width => &[64, 128, 256, 512, 1024],
        Axis::Depth => &[1, 2, 4, 8, 16],
        Axis::Batch => &[8, 16, 32, 64, 128],
        Axis::Vocabulary => &[65, 256, 1024, 4096, 16_384, 50_000],
    }
}

/// A model with more parameters than this is not made: each has a gradient and two numbers of the optimizer beside it.
const MOST_PARAMETERS: usize = 1 << 26;

/// The flags of `growth`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// Only these rungs, such as `lstm,gpt`.
    #[arg(long, value_delimiter = ',')]
    rungs: Vec<String>,
    /// The page.
    #[arg(long, default_value = "growth.html")]
    out: PathBuf,
}

/// Measures the rungs.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    page::may_be_written(&flags.out, "growth.html", page::is_html)?;
    let growths = recipes::rungs(&flags.rungs)?.into_iter().map(measured).collect::<Result<Vec<_>>>()?;
    let page = Page::of_growth(&growths, &Machine::here(rushlight_engine::instruction_set()));
    write_atomic(&flags.out, page.to_html().as_bytes())?;
    let text = format!("{}\nThe page: {}\n", page.to_text(terminal::in_colour()).trim_end(), flags.out.display());
    let costs: Vec<Value> = growths.iter().flat_map(|growth| &growth.costs).map(told).collect();
    Ok(Answer::new(text, json!({"page": flags.out, "costs": costs})))
}

/// A rung along every axis that it has.
fn measured(entry: &'static Entry) -> Result<Growth> {
    let mut costs = Vec::new();
    for axis in Axis::ALL {
        if matches!(axis, Axis::Width | Axis::Depth) && key(entry, axis).is_none() {
            continue;
        }
        say(&format!("{}: {axis}", entry.name));
        let mut fitting = Vec::new();
        for &size in sizes(axis) {
            let step = Step::of(entry, axis, size)?;
            if (entry.parameters)(&step.recipe.model.settings(), step.sizes())? <= MOST_PARAMETERS {
                fitting.push(size);
            }
        }
        let made = |size| Step::of(entry, axis, size)?.made();
        costs.push(probe::cost(entry.name, axis, &fitting, made)?);
    }
    Ok(Growth { label: entry.label.to_owned(), order: entry.order(), costs })
}

/// The key of a recipe's `[model]` that grows along an axis, if this model has it.
fn key(entry: &Entry, axis: Axis) -> Option<&'static str> {
    let keys: &[&str] = match axis {
        Axis::Width => &["width", "hidden"],
        Axis::Depth => &["layers"],
        Axis::Length | Axis::Batch | Axis::Vocabulary => &[],
    };
    keys.iter().copied().find(|key| entry.keys.contains(key))
}

/// A training step to be measured.
pub(crate) struct Step {
    pub(crate) recipe: Recipe,
    pub(crate) rows: usize,
    pub(crate) length: usize,
    pub(crate) vocabulary: usize,
}

impl Step {
    /// The ladder's step with one of its sizes changed.
    fn of(entry: &Entry, axis: Axis, size: usize) -> Result<Self> {
        // What learns by counting takes no steps.
        let gradients = entry.keys.contains(&"counts").then(|| "model.counts=false".to_owned());
        let grown = key(entry, axis).map(|key| format!("model.{key}={size}"));
        let recipe =
            recipes::find(&recipes::of_rung(entry.name), &gradients.into_iter().chain(grown).collect::<Vec<_>>())?;
        let of = |which: Axis| if axis == which { size } else { sizes(which)[0] };
        Ok(Self { recipe, rows: of(Axis::Batch), length: of(Axis::Length), vocabulary: of(Axis::Vocabulary) })
    }

    /// Tokens before a target are a matter of the recipe where the model has a window of its own.
    fn sizes(&self) -> Sizes {
        let reads_contexts = entry(&self.recipe.model.kind).is_ok_and(|entry| entry.takes == Takes::Contexts);
        let window = if reads_contexts { self.recipe.train.window } else { self.length };
        Sizes::new(self.vocabulary, window)
    }

    pub(crate) fn made(&self) -> Result<probe::Stepped> {
        let model = (entry(&self.recipe.model.kind)?.build)(&self.recipe.model.settings(), self.sizes(), 0)?;
        Ok(probe::Stepped { model, rows: self.rows, length: self.length, vocabulary: self.vocabulary })
    }
}

fn told(cost: &Cost) -> Value {
    let Cost { model, axis, size, step_milliseconds, peak_megabytes } = cost;
    json!({
        "model": model,
        "axis": axis,
        "size": size,
        "step_milliseconds": step_milliseconds,
        "peak_megabytes": peak_megabytes,
        "time_exponent": exponent(size, step_milliseconds),
        "memory_exponent": exponent(size, peak_megabytes),
    })
}
