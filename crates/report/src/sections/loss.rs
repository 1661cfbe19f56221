//! Loss over a run, on what it trains on and on what it does not, with the yardsticks drawn in;
//! and the validation losses of several runs.

use crate::curve::thinned;
use crate::page::Section;
use crate::plot::Figure;
use crate::plot::lines::{Axis, Event, Level, Lines, Series};
use crate::runs::{Run, have_same_data};
use crate::say;
use crate::scale::Kind;
use crate::theme::QUIET;
use rushlight_trace::{Evaluation, Severity, Yardstick};

pub(crate) fn section(run: &Run) -> Option<Section> {
    let has_losses = run.trace.steps().next().is_some() || run.trace.all_evaluations().next().is_some();
    has_losses.then_some(())?;
    let mut series = Vec::new();
    series.extend(training(run));
    for (split, dash) in [("validation", ""), ("test", "2 4")] {
        let line = evaluated(run, split, &|each| each.step as f64);
        series.extend((!line.points.is_empty()).then_some(Series { dash, ..line }));
    }
    let mut note = Vec::new();
    if !levels(run).is_empty() {
        let what = if run.is_translator() { "the translations alone, without their sources" } else { "the same text" };
        note.push(format!("Thin dashes: what guessing and counting reach on {what}."));
    }
    if series.iter().any(|line| !line.band.is_empty()) {
        note.push("Pale: how far single batches lie around their mean.".to_owned());
    }
    let mut plot = Lines::new(Axis::new("steps", Kind::Linear), Axis::new(run.unit(), Kind::Linear), series)
        .with_levels(levels(run));
    plot.events = found(run);
    note.extend(cut_off(&mut plot));
    let held_back = match &run.trace.card.text {
        _ if run.is_translator() => "sentences",
        Some(_) => "text",
        None => "data",
    };
    let title = format!("In training and on {held_back} held back.");
    let figure = Figure::wide("loss", title, plot).with_note(note.join(" "));
    Some(Section::new("Loss").fact(course(run)).fact(against(run)).with_figure(figure))
}

/// The validation losses of several runs in one plot.
pub(crate) fn compared(runs: &[Run]) -> Option<Section> {
    let first = runs.first()?;
    let step = |each: &Evaluation| each.step as f64;
    let series: Vec<Series> = runs.iter().map(|run| validation(run, &step)).collect();
    series.iter().any(|line| !line.points.is_empty()).then_some(())?;
    let mut plot = Lines::new(Axis::new("steps", Kind::Linear), Axis::new(first.unit(), Kind::Linear), series)
        .with_levels(runs.iter().map(levels).find(|levels| !levels.is_empty()).unwrap_or_default());
    let finite = runs.iter().filter(|run| run.loss().is_finite());
    let best = finite.min_by(|one, other| one.loss().total_cmp(&other.loss()));
    let best = best.filter(|_| have_same_data(runs));
    let best =
        best.map_or_else(String::new, |run| format!("{} has the least loss, {}.", run.label, say::loss(run.loss())));
    let note = cut_off(&mut plot).unwrap_or_default();
    let figure = Figure::wide("validation-loss", "Validation loss.", plot).with_note(note);
    Some(Section::new("Loss, side by side").fact(best).with_figure(figure))
}

/// Since when something is wrong, as the doctor said: each step once, of the first things found there; but for what only the end
/// tells.
fn found(run: &Run) -> Vec<Event> {
    const MOST: usize = 4;
    let (end, ..) = run.trace.progress();
    let mut events: Vec<Event> = Vec::new();
    for finding in run.trace.findings.iter().filter(|finding| finding.severity > Severity::Note) {
        let Some(step) = finding.since_step.filter(|step| (1..end).contains(step)) else { continue };
        if events.len() < MOST && events.iter().all(|event| event.x != step as f64) {
            events.push(Event { x: step as f64, text: finding.name.clone() });
        }
    }
    events
}

/// Cuts off a few losses that are far above all others, and says so.
pub(crate) fn cut_off(plot: &mut Lines) -> Option<String> {
    let (end, greatest) = plot.cut_off()?;
    Some(format!(
        "What lies above {}, up to {}, is off the picture.",
        say::significant(end, 3),
        say::significant(greatest, 3)
    ))
}

/// A run's validation losses as one line, under the run's label.
pub(crate) fn validation(run: &Run, x: &impl Fn(&Evaluation) -> f64) -> Series {
    Series { label: run.label.clone(), dash: run.dash, ..evaluated(run, "validation", x) }
}

/// The yardsticks of a run, to be drawn.
pub(crate) fn levels(run: &Run) -> Vec<Level> {
    let all = run.trace.yardsticks().into_iter().flat_map(|yardsticks| &yardsticks.levels);
    let text = |yardstick: &Yardstick| format!("{} {}", yardstick.name, say::loss(yardstick.loss));
    all.map(|yardstick| Level { text: text(yardstick), value: yardstick.loss }).collect()
}

fn evaluated(run: &Run, split: &str, x: &impl Fn(&Evaluation) -> f64) -> Series {
    let points = run.course(split).into_iter().map(|each| (x(each), each.loss)).collect();
    Series::new(split, run.paint, points)
}

/// The loss on training data: of evaluations if there are some, else of the steps themselves.
fn training(run: &Run) -> Option<Series> {
    let steps: Vec<(f64, f64)> = run.trace.steps().map(|step| (step.step as f64, step.loss)).collect();
    let curve = thinned(&steps);
    let evaluated = evaluated(run, "train", &|each| each.step as f64);
    let line = if evaluated.points.len() > 1 { evaluated.points } else { curve.line };
    let series = Series { width: 1.3, band: curve.band, ..Series::new("train", QUIET, line) };
    (!series.points.is_empty()).then_some(series)
}

/// From where to where, and whether it is still falling.
fn course(run: &Run) -> String {
    let broken = run.trace.steps().find(|step| !step.loss.is_finite());
    let broken = broken.map_or_else(String::new, |step| {
        format!("At step {} the training loss stopped being a number.", say::count(step.step))
    });
    let losses = run.course("validation");
    let (Some(first), Some(last), Some(best)) =
        (losses.first(), losses.last(), run.trace.best_evaluation("validation"))
    else {
        return broken;
    };
    let mut said = if losses.len() == 1 {
        format!("The validation loss is {} {}.", say::loss(last.loss), run.unit())
    } else {
        format!(
            "The validation loss went from {} at step {} to {} at step {}.",
            say::loss(first.loss),
            say::count(first.step),
            say::loss(last.loss),
            say::count(last.step)
        )
    };
    if best.step < last.step && best.loss < last.loss {
        said.push_str(&format!(
            " Its least was {} at step {}; after that it did not get lower.",
            say::loss(best.loss),
            say::count(best.step)
        ));
    }
    format!("{said} {broken}")
}

/// Where the run ended among its yardsticks.
fn against(run: &Run) -> String {
    let loss = run.loss();
    if !loss.is_finite() {
        return String::new();
    }
    let mut levels = levels(run);
    levels.sort_by(|one, other| other.value.total_cmp(&one.value));
    let below = levels.iter().rev().find(|level| loss < level.value);
    let above = levels.iter().find(|level| loss >= level.value);
    let place = |level: &Level, word: &str| format!("{} {word} {}", say::loss((level.value - loss).abs()), level.text);
    match (below, above) {
        (Some(below), Some(above)) => {
            format!("It lies {} and {}.", place(below, "below"), place(above, "above"))
        }
        (Some(below), None) => format!("It lies {}.", place(below, "below")),
        (None, Some(above)) => format!("It lies {}.", place(above, "above")),
        (None, None) => String::new(),
    }
}
