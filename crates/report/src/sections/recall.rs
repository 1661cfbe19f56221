//! Recall: how long a model can keep a symbol in mind.

use crate::page::{Block, Section};
use crate::plot::Figure;
use crate::plot::lines::{Axis, Level, Lines, Series};
use crate::runs::Run;
use crate::say;
use crate::scale::Kind;
use crate::table::{Cell, Table, every_so_often};
use rushlight_trace::Recall;

/// A table with more columns than this cannot be read.
const MOST_COLUMNS: usize = 10;

/// A model "recalls" to the farthest distance at which it is right this often.
const MOSTLY: f64 = 0.9;

pub(crate) fn section(runs: &[Run]) -> Option<Section> {
    let measured: Vec<(&Run, &Recall)> = runs
        .iter()
        .filter_map(|run| Some((run, run.trace.recalls().next_back()?)))
        .filter(|(_, record)| !record.distance.is_empty())
        .collect();
    measured.first()?;
    let series = measured.iter().map(|(run, record)| {
        let pairs = record.distance.iter().zip(&record.accuracy);
        let points = pairs.map(|(distance, accuracy)| (*distance as f64, *accuracy)).collect();
        Series { dash: run.dash, ..Series::new(run.label.clone(), run.paint, points) }
    });
    let chance = measured.iter().find_map(|(_, record)| record.chance);
    let plot = Lines::new(
        Axis::new("steps between the symbol and its repetition", Kind::Linear),
        Axis::new("right answers", Kind::Share),
        series.collect(),
    )
    .with_levels(
        chance.map(|value| Level { text: format!("guessing {}", say::percent(value)), value }).into_iter().collect(),
    );
    let figure = Figure::wide("recall", "Recall against distance.", plot);
    let section = Section::new("How long a symbol is kept in mind")
        .say(
            "A made-up task, the same for all: a symbol is shown, other symbols follow, and then it has to \
             be repeated. Look for the distance at which each line drops.",
        )
        .fact(keeps(&measured))
        .with_figure(figure)
        .with(Block::Numbers(table(&measured)));
    Some(section)
}

/// The farthest distance up to which all answers were mostly right.
fn kept(record: &Recall) -> Option<u64> {
    let pairs = record.distance.iter().zip(&record.accuracy);
    pairs.take_while(|(_, accuracy)| **accuracy >= MOSTLY).last().map(|(distance, _)| *distance)
}

fn keeps(measured: &[(&Run, &Recall)]) -> String {
    let farthest = measured.iter().filter_map(|(_, record)| record.distance.last()).max();
    let whole: Vec<String> = names(measured, |record| kept(record).as_ref() == farthest);
    let part: Vec<String> = measured
        .iter()
        .filter_map(|(run, record)| Some((run, kept(record).filter(|far| Some(far) != farthest)?)))
        .map(|(run, far)| format!("{} to {}", run.label, say::count(far)))
        .collect();
    let none = names(measured, |record| kept(record).is_none());
    let mut said = Vec::new();
    if let (false, Some(farthest)) = (whole.is_empty(), farthest) {
        said.push(format!("{} over the whole way, {} steps", say::list(&whole), say::count(*farthest)));
    }
    if !part.is_empty() {
        said.push(say::list(&part));
    }
    if !none.is_empty() {
        said.push(format!("{} at no distance that was asked", say::list(&none)));
    }
    format!("Right at least nine times in ten: {}.", said.join("; "))
}

fn names(measured: &[(&Run, &Recall)], is_one: impl Fn(&Recall) -> bool) -> Vec<String> {
    measured.iter().filter(|(_, record)| is_one(record)).map(|(run, _)| run.label.clone()).collect()
}

fn table(measured: &[(&Run, &Recall)]) -> Table {
    let mut distances: Vec<u64> = measured.iter().flat_map(|(_, record)| &record.distance).copied().collect();
    distances.sort_unstable();
    distances.dedup();
    let distances = every_so_often(&distances, MOST_COLUMNS);
    let mut table = Table::new().words("steps between");
    for distance in &distances {
        table = table.numbers(&say::count(*distance), "");
    }
    for (run, record) in measured {
        let at = |distance: &u64| record.distance.iter().position(|known| known == distance);
        let share = |distance: &u64| at(distance).and_then(|index| record.accuracy.get(index)).copied();
        let cells = distances.iter().map(|d| share(d).map_or_else(|| "–".to_owned(), say::percent).into());
        table.push(std::iter::once(Cell::model(run.label.clone(), run.order())).chain(cells).collect());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::kept;
    use rushlight_trace::Recall;

    fn check(accuracy: &[f64], expected: Option<u64>) {
        let distance = (1..=accuracy.len() as u64).map(|index| index * 10).collect();
        let record = Recall { model: String::new(), distance, accuracy: accuracy.to_vec(), chance: None };
        assert_eq!(kept(&record), expected);
    }

    #[test]
    fn a_symbol_is_kept_up_to_the_first_drop() {
        check(&[1.0, 0.95, 0.5, 0.95], Some(20));
        check(&[0.2, 1.0], None);
        check(&[0.9, 0.9], Some(20));
    }
}
