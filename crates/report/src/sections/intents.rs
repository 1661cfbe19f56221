//! Which intents are taken for which: a matrix of all where it can be read, else of those that are confused most.

use crate::page::{Block, Section};
use crate::plot::Figure;
use crate::plot::matrix::Matrix;
use crate::runs::Run;
use crate::say;
use crate::table::Table;
use rushlight_trace::{Confusion, OfIntent, Understanding};
use std::cmp::Reverse;
use std::collections::HashMap;

/// A matrix of more intents cannot be read; one of the most confused has so many instead.
const MOST: usize = 30;
const MOST_CONFUSED: usize = 20;
/// So many confusions are named.
const MOST_PAIRS: usize = 12;
/// A matrix of more intents than this needs the whole width of the page.
const FEW: usize = 9;

pub(crate) fn section(run: &Run) -> Option<Section> {
    let record = run.understanding().filter(|record| record.intents.len() > 1 && record.sentences > 0)?;
    let (chosen, is_whole) = chosen(record);
    let mut section = Section::new("Which intents it confuses");
    if !chosen.is_empty() {
        section = section.say(
            "A row is what sentences want, a column what the model said of them; what lies off the diagonal is wrong. Look \
             for two that are taken for each other, whose sentences may be much alike, and for a column that draws from many \
             rows.",
        );
    }
    section = section.fact(understood(record)).fact(doubted(record)).fact(commonest(record));
    if !chosen.is_empty() {
        section = section.with_figure(figure(record, &chosen, is_whole));
    }
    if !is_whole && !record.confused.is_empty() {
        section = section.with(Block::Table(confusions(record)));
        if record.confused.len() > MOST_PAIRS {
            let rest = record.confused.len() - MOST_PAIRS;
            section =
                section.with(Block::Note(format!("{} are left out.", say::plural(rest as u64, "rarer confusion"))));
        }
    }
    let (table, rest) = intents(record);
    section = section.with(Block::Numbers(table));
    if rest > 0 {
        section = section.with(Block::Note(format!(
            "The numbers are of those most often wrong; {} more are left out.",
            say::count(rest)
        )));
    }
    Some(section)
}

/// The intents that have a row, and whether these are all that were wanted or said.
fn chosen(record: &Understanding) -> (Vec<&OfIntent>, bool) {
    let wrong = confused(record);
    let wrong_of = |intent: &&OfIntent| wrong.get(intent.name.as_str()).copied().unwrap_or(0);
    let there = record.intents.iter().filter(|intent| intent.there > 0 || wrong_of(intent) > 0);
    if there.clone().count() <= MOST {
        return (there.collect(), true);
    }
    let mut most: Vec<&OfIntent> = there.filter(|intent| wrong_of(intent) > 0).collect();
    most.sort_by_key(|intent| Reverse(wrong_of(intent)));
    most.truncate(MOST_CONFUSED);
    (most, false)
}

/// How often each intent was taken for another, or another for it.
fn confused(record: &Understanding) -> HashMap<&str, u64> {
    let mut counts = HashMap::new();
    for Confusion { wanted, said, count } in &record.confused {
        *counts.entry(wanted.as_str()).or_default() += count;
        *counts.entry(said.as_str()).or_default() += count;
    }
    counts
}

fn figure(record: &Understanding, chosen: &[&OfIntent], is_whole: bool) -> Figure {
    let place: HashMap<&str, usize> = chosen.iter().zip(0..).map(|(intent, index)| (&intent.name[..], index)).collect();
    let mut counts = vec![vec![0; chosen.len()]; chosen.len()];
    for (index, intent) in chosen.iter().enumerate() {
        counts[index][index] = intent.right;
    }
    let mut outside = 0;
    for Confusion { wanted, said, count } in &record.confused {
        match (place.get(wanted.as_str()), place.get(said.as_str())) {
            (Some(&row), Some(&column)) => counts[row][column] += count,
            _ => outside += count,
        }
    }
    let plot = Matrix {
        names: chosen.iter().map(|intent| intent.name.clone()).collect(),
        counts,
        there: chosen.iter().map(|intent| intent.there).collect(),
    };
    let many = say::in_words(chosen.len());
    let (title, note) = match (is_whole, outside) {
        (true, _) => ("What was said of what was wanted.".to_owned(), String::new()),
        (false, 0) => (format!("The {many} intents that are ever confused."), String::new()),
        (false, outside) => {
            let rest = format!(" Not shown: {} about others.", say::plural(outside, "wrong answer"));
            (format!("The {many} intents that are confused most."), rest)
        }
    };
    let note = format!("Sentences of the {} part; “right” is the share of the row.{note}", record.split);
    let make = if chosen.len() > FEW { Figure::wide } else { Figure::half };
    make("confusion", title, plot).with_note(note)
}

fn understood(record: &Understanding) -> String {
    let right: u64 = record.intents.iter().map(|intent| intent.right).sum();
    format!(
        "Taken for what they are: {} of the {} of the {} part, {}.",
        say::count(right),
        say::plural(record.sentences, "sentence"),
        record.split,
        share(right, record.sentences)
    )
}

/// Of those out of scope, and of those that are held for it.
fn doubted(record: &Understanding) -> String {
    let right: u64 = record.intents.iter().filter(|intent| !intent.is_outside).map(|intent| intent.right).sum();
    let mut said = Vec::new();
    if let Some(outside) = record.intents.iter().find(|intent| intent.is_outside && intent.there > 0) {
        said.push(format!(
            "Of {} out of scope, {} held for it.",
            say::plural(outside.there, "sentence"),
            are(outside.right)
        ));
    }
    let unsure = record.named.saturating_sub(right);
    if unsure > 0 {
        said.push(format!(
            "{} more had their own intent as the likeliest, but were held for out of scope; below a probability of {} the model \
             does not commit itself.",
            say::count(unsure),
            say::significant(record.threshold, 2)
        ));
    }
    said.join(" ")
}

fn are(count: u64) -> String {
    match count {
        0 => "none is".to_owned(),
        1 => "one is".to_owned(),
        count => format!("{} are", say::count(count)),
    }
}

fn commonest(record: &Understanding) -> String {
    match record.confused.first() {
        None => "None is taken for another.".to_owned(),
        Some(Confusion { count: 1, .. }) => "No two intents are confused more than once.".to_owned(),
        Some(Confusion { wanted, said, count }) => {
            format!("The commonest confusion: {said} was said where {wanted} was wanted, {} times.", say::count(*count))
        }
    }
}

/// With the tenths that some hundred sentences allow.
fn share(of: u64, all: u64) -> String {
    format!("{}\u{a0}%", say::tenths(100.0 * of as f64 / all.max(1) as f64))
}

fn confusions(record: &Understanding) -> Table {
    let mut table = Table::new().words("wanted").words("said").numbers("sentences", "").numbers("of those", "wanted");
    let there: HashMap<&str, u64> = record.intents.iter().map(|intent| (&intent.name[..], intent.there)).collect();
    for Confusion { wanted, said, count } in record.confused.iter().take(MOST_PAIRS) {
        let all = there.get(wanted.as_str()).copied().filter(|&all| all > 0);
        let of = all.map_or_else(|| "–".to_owned(), |all| say::percent(*count as f64 / all as f64));
        table.push(vec![wanted.as_str().into(), said.as_str().into(), say::count(*count).into(), of.into()]);
    }
    table
}

/// A row an intent, those most often wrong first; and how many are left out.
fn intents(record: &Understanding) -> (Table, u64) {
    let said = |intent: &OfIntent| {
        let wrongly = record.confused.iter().filter(|each| each.said == intent.name).map(|each| each.count);
        intent.right + wrongly.sum::<u64>()
    };
    let wrong = |intent: &OfIntent| intent.there.abs_diff(intent.right) + said(intent).abs_diff(intent.right);
    let mut all: Vec<&OfIntent> = record.intents.iter().filter(|intent| intent.there > 0 || said(intent) > 0).collect();
    all.sort_by_key(|intent| Reverse(wrong(intent)));
    let mut table = Table::new()
        .words("intent")
        .numbers("wanted", "sentences")
        .numbers("said", "sentences")
        .numbers("right", "sentences")
        .numbers("recall", "of wanted")
        .numbers("precision", "of said")
        .words("most often taken for");
    let of = |right: u64, all: u64| if all == 0 { "–".to_owned() } else { say::percent(right as f64 / all as f64) };
    for intent in all.iter().take(MOST) {
        let (said, taken) = (said(intent), record.confused.iter().find(|each| each.wanted == intent.name));
        let taken = taken.map_or_else(|| "–".to_owned(), |each| format!("{} ({})", each.said, say::count(each.count)));
        table.push(vec![
            intent.name.as_str().into(),
            say::count(intent.there).into(),
            say::count(said).into(),
            say::count(intent.right).into(),
            of(intent.right, intent.there).into(),
            of(intent.right, said).into(),
            taken.into(),
        ]);
    }
    (table.without_empty_columns(), all.len().saturating_sub(MOST) as u64)
}
