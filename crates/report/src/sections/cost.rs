//! What a step costs as one of its sizes grows.

use super::colophon;
use crate::page::{Block, Page, Section};
use crate::plot::Figure;
use crate::plot::lines::{self, Lines, Series};
use crate::power::exponent;
use crate::runs::Run;
use crate::say;
use crate::scale::Kind;
use crate::table::{Cell, Table};
use crate::theme::{self, Paint};
use rushlight_trace::{Axis, Cost, Machine};

/// What the steps of a model cost, along every axis that was measured.
pub struct Growth {
    /// The model's name, for people.
    pub label: String,
    /// Its place in history.
    pub order: usize,
    /// An axis each.
    pub costs: Vec<Cost>,
}

/// A line of the plots.
struct Line<'a> {
    label: &'a str,
    order: usize,
    paint: Paint,
    dash: &'static str,
    cost: &'a Cost,
}

/// What length costs the runs.
pub(crate) fn section(runs: &[Run]) -> Option<Section> {
    let lines: Vec<Line> = runs
        .iter()
        .filter_map(|run| {
            let cost = run.trace.costs().next_back().filter(|cost| !cost.size.is_empty())?;
            Some(Line { label: &run.label, order: run.order(), paint: run.paint, dash: run.dash, cost })
        })
        .collect();
    let token = runs.first()?.token();
    let section = of_axis(&lines, Axis::Length, token)?;
    Some(section.say(format!(
        "Both axes go by factors. A line that rises by one doubling for each doubling of the length pays the same for every \
         {token}; a steeper one pays more for each, the longer the text."
    )))
}

/// The page of what steps cost along all axes.
pub(crate) fn page(growths: &[Growth], machine: &Machine) -> Page {
    let mut sections = vec![exponents(growths)];
    for axis in Axis::ALL {
        let lines: Vec<Line> = growths
            .iter()
            .filter_map(|growth| {
                let cost = growth.costs.iter().find(|cost| cost.axis == axis && !cost.size.is_empty())?;
                let Growth { label, order, .. } = growth;
                Some(Line { label, order: *order, paint: theme::model(*order), dash: "", cost })
            })
            .collect();
        sections.extend(of_axis(&lines, axis, "token"));
    }
    Page {
        title: "What a step costs as it grows".to_owned(),
        deck: "One step of training, forward, back and update, with one of its sizes changed and the others left as they are."
            .to_owned(),
        parts: vec![super::part(sections)],
        colophon: vec![colophon::machine(machine), colophon::made_today()],
    }
}

/// Every model's exponents, of time and of memory.
fn exponents(growths: &[Growth]) -> Section {
    let mut table = Table::new().words("");
    for axis in Axis::ALL {
        table = table.numbers(&axis.to_string(), "time").numbers("", "memory");
    }
    for growth in growths {
        let fitted = |axis: Axis, values: fn(&Cost) -> &Vec<f64>| {
            let cost = growth.costs.iter().find(|cost| cost.axis == axis);
            let p = cost.map_or(f64::NAN, |cost| exponent(&cost.size, values(cost)));
            Cell::from(if p.is_nan() { "–".to_owned() } else { format!("{p:.2}") })
        };
        let cells = Axis::ALL.iter().flat_map(|&axis| [fitted(axis, time), fitted(axis, memory)]);
        table.push(std::iter::once(Cell::model(growth.label.clone(), growth.order)).chain(cells).collect());
    }
    Section::new("The exponents")
        .say(
            "A cost that grows as c + a x^p has the exponent p: at 1 it is paid by the piece, at 2 a doubling of the size costs \
             four times as much. Attention looks from every token at every token before it, so its time is between 1 and 2 in \
             the length, and nearer to 2 the longer the text; its memory is 1. A layer's weights are 2 in its width, and the \
             bigram's table is the square of its vocabulary; all else should be 1 or less.",
        )
        .with(Block::Table(table))
}

fn time(cost: &Cost) -> &Vec<f64> {
    &cost.step_milliseconds
}

fn memory(cost: &Cost) -> &Vec<f64> {
    &cost.peak_megabytes
}

fn of_axis(lines: &[Line], axis: Axis, token: &str) -> Option<Section> {
    if lines.is_empty() {
        return None;
    }
    let counted = match axis {
        Axis::Length => format!("{token}s in a sequence"),
        Axis::Width => "numbers in a hidden vector".to_owned(),
        Axis::Depth => "layers".to_owned(),
        Axis::Batch => "sequences in a batch".to_owned(),
        Axis::Vocabulary => "different tokens".to_owned(),
    };
    let slug =
        |what: &str| if axis == Axis::Length { format!("cost-in-{what}") } else { format!("cost-in-{what}-by-{axis}") };
    let of_time = plot(lines, &counted, "milliseconds a step", time);
    let mut figures =
        vec![Figure::half(&slug("time"), "Time.", of_time).with_note("One step of training, forward and back.")];
    if lines.iter().any(|line| !line.cost.peak_megabytes.is_empty()) {
        let of_memory = plot(lines, &counted, "megabytes", memory);
        figures.push(Figure::half(&slug("memory"), "Memory.", of_memory).with_note("At the peak of one step."));
    }
    let section = Section::new(format!("What {axis} costs"))
        .fact(last_doubling(lines))
        .with(Block::Figures(figures))
        .with(Block::Numbers(table(lines, &counted)));
    Some(section)
}

fn plot(lines: &[Line], counted: &str, unit: &str, values: fn(&Cost) -> &Vec<f64>) -> Lines {
    let series = lines.iter().map(|line| {
        let pairs = line.cost.size.iter().zip(values(line.cost));
        let points = pairs.map(|(size, value)| (*size as f64, *value)).collect();
        Series { dash: line.dash, ..Series::new(line.label.to_owned(), line.paint, points) }
    });
    Lines::new(lines::Axis::new(counted, Kind::Log2), lines::Axis::new(unit, Kind::Log10), series.collect())
}

/// By what factor the step gets longer over the last doubling of the size.
fn last_doubling(lines: &[Line]) -> String {
    let Some(largest) = lines.iter().filter_map(|line| line.cost.size.last()).max() else {
        return String::new();
    };
    let at = |cost: &Cost, size: u64| {
        let index = cost.size.iter().position(|known| *known == size)?;
        cost.step_milliseconds.get(index).copied().filter(|time| *time > 0.0)
    };
    let factors: Vec<String> = lines
        .iter()
        .filter_map(|line| {
            let factor = at(line.cost, *largest)? / at(line.cost, largest / 2)?;
            Some(format!("{} {factor:.1}", line.label))
        })
        .collect();
    if factors.is_empty() {
        return String::new();
    }
    format!(
        "From {} to {} the step takes this many times as long: {}.",
        say::count(largest / 2),
        say::count(*largest),
        say::list(&factors)
    )
}

fn table(lines: &[Line], counted: &str) -> Table {
    let mut sizes: Vec<u64> = lines.iter().flat_map(|line| &line.cost.size).copied().collect();
    sizes.sort_unstable();
    sizes.dedup();
    let mut table = Table::new().words(counted);
    for size in &sizes {
        table = table.numbers(&say::count(*size), "ms");
    }
    for line in lines {
        let at = |size: &u64| line.cost.size.iter().position(|known| known == size);
        let time = |size: &u64| at(size).and_then(|index| line.cost.step_milliseconds.get(index)).copied();
        let said = |size: &u64| time(size).map_or_else(|| "–".to_owned(), |time| say::significant(time, 3));
        let cells = sizes.iter().map(|size| said(size).into());
        table.push(std::iter::once(Cell::model(line.label, line.order)).chain(cells).collect());
    }
    table
}
