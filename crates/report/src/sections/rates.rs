//! What drives a run, step by step: learning rate, gradient norm, and speed.

use crate::curve::thinned;
use crate::page::{Block, Section};
use crate::plot::Figure;
use crate::plot::lines::{Axis, Lines, Series};
use crate::runs::Run;
use crate::say;
use crate::scale::Kind;
use rushlight_trace::Step;

pub(crate) fn section(run: &Run) -> Option<Section> {
    run.trace.steps().nth(1)?;
    let noun = if run.trace.card.text.is_some() { run.token() } else { "example" };
    let plot = |label: &str, kind: Kind, value: &dyn Fn(&Step) -> f64| {
        let points: Vec<(f64, f64)> = run.trace.steps().map(|step| (step.step as f64, value(step))).collect();
        let curve = thinned(&points);
        let line = Series { band: curve.band, width: 1.6, ..Series::new("", run.paint, curve.line) };
        Lines { x: Axis::new("steps", Kind::Linear), y: Axis::new(label, kind), series: vec![line], levels: Vec::new() }
    };
    let figures = vec![
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
    Some(Section::new("Step by step").say(waiting(run)).with(Block::Figures(figures)))
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
