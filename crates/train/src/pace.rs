//! How long a step of a training takes on this machine, so that a training can be cut to a time. Keeps nothing of what it
//! trains.

use crate::{Session, TrainError};
use std::time::Instant;

/// At least so many steps are timed.
const LEAST_STEPS: u64 = 3;

/// Seconds of an optimizer step: the mean of as many as `seconds` hold, after a warm-up of a quarter of that. What a run
/// counts as its seconds is timed here too: the step, and the wait for its batches.
///
/// # Errors
/// Data that are read only now and can no longer be read.
pub fn step_seconds(mut session: Session, seconds: f64) -> Result<f64, TrainError> {
    let mut feed = session.feed();
    let accumulate = session.recipe.train.accumulate;
    let mut mean_of = |seconds: f64| -> Result<f64, TrainError> {
        let (start, mut steps) = (Instant::now(), 0);
        while steps < LEAST_STEPS || start.elapsed().as_secs_f64() < seconds {
            let parts = (0..accumulate).map(|_| feed.next()).collect::<Result<Vec<_>, _>>()?;
            session.step(&parts, false);
            steps += 1;
        }
        Ok(start.elapsed().as_secs_f64() / steps as f64)
    };
    mean_of(seconds / 4.0)?;
    mean_of(seconds)
}
