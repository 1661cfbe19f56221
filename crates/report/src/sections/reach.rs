//! Context reach: the loss when only the last few tokens are shown.

use super::loss::levels;
use crate::page::{Block, Section};
use crate::plot::Figure;
use crate::plot::lines::{Axis, Lines, Series};
use crate::runs::Run;
use crate::say;
use crate::scale::Kind;
use crate::table::{Cell, Table};
use rushlight_trace::Reach;

/// A model "uses" context up to where it has this share of all that context brings it.
const NEARLY_ALL: f64 = 0.95;

pub(crate) fn section(runs: &[Run]) -> Option<Section> {
    let measured: Vec<(&Run, &Reach)> = runs
        .iter()
        .filter_map(|run| Some((run, run.trace.reaches().next_back()?)))
        .filter(|(_, record)| !record.k.is_empty())
        .collect();
    let (first, _) = measured.first()?;
    let token = first.token();
    let series = measured.iter().map(|(run, record)| {
        let points = record.k.iter().zip(&record.loss).map(|(k, loss)| (*k as f64, *loss)).collect();
        Series { dash: run.dash, ..Series::new(run.label.clone(), run.paint, points) }
    });
    let series: Vec<Series> = series.collect();
    let shown = series.iter().flat_map(|line| line.points.iter().map(|(_, loss)| *loss));
    let highest = shown.filter(|loss| loss.is_finite()).fold(0.0, f64::max);
    let plot = Lines::new(
        Axis::new(format!("{token}s shown"), Kind::Log2),
        Axis::new(format!("nats per {token}"), Kind::Linear),
        series,
    )
    // Guessing stands far above what any of them does, and would flatten the rest.
    .with_levels(levels(first).into_iter().filter(|level| level.value <= highest * 1.05).collect());
    let figure = Figure::wide("context-reach", "Context reach.", plot)
        .with_note(format!("Loss on validation text when only the last k {token}s are shown."));
    let section = Section::new("How much of the text before is used")
        .say(format!("Look for where each line turns flat: from there on, more {token}s bring it nothing."))
        .fact(uses(&measured, token))
        .with_figure(figure)
        .with(Block::Numbers(table(&measured, token)));
    Some(section)
}

/// The least k at which a model has nearly all of what context brings it; nothing if context
/// brings it nothing.
fn used(record: &Reach) -> Option<u64> {
    let worst = *record.loss.first()?;
    let best = record.loss.iter().copied().filter(|loss| loss.is_finite()).fold(f64::MAX, f64::min);
    let whole = worst - best;
    // Below a thousandth of a nat it is noise.
    if !whole.is_finite() || whole < 1e-3 {
        return None;
    }
    let enough = |(_, loss): &(&u64, &f64)| worst - **loss >= NEARLY_ALL * whole;
    record.k.iter().zip(&record.loss).find(enough).map(|(k, _)| *k)
}

fn uses(measured: &[(&Run, &Reach)], token: &str) -> String {
    let some = measured.iter().filter_map(|(run, record)| Some((run, used(record)?)));
    let some = some.enumerate().map(|(index, (run, k))| match index {
        0 => format!("{} needs {}", run.label, say::plural(k, token)),
        _ => format!("{} {}", run.label, say::count(k)),
    });
    let some: Vec<String> = some.collect();
    let none = measured.iter().filter(|(_, record)| used(record).is_none());
    let none: Vec<String> = none.map(|(run, _)| run.label.clone()).collect();
    let mut said = String::new();
    if !some.is_empty() {
        said = format!("To have {} of what context brings it, {}.", say::percent(NEARLY_ALL), say::list(&some));
    }
    if !none.is_empty() {
        said.push_str(&format!(" More than one {token} brings nothing to {}.", say::list(&none)));
    }
    said
}

fn table(measured: &[(&Run, &Reach)], token: &str) -> Table {
    let mut shown: Vec<u64> = measured.iter().flat_map(|(_, record)| &record.k).copied().collect();
    shown.sort_unstable();
    shown.dedup();
    // Doublings are enough to read.
    let last = shown.last().copied();
    shown.retain(|k| k.is_power_of_two() || Some(*k) == last);
    let mut table = Table::new().words(&format!("{token}s shown"));
    for k in &shown {
        table = table.numbers(&say::count(*k), "");
    }
    for (run, record) in measured {
        let at = |k: &u64| record.k.iter().position(|known| known == k);
        let loss = |k: &u64| at(k).and_then(|index| record.loss.get(index)).copied();
        let cells = shown.iter().map(|k| loss(k).map_or_else(|| "–".to_owned(), say::loss).into());
        table.push(std::iter::once(Cell::model(run.label.clone(), run.order())).chain(cells).collect());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::used;
    use rushlight_trace::Reach;

    fn check(loss: &[f64], expected: Option<u64>) {
        let k = (0..loss.len() as u32).map(|power| 1 << power).collect();
        assert_eq!(used(&Reach { model: String::new(), k, loss: loss.to_vec() }), expected);
    }

    #[test]
    fn a_model_uses_context_to_where_it_has_nearly_all_of_its_gain() {
        // The gain is 1; after 4 tokens 0.96 of it is there.
        check(&[3.0, 2.5, 2.04, 2.0], Some(4));
    }

    #[test]
    fn a_flat_line_uses_nothing() {
        check(&[2.5, 2.5, 2.5], None);
    }

    #[test]
    fn a_loss_that_is_no_number_is_no_use() {
        check(&[3.0, f64::NAN, 2.0], Some(4));
        check(&[f64::NAN, 2.0], None);
    }
}
