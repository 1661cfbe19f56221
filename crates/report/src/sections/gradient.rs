//! How far back in time the gradient still reaches.

use crate::page::{Block, Section};
use crate::plot::Figure;
use crate::plot::lines::{Axis, Lines, Series};
use crate::runs::Run;
use crate::say;
use crate::scale::Kind;
use crate::table::{Cell, Table};
use rushlight_trace::GradientDistance;

pub(crate) fn section(runs: &[Run]) -> Option<Section> {
    let measured: Vec<(&Run, &GradientDistance)> = runs
        .iter()
        .filter_map(|run| Some((run, run.trace.gradient_distances().next_back()?)))
        .filter(|(_, record)| record.norms.len() > 1)
        .collect();
    let (first, _) = measured.first()?;
    let token = first.token();
    let mut series: Vec<Series> = measured
        .iter()
        .map(|(run, record)| Series { dash: run.dash, ..Series::new(run.label.clone(), run.paint, relative(record)) })
        .collect();
    if let [(run, last)] = measured.as_slice() {
        // Alone on the plot, a run can be compared with its own beginning.
        let start = run.trace.gradient_distances().next().filter(|start| start.step != last.step);
        series.extend(start.map(|start| Series {
            dash: "2 4",
            width: 1.4,
            ..Series::new(format!("step {}", say::count(start.step)), run.paint, relative(start))
        }));
    }
    let plot = Lines::new(
        Axis::new(format!("{token}s back"), Kind::Linear),
        Axis::new("of the gradient at the nearest place", Kind::Log10),
        series,
    );
    let figure = Figure::wide("gradient-against-distance", "Gradient against distance.", plot)
        .with_note("Norm of the gradient of one prediction's loss by what the network held that long ago.");
    let section = Section::new("How far back learning reaches")
        .say(format!(
            "A model learns that something long ago matters only if the gradient gets there. A line that \
             falls straight on this scale loses the same factor with every {token}."
        ))
        .fact(falls(&measured, token))
        .with_figure(figure)
        .with(Block::Numbers(table(&measured)));
    Some(section)
}

/// The norms as shares of the nearest one.
fn relative(record: &GradientDistance) -> Vec<(f64, f64)> {
    let nearest = record.norms.first().copied().filter(|norm| *norm > 0.0).unwrap_or(1.0);
    let pairs = record.distances.iter().zip(&record.norms);
    pairs.map(|(distance, norm)| (*distance as f64, norm / nearest)).collect()
}

/// What is left at the farthest place that all have been measured at.
fn falls(measured: &[(&Run, &GradientDistance)], token: &str) -> String {
    let farthest = measured.iter().filter_map(|(_, record)| record.distances.last()).min();
    let Some(farthest) = farthest else {
        return String::new();
    };
    let left: Vec<String> = measured
        .iter()
        .filter_map(|(run, record)| {
            let at = |(distance, _): &(f64, f64)| *distance == *farthest as f64;
            let (_, share) = relative(record).into_iter().find(at)?;
            Some(format!("{} {}", say::significant(share, 2), of(&run.label)))
        })
        .collect();
    if left.is_empty() {
        return String::new();
    }
    format!("{} {token}s back, this share is left: {}.", say::capital(&say::count(*farthest)), say::list(&left))
}

fn of(label: &str) -> String {
    format!("in {label}")
}

fn table(measured: &[(&Run, &GradientDistance)]) -> Table {
    let mut table = Table::new().words("model").numbers("back", "").numbers("norm", "").numbers("of nearest", "");
    for (run, record) in measured {
        let shares = relative(record);
        let doubling = |distance: u64| distance.is_power_of_two() || record.distances.last() == Some(&distance);
        for (index, distance) in record.distances.iter().enumerate().filter(|(_, d)| doubling(**d)) {
            let (Some(norm), Some((_, share))) = (record.norms.get(index), shares.get(index)) else {
                continue;
            };
            table.push(vec![
                Cell::model(run.label.clone(), run.order()),
                say::count(*distance).into(),
                say::significant(*norm, 3).into(),
                say::significant(*share, 3).into(),
            ]);
        }
    }
    table
}
