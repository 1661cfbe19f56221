//! Whether a model that names intents is as often right as it says.

use crate::page::{Block, Section};
use crate::plot::Figure;
use crate::plot::lines::{Axis, Lines, Series, YARDSTICK};
use crate::runs::Run;
use crate::say;
use crate::scale::{Kind, Scale};
use crate::table::Table;
use crate::theme::QUIET;
use rushlight_trace::{OfSureness, Understanding};

/// A share lies so many standard deviations around what it is by chance, nineteen times in twenty.
const DEVIATIONS: f64 = 1.96;

pub(crate) fn section(run: &Run) -> Option<Section> {
    let record = run.understanding().filter(|record| record.sureness.iter().any(|step| step.sentences > 0))?;
    let steps: Vec<&OfSureness> = record.sureness.iter().filter(|step| step.sentences > 0).collect();
    let points = steps.iter().map(|step| (100.0 * step.confidence, share(step)));
    let band = steps.iter().map(|step| {
        let (low, high) = likely(step);
        (100.0 * step.confidence, low, high)
    });
    let own = Series { band: band.collect(), ..Series::new(run.label.clone(), run.paint, points.collect()) };
    let even =
        Series { dash: YARDSTICK, width: 1.0, ..Series::new("as it says", QUIET, vec![(0.0, 0.0), (100.0, 1.0)]) };
    let whole =
        Axis { range: Some(Scale::Linear { low: 0.0, high: 100.0 }), ..Axis::new("how sure it was, %", Kind::Linear) };
    let plot = Lines::new(whole, Axis::new("right answers", Kind::Share), vec![even, own]);
    let figure = Figure::half("sureness", "How often it is right.", plot).with_note(format!(
        "Sentences of the {} part, ten steps of sureness; the shade is where a share may lie by chance. On the dashes a \
         model is right as often as it says.",
        record.split
    ));
    let section = Section::new("Whether it is as sure as it is right")
        .say(
            "What to do with an answer depends on how sure it is. Below the dashes the model is surer than it may be, above \
             them it is more careful than it need be.",
        )
        .fact(apart(record))
        .with_figure(figure)
        .with(Block::Numbers(table(&steps)));
    Some(section)
}

fn share(step: &OfSureness) -> f64 {
    step.right as f64 / step.sentences as f64
}

/// Where the true share lies nineteen times in twenty (Wilson 1927).
fn likely(step: &OfSureness) -> (f64, f64) {
    let (count, share, squared) = (step.sentences as f64, share(step), DEVIATIONS * DEVIATIONS);
    let middle = share + squared / (2.0 * count);
    let reach = DEVIATIONS * (share * (1.0 - share) / count + squared / (4.0 * count * count)).max(0.0).sqrt();
    let [low, high] = [middle - reach, middle + reach].map(|end| (end / (1.0 + squared / count)).clamp(0.0, 1.0));
    (low, high)
}

fn apart(record: &Understanding) -> String {
    let error = format!(
        "What it says and how often it is right lie {} points of a hundred apart, on average (expected calibration error).",
        say::tenths(100.0 * record.calibration_error)
    );
    // Without a part held back nothing is fitted.
    if record.temperature == 1.0 {
        return error;
    }
    let of = if record.split == "validation" { "these very sentences" } else { "the validation part" };
    format!("{error} Its temperature, {}, was fitted to {of}.", say::significant(record.temperature, 3))
}

fn table(steps: &[&OfSureness]) -> Table {
    let mut table =
        Table::new().words("how sure").numbers("sentences", "").numbers("right", "").numbers("share", "right");
    for step in steps {
        table.push(vec![
            say::percent(step.confidence).into(),
            say::count(step.sentences).into(),
            say::count(step.right).into(),
            say::percent(share(step)).into(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::likely;
    use rushlight_trace::OfSureness;

    #[test]
    fn a_share_of_few_sentences_may_lie_anywhere() {
        let of = |sentences, right| likely(&OfSureness { confidence: 0.5, sentences, right });
        // Wilson's bounds for 8 of 10, as in Brown, Cai, DasGupta 2001: 0.49 to 0.94.
        let (low, high) = of(8 + 2, 8);
        assert!((low - 0.490).abs() < 1e-3 && (high - 0.943).abs() < 1e-3, "{low} {high}");
        let (low, high) = of(1, 1);
        assert!((low - 0.207).abs() < 1e-3 && high > 0.999, "{low} {high}");
    }
}
