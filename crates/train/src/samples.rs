//! What a model writes while it is trained, to be looked at.

use crate::{Session, Task, TrainError};
use rushlight_engine::Rng;
use rushlight_models::beam::Beam;
use rushlight_models::decode::Strategy;
use rushlight_trace::Sample;

/// As many samples as the recipe asks for: of a translator the first sentences of the validation part, of a language model
/// what it writes from nothing; none by a model that does not write, or of which nobody knows the text.
pub(crate) fn samples(session: &Session) -> Result<Vec<Sample>, TrainError> {
    let count = session.recipe.train.evaluate.samples;
    match session.task {
        Task::Translation => translated(session, count),
        Task::Language if session.corpus.tokenizer.is_some() => written(session, count as u64),
        _ => Ok(Vec::new()),
    }
}

fn written(session: &Session, count: u64) -> Result<Vec<Sample>, TrainError> {
    let (seed, most) = (session.recipe.train.seed, session.recipe.train.evaluate.sample_tokens);
    let sample = |index| {
        let text = session.write("", most, Strategy::SAMPLE, Rng::new(seed).fork(2).fork(index))?;
        let (step, strategy) = (session.progress.step, "sample, temperature 1".to_owned());
        Ok(Sample { step, prompt: String::new(), text, strategy, reference: None })
    };
    (0..count).map(sample).collect()
}

fn translated(session: &Session, count: usize) -> Result<Vec<Sample>, TrainError> {
    let held = session.translate_part(&session.corpus.validation, Some(count), &Beam::greedy())?;
    let step = session.progress.step;
    let lines = held.sources.into_iter().zip(held.best).zip(held.references);
    let sample = |((prompt, best), reference): ((_, crate::Translation), _)| Sample {
        step,
        prompt,
        text: best.text,
        strategy: "greedy".to_owned(),
        reference: Some(reference),
    };
    Ok(lines.map(sample).collect())
}
