//! What a run says of itself before its first step: its card (`run.json`) and the yardsticks of its data. Measures no
//! model.

use crate::{Session, TrainError};
use rushlight_data::{Part, Source};
use rushlight_score as score;
use rushlight_text::TokenizerConfig;
use rushlight_trace::{DataCard, Machine, ModelCard, RunCard, TextCard, Yardsticks, utc};
use std::time::SystemTime;

/// The card of a run; `command` is the command line that asked for it.
pub(crate) fn card(session: &Session, command: &[String]) -> RunCard {
    let order = rushlight_models::ALL.iter().position(|entry| entry.name == session.entry.name).unwrap_or(0);
    let text = session.corpus.tokenizer.as_ref().map(|tokenizer| {
        let ids = session.corpus.train.id_stream();
        let some = &ids[..ids.len().min(20_000)];
        let characters = tokenizer.decode(some).chars().count();
        TextCard {
            token: token_word(&session.recipe.tokenizer).into(),
            vocabulary: tokenizer.vocab_size(),
            characters_per_token: characters as f64 / some.len().max(1) as f64,
        }
    });
    RunCard {
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
            order,
            parameters: session.model.params().count() as u64,
        },
        text,
    }
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

/// The entropies of the part that the training is judged by: what a model reaches that knows nothing, the frequencies, or the best table of
/// bigrams of that very text.
pub(crate) fn yardsticks(session: &Session) -> Option<Yardsticks> {
    let part = session.corpus.part(session.judged_by());
    if matches!(part, Part::Table(_)) {
        return None;
    }
    let ids = part.id_stream();
    let uniform = (session.sizes.vocabulary as f64).ln();
    Some(Yardsticks::language(uniform, score::unigram_entropy_nats(&ids), score::bigram_entropy_nats(&ids)))
}

fn token_word(tokenizer: &TokenizerConfig) -> &'static str {
    match tokenizer {
        TokenizerConfig::Character(_) => "character",
        TokenizerConfig::Word(_) => "word",
        TokenizerConfig::Bpe(_) => "piece",
    }
}
