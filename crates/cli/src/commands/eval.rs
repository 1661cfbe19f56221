//! `eval`: every metric that the task has, on a part of a run's data or on another file.

use super::score::signature;
use super::translate::check_length_penalty;
use super::{Answer, train};
use anyhow::Result;
use rushlight_data::{Part, PartName};
use rushlight_models::beam::Beam;
use rushlight_score::metrics::bleu::Bleu;
use rushlight_score::metrics::chrf::ChrF;
use rushlight_score::{self as metric, BleuTokens};
use rushlight_trace::{LossUnit, Which};
use rushlight_train::{Held, Run, Score, Session, Task, evaluate_adapting, unless_broken};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Instant;

/// The flags of `eval`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// The run's folder.
    run: PathBuf,
    /// Which part of its data; the test part unless told otherwise, or validation where there is no test part.
    #[arg(long, value_enum, conflicts_with = "on")]
    split: Option<Split>,
    /// Another file of the same kind.
    #[arg(long)]
    on: Option<PathBuf>,
    /// Goes on learning from the text while it is evaluated, at this learning rate (Mikolov 2010 took 0.1).
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    adapt: Option<f32>,
    /// How many hypotheses a translation keeps side by side, for BLEU and chrF; 1 is greedy, 0 translates nothing.
    #[arg(long, value_name = "WIDTH", default_value_t = 1, value_parser = clap::value_parser!(u16).range(0..=1000))]
    beam: u16,
    /// How much what is long is favoured by a beam; 0 compares plain probabilities.
    #[arg(long, value_name = "ALPHA", default_value_t = 1.0, allow_negative_numbers = true)]
    length_penalty: f32,
    /// Writes the translations into this file.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Which weights: the best, the last, or those of a step.
    #[arg(long, default_value = "best", value_parser = which)]
    checkpoint: Which,
}

/// A part of the data.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Split {
    Train,
    Validation,
    Test,
}

impl From<Split> for PartName {
    fn from(split: Split) -> Self {
        match split {
            Split::Train => Self::Train,
            Split::Validation => Self::Validation,
            Split::Test => Self::Test,
        }
    }
}

/// `best`, `last`, or a step.
pub(crate) fn which(text: &str) -> Result<Which, String> {
    match text {
        "best" => Ok(Which::Best),
        "last" => Ok(Which::Last),
        step => step
            .parse()
            .map(Which::Step)
            .map_err(|_| format!("`{step}` is no checkpoint; give `best`, `last` or a step such as 200")),
    }
}

/// Evaluates.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    let session = Run::open(&flags.run, flags.checkpoint)?;
    let (split, part) = match &flags.on {
        Some(path) => ("file", session.open_file(path)?),
        None => {
            let name = match flags.split {
                Some(split) => split.into(),
                None if session.corpus.test.is_empty() => session.judged_by(),
                None => PartName::Test,
            };
            let part = session.corpus.part(name);
            anyhow::ensure!(
                !part.is_empty(),
                "the {} part of {} is empty; give another `--split`, or set `{}` in [data]",
                name.name(),
                flags.run.display(),
                name.name()
            );
            (name.name(), part.clone())
        }
    };
    check_length_penalty(flags.length_penalty)?;
    let translates = session.task == Task::Translation && flags.beam > 0;
    anyhow::ensure!(
        flags.write.is_none() || translates,
        "`--write` keeps translations, and {}",
        if flags.beam == 0 { "`--beam 0` makes none".into() } else { format!("a `{}` makes none", session.entry.name) }
    );
    let score = score(flags, &session, &part)?;
    // Of what is trained on only tokens are kept, which is an error only where somebody asks for its translations.
    let has_text = matches!(&part, Part::Pairs(pairs) if !pairs.lines().is_empty());
    let held =
        (translates && (has_text || flags.write.is_some())).then(|| flags.translate(&session, &part)).transpose()?;
    let mut json = json!({
        "run": flags.run,
        "model": session.entry.name,
        "parameters": session.model.params().count(),
    });
    if let Some(path) = &flags.on {
        json["file"] = json!(path);
    }
    put(&mut json, &session, split, &score);
    json[format!("{split}.counted")] = json!(score.counted);
    if session.task == Task::Understanding {
        for (name, value) in session.understand_part(&part)?.metrics() {
            json[format!("{split}.{name}")] = json!(value);
        }
    }
    if let Some((held, seconds)) = held {
        translated(&mut json, &session, split, &held, seconds);
    }
    Ok(Answer::new(format!("{}\n", train::text_of(&json)), json))
}

impl Flags {
    /// The translations of a part, and how many seconds they took.
    fn translate(&self, session: &Session, part: &Part) -> Result<(Held, f64)> {
        let start = Instant::now();
        let beam = Beam { length_penalty: self.length_penalty, ..Beam::new(usize::from(self.beam), usize::MAX, None) };
        let held = session.translate_part(part, None, &beam)?;
        if let Some(path) = &self.write {
            let lines: String = held.best.iter().map(|best| best.text.clone() + "\n").collect();
            rushlight_trace::write_atomic(path, lines.as_bytes())?;
        }
        Ok((held, start.elapsed().as_secs_f64()))
    }
}

/// Adds what translations are worth.
fn translated(summary: &mut Value, session: &Session, split: &str, held: &Held, seconds: f64) {
    if held.best.is_empty() {
        return;
    }
    let bleu = session.bleu();
    let chrf = ChrF { lowercase: bleu.lowercase, ..ChrF::default() };
    summary[format!("{split}.bleu")] = json!(held.score(&bleu));
    summary[format!("{split}.bleu_signature")] = json!(signature(&bleu, 1, vec![], true));
    if let Some(tokens) = session.tokenised(held) {
        summary[format!("{split}.bleu_tokenised")] = json!(tokens.score(&Bleu { tokens: BleuTokens::None, ..bleu }));
    }
    summary[format!("{split}.chrf")] = json!(held.score(&chrf));
    summary[format!("{split}.sentences")] = json!(held.best.len());
    summary[format!("{split}.sentences_per_second")] = json!(held.best.len() as f64 / seconds);
}

/// Evaluates a part, with the weights as they are or learning on.
fn score(flags: &Flags, session: &Session, part: &Part) -> Result<Score> {
    let Some(rate) = flags.adapt else { return Ok(session.evaluate_part(part, None)?) };
    anyhow::ensure!(
        rate > 0.0 && rate.is_finite(),
        "`--adapt {rate}` is not possible; it is a learning rate above 0, such as 0.1"
    );
    anyhow::ensure!(
        session.model.counting().is_none(),
        "a `{}` that counts has no gradient to adapt by; leave `--adapt` out",
        session.entry.name
    );
    Ok(unless_broken(session.cover(part), |batches| evaluate_adapting(&*session.model, batches, rate))?)
}

/// Adds the metrics of a score under the name of its part.
pub(crate) fn put(summary: &mut Value, session: &Session, split: &str, score: &Score) {
    let loss = score.loss();
    let mut add = |metric: &str, value: Option<f64>| {
        if let Some(value) = value {
            summary[format!("{split}.{metric}")] = json!(value);
        }
    };
    match session.task.unit() {
        LossUnit::NatsPerToken => {
            add("loss_nats_per_token", Some(loss));
            add("perplexity", Some(metric::perplexity(loss)));
            add("bits_per_token", Some(metric::bits(loss)));
        }
        LossUnit::NatsPerExample => add("loss_nats_per_example", Some(loss)),
        LossUnit::SquaredError => add("mean_squared_error", Some(loss)),
    }
    add("top1", score.top1_share());
    add("top5", score.top5_share());
}
