//! `[train]`: how long, in what portions, how fast, and what happens on the way. What the loss is follows from the data.

use super::members::Member;
use super::reader::Fault;
use super::source::{Side, Source};
use super::words::found;
use super::{RecipeError, members};
use crate::Forcing;
use rushlight_nn::clip::Clip;
use rushlight_nn::schedules::Span;
use rushlight_nn::{optimizers, schedules};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a model is trained. The one long table: each of its fields is a number that papers state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainConfig {
    /// How many optimizer steps; 0 where `epochs` says how long.
    #[serde(skip_serializing_if = "is_zero")]
    pub steps: u64,
    /// How many passes over the training part; 0 where `steps` says how long.
    #[serde(skip_serializing_if = "is_zero")]
    pub epochs: u64,
    /// How many rows go through the model at once: windows, lines, contexts or vectors.
    pub batch: usize,
    /// How many tokens a row shows: the window of a text, the context of an MLP, the most tokens of a line.
    pub window: usize,
    /// How many batches make one step; its gradient is that of the one large batch.
    pub accumulate: usize,
    /// What every random number of the run follows from.
    pub seed: u64,
    /// The learning rate that the schedule starts from.
    pub lr: f32,
    /// How gradients are bounded: `"never"`, `{ norm = 1.0 }` or `{ value = 0.5 }`.
    pub clip: Clip,
    /// Label smoothing: the share of each target that is spread over all tokens.
    pub smoothing: f32,
    /// How much of what a decoder reads is the reference's; only for what translates.
    pub teacher_forcing: ForcingConfig,
    /// After how many steps the model is looked at from inside, each time, and at the first; 0 for the few looks
    /// that `watch` in `[doctor]` asks for.
    pub watch_every_steps: u64,
    /// What moves the weights.
    pub optimizer: Member,
    /// How the learning rate changes.
    pub schedule: Member,
    /// When the validation part is gone through.
    pub evaluate: EvaluateConfig,
    /// When to stop early.
    pub stop: StopConfig,
    /// When the run is saved.
    pub checkpoint: CheckpointConfig,
    /// Which weights to begin with.
    pub init: InitConfig,
    /// Which lines are left out for what they say.
    pub safety: SafetyConfig,
}

/// How long a training lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Optimizer steps.
    Steps(u64),
    /// Passes over the training part.
    Epochs(u64),
}

/// When the validation part (the training part, where there is no other) is gone through, and what is shown then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EvaluateConfig {
    /// After how many steps, each time; 0 for the end of each epoch. The end of the run is evaluated always.
    pub every_steps: u64,
    /// How many targets are gone through on the way; 0 for all. The end of the run goes through all always.
    pub targets: usize,
    /// How many sentences a translator translates each time, to take BLEU of; 0 for none.
    pub bleu_sentences: usize,
    /// How many texts the model writes each time; a translator translates so many.
    pub samples: usize,
    /// How many tokens each of them has at most.
    pub sample_tokens: usize,
}

/// When to stop early; the best weights come back then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StopConfig {
    /// How many evaluations in a row may fail to be better; 0 never stops early.
    pub patience_evaluations: u64,
    /// By how much the validation loss must fall below the best one to be better.
    pub least_gain: f32,
    /// How much of the smoothed loss so far stays when a new one comes; 0 takes each loss as it is.
    pub smoothing: f32,
}

/// When the run is saved; its best and its last state always are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CheckpointConfig {
    /// After how many steps, each time; 0 for each evaluation.
    pub every_steps: u64,
    /// How many of the latest are kept.
    pub keep: usize,
    /// How many of the latest, the end of the run among them, are averaged into its last weights (Vaswani 2017, section
    /// 6.1); 1 for the end alone.
    pub average: usize,
}

/// How much of what a decoder reads, while it learns to translate, is the reference's; the rest it writes itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ForcingConfig {
    /// The share at the first step: 1 is teacher forcing, 0 free running.
    pub start: f32,
    /// The share at the last step; between them it changes linearly (scheduled sampling).
    pub end: f32,
}

/// Which weights to begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InitConfig {
    /// The folder of the run whose best weights to take; empty for a fresh start.
    pub run: String,
    /// Names of parameters that stay as they are; `*` stands for any letters: `"embed.*"`.
    pub freeze: Vec<String>,
}

/// Which lines are left out for what they say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SafetyConfig {
    /// The folder of a run that understands sentences and knows which are toxic; empty leaves all in.
    pub judge: String,
    /// What it calls those.
    pub toxic: String,
    /// From which probability on a line is held for toxic; from 0 to 1.
    pub threshold: f64,
    /// The share of toxic lines that stay all the same, drawn by the seed; 0 drops them all.
    pub keep: f32,
}

impl TrainConfig {
    /// How long.
    pub fn length(&self) -> Length {
        if self.epochs > 0 { Length::Epochs(self.epochs) } else { Length::Steps(self.steps) }
    }
}

impl ForcingConfig {
    /// Over so many steps.
    pub(crate) fn over(&self, steps: u64) -> Forcing {
        Forcing { start: self.start, end: self.end, steps }
    }
}

impl Default for ForcingConfig {
    fn default() -> Self {
        Self { start: 1.0, end: 1.0 }
    }
}

impl EvaluateConfig {
    /// The most targets that are gone through on the way, if there is such a bound.
    pub fn most(&self) -> Option<usize> {
        (self.targets > 0).then_some(self.targets)
    }
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            steps: 0,
            epochs: 0,
            batch: 32,
            window: 64,
            accumulate: 1,
            seed: 0,
            lr: 1e-3,
            clip: Clip::Never,
            smoothing: 0.0,
            teacher_forcing: ForcingConfig::default(),
            watch_every_steps: 0,
            optimizer: Member::named("adamw"),
            schedule: Member::named("constant"),
            evaluate: EvaluateConfig::default(),
            stop: StopConfig::default(),
            checkpoint: CheckpointConfig::default(),
            init: InitConfig::default(),
            safety: SafetyConfig::default(),
        }
    }
}

impl Default for EvaluateConfig {
    fn default() -> Self {
        Self { every_steps: 0, targets: 0, bleu_sentences: 200, samples: 3, sample_tokens: 200 }
    }
}

impl Default for StopConfig {
    fn default() -> Self {
        Self { patience_evaluations: 0, least_gain: 0.0, smoothing: 0.0 }
    }
}

impl Default for CheckpointConfig {
    fn default() -> Self {
        Self { every_steps: 0, keep: 2, average: 1 }
    }
}

impl Default for SafetyConfig {
    fn default() -> Self {
        Self { judge: String::new(), toxic: "toxic".into(), threshold: 0.5, keep: 0.0 }
    }
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Reads `[train]` and holds every number to its range.
pub(super) fn read(source: &Source) -> Result<TrainConfig, RecipeError> {
    if let Some(value @ Value::Number(number)) = source.get("train.clip") {
        let help = format!("it is \"never\", {{ norm = {number} }} or {{ value = {number} }}");
        return Err(source.error(("train.clip", Side::Value), "`clip` in [train]", found(value), help));
    }
    let default = TrainConfig::default();
    let optimizer = members::read(source, "train.optimizer", &members::OPTIMIZERS, Some(&default.optimizer.kind))?;
    let schedule = members::read(source, "train.schedule", &members::SCHEDULES, Some(&default.schedule.kind))?;
    let refuse = |fault: Fault| source.refuse(fault, "train", "[train]", &[]);
    let read = TrainConfig::deserialize(source.reader("train", &[])).map_err(refuse)?;
    let config = TrainConfig { optimizer, schedule, ..read };
    ranges(source, &config)?;
    length(source, &config)?;
    parts(source, &config)?;
    Ok(config)
}

fn ranges(source: &Source, config: &TrainConfig) -> Result<(), RecipeError> {
    let TrainConfig {
        batch, window, accumulate, lr, clip, smoothing, teacher_forcing, stop, checkpoint, safety, ..
    } = config;
    let share = |number: f32| (0.0..1.0).contains(&number);
    let must = |fits: bool, at: &str, help: &str| if fits { Ok(()) } else { Err(out_of_range(source, at, help)) };
    must(*batch > 0, "train.batch", "it must be at least 1")?;
    must(*window > 0, "train.window", "it must be at least 1")?;
    must(*accumulate > 0, "train.accumulate", "it must be at least 1")?;
    must(*lr > 0.0 && lr.is_finite(), "train.lr", "it must be above 0, such as 0.001")?;
    must(share(*smoothing), "train.smoothing", "it must be at least 0 and below 1, such as 0.1")?;
    match *clip {
        Clip::Norm(limit) => {
            must(limit > 0.0, "train.clip.norm", "it must be above 0; \"never\" switches clipping off")?
        }
        Clip::Value(limit) => {
            must(limit > 0.0, "train.clip.value", "it must be above 0; \"never\" switches clipping off")?
        }
        Clip::Never => {}
    }
    must(stop.least_gain >= 0.0, "train.stop.least_gain", "it must be at least 0")?;
    must(share(stop.smoothing), "train.stop.smoothing", "it must be at least 0 and below 1")?;
    let is_share = |number: f32| (0.0..=1.0).contains(&number);
    must(is_share(teacher_forcing.start), "train.teacher_forcing.start", "it must be a share, from 0 to 1")?;
    must(is_share(teacher_forcing.end), "train.teacher_forcing.end", "it must be a share, from 0 to 1")?;
    must(is_share(safety.threshold as f32), "train.safety.threshold", "it must be a probability, from 0 to 1")?;
    must(is_share(safety.keep), "train.safety.keep", "it must be a share, from 0 to 1")?;
    must(checkpoint.keep > 0, "train.checkpoint.keep", "it must be at least 1, so that the run can be resumed")?;
    must(
        checkpoint.average > 0,
        "train.checkpoint.average",
        "it must be at least 1, which is the end of the run alone",
    )?;
    let kept =
        format!("it must be at most `keep`, which is {}, for only what is kept can be averaged", checkpoint.keep);
    must(checkpoint.average <= checkpoint.keep, "train.checkpoint.average", &kept)
}

fn length(source: &Source, config: &TrainConfig) -> Result<(), RecipeError> {
    const EITHER: &str = "write one of them: `steps` counts updates, `epochs` passes over the training part";
    for at in ["train.steps", "train.epochs"] {
        if source.get(at).and_then(Value::as_u64) == Some(0) {
            return Err(out_of_range(source, at, "it must be at least 1"));
        }
    }
    match (config.steps, config.epochs) {
        (0, 0) => Err(source.error(("train", Side::Key), "[train]", "has neither `steps` nor `epochs`", EITHER)),
        (_, 0) | (0, _) => Ok(()),
        _ => Err(source.error(("train.epochs", Side::Key), "`epochs` in [train]", "stands beside `steps`", EITHER)),
    }
}

/// The settings of optimizer and schedule know their own ranges: they are made once, to see whether they can be.
fn parts(source: &Source, config: &TrainConfig) -> Result<(), RecipeError> {
    let TrainConfig { optimizer, schedule, .. } = config;
    let entry = optimizers::ALL.iter().find(|entry| entry.name == optimizer.kind).expect("an optimizer of the list");
    (entry.build)(&optimizer.settings()).map_err(|error| members::refuse(source, "train.optimizer", error))?;
    let entry = schedules::ALL.iter().find(|entry| entry.name == schedule.kind).expect("a schedule of the list");
    let span = Span { base_rate: f64::from(config.lr), total_steps: config.steps.max(1) };
    (entry.build)(&schedule.settings(), span).map_err(|error| members::refuse(source, "train.schedule", error))?;
    Ok(())
}

fn out_of_range(source: &Source, at: &str, help: &str) -> RecipeError {
    let (table, key) = at.rsplit_once('.').expect("a key in a table");
    let value = found(source.get(at).unwrap_or(&Value::Null));
    source.error((at, Side::Value), format!("`{key}` in [{table}]"), value, help)
}
