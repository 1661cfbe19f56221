//! Quality against the length of what was translated: where a sentence squeezed into one vector shows.

use crate::page::{Block, Section};
use crate::plot::Figure;
use crate::plot::lines::{Axis, Lines, Series};
use crate::runs::Run;
use crate::say;
use crate::scale::Kind;
use crate::table::Table;
use rushlight_trace::{ByLength, LengthUnit, OfLength};

pub(crate) fn section(runs: &[Run]) -> Option<Section> {
    let mut measured: Vec<(&Run, &ByLength)> = runs
        .iter()
        .filter_map(|run| Some((run, run.by_length()?)))
        .filter(|(_, record)| record.lengths.len() > 1)
        .collect();
    let (_, first) = *measured.first()?;
    let all = measured.len();
    // Words and characters share no axis.
    measured.retain(|(_, record)| record.unit == first.unit);
    let left_out = match all - measured.len() {
        0 => String::new(),
        count => format!(" {} of another unit of length: see a page of their own.", say::plural(count as u64, "run")),
    };
    let series = measured.iter().map(|(run, record)| {
        let points = record.lengths.iter().map(|span| (middle(span), span.bleu)).collect();
        Series { dash: run.dash, ..Series::new(run.label.clone(), run.paint, points) }
    });
    let lengths = of_source(first);
    let plot = Lines::new(Axis::new(&lengths, Kind::Linear), Axis::new("BLEU", Kind::FromZero), series.collect());
    let figure = Figure::wide("bleu-by-length", "BLEU by length.", plot).with_note(format!(
        "Sentences of the {} part, those of like length together; a mark stands at the middle of its lengths.{left_out}",
        first.split
    ));
    let unit = first.unit.name();
    let look = if measured.len() > 1 { " Look for a line that falls faster than its neighbours." } else { "" };
    let section = Section::new("Long sentences and short ones")
        .say(format!(
            "A model that squeezes a sentence into one vector has as much room for forty {unit}s as for four; with \
             attention every {unit} of the source stays in reach. Long sentences are harder for both.{look}"
        ))
        .fact(from_short_to_long(&measured))
        .with_figure(figure)
        .with(Block::Numbers(table(&measured)));
    Some(section)
}

fn middle(span: &OfLength) -> f64 {
    (span.from + span.to) as f64 / 2.0
}

/// `words of the source`.
fn of_source(record: &ByLength) -> String {
    format!("{}s of the source", record.unit.name())
}

/// `6 to 10 words`.
fn counted(span: &OfLength, unit: LengthUnit) -> String {
    let unit = unit.name();
    if span.from == span.to { say::plural(span.from, unit) } else { format!("{} to {} {unit}s", span.from, span.to) }
}

/// What becomes of each run's quality between its shortest sentences and its longest.
fn from_short_to_long(measured: &[(&Run, &ByLength)]) -> String {
    let ends = |record: &'_ ByLength| Some((record.lengths.first()?.clone(), record.lengths.last()?.clone()));
    let same = |one: &OfLength, other: &OfLength| (one.from, one.to) == (other.from, other.to);
    let Some((_, first)) = measured.first() else { return String::new() };
    let Some((short, long)) = ends(first) else { return String::new() };
    let mut way_before = "";
    let mut said: Vec<String> = Vec::new();
    for (run, record) in measured {
        let Some((from, to)) = ends(record).filter(|(from, to)| same(from, &short) && same(to, &long)) else {
            continue;
        };
        let way = if to.bleu < from.bleu { " falls" } else { " rises" };
        // Said again only where it is another.
        let verb = if way == way_before { "" } else { way };
        if from.bleu.is_finite() && to.bleu.is_finite() {
            said.push(format!("{}{verb} from {} to {}", run.label, say::tenths(from.bleu), say::tenths(to.bleu)));
            way_before = way;
        }
    }
    if said.is_empty() {
        return String::new();
    }
    let [short, long] = [short, long].map(|span| counted(&span, first.unit));
    format!("From sentences of {short} to those of {long}, {}.", say::list(&said))
}

/// A row for each span of lengths, a column for each run.
fn table(measured: &[(&Run, &ByLength)]) -> Table {
    let mut spans: Vec<(u64, u64, u64)> = measured
        .iter()
        .flat_map(|(_, record)| &record.lengths)
        .map(|span| (span.from, span.to, span.sentences))
        .collect();
    spans.sort_unstable();
    spans.dedup();
    let lengths = measured.first().map_or_else(String::new, |(_, record)| of_source(record));
    let mut table = Table::new().words(&lengths).numbers("sentences", "");
    for (run, _) in measured {
        table = match measured.len() {
            1 => table.numbers("BLEU", ""),
            _ => table.numbers(&run.label, "BLEU"),
        };
    }
    for (from, to, sentences) in spans {
        let is_it = |span: &&OfLength| (span.from, span.to, span.sentences) == (from, to, sentences);
        let bleu = |record: &ByLength| record.lengths.iter().find(is_it).map(|span| say::tenths(span.bleu));
        let range = if from == to { from.to_string() } else { format!("{from} to {to}") };
        let cells = measured.iter().map(|(_, record)| bleu(record).unwrap_or_else(|| "–".to_owned()).into());
        table.push([range.into(), say::count(sentences).into()].into_iter().chain(cells).collect());
    }
    table
}
