//! `models`: the list of models, or one of them explained.

use super::{Answer, explain};
use crate::progress::rounded;
use crate::terminal::{did_you_mean, in_colour, listed};
use anyhow::{Result, bail, ensure};
use rushlight_models::{ALL, Entry, Sizes, Takes};
use rushlight_report::{Cell, Table};
use serde_json::{Value, json};

/// The flags of `models`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// A model, to have it explained.
    name: Option<String>,
    /// For how many tokens (or outputs) parameters are counted.
    #[arg(long, default_value_t = 65)]
    vocabulary: usize,
    /// For what window (or width of vectors) parameters are counted.
    #[arg(long, default_value_t = 64)]
    window: usize,
}

/// Lists them.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    if let Some(name) = &flags.name {
        let names = || ALL.iter().map(|entry| entry.name);
        if !names().any(|known| known == name) {
            bail!("there is no model `{name}`; the models are {}.{}", listed(names()), did_you_mean(name, names()));
        }
        return explain::answer("model", name);
    }
    ensure!(
        flags.vocabulary > 0 && flags.window > 0,
        "`--vocabulary` and `--window` count from 1; leave them out for 65 and 64"
    );
    let sizes = Sizes { source: flags.vocabulary, joint: true, ..Sizes::new(flags.vocabulary, flags.window) };
    let mut table = Table::new()
        .words("model")
        .words("in recipes")
        .numbers("year", "")
        .words("paper")
        .numbers("parameters", "")
        .words("reads")
        .words("what it is");
    let mut objects = Vec::with_capacity(ALL.len());
    for (order, entry) in ALL.iter().enumerate() {
        let parameters = (entry.parameters)(&json!({}), sizes)?;
        let about = explain::about(entry.source);
        table.push(vec![
            Cell::model(entry.label, order),
            entry.name.into(),
            entry.year.to_string().into(),
            entry.paper.into(),
            match parameters {
                usize::MAX => "too many to count".into(),
                parameters => rounded(parameters as f64).into(),
            },
            reads(entry).into(),
            about.clone().into(),
        ]);
        objects.push(json!({
            "name": entry.name, "label": entry.label, "year": entry.year, "paper": entry.paper,
            "parameters": parameters, "reads": reads(entry), "about": about, "keys": entry.keys,
        }));
    }
    let text = format!(
        "{}\nparameters with their default settings, for {} tokens and windows of {}; `rushlight models NAME` explains one\n",
        table.to_text(in_colour()),
        sizes.vocabulary,
        sizes.window
    );
    Ok(Answer::new(
        text,
        json!({"vocabulary": sizes.vocabulary, "window": sizes.window, "models": Value::from(objects)}),
    ))
}

/// What a model takes, in words.
fn reads(entry: &Entry) -> &'static str {
    match entry.takes {
        Takes::Ids => "tokens",
        Takes::Contexts => "a window of tokens",
        Takes::Rows => "rows of numbers",
        Takes::Pair => "sentences and their translations",
        Takes::Sentences => "sentences with their intents",
    }
}
