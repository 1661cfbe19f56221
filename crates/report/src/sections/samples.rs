//! What the models wrote: the last of each rung, or a run's way from noise to words.

use crate::page::{Block, Passage, Section, Version, Written};
use crate::runs::Run;
use crate::say;
use crate::table::every_so_often;
use crate::theme::{Paint, QUIET};
use rushlight_trace::Sample;

/// So many steps of one run show its way.
const MOST_STEPS: usize = 4;
/// So many samples of one step, where they are short.
const MOST_OF_A_STEP: usize = 8;
/// So many sentences of translators.
const MOST_SENTENCES: usize = 4;

/// The last samples of each rung.
pub(crate) fn of_ladder(rungs: &[Run]) -> Option<Section> {
    let last = rungs.iter().filter_map(|rung| Some((rung, by_step(rung).pop()?)));
    let last: Vec<(&Run, Vec<&Sample>)> = last.collect();
    if let Some(section) = translated_by_all(&last) {
        return Some(section);
    }
    let strategy = |samples: &[&Sample]| samples.first().map(|sample| sample.strategy.clone());
    let first = strategy(&last.first()?.1)?;
    let is_same = last.iter().all(|(_, samples)| strategy(samples).as_ref() == Some(&first));
    let written = last.iter().flat_map(|(rung, samples)| {
        let note = if is_same { String::new() } else { strategy(samples).unwrap_or_default() };
        written(rung, samples, &rung.label, &note)
    });
    let how = if is_same && !first.is_empty() {
        format!(" How the next token was chosen, for all of them: {first}.")
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
    let steps = by_step(run);
    let places: Vec<usize> = (0..steps.len()).collect();
    let chosen = every_so_often(&places, MOST_STEPS);
    let last = steps.get(*chosen.last()?)?;
    if let Some(section) = translated(run, &chosen.iter().map(|place| &steps[*place][..]).collect::<Vec<_>>(), last) {
        return Some(section);
    }
    let written = chosen.into_iter().flat_map(|place| {
        let samples = &steps[place];
        let step = samples.first().map_or(0, |sample| sample.step);
        let strategy = samples.first().map_or("", |sample| sample.strategy.as_str());
        written(run, samples, &format!("step {}", say::count(step)), strategy)
    });
    Some(Section::new("What it writes").with(Block::Samples(written.collect())))
}

/// The same sentences in what each translator last made of them; nothing where there are no references.
fn translated_by_all(last: &[(&Run, Vec<&Sample>)]) -> Option<Section> {
    let versions = |prompt: &str| {
        let of = |(run, samples): &(&Run, Vec<&Sample>)| {
            let sample = samples.iter().find(|sample| sample.prompt == prompt)?;
            Some(Version::written(run.label.clone(), &sample.text, run.paint))
        };
        last.iter().filter_map(of).collect()
    };
    let all = last.iter().map(|(_, samples)| samples).max_by_key(|samples| referenced(samples).count())?;
    let passages: Vec<Passage> =
        referenced(all).take(MOST_SENTENCES).map(|sample| passage(sample, QUIET, versions(&sample.prompt))).collect();
    passages.first()?;
    let section = Section::new("What they write")
        .say("The same sentences, as each model translated them last. Look for what is left out, and for what is said twice.")
        .with(Block::Passages { title: String::new(), all: passages });
    Some(section)
}

/// The sentences of the last step on their way through some steps; nothing where there are no references.
fn translated(run: &Run, steps: &[&[&Sample]], last: &[&Sample]) -> Option<Section> {
    let versions = |prompt: &str| {
        let of = |samples: &&[&Sample]| {
            let sample = samples.iter().find(|sample| sample.prompt == prompt)?;
            Some(Version::written(format!("step {}", say::count(sample.step)), &sample.text, run.paint))
        };
        steps.iter().filter_map(of).collect()
    };
    let passages: Vec<Passage> = referenced(last)
        .take(MOST_SENTENCES)
        .map(|sample| passage(sample, run.paint, versions(&sample.prompt)))
        .collect();
    let strategy = &referenced(last).next()?.strategy;
    let how = if strategy.is_empty() { String::new() } else { format!(" How the next token was chosen: {strategy}.") };
    let section = Section::new("What it writes")
        .say(format!(
            "The same sentences from step to step, each between its source and what a person made of it.{how}"
        ))
        .with(Block::Passages { title: String::new(), all: passages });
    Some(section)
}

/// The samples of a step that a person translated too, each sentence once.
fn referenced<'a>(samples: &[&'a Sample]) -> impl Iterator<Item = &'a Sample> {
    let mut seen: Vec<&str> = Vec::new();
    let is_new = move |sample: &&'a Sample| {
        let is_new = sample.reference.is_some() && !seen.contains(&sample.prompt.as_str());
        seen.push(&sample.prompt);
        is_new
    };
    samples.iter().copied().filter(is_new)
}

/// A sentence between its source and its reference.
fn passage(sample: &Sample, paint: Paint, written: Vec<Version>) -> Passage {
    let mut versions = vec![Version::given("source", &sample.prompt)];
    versions.extend(written);
    versions.extend(sample.reference.as_deref().map(|reference| Version::given("reference", reference)));
    Passage { label: String::new(), note: String::new(), paint, versions }
}

/// A run's samples, those of one step together.
fn by_step<'a>(run: &Run<'a>) -> Vec<Vec<&'a Sample>> {
    let mut steps: Vec<Vec<&Sample>> = Vec::new();
    for sample in run.trace.samples() {
        match steps.last_mut() {
            Some(last) if last.first().is_some_and(|first| first.step == sample.step) => last.push(sample),
            _ => steps.push(vec![sample]),
        }
    }
    steps
}

/// The samples of a step for the page: short ones below each other, of long ones the first.
fn written(run: &Run, samples: &[&Sample], label: &str, note: &str) -> Option<Written> {
    let first = samples.first()?;
    let is_line = |sample: &&&Sample| sample.prompt.is_empty() && !sample.text.trim().contains('\n');
    let lines: Vec<&str> =
        samples.iter().filter(is_line).map(|sample| sample.text.trim()).take(MOST_OF_A_STEP).collect();
    let (prompt, text) = if lines.len() > 1 {
        (String::new(), lines.join("\n"))
    } else if first.prompt.trim().is_empty() {
        // A prompt of nothing but white space only asks the model to begin.
        (String::new(), first.text.trim_start().to_owned())
    } else {
        (first.prompt.clone(), first.text.clone())
    };
    Some(Written { label: label.to_owned(), note: note.to_owned(), paint: run.paint, prompt, text })
}

#[cfg(test)]
mod tests {
    use super::of_run;
    use crate::page::Block;
    use crate::runs::identified;
    use rushlight_trace::{Record, Sample, Trace};

    fn check(samples: &[(u64, &str, &str)], expected: &[(&str, &str, &str)]) {
        let record = |(step, prompt, text): &(u64, &str, &str)| {
            Record::Sample(Sample {
                step: *step,
                prompt: (*prompt).into(),
                text: (*text).into(),
                strategy: "greedy".into(),
                reference: None,
            })
        };
        let traces = [Trace { records: samples.iter().map(record).collect(), ..Trace::default() }];
        let section = of_run(&identified(&traces)[0]).unwrap();
        let Block::Samples(written) = &section.blocks[0] else { panic!("samples") };
        let written = written.iter().map(|each| (each.label.as_str(), each.prompt.as_str(), each.text.as_str()));
        assert_eq!(written.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn short_samples_of_one_step_stand_below_each_other() {
        check(
            &[(5, "", "emma"), (5, "", "ava\n"), (9, "", "olivia")],
            &[("step 5", "", "emma\nava"), ("step 9", "", "olivia")],
        );
    }

    #[test]
    fn of_long_samples_the_first_is_shown() {
        check(&[(5, "\n", "First\nCitizen"), (5, "\n", "Second\nCitizen")], &[("step 5", "", "First\nCitizen")]);
    }

    #[test]
    fn a_prompt_with_words_is_kept_apart() {
        check(&[(5, "To be", " or not")], &[("step 5", "To be", " or not")]);
    }
}
