//! A training on the disk: the loop, with its records, evaluations and checkpoints. It can be stopped at any step and goes
//! on with the same bits.

use crate::card::{card, yardsticks};
use crate::opening::{last_checkpoint, session_of, write_known};
use crate::recipe::Recipe;
use crate::samples::samples;
use crate::session::Session;
use crate::{Score, Task, TrainError, checkpoint, probe};
use rushlight_data::PartName;
use rushlight_models::beam::Beam;
use rushlight_score as score;
use rushlight_trace::{
    Done, Evaluation, EventFile, Journal, LossUnit, Observer, Record, RunFolder, RunWriter, Step, Which,
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
    /// The step whose checkpoint holds what is in memory.
    saved_at: Option<u64>,
    /// Whether its end stands in its records.
    is_done: bool,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ending {
    /// Why.
    pub reason: Reason,
    /// The last evaluation on the validation part, with the weights that the run ended with.
    pub validation: Option<Score>,
    /// The same on the training part: on 100,000 of its targets at most, on all where there is no validation part.
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
        let session = Session::begun(recipe)?;
        let writer = RunFolder::create(path, &card(&session, command)?, &session.recipe.to_toml())?;
        let (journal, events) = (writer.journal()?, writer.events(None)?);
        let mut run = Self { session, writer, journal, events, saved_at: None, is_done: false };
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
        let checkpoint = last_checkpoint(writer.folder())?;
        let ended = Journal::read(&writer.folder().metrics_path())?.iter().any(|r| matches!(r, Record::Done(_)));
        let records = match &checkpoint {
            Some(checkpoint) => checkpoint::restore(&mut session, checkpoint)?,
            None if ended => {
                return Err(TrainError::Unfit(format!(
                    "{} has come to its end, but its checkpoints are gone; put the folder `checkpoints` back, or train it \
                     again in another folder",
                    path.display()
                )));
            }
            None => {
                crate::init::begin_from(&session)?;
                0
            }
        };
        let is_done = ended && session.is_over();
        let journal = if is_done { writer.journal()? } else { writer.journal_after(records)? };
        let events = writer.events(Some(session.progress.step))?;
        let saved_at = checkpoint.as_ref().map(|checkpoint| checkpoint.step);
        let mut run = Self { session, writer, journal, events, saved_at, is_done };
        if checkpoint.is_none() {
            run.describe()?;
        }
        Ok(run)
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

    /// Trains until the recipe's end, or until `stop` is set or the observer asks. However it ends, it can go on from its
    /// last good checkpoint: the present step's, unless weights have become what is no number.
    ///
    /// # Errors
    /// When something cannot be written; the last good checkpoint stands.
    pub fn train(&mut self, observer: &mut dyn Observer, stop: &AtomicBool) -> Result<Ending, TrainError> {
        let reason = if self.session.count()? { Reason::Finished } else { self.steps(observer, stop)? };
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
        let (evaluate_every, checkpoint_every) = (self.session.evaluate_every(), self.session.checkpoint_every());
        let watch_every = self.session.watch_every();
        let mut feed = self.session.feed();
        let mut since = Since::now(&self.session);
        while !self.session.is_over() {
            if stop.load(Ordering::Relaxed) {
                return Ok(Reason::Interrupted);
            }
            let (start, waited) = (Instant::now(), feed.waited_seconds());
            let parts = (0..train.accumulate).map(|_| feed.next()).collect::<Result<Vec<_>, _>>()?;
            // The first step, and every so many.
            let step = self.session.progress.step;
            let due = |every: u64| every > 0 && (step == 0 || (step + 1).is_multiple_of(every));
            let (watch, record) = (due(watch_every), due(record_every));
            let (report, rate) = self.session.step(&parts, watch);
            self.session.progress.seconds += start.elapsed().as_secs_f64();
            self.session.progress.wait_seconds += feed.waited_seconds() - waited;
            let step = self.session.progress.step;
            let mut asked = ControlFlow::Continue(());
            if record || !report.loss.is_finite() {
                let (tokens_per_second, wait_seconds) = since.until(&self.session);
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
                let _ = self.tell(observer, record)?;
            }
            if step.is_multiple_of(evaluate_every) && step < total {
                let wants = self.judge(observer)?;
                if wants.is_break() {
                    asked = wants;
                }
            }
            if step.is_multiple_of(checkpoint_every) && step < total {
                self.checkpoint()?;
            }
            if let ControlFlow::Break(why) = asked {
                return Ok(Reason::Asked(why));
            }
        }
        Ok(if self.session.is_stopped_early() { Reason::StoppedEarly } else { Reason::Finished })
    }

    /// An evaluation on the way, and what follows from it.
    fn judge(&mut self, observer: &mut dyn Observer) -> Result<ControlFlow<String>, TrainError> {
        let judged_by = self.session.judged_by();
        let score = self.session.evaluate(judged_by, self.most_on_the_way())?;
        let record = Record::Evaluation(self.evaluated(judged_by, &score)?);
        let asked = self.tell(observer, &record)?;
        self.session.schedule.observe(self.session.progress.step, score.loss());
        let is_best = self.session.progress.is_best(score.badness());
        self.session.progress.count_gain(score.badness(), &self.session.recipe.train.stop);
        self.write_samples(observer)?;
        if is_best {
            self.save(true, self.journal.records())?;
        }
        Ok(asked)
    }

    /// The last evaluation and checkpoint; after an early stop with the best weights. A run that is done is measured again
    /// and left as it is.
    fn finish(&mut self, reason: Reason, observer: &mut dyn Observer) -> Result<Ending, TrainError> {
        // Whoever is killed from here on comes back to before the last records.
        let records = self.journal.records();
        if reason == Reason::StoppedEarly && self.session.progress.best.is_some() && !self.is_done {
            checkpoint::load_weights(&self.session, &self.folder().checkpoint(Which::Best)?)?;
        }
        if reason == Reason::Finished && !self.is_done && !self.session.progress.is_averaged {
            checkpoint::average(&self.session, self.folder())?;
            self.session.progress.is_averaged = true;
        }
        let judged_by = self.session.judged_by();
        let validation =
            (judged_by == PartName::Validation).then(|| self.session.evaluate(judged_by, None)).transpose()?;
        let train = self.session.evaluate(PartName::Train, validation.map(|_| TRAIN_EVALUATED))?;
        let ending = Ending { reason, validation, train: Some(train) };
        if self.is_done {
            return Ok(ending);
        }
        for (name, score) in [(PartName::Validation, ending.validation), (PartName::Train, ending.train)] {
            if let Some(score) = score {
                let record = Record::Evaluation(self.evaluated(name, &score)?);
                let _ = self.tell(observer, &record)?;
            }
        }
        let translates =
            self.session.task == Task::Translation && self.session.recipe.train.evaluate.bleu_sentences > 0;
        if translates && judged_by == PartName::Validation {
            for record in probe::translation(&self.session, judged_by.name(), &self.session.corpus.validation)? {
                let _ = self.tell(observer, &record)?;
            }
        }
        if self.session.task == Task::Understanding && judged_by == PartName::Validation {
            self.session.sureness = self.session.fitted_sureness()?;
            let understood = probe::understanding(&self.session, judged_by.name(), &self.session.corpus.validation)?;
            if let Some(record) = understood {
                let _ = self.tell(observer, &record)?;
            }
        }
        // The best is found among measurements over the same targets.
        let badness = match self.most_on_the_way() {
            None => validation.unwrap_or(train).badness(),
            most => self.session.evaluate(judged_by, most)?.badness(),
        };
        let is_best = self.session.progress.is_best(badness);
        self.save(is_best, records)?;
        self.write_samples(observer)?;
        let progress = &self.session.progress;
        let done = Record::Done(Done {
            reason: ending.reason.to_string(),
            steps: progress.step,
            tokens: progress.tokens,
            seconds: progress.seconds,
            wait_seconds: progress.wait_seconds,
        });
        let _ = self.tell(observer, &done)?;
        self.journal.sync()?;
        self.is_done = true;
        Ok(ending)
    }

    fn tell(&mut self, observer: &mut dyn Observer, record: &Record) -> Result<ControlFlow<String>, TrainError> {
        self.record(record)?;
        Ok(observer.observe(record))
    }

    /// An evaluation as a record; with BLEU, where it is the part that the training is judged by.
    fn evaluated(&self, part: PartName, score: &Score) -> Result<Evaluation, TrainError> {
        let session = &self.session;
        let sentences = session.recipe.train.evaluate.bleu_sentences;
        let wanted = sentences > 0 && session.task == Task::Translation && part == PartName::Validation;
        let translate = || session.translate_part(session.corpus.part(part), Some(sentences), &Beam::greedy());
        let held = wanted.then(translate).transpose()?;
        let bleu = held.map(|held| held.score(&session.bleu()));
        Ok(Evaluation { bleu, ..evaluation(session, part.name(), score) })
    }

    /// How many targets an evaluation on the way goes through.
    fn most_on_the_way(&self) -> Option<usize> {
        let of_train = (self.session.judged_by() == PartName::Train).then_some(TRAIN_EVALUATED);
        self.session.recipe.train.evaluate.most().or(of_train)
    }

    /// Saves what is in memory, unless that was done already, or its weights are no numbers: nothing can go on from those.
    fn checkpoint(&mut self) -> Result<(), TrainError> {
        let is_saved = self.saved_at == Some(self.session.progress.step);
        if is_saved || !self.session.is_finite() { Ok(()) } else { self.save(false, self.journal.records()) }
    }

    /// Saves what is in memory as the checkpoint to go on from, and as the best one if it is that, or there is none.
    /// Who goes on from it keeps the first `records` records.
    fn save(&mut self, is_best: bool, records: u64) -> Result<(), TrainError> {
        // The order is for those who are killed in the middle. Records first: they end where the checkpoint goes on, or
        // behind it. `best` before `last`: a run that goes on from the checkpoint before comes to this best again.
        self.journal.sync()?;
        let step = checkpoint::save(&self.session, records, &self.writer)?.step;
        if is_best || self.folder().checkpoint(Which::Best).is_err() {
            self.writer.mark_best(step)?;
        }
        self.writer.mark_last(step)?;
        self.writer.prune_checkpoints(self.session.recipe.train.checkpoint.keep, self.session.averaged_with())?;
        self.saved_at = Some(step);
        Ok(())
    }

    /// What the model writes.
    fn write_samples(&mut self, observer: &mut dyn Observer) -> Result<(), TrainError> {
        for sample in samples(&self.session)? {
            let _ = self.tell(observer, &Record::Sample(sample))?;
        }
        Ok(())
    }

    /// What can be said before the first step: the tokenizer, the yardsticks of the data and the shape of the model.
    fn describe(&mut self) -> Result<(), TrainError> {
        write_known(&self.session, self.folder())?;
        if let Some(yardsticks) = yardsticks(&self.session)? {
            self.record(&Record::Yardsticks(yardsticks))?;
        }
        let shape = probe::shape(&*self.session.model, &self.session.example_input()?);
        self.record(&Record::Shape(shape))
    }
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
        perplexity: (session.task.unit() == LossUnit::NatsPerToken).then(|| score::perplexity(loss)),
        top1: score.top1_share(),
        top5: score.top5_share(),
        bleu: None,
    }
}

/// What has passed since the last record.
struct Since {
    tokens: u64,
    seconds: f64,
    waited: f64,
}

impl Since {
    fn now(session: &Session) -> Self {
        let progress = &session.progress;
        Self { tokens: progress.tokens, seconds: progress.seconds, waited: progress.wait_seconds }
    }

    /// Tokens a second and seconds waited since then; from now on it counts anew.
    fn until(&mut self, session: &Session) -> (f64, f64) {
        let now = Self::now(session);
        let rate = (now.tokens - self.tokens) as f64 / (now.seconds - self.seconds).max(1e-9);
        let wait = now.waited - self.waited;
        *self = now;
        (rate, wait)
    }
}
