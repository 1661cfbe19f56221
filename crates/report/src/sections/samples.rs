//! What the models wrote: one sample of each rung, or a run's way from noise to words.

use crate::page::{Block, Section, Written};
use crate::runs::Run;
use crate::say;
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
    let written = last.iter().map(|(rung, sample)| Written {
        label: rung.label.clone(),
        note: note(sample),
        paint: rung.paint,
        prompt: sample.prompt.clone(),
        text: sample.text.clone(),
    });
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
    let chosen = evenly(&all, MOST);
    chosen.first()?;
    let written = chosen.into_iter().map(|sample| Written {
        label: format!("step {}", say::count(sample.step)),
        note: sample.strategy.clone(),
        paint: run.paint,
        prompt: sample.prompt.clone(),
        text: sample.text.clone(),
    });
    Some(Section::new("What it writes").with(Block::Samples(written.collect())))
}

/// At most `most` of the samples, evenly chosen, the last among them.
fn evenly<'a>(all: &[&'a Sample], most: usize) -> Vec<&'a Sample> {
    if all.len() <= most {
        return all.to_vec();
    }
    let step = (all.len() - 1) as f64 / (most - 1) as f64;
    (0..most).map(|index| all[(index as f64 * step).round() as usize]).collect()
}
