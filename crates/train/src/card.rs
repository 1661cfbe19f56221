//! What a run says of itself before its first step: its card (`run.json`) and the yardsticks of its data. Measures no
//! model.

use crate::watch::mean_and_std;
use crate::{Session, Task, TrainError};
use rushlight_data::{IdStream, Part, Source, Targets, Utterances};
use rushlight_score as score;
use rushlight_trace::{DataCard, Machine, ModelCard, RunCard, TextCard, Yardstick, Yardsticks, utc};
use std::time::SystemTime;

/// The card of a run; `command` is the command line that asked for it.
///
/// # Errors
/// Data that are read only now and cannot be read.
pub(crate) fn card(session: &Session, command: &[String]) -> Result<RunCard, TrainError> {
    Ok(RunCard {
        rushlight: env!("CARGO_PKG_VERSION").into(),
        started: utc(SystemTime::now()),
        command: command.to_vec(),
        seed: session.recipe.train.seed,
        task: session.task.name().into(),
        machine: Machine::here(rushlight_engine::instruction_set()),
        threads: rushlight_engine::threads(),
        data: data(session),
        model: ModelCard {
            name: session.entry.name.into(),
            label: session.entry.label.into(),
            year: Some(session.entry.year),
            paper: session.entry.paper.into(),
            order: session.entry.order(),
            parameters: session.model.params().count() as u64,
        },
        text: text(session)?,
    })
}

/// How text became tokens. Of ids whose text is not known only their number is told.
fn text(session: &Session) -> Result<Option<TextCard>, TrainError> {
    let vocabulary = session.corpus.vocabulary;
    if let (Part::Utterances(utterances), Some(tokenizer)) = (&session.corpus.train, &session.corpus.tokenizer) {
        let characters: usize = utterances.written().iter().map(|utterance| utterance.text.chars().count()).sum();
        let words: usize = (0..utterances.len()).map(|sentence| utterances.words(sentence).len()).sum();
        let characters_per_token = characters as f64 / words.max(1) as f64;
        let vocabulary = tokenizer.vocab_size();
        return Ok(Some(TextCard { token: tokenizer.unit().into(), vocabulary, characters_per_token }));
    }
    Ok(match &session.corpus.tokenizer {
        Some(tokenizer) => {
            let ids = session.corpus.train.id_stream();
            let some = ids.first(20_000)?;
            let characters = tokenizer.decode(&some).chars().count();
            let characters_per_token = characters as f64 / some.len().max(1) as f64;
            Some(TextCard { token: tokenizer.unit().into(), vocabulary, characters_per_token })
        }
        None if session.task == Task::Language => {
            Some(TextCard { token: "token".into(), vocabulary, characters_per_token: 0.0 })
        }
        None => None,
    })
}

/// The files and data sets that a session has read.
fn data(session: &Session) -> Vec<DataCard> {
    let card = |source: &Source| DataCard {
        name: source.name.clone(),
        path: std::fs::canonicalize(&source.name).map(|path| path.display().to_string()).unwrap_or_default(),
        bytes: source.bytes,
        crc32c: format!("{:08x}", source.crc32c),
    };
    session.corpus.sources.iter().map(card).collect()
}

/// Refuses data that are not those of a run's card: with others it would be another training.
pub(crate) fn require_same_data(session: &Session, card: &RunCard) -> Result<(), TrainError> {
    for (now, then) in data(session).iter().zip(&card.data) {
        if !then.crc32c.is_empty() && now.crc32c != then.crc32c {
            return Err(TrainError::Unfit(format!(
                "{} is not what this run learnt from: it had {} bytes (CRC-32C {}), now it has {} (CRC-32C {}); put the \
                 old one back, or begin a new run with `train`",
                now.name, then.bytes, then.crc32c, now.bytes, now.crc32c
            )));
        }
    }
    Ok(())
}

/// Entropies are taken of so many ids at most: pairs are sorted for it, and take eight bytes each.
const ENTROPY_IDS: usize = 4_000_000;

/// The entropies of the part that the training is judged by: what a model reaches that knows nothing, the frequencies, or
/// the best table of bigrams of that very text. Of a part that is longer than `ENTROPY_IDS` they are those of its
/// beginning, and say so.
pub(crate) fn yardsticks(session: &Session) -> Result<Option<Yardsticks>, TrainError> {
    let part = session.corpus.part(session.judged_by());
    let mut yardsticks = match part {
        Part::Table(table) => of_answers(&table.all.targets, session),
        Part::Utterances(utterances) => of_labels(utterances, session),
        part => entropies(&part.id_stream(), session.sizes.vocabulary, ENTROPY_IDS)?,
    };
    if let Some((name, loss)) = session.fault().and_then(|fault| fault.yardstick(session.sizes.vocabulary)) {
        yardsticks.levels.push(Yardstick { name: name.to_owned(), loss });
    }
    Ok(Some(yardsticks))
}

/// What it takes to answer the same to every row: a class by its share, or each number by its mean.
fn of_answers(targets: &Targets, session: &Session) -> Yardsticks {
    let yardsticks = Yardsticks { unit: session.task.unit(), levels: Vec::new() };
    match targets {
        Targets::Classes(classes) => yardsticks
            .and("ln V", (session.sizes.vocabulary as f64).ln())
            .and("unigram entropy", score::unigram_entropy_nats(classes)),
        Targets::Numbers { values, width } => {
            let columns = (0..*width).map(|column| {
                let values: Vec<f32> = values.iter().skip(column).step_by(*width).copied().collect();
                mean_and_std(&values).1.powi(2)
            });
            yardsticks.and("variance", columns.sum::<f64>() / (*width).max(1) as f64)
        }
    }
}

/// What it takes to answer the same to every sentence, and to every word.
fn of_labels(utterances: &Utterances, session: &Session) -> Yardsticks {
    let tags = session.sizes.tags;
    let chance = (session.sizes.vocabulary as f64).ln() + if tags > 0 { (tags as f64).ln() } else { 0.0 };
    let entropy = score::unigram_entropy_nats(utterances.intents())
        + if tags > 0 { score::unigram_entropy_nats(utterances.tags()) } else { 0.0 };
    Yardsticks { unit: session.task.unit(), levels: Vec::new() }.and("ln V", chance).and("unigram entropy", entropy)
}

fn entropies(ids: &IdStream, vocabulary: usize, most: usize) -> Result<Yardsticks, TrainError> {
    let some = ids.first(most)?;
    let (unigram, bigram) = (score::unigram_entropy_nats(&some), score::bigram_entropy_nats(&some));
    let mut yardsticks = Yardsticks::language((vocabulary as f64).ln(), unigram, bigram);
    if some.len() < ids.len() {
        // The first is ln V, which no text has a part in.
        yardsticks.levels.iter_mut().skip(1).for_each(|level| level.name += &format!(", first {most}"));
    }
    Ok(yardsticks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropies_of_a_long_text_are_those_of_its_beginning_and_say_so() {
        let ids: IdStream = [0, 1, 0, 1, 2, 3].into_iter().collect();
        let named = |most| {
            let levels = entropies(&ids, 4, most).unwrap().levels;
            levels.into_iter().map(|level| (level.name, level.loss)).collect::<Vec<_>>()
        };
        let (two, four) = (2f64.ln(), 4f64.ln());
        let short = [("ln V", four), ("unigram entropy, first 4", two), ("bigram entropy, first 4", 0.0)];
        assert_eq!(named(4), short.map(|(name, loss)| (name.to_owned(), loss)));
        assert_eq!(named(6)[1].0, "unigram entropy");
    }
}
