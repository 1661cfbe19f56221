//! `generate`: lets a run write.

use super::{Answer, eval};
use anyhow::{Result, ensure};
use rushlight_engine::Rng;
use rushlight_models::decode::Strategy;
use rushlight_text::Tokenizer;
use rushlight_trace::Which;
use rushlight_train::Run;
use serde_json::json;
use std::path::PathBuf;

/// The flags of `generate`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// The run's folder.
    run: PathBuf,
    /// What to go on from; nothing begins anew.
    #[arg(long, default_value = "")]
    prompt: String,
    /// How the next token is chosen.
    #[arg(long, value_enum, default_value_t = How::Sample)]
    strategy: How,
    /// Below 1 likelier tokens are favoured more; 0 is greedy.
    #[arg(long, default_value_t = 1.0, allow_negative_numbers = true)]
    temperature: f32,
    /// Only the k likeliest tokens; 0 keeps all.
    #[arg(long, default_value_t = 0)]
    top_k: usize,
    /// Only the likeliest tokens that together hold this probability; 1 keeps all.
    #[arg(long, default_value_t = 1.0, allow_negative_numbers = true)]
    top_p: f32,
    /// Tokens written before are made less likely by this factor; 1 leaves them.
    #[arg(long, default_value_t = 1.0, allow_negative_numbers = true)]
    repetition_penalty: f32,
    /// No run of so many tokens is written twice; 0 lets it.
    #[arg(long, default_value_t = 0)]
    no_repeat: usize,
    /// The most tokens to write.
    #[arg(long, default_value_t = 200)]
    max_tokens: usize,
    /// How many texts.
    #[arg(long, default_value_t = 1)]
    count: usize,
    /// Another seed, other texts.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Which weights: the best, the last, or those of a step.
    #[arg(long, default_value = "best", value_parser = eval::which)]
    checkpoint: Which,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum How {
    /// Always the likeliest token.
    Greedy,
    /// By its probability.
    Sample,
}

/// Writes.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    let strategy = flags.strategy()?;
    let session = Run::open_alone(&flags.run, flags.checkpoint)?;
    ensure!(
        session.is_finite(),
        "the weights of {} are not numbers: its training diverged, so it cannot write; train it again with a smaller `lr`",
        flags.run.display()
    );
    let tokenizer = session.tokenizer()?;
    ensure!(
        session.model.generator().is_some(),
        "a `{}` does not write; `rushlight models` tells which do",
        session.entry.name
    );
    check_prompt(tokenizer, &flags.prompt)?;
    ensure!(flags.count > 0, "`--count 0` writes nothing; give 1 or more");
    let mut texts = Vec::new();
    for index in 0..flags.count {
        let rng = Rng::new(flags.seed).fork(index as u64);
        let written = session.write(&flags.prompt, flags.max_tokens, strategy.clone(), rng)?;
        texts.push(format!("{}{written}", flags.prompt));
    }
    let text = texts.iter().map(|text| format!("{text}\n")).collect::<String>();
    Ok(Answer::new(text, json!({"run": flags.run, "prompt": flags.prompt, "texts": texts})))
}

impl Flags {
    fn strategy(&self) -> Result<Strategy> {
        let Self { temperature, top_p, repetition_penalty, .. } = *self;
        ensure!(
            temperature >= 0.0 && temperature.is_finite(),
            "`--temperature {temperature}` is not possible; give 0 (greedy) or more, such as 0.8"
        );
        ensure!(
            (0.0..=1.0).contains(&top_p),
            "`--top-p {top_p}` is not possible; it is a probability, from 0 (greedy) to 1 (all tokens)"
        );
        ensure!(
            repetition_penalty > 0.0 && repetition_penalty.is_finite(),
            "`--repetition-penalty {repetition_penalty}` is not possible; give 1 (none) or more, such as 1.2"
        );
        let temperature = if self.strategy == How::Greedy { 0.0 } else { temperature };
        Ok(Strategy { temperature, top_k: self.top_k, top_p, repetition_penalty, no_repeat: self.no_repeat })
    }
}

/// Refuses what the run's vocabulary does not know.
fn check_prompt(tokenizer: &Tokenizer, text: &str) -> Result<()> {
    let unknown = tokenizer.unknown_in(text);
    ensure!(
        unknown.is_empty() || tokenizer.unknown().is_some(),
        "`--prompt` has {} that this run never saw: {}; write it without them",
        if unknown.len() == 1 { "a character" } else { "characters" },
        unknown.iter().map(|piece| format!("`{}`", piece.escape_debug())).collect::<Vec<_>>().join(", ")
    );
    Ok(())
}
