//! All runs of a page in one table, and where a single run comes from.

use super::colophon::data_name;
use crate::page::{Block, Section};
use crate::runs::Run;
use crate::say;
use crate::table::{Cell, Table};

/// The table of all runs.
pub(crate) fn section(runs: &[Run]) -> Option<Section> {
    if runs.is_empty() {
        return None;
    }
    let mut table = Table::new()
        .words("model")
        .words("run")
        .words("data")
        .numbers("seed", "")
        .numbers("parameters", "")
        .numbers("steps", "")
        .numbers("tokens", "")
        .numbers("time", "")
        .numbers("train", "loss")
        .numbers("validation", "loss")
        .numbers("perplexity", "")
        .numbers("BLEU", "")
        .numbers("top 1", "")
        .numbers("top 5", "")
        .words("ended");
    for run in runs {
        table.push(row(run));
    }
    Some(Section::new("All runs").with(Block::Table(table.without_empty_columns())))
}

fn row(run: &Run) -> Vec<Cell> {
    let nothing = || "–".to_owned();
    let (steps, tokens, seconds) = run.trace.progress();
    let loss = |split: &str| {
        let best = run.trace.best_evaluation(split);
        best.map_or_else(nothing, |each| say::loss(each.loss))
    };
    let best = run.trace.best_evaluation("validation");
    let share = |value: Option<f64>| value.map_or_else(nothing, say::percent);
    vec![
        Cell::model(run.label.clone(), run.order()),
        // Said once, where it is what tells the runs apart.
        if run.label == run.trace.name { Cell::default() } else { run.trace.name.clone().into() },
        data_name(run).unwrap_or_else(nothing).into(),
        run.trace.card.seed.to_string().into(),
        say::count(run.trace.card.model.parameters).into(),
        say::count(steps).into(),
        say::count(tokens).into(),
        say::duration(seconds).into(),
        loss("train").into(),
        Cell::from(loss("validation")).strong(),
        best.and_then(|each| each.perplexity).map_or_else(nothing, say::four_digits).into(),
        run.bleu().map_or_else(nothing, say::tenths).into(),
        share(best.and_then(|each| each.top1)).into(),
        share(best.and_then(|each| each.top5)).into(),
        run.trace.done().map_or("still running", |done| done.reason.as_str()).into(),
    ]
}

/// Command, data and recipe of one run: all that is needed to repeat it.
pub(crate) fn origin(run: &Run) -> Option<Section> {
    let card = &run.trace.card;
    let mut table = Table::new().words("").words("");
    let mut push = |name: &str, value: String| {
        if !value.is_empty() {
            table.push(vec![name.into(), value.into()]);
        }
    };
    push("command", card.command.join(" "));
    push("started", card.started.clone());
    push("seed", card.seed.to_string());
    push("threads", if card.threads > 0 { card.threads.to_string() } else { String::new() });
    if let Some(text) = &card.text {
        let length = match text.characters_per_token {
            one if one == 1.0 || one <= 0.0 => String::new(),
            length => format!(", {} characters each on average", say::significant(length, 3)),
        };
        let marks = if run.token() == text.token { "" } else { " and end marks" };
        push("tokens", format!("{}s{marks}, {} different{length}", text.token, say::count(text.vocabulary as u64)));
    }
    for data in &card.data {
        let size = if data.bytes > 0 { format!(", {} bytes", say::count(data.bytes)) } else { String::new() };
        let sum = if data.crc32c.is_empty() { String::new() } else { format!(", CRC-32C {}", data.crc32c) };
        push("data", format!("{}{size}{sum}", data.name));
    }
    let section = Section::new("Where it comes from").with(Block::Table(table.wrapping()));
    if run.trace.recipe.is_empty() {
        return Some(section);
    }
    Some(section.with(Block::File { name: "recipe.toml".into(), content: run.trace.recipe.clone() }))
}
