//! What a run says of itself before its first step: its card (`run.json`) and the yardsticks of its data. Measures no
//! model.

use crate::Session;
use rushlight_data::Part;
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
        machine: Machine::here(),
        threads: rushlight_engine::threads(),
        data: session
            .corpus
            .sources
            .iter()
            .map(|source| DataCard { name: source.name.clone(), bytes: source.bytes, ..DataCard::default() })
            .collect(),
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
