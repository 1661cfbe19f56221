//! The steps of a session, one by one, on batches made here and now. A [`crate::Run`] does the same with records, evaluations
//! and checkpoints, and makes its batches ahead.

use crate::step::take_step;
use crate::{Prepared, Session, StepReport, TrainError};
use rushlight_trace::{Record, Step};
use std::time::Instant;

impl Session {
    /// A training batch by its number, made here and now. A step takes one, or as many as it accumulates.
    ///
    /// # Errors
    /// As [`Session::evaluate`].
    pub fn batch_at(&self, number: u64) -> Result<Prepared, TrainError> {
        Ok(self.source.at(number, self.corpus.batching)?)
    }

    /// Takes the next optimizer step, on batches made here and now. A [`crate::Run`] does the same, with records,
    /// evaluations and checkpoints, and makes its batches ahead.
    ///
    /// # Errors
    /// As [`Session::evaluate`].
    pub fn take_step(&mut self) -> Result<StepReport, TrainError> {
        let parts = self.next_parts()?;
        Ok(self.step(&parts, false).0)
    }

    /// The same, told as a record; with `watch` it is looked at from inside too.
    ///
    /// # Errors
    /// As [`Session::evaluate`].
    pub fn take_recorded_step(&mut self, watch: bool) -> Result<(Step, Vec<Record>), TrainError> {
        let (started, parts) = (Instant::now(), self.next_parts()?);
        let (report, rate) = self.step(&parts, watch);
        self.progress.seconds += started.elapsed().as_secs_f64();
        let progress = &self.progress;
        let told = Step {
            step: progress.step,
            tokens: progress.tokens,
            seconds: progress.seconds,
            loss: report.loss,
            unit: self.task.unit(),
            learning_rate: f64::from(rate),
            gradient_norm: report.gradient_norm,
            tokens_per_second: report.counted as f64 / started.elapsed().as_secs_f64(),
            wait_seconds: 0.0,
        };
        Ok((told, report.watched))
    }

    /// The batches of the next step, made here and now.
    fn next_parts(&self) -> Result<Vec<Prepared>, TrainError> {
        let parts = self.recipe.train.accumulate as u64;
        let first = self.progress.step * parts;
        (first..first + parts).map(|number| self.batch_at(number)).collect()
    }

    /// Takes the next optimizer step on these batches.
    pub(crate) fn step(&mut self, parts: &[Prepared], watch: bool) -> (StepReport, f32) {
        let step = self.progress.step;
        let rate = self.schedule.rate(step);
        let report =
            take_step(&*self.model, &mut *self.optimizer, parts, &mut self.memory, &self.settings, (step, rate), watch);
        self.progress.step += 1;
        self.progress.tokens += report.counted as u64;
        (report, rate)
    }
}
