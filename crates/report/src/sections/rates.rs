//! What drives a run, step by step: learning rate, gradient norm, and speed.

use crate::curve::thinned;
use crate::page::{Block, Section};
use crate::plot::Figure;
use crate::plot::lines::{Axis, FLAT, Lines, Series};
use crate::runs::Run;
use crate::say;
use crate::scale::Kind;
use rushlight_trace::{Evaluation, Step};

pub(crate) fn section(run: &Run) -> Option<Section> {
    run.trace.steps().nth(1)?;
    let noun = run.counted();
    let plot = |label: &str, kind: Kind, value: &dyn Fn(&Step) -> f64| {
        let points: Vec<(f64, f64)> = run.trace.steps().map(|step| (step.step as f64, value(step))).collect();
        let curve = thinned(&points);
        let line = Series { band: curve.band, width: 1.6, ..Series::new("", run.paint, curve.line) };
        let plot = Lines::new(Axis::new("steps", Kind::Linear), Axis::new(label, kind), vec![line]);
        Lines { shape: FLAT, ..plot }
    };
    let mut figures = vec![
        Figure::half("learning-rate", "Learning rate.", plot("", Kind::FromZero, &|step| step.learning_rate)),
        Figure::half(
            "gradient-norm",
            "Gradient norm, before clipping.",
            plot("all parameters together", Kind::Log10, &|step| step.gradient_norm),
        ),
        Figure::half(
            "speed",
            "Speed.",
            plot(&format!("{noun}s a second"), Kind::FromZero, &|step| step.tokens_per_second),
        ),
    ];
    figures.extend(accuracy(run));
    Some(Section::new("Step by step").fact(waiting(run)).with(Block::Figures(figures)))
}

/// Right guesses on validation data, where they were counted.
fn accuracy(run: &Run) -> Option<Figure> {
    let line = |label: &str, share: fn(&Evaluation) -> Option<f64>, dash: &'static str| {
        let counted = run.course("validation").into_iter();
        let points = counted.filter_map(|each| Some((each.step as f64, share(each)?))).collect();
        Series { dash, width: 1.6, ..Series::new(label, run.paint, points) }
    };
    let series = vec![line("top 1", |each| each.top1, ""), line("top 5", |each| each.top5, "5 3")];
    let series: Vec<Series> = series.into_iter().filter(|line| line.points.len() > 1).collect();
    if series.is_empty() {
        return None;
    }
    let (x, y) = (Axis::new("steps", Kind::Linear), Axis::new("right guesses", Kind::Share));
    let plot = Lines { shape: FLAT, ..Lines::new(x, y, series) };
    Some(Figure::half("accuracy", "Accuracy on validation data.", plot))
}

/// How much of the time went by waiting for data.
fn waiting(run: &Run) -> String {
    let waited: f64 = run.trace.steps().map(|step| step.wait_seconds).filter(|time| time.is_finite()).sum();
    let (_, _, seconds) = run.trace.progress();
    if seconds <= 0.0 {
        return String::new();
    }
    format!("{} of the time went by waiting for data.", say::capital(&say::percent(waited / seconds)))
}
