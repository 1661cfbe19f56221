//! A training on the disk: the loop, with its records, evaluations and checkpoints. It can be stopped at any step and goes
//! on with the same bits.

use crate::card::{card, yardsticks};
use crate::recipe::Recipe;
use crate::session::Session;
use crate::{Score, Task, TrainError, checkpoint, probe};
use rushlight_data::PartName;
use rushlight_engine::Rng;
use rushlight_models::decode::{Strategy, Writer};
use rushlight_score as score;
use rushlight_text::Tokenizer;
use rushlight_trace::{
    Done, Evaluation, EventFile, Journal, Observer, Record, RunFolder, RunWriter, Sample, Step, Which,
};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime};

/// About so many steps are recorded, evenly; a long run's file stays small and its loop quick.
const STEPS_RECORDED: u64 = 1000;
/// The training part is evaluated on at most as many targets as this, at the end.
const TRAIN_EVALUATED: usize = 100_000;

/// A training with its folder, whose lock it holds.
pub struct Run {
    /// What is in memory.
    pub session: Session,
    writer: RunWriter,
    journal: Journal,
    events: EventFile,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ending {
    /// Why.
    pub reason: Reason,
    /// The last evaluation on the validation part, with the weights that the run ended with.
    pub validation: Option<Score>,
    /// The same on (at most 100,000 targets of) the training part.
    pub train: Option<Score>,
}

/// Why a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It took all its steps.
    Finished,
    /// The validation loss no longer fell; the best weights are back.
    StoppedEarly,
    /// Somebody asked; it can go on.
    Interrupted,
    /// An observer asked, in these words; it can go on.
    Asked(String),
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Finished => f.write_str("finished"),
            Self::StoppedEarly => f.write_str("stopped early: the validation loss no longer fell"),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Asked(why) => f.write_str(why),
        }
    }
}

impl Run {
    /// Begins a run in a new folder. `command` is the command line that asked for it.
    ///
    /// # Errors
    /// Whatever [`Session::new`] refuses, a folder that is in use, or weights that do not fit.
    pub fn create(path: &Path, recipe: Recipe, command: &[String]) -> Result<Self, TrainError> {
        let session = Session::new(recipe, None)?;
        crate::init::begin_from(&session)?;
        let writer = RunFolder::create(path, &card(&session, command), &session.recipe.to_toml())?;
        if let Some(tokenizer) = &session.corpus.tokenizer {
            tokenizer.save(&writer.folder().tokenizer_path())?;
        }
        let (journal, events) = (writer.journal()?, writer.events(None)?);
        let mut run = Self { session, writer, journal, events };
        run.describe()?;
        Ok(run)
    }

    /// Opens a run to go on from its last checkpoint.
    ///
    /// # Errors
    /// A folder that is no run or is being written, or a checkpoint that is damaged.
    pub fn resume(path: &Path) -> Result<Self, TrainError> {
        let folder = RunFolder::open(path)?;
        let writer = folder.write()?;
        let mut session = session_of(writer.folder())?;
        crate::init::freeze(&session);
        // Killed before its first checkpoint, a run begins again.
        let checkpoint = if writer.folder().checkpoints()?.is_empty() {
            None
        } else {
            Some(writer.folder().checkpoint(Which::Last)?)
        };
        match &checkpoint {
            Some(checkpoint) => checkpoint::restore(&mut session, checkpoint)?,
            None => crate::init::begin_from(&session)?,
        }
        let step = session.progress.step;
        let (journal, events) = (writer.journal_after(step)?, writer.events(Some(step))?);
        let mut run = Self { session, writer, journal, events };
        if checkpoint.is_none() {
            run.describe()?;
        }
        Ok(run)
    }

    /// Opens a run's best weights (or others) to look at, evaluate or write with; takes no lock.
    ///
    /// # Errors
    /// A folder that is no run, or a checkpoint that is missing or damaged.
    pub fn open(path: &Path, which: Which) -> Result<Session, TrainError> {
        let folder = RunFolder::open(path)?;
        let session = session_of(&folder)?;
        checkpoint::load_weights(&session, &folder.checkpoint(which)?)?;
        Ok(session)
    }

    /// The folder.
    pub fn folder(&self) -> &RunFolder {
        self.writer.folder()
    }

    /// Adds a record of something measured beside the training.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record(&mut self, record: &Record) -> Result<(), TrainError> {
        self.journal.append(record)?;
        self.events.record(record, SystemTime::now())?;
        Ok(())
    }

    /// Trains until the recipe's end, or until `stop` is set or the observer asks. However it ends, there is a checkpoint
    /// to go on from.
    ///
    /// # Errors
    /// When something cannot be written; the last good checkpoint stands.
    pub fn train(&mut self, observer: &mut dyn Observer, stop: &AtomicBool) -> Result<Ending, TrainError> {
        let reason = if self.session.count() { Reason::Finished } else { self.steps(observer, stop)? };
        if matches!(reason, Reason::Finished | Reason::StoppedEarly) {
            return self.finish(reason, observer);
        }
        self.checkpoint()?;
        Ok(Ending { reason, validation: None, train: None })
    }

    fn steps(&mut self, observer: &mut dyn Observer, stop: &AtomicBool) -> Result<Reason, TrainError> {
        let total = self.session.total_steps();
        let train = self.session.recipe.train.clone();
        let record_every = (total / STEPS_RECORDED).max(1);
        let evaluate_every =
            if train.evaluate.every_steps > 0 { train.evaluate.every_steps } else { self.session.steps_per_epoch() };
        let checkpoint_every =
            if train.checkpoint.every_steps > 0 { train.checkpoint.every_steps } else { evaluate_every };
        let mut feed = self.session.feed();
        let mut since = Since::now(&self.session, 0.0);
        while self.session.progress.step < total {
            if stop.load(Ordering::Relaxed) {
                return Ok(Reason::Interrupted);
            }
            let start = Instant::now();
            let parts: Vec<_> = (0..train.accumulate).map(|_| feed.next()).collect();
            let due = |every: u64| every > 0 && (self.session.progress.step + 1).is_multiple_of(every);
            let (watch, record) = (due(train.watch_every_steps), due(record_every) || self.session.progress.step == 0);
            let (report, rate) = self.session.step(&parts, watch);
            self.session.progress.seconds += start.elapsed().as_secs_f64();
            let step = self.session.progress.step;
            let mut asked = ControlFlow::Continue(());
            if record || !report.loss.is_finite() {
                let (tokens_per_second, wait_seconds) = since.until(&self.session, feed.waited_seconds());
                let progress = &self.session.progress;
                let step = Record::Step(Step {
                    step,
                    tokens: progress.tokens,
                    seconds: progress.seconds,
                    loss: report.loss,
                    unit: self.session.task.unit(),
                    learning_rate: f64::from(rate),
                    gradient_norm: report.gradient_norm,
                    tokens_per_second,
                    wait_seconds,
                });
                asked = self.tell(observer, &step)?;
            }
            for record in &report.watched {
                self.record(record)?;
            }
            if step.is_multiple_of(evaluate_every) && step < total {
                let (score, wants) = self.evaluate(PartName::Validation, train.evaluate.most(), observer)?;
                if wants.is_break() {
                    asked = wants;
                }
                if self.is_better_and_counts(score.loss()) {
                    self.keep_as_best()?;
                } else if train.stop.patience_evaluations > 0
                    && self.session.progress.evaluations_without_gain >= train.stop.patience_evaluations
                {
                    return Ok(Reason::StoppedEarly);
                }
                self.write_samples(observer)?;
            }
            if step.is_multiple_of(checkpoint_every) && step < total {
                self.checkpoint()?;
            }
            if let ControlFlow::Break(why) = asked {
                return Ok(Reason::Asked(why));
            }
        }
        Ok(Reason::Finished)
    }

    /// The last evaluation and checkpoint; after an early stop with the best weights.
    fn finish(&mut self, reason: Reason, observer: &mut dyn Observer) -> Result<Ending, TrainError> {
        if reason == Reason::StoppedEarly {
            checkpoint::load_weights(&self.session, &self.folder().checkpoint(Which::Best)?)?;
        }
        let validation = if self.session.corpus.validation.is_empty() {
            None
        } else {
            Some(self.evaluate(PartName::Validation, None, observer)?.0)
        };
        let train = self.evaluate(PartName::Train, Some(TRAIN_EVALUATED), observer)?.0;
        checkpoint::save(&self.session, &self.writer)?;
        let step = self.session.progress.step;
        if self.is_better_and_counts(validation.unwrap_or(train).loss())
            || self.folder().checkpoint(Which::Best).is_err()
        {
            self.writer.mark_best(step)?;
        }
        self.writer.prune_checkpoints(self.session.recipe.train.checkpoint.keep)?;
        self.write_samples(observer)?;
        let progress = &self.session.progress;
        let done = Record::Done(Done {
            reason: reason.to_string(),
            steps: progress.step,
            tokens: progress.tokens,
            seconds: progress.seconds,
        });
        let _ = self.tell(observer, &done)?;
        self.journal.sync()?;
        Ok(Ending { reason, validation, train: Some(train) })
    }

    fn tell(&mut self, observer: &mut dyn Observer, record: &Record) -> Result<ControlFlow<String>, TrainError> {
        self.record(record)?;
        Ok(observer.observe(record))
    }

    fn evaluate(
        &mut self,
        name: PartName,
        most: Option<usize>,
        observer: &mut dyn Observer,
    ) -> Result<(Score, ControlFlow<String>), TrainError> {
        let score = self.session.evaluate(name, most);
        if name == PartName::Validation {
            self.session.schedule.observe(self.session.progress.step, score.loss());
        }
        let asked = self.tell(observer, &Record::Evaluation(evaluation(&self.session, name.name(), &score)))?;
        Ok((score, asked))
    }

    /// Whether this validation loss is the best so far; counts evaluations in vain, on the smoothed loss.
    fn is_better_and_counts(&mut self, loss: f64) -> bool {
        let stop = &self.session.recipe.train.stop;
        let (least_gain, kept) = (f64::from(stop.least_gain), f64::from(stop.smoothing));
        let progress = &mut self.session.progress;
        let (smoothed, least) = match progress.smoothed {
            Some((smoothed, least)) => (kept * smoothed + (1.0 - kept) * loss, least),
            None => (loss, f64::INFINITY),
        };
        let gained = smoothed < least - least_gain;
        progress.evaluations_without_gain = if gained { 0 } else { progress.evaluations_without_gain + 1 };
        progress.smoothed = Some((smoothed, if gained { smoothed } else { least }));
        let is_best = progress.best.is_none_or(|(best, _)| loss < best);
        if is_best {
            progress.best = Some((loss, progress.step));
        }
        is_best
    }

    fn keep_as_best(&mut self) -> Result<(), TrainError> {
        let step = checkpoint::save(&self.session, &self.writer)?.step;
        self.writer.mark_best(step)?;
        Ok(())
    }

    fn checkpoint(&mut self) -> Result<(), TrainError> {
        let step = self.session.progress.step;
        checkpoint::save(&self.session, &self.writer)?;
        if self.folder().checkpoint(Which::Best).is_err() {
            self.writer.mark_best(step)?;
        }
        self.writer.prune_checkpoints(self.session.recipe.train.checkpoint.keep)?;
        self.journal.sync()?;
        Ok(())
    }

    fn write_samples(&mut self, observer: &mut dyn Observer) -> Result<(), TrainError> {
        let config = &self.session.recipe.train.evaluate;
        let (samples, tokens) = (config.samples, config.sample_tokens);
        for index in 0..samples {
            let Some(sample) = sample(&self.session, index as u64, tokens) else { return Ok(()) };
            let _ = self.tell(observer, &Record::Sample(sample))?;
        }
        Ok(())
    }

    /// What can be said before the first step: the yardsticks of the data and the shape of the model.
    fn describe(&mut self) -> Result<(), TrainError> {
        if let Some(yardsticks) = yardsticks(&self.session) {
            self.record(&Record::Yardsticks(yardsticks))?;
        }
        let shape = probe::shape(&*self.session.model, &self.session.example_input());
        self.record(&Record::Shape(shape))
    }
}

/// The session that a run's folder describes, with fresh weights.
fn session_of(folder: &RunFolder) -> Result<Session, TrainError> {
    let recipe = Recipe::parse(&folder.recipe()?, &folder.recipe_path().display().to_string(), &[])?;
    let tokenizer =
        if folder.tokenizer_path().exists() { Some(Tokenizer::load(&folder.tokenizer_path())?) } else { None };
    Session::new(recipe, tokenizer)
}

/// An evaluation as a record.
pub fn evaluation(session: &Session, split: &str, score: &Score) -> Evaluation {
    let progress = &session.progress;
    let loss = score.loss();
    Evaluation {
        step: progress.step,
        tokens: progress.tokens,
        seconds: progress.seconds,
        split: split.to_owned(),
        loss,
        unit: session.task.unit(),
        perplexity: (session.task == Task::Language).then(|| score::perplexity(loss)),
        top1: score.top1_share(),
        top5: score.top5_share(),
    }
}

/// Something the model writes from nothing, by its probabilities; none for a model that does not write.
fn sample(session: &Session, index: u64, tokens: usize) -> Option<Sample> {
    let (generator, tokenizer) = (session.model.generator()?, session.corpus.tokenizer.as_ref()?);
    let boundary = tokenizer.boundary();
    let start = boundary.or_else(|| tokenizer.id("\n")).unwrap_or(0);
    let mut writer =
        Writer::new(generator, &[start], Strategy::SAMPLE, Rng::new(session.recipe.train.seed).fork(2).fork(index));
    let mut written = Vec::with_capacity(tokens);
    while written.len() < tokens {
        match writer.write() {
            token if Some(token) == boundary => break,
            token => written.push(token),
        }
    }
    Some(Sample {
        step: session.progress.step,
        prompt: String::new(),
        text: tokenizer.decode(&written),
        strategy: "sample, temperature 1".into(),
    })
}

/// What has passed since the last record.
struct Since {
    tokens: u64,
    seconds: f64,
    waited: f64,
}

impl Since {
    fn now(session: &Session, waited: f64) -> Self {
        Self { tokens: session.progress.tokens, seconds: session.progress.seconds, waited }
    }

    /// Tokens a second and seconds waited since then; from now on it counts anew.
    fn until(&mut self, session: &Session, waited: f64) -> (f64, f64) {
        let now = Self::now(session, waited);
        let rate = (now.tokens - self.tokens) as f64 / (now.seconds - self.seconds).max(1e-9);
        let wait = now.waited - self.waited;
        *self = now;
        (rate, wait)
    }
}
