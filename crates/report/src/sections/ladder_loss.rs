//! The rungs' validation losses, against what they have read and against the clock.

use super::loss::{cut_off, levels, validation};
use crate::page::{Block, Section};
use crate::plot::Figure;
use crate::plot::lines::{Axis, Lines, Series};
use crate::runs::Run;
use crate::say;
use crate::scale::Kind;
use rushlight_trace::Evaluation;

pub(crate) fn section(rungs: &[Run]) -> Option<Section> {
    let first = rungs.iter().find(|rung| rung.trace.evaluations("validation").next().is_some())?;
    let token = first.token();
    let unit = first.unit();
    let mut against_tokens = plot(rungs, &format!("{token}s read"), |each| each.tokens as f64);
    let cut = cut_off(&mut against_tokens).map_or_else(String::new, |said| format!(" {said}"));
    let mut against_seconds = plot(rungs, "seconds of training", |each| each.seconds);
    // The same height means the same loss in both.
    against_seconds.y.range = Some(against_tokens.y.range.unwrap_or_else(|| against_tokens.y_scale()));
    let figures = vec![
        Figure::half("loss-against-tokens", "By what it has read.", against_tokens)
            .with_note(format!("Validation loss, {unit}.{}{cut}", across(rungs))),
        Figure::half("loss-against-seconds", "By the clock.", against_seconds)
            .with_note("The same losses, on the same scale."),
    ];
    let section = Section::new("Learning, by the page and by the clock")
        .say(
            "In the first picture every model has read equally much at the same place; in the second it has \
             had equally long. Look for lines that cross: a cheap model may lead for a while.",
        )
        .fact(leads(rungs))
        .with(Block::Figures(figures));
    Some(section)
}

fn plot(rungs: &[Run], label: &str, x: impl Fn(&Evaluation) -> f64) -> Lines {
    let mut series: Vec<Series> = rungs.iter().map(|rung| validation(rung, &x)).collect();
    let learning = series.iter().filter(|line| line.points.len() > 1);
    let shown = learning.flat_map(|line| line.points.iter().map(|(x, _)| *x)).filter(|x| *x > 0.0);
    let (low, high) = shown.fold((f64::MAX, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
    if low < high {
        // What does not learn step by step is as good from the beginning as at the end.
        for line in series.iter_mut().filter(|line| line.points.len() == 1) {
            let loss = line.points[0].1;
            (line.points, line.dash, line.width) = (vec![(low, loss), (high, loss)], "7 5", 1.6);
        }
    }
    // A long way is best seen by factors; a short one as it is.
    let kind = if high > 8.0 * low { Kind::Log10 } else { Kind::Linear };
    let unit = rungs.first().map_or_else(String::new, Run::unit);
    Lines::new(Axis::new(label, kind), Axis::new(unit, Kind::Linear), series)
        .with_levels(rungs.iter().map(levels).find(|levels| !levels.is_empty()).unwrap_or_default())
}

/// Which lines run straight across, and why.
fn across(rungs: &[Run]) -> String {
    let is_one = |rung: &&Run| rung.trace.evaluations("validation").count() == 1;
    let names: Vec<String> = rungs.iter().filter(is_one).map(|rung| rung.label.clone()).collect();
    if names.is_empty() || names.len() == rungs.len() {
        return String::new();
    }
    format!(" Straight across: {}, measured once.", say::list(&names))
}

/// Who was first below the best yardstick, by each measure.
fn leads(rungs: &[Run]) -> String {
    let levels = rungs.iter().map(levels).find(|levels| !levels.is_empty()).unwrap_or_default();
    let Some(bar) = levels.iter().min_by(|one, other| one.value.total_cmp(&other.value)) else {
        return String::new();
    };
    let crossing = |rung: &Run| rung.trace.evaluations("validation").find(|each| each.loss < bar.value).cloned();
    let crossed: Vec<(&Run, Evaluation)> = rungs.iter().filter_map(|rung| Some((rung, crossing(rung)?))).collect();
    let by_tokens = crossed.iter().min_by_key(|(_, each)| each.tokens);
    let by_seconds = crossed.iter().min_by(|one, other| one.1.seconds.total_cmp(&other.1.seconds));
    match (by_tokens, by_seconds) {
        (Some((reader, read)), Some((sprinter, ran))) => format!(
            "First seen below {}: {} after {} {}s, and by the clock {} after {}.",
            bar.text,
            reader.label,
            say::short(read.tokens as f64),
            reader.token(),
            sprinter.label,
            say::duration(ran.seconds)
        ),
        _ => format!("None has come below {}.", bar.text),
    }
}
