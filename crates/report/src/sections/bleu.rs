//! How close translations come to those of people, as training goes on.

use crate::page::Section;
use crate::plot::Figure;
use crate::plot::lines::{Axis, FLAT, Lines, Series};
use crate::runs::{Run, SPLITS, have_same_data};
use crate::say;
use crate::scale::Kind;
use rushlight_trace::Evaluation;

pub(crate) fn section(run: &Run) -> Option<Section> {
    let course = course(run);
    let (first, last) = (course.first()?, course.last()?);
    let best = course.iter().copied().max_by(|one, other| one.1.total_cmp(&other.1))?;
    let mut said = if course.len() == 1 {
        format!("BLEU is {}.", say::tenths(last.1))
    } else {
        format!(
            "BLEU went from {} at step {} to {} at step {}.",
            say::tenths(first.1),
            say::count(first.0.step),
            say::tenths(last.1),
            say::count(last.0.step)
        )
    };
    if best.0.step < last.0.step && best.1 > last.1 {
        said.push_str(&format!(" Its highest was {} at step {}.", say::tenths(best.1), say::count(best.0.step)));
    }
    // Of one run it need not be said which it is, but on what it was measured.
    let evaluated = Run { label: last.0.split.clone(), ..run.clone() };
    let figure = Figure::wide("bleu", "BLEU as training goes on.", plot(&[evaluated]));
    Some(Section::new("Translations against those of people").say(LEAD).fact(said).with_figure(figure))
}

/// Several runs in one plot.
pub(crate) fn compared(runs: &[Run]) -> Option<Section> {
    let translators: Vec<Run> = runs.iter().filter(|run| !course(run).is_empty()).cloned().collect();
    translators.first()?;
    let best =
        translators.iter().filter_map(|run| Some((run, course(run).iter().map(|each| each.1).reduce(f64::max)?)));
    let best = best.max_by(|one, other| one.1.total_cmp(&other.1)).filter(|_| translators.len() > 1);
    let best = best.filter(|_| have_same_data(&translators));
    let best = best
        .map_or_else(String::new, |(run, bleu)| format!("{} has the highest BLEU, {}.", run.label, say::tenths(bleu)));
    let figure = Figure::wide("bleu", "BLEU as training goes on.", plot(&translators));
    Some(Section::new("Translations against those of people").say(LEAD).fact(best).with_figure(figure))
}

const LEAD: &str = "BLEU counts which runs of one to four words of a translation stand in the reference too: 0 is none, 100 \
                    is the same text. It often still rises when the loss has long turned flat.";

fn plot(runs: &[Run]) -> Lines {
    let series = runs.iter().map(|run| {
        let points = course(run).iter().map(|(each, bleu)| (each.step as f64, *bleu)).collect();
        Series { dash: run.dash, ..Series::new(run.label.clone(), run.paint, points) }
    });
    let plot = Lines::new(Axis::new("steps", Kind::Linear), Axis::new("BLEU", Kind::FromZero), series.collect());
    Lines { shape: if runs.len() > 1 { plot.shape } else { FLAT }, ..plot }
}

/// The evaluations of a run that have BLEU, with it.
fn course<'a>(run: &Run<'a>) -> Vec<(&'a Evaluation, f64)> {
    let of = |split: &&str| -> Vec<(&'a Evaluation, f64)> {
        let measured = run.course(split).into_iter().filter_map(|each| Some((each, each.bleu?)));
        measured.filter(|(_, bleu)| bleu.is_finite()).collect()
    };
    SPLITS.iter().map(of).find(|course| !course.is_empty()).unwrap_or_default()
}
