//! What a step costs as sequences get longer.

use crate::page::{Block, Section};
use crate::plot::Figure;
use crate::plot::lines::{Axis, Lines, Series};
use crate::runs::Run;
use crate::say;
use crate::scale::Kind;
use crate::table::{Cell, Table};
use rushlight_trace::Cost;

pub(crate) fn section(runs: &[Run]) -> Option<Section> {
    let measured: Vec<(&Run, &Cost)> = runs
        .iter()
        .filter_map(|run| Some((run, run.trace.costs().next_back()?)))
        .filter(|(_, record)| !record.length.is_empty())
        .collect();
    let (first, _) = measured.first()?;
    let token = first.token();
    let mut figures = vec![
        Figure::half(
            "cost-in-time",
            "Time.",
            plot(&measured, token, "milliseconds a step", |cost| &cost.step_milliseconds),
        )
        .with_note("One step of training, forward and back."),
    ];
    if measured.iter().any(|(_, record)| !record.peak_megabytes.is_empty()) {
        let plot = plot(&measured, token, "megabytes", |cost| &cost.peak_megabytes);
        figures.push(Figure::half("cost-in-memory", "Memory.", plot).with_note("At the peak of one step."));
    }
    let section = Section::new("What length costs")
        .say(format!(
            "Both axes go by factors. A line that rises by one doubling for each doubling of the length pays \
             the same for every {token}; a steeper one pays more for each, the longer the text."
        ))
        .fact(last_doubling(&measured))
        .with(Block::Figures(figures))
        .with(Block::Numbers(table(&measured, token)));
    Some(section)
}

fn plot(measured: &[(&Run, &Cost)], token: &str, unit: &str, values: fn(&Cost) -> &Vec<f64>) -> Lines {
    let series = measured.iter().map(|(run, record)| {
        let pairs = record.length.iter().zip(values(record));
        let points = pairs.map(|(length, value)| (*length as f64, *value)).collect();
        Series { dash: run.dash, ..Series::new(run.label.clone(), run.paint, points) }
    });
    Lines::new(Axis::new(format!("{token}s in a sequence"), Kind::Log2), Axis::new(unit, Kind::Log10), series.collect())
}

/// By what factor the step gets longer over the last doubling of the length.
fn last_doubling(measured: &[(&Run, &Cost)]) -> String {
    let Some(longest) = measured.iter().filter_map(|(_, record)| record.length.last()).max() else {
        return String::new();
    };
    let at = |record: &Cost, length: u64| {
        let index = record.length.iter().position(|known| *known == length)?;
        record.step_milliseconds.get(index).copied().filter(|time| *time > 0.0)
    };
    let factors: Vec<String> = measured
        .iter()
        .filter_map(|(run, record)| {
            let factor = at(record, *longest)? / at(record, longest / 2)?;
            Some(format!("{} {factor:.1}", run.label))
        })
        .collect();
    if factors.is_empty() {
        return String::new();
    }
    format!(
        "From {} to {} the step takes this many times as long: {}.",
        say::count(longest / 2),
        say::count(*longest),
        say::list(&factors)
    )
}

fn table(measured: &[(&Run, &Cost)], token: &str) -> Table {
    let mut lengths: Vec<u64> = measured.iter().flat_map(|(_, record)| &record.length).copied().collect();
    lengths.sort_unstable();
    lengths.dedup();
    let mut table = Table::new().words(&format!("{token}s in a sequence"));
    for length in &lengths {
        table = table.numbers(&say::count(*length), "ms");
    }
    for (run, record) in measured {
        let at = |length: &u64| record.length.iter().position(|known| known == length);
        let time = |length: &u64| at(length).and_then(|index| record.step_milliseconds.get(index)).copied();
        let said = |length: &u64| time(length).map_or_else(|| "–".to_owned(), |time| say::significant(time, 3));
        let cells = lengths.iter().map(|length| said(length).into());
        table.push(std::iter::once(Cell::model(run.label.clone(), run.order())).chain(cells).collect());
    }
    table
}
