//! What the models wrote: one sample of each rung, or a run's way from noise to words.

use crate::page::{Block, Section, Written};
use crate::runs::Run;
use crate::say;
use crate::table::every_so_often;
use rushlight_trace::Sample;

/// So many samples of one run show its way.
const MOST: usize = 4;

/// The last sample of each rung.
pub(crate) fn of_ladder(rungs: &[Run]) -> Option<Section> {
    let last: Vec<(&Run, &Sample)> =
        rungs.iter().filter_map(|rung| Some((rung, rung.trace.samples().next_back()?))).collect();
    let (_, first) = last.first()?;
    let is_same = last.iter().all(|(_, sample)| sample.strategy == first.strategy);
    let note = |sample: &Sample| if is_same { String::new() } else { sample.strategy.clone() };
    let written = last.iter().map(|(rung, sample)| written(rung, sample, rung.label.clone(), note(sample)));
    let how = if is_same && !first.strategy.is_empty() {
        format!(" How the next token was chosen, for all of them: {}.", first.strategy)
    } else {
        String::new()
    };
    let section = Section::new("What they write")
        .say(format!(
            "The last thing each model wrote. Look first for words, then for lines, then for who is speaking.{how}"
        ))
        .with(Block::Samples(written.collect()));
    Some(section)
}

/// A run's samples from first to last.
pub(crate) fn of_run(run: &Run) -> Option<Section> {
    let all: Vec<&Sample> = run.trace.samples().collect();
    let chosen = every_so_often(&all, MOST);
    chosen.first()?;
    let written = chosen.into_iter().map(|sample| {
        let label = format!("step {}", say::count(sample.step));
        written(run, sample, label, sample.strategy.clone())
    });
    Some(Section::new("What it writes").with(Block::Samples(written.collect())))
}

/// A sample for the page. A prompt of nothing but white space only asks the model to begin, and
/// is not shown.
fn written(run: &Run, sample: &Sample, label: String, note: String) -> Written {
    let begins = sample.prompt.trim().is_empty();
    Written {
        label,
        note,
        paint: run.paint,
        prompt: if begins { String::new() } else { sample.prompt.clone() },
        text: if begins { sample.text.trim_start().to_owned() } else { sample.text.clone() },
    }
}
