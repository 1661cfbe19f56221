//! `generate`: lets a run write.

use super::translate::check_length_penalty;
use super::{Answer, eval};
use anyhow::{Result, ensure};
use rushlight_engine::Rng;
use rushlight_models::beam::Beam;
use rushlight_models::decode::Strategy;
use rushlight_text::Tokenizer;
use rushlight_trace::Which;
use rushlight_train::{Judge, Run};
use serde_json::{Value, json};
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
    /// How many hypotheses a beam keeps side by side; 5 unless told otherwise.
    #[arg(long, value_name = "WIDTH", value_parser = clap::value_parser!(u16).range(1..=1000))]
    beam: Option<u16>,
    /// How much a beam favours what is long; 0 compares plain probabilities, 1 is usual.
    #[arg(long, value_name = "ALPHA", default_value_t = 0.0, allow_negative_numbers = true)]
    length_penalty: f32,
    /// A beam ends no text before so many tokens.
    #[arg(long, default_value_t = 0)]
    min_tokens: usize,
    /// The most tokens to write.
    #[arg(long, default_value_t = 200)]
    max_tokens: usize,
    /// How many texts; of a beam the likeliest, best first.
    #[arg(long, default_value_t = 1)]
    count: usize,
    /// Another seed, other texts.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Which weights: the best, the last, or those of a step.
    #[arg(long, default_value = "best", value_parser = eval::which)]
    checkpoint: Which,
    /// A run that judges what is toxic; the share of such texts is told in the end.
    #[arg(long, value_name = "RUN")]
    judge: Option<PathBuf>,
    /// How that run calls it.
    #[arg(long, default_value = "toxic", requires = "judge")]
    toxic: String,
    /// From which probability on a text is held for toxic.
    #[arg(long, default_value_t = 0.5, requires = "judge")]
    threshold: f64,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum How {
    /// Always the likeliest token.
    Greedy,
    /// By its probability.
    Sample,
    /// Several hypotheses side by side, by the probability of the whole text.
    Beam,
}

/// Writes.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    let strategy = flags.strategy()?;
    let beam = flags.beam()?;
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
    ensure!(
        (0.0..=1.0).contains(&flags.threshold),
        "`--threshold {}` is not possible; it is a probability, from 0 to 1",
        flags.threshold
    );
    let judge = flags.judge.as_deref().map(|run| Judge::open(run, &flags.toxic)).transpose()?;
    if let Some(beam) = beam {
        let found = session.search(&flags.prompt, &beam)?;
        let texts: Vec<String> = found.iter().map(|(written, _)| format!("{}{written}", flags.prompt)).collect();
        let nats: Vec<f64> = found.iter().map(|(_, found)| found.log_probability).collect();
        let scores: Vec<f64> = found.iter().map(|(_, found)| found.score).collect();
        let text = texts.iter().map(|text| format!("{text}\n")).collect::<String>();
        let (text, toxic) = judged(flags, judge.as_ref(), &texts, text)?;
        let json = json!({"run": flags.run, "prompt": flags.prompt, "texts": texts, "toxic": toxic,
            "log_probabilities_nats": nats, "scores": scores});
        return Ok(Answer::new(text, json));
    }
    let mut texts = Vec::new();
    for index in 0..flags.count {
        let rng = Rng::new(flags.seed).fork(index as u64);
        let written = session.write(&flags.prompt, flags.max_tokens, strategy.clone(), rng)?;
        texts.push(format!("{}{written}", flags.prompt));
    }
    let text = texts.iter().map(|text| format!("{text}\n")).collect::<String>();
    let (text, toxic) = judged(flags, judge.as_ref(), &texts, text)?;
    Ok(Answer::new(text, json!({"run": flags.run, "prompt": flags.prompt, "texts": texts, "toxic": toxic})))
}

/// What is printed, with how many texts the judge holds for toxic behind it, where there is a judge.
fn judged(flags: &Flags, judge: Option<&Judge>, texts: &[String], text: String) -> Result<(String, Value)> {
    let Some(judge) = judge else { return Ok((text, Value::Null)) };
    let sure = texts.iter().map(|text| judge.toxicity(text)).collect::<Result<Vec<f64>, _>>()?;
    let count = sure.iter().filter(|&&sure| sure >= flags.threshold).count();
    let share = count as f64 / texts.len().max(1) as f64;
    let text = format!("{text}{count} of {} held for toxic ({:.1} %)\n", texts.len(), 100.0 * share);
    Ok((text, json!({"count": count, "share": share, "probabilities": sure})))
}

impl Flags {
    /// The beam, if one is asked for; what belongs to the other strategies is refused.
    fn beam(&self) -> Result<Option<Beam>> {
        if self.strategy != How::Beam {
            ensure!(
                self.length_penalty == 0.0 && self.min_tokens == 0 && self.beam.is_none(),
                "`--beam`, `--length-penalty` and `--min-tokens` go with `--strategy beam`"
            );
            return Ok(None);
        }
        let plain = self.temperature == 1.0 && self.top_k == 0 && self.top_p == 1.0 && self.repetition_penalty == 1.0;
        ensure!(
            plain,
            "`--temperature`, `--top-k`, `--top-p` and `--repetition-penalty` go with `--strategy sample`; a beam takes the \
             likeliest texts as they are"
        );
        let Self { length_penalty, count, min_tokens, max_tokens, .. } = *self;
        let width = usize::from(self.beam.unwrap_or(5));
        check_length_penalty(length_penalty)?;
        ensure!(count > 0, "`--count 0` writes nothing; give 1 or more");
        ensure!(
            count <= width,
            "a beam of {width} knows no {count} texts; give a wider `--beam` (1000 at most), or a smaller `--count`"
        );
        ensure!(min_tokens <= max_tokens, "`--min-tokens {min_tokens}` is more than `--max-tokens {max_tokens}`");
        let (best, no_repeat) = (count, self.no_repeat);
        Ok(Some(Beam { best, length_penalty, no_repeat, min_length: min_tokens, ..Beam::new(width, max_tokens, None) }))
    }

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
