//! How far a training has come, and whether it still gets anywhere: numbers and what follows from a loss. All of it
//! lies in a checkpoint, so no number that is not finite gets in: JSON has none.

use crate::recipe::StopConfig;
use serde::{Deserialize, Serialize};

/// How far a training has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// Optimizer steps taken.
    pub step: u64,
    /// Training targets seen: tokens, examples or numbers.
    pub tokens: u64,
    /// Seconds of training, without evaluations, over all sittings.
    pub seconds: f64,
    /// How much of that was spent waiting for batches.
    #[serde(default)]
    pub wait_seconds: f64,
    /// The best loss so far on the part that the training is judged by, and at which step; where sentences are understood, the
    /// least share of wrong answers.
    pub best: Option<(f64, u64)>,
    /// Evaluations since there was a gain.
    pub evaluations_without_gain: u64,
    /// The smoothed loss that patience looks at, and its least value so far.
    pub smoothed: Option<(f64, f64)>,
    /// Whether its weights are the average at its end, and no longer those of its last step.
    #[serde(default)]
    pub is_averaged: bool,
}

impl Progress {
    /// The share of the training's time that was spent waiting for batches: 0 where they were always there before.
    pub fn waiting_share(&self) -> f64 {
        if self.seconds > 0.0 { self.wait_seconds / self.seconds } else { 0.0 }
    }

    /// Whether this loss is the best so far, and takes note of it. What is no number never is.
    pub(crate) fn is_best(&mut self, loss: f64) -> bool {
        let is_best = loss.is_finite() && self.best.is_none_or(|(best, _)| loss < best);
        if is_best {
            self.best = Some((loss, self.step));
        }
        is_best
    }

    /// Counts the evaluations in vain, on the smoothed loss.
    pub(crate) fn count_gain(&mut self, loss: f64, stop: &StopConfig) {
        let (least_gain, kept) = (f64::from(stop.least_gain), f64::from(stop.smoothing));
        let smoothed = self.smoothed.map_or(loss, |(smoothed, _)| kept * smoothed + (1.0 - kept) * loss);
        if !smoothed.is_finite() {
            self.evaluations_without_gain += 1;
            return;
        }
        let least = self.smoothed.map_or(f64::INFINITY, |(_, least)| least);
        let gained = smoothed < least - least_gain;
        self.evaluations_without_gain = if gained { 0 } else { self.evaluations_without_gain + 1 };
        self.smoothed = Some((smoothed, if gained { smoothed } else { least }));
    }

    /// Whether there was no gain for as long as patience lasts.
    pub(crate) fn is_stopped_early(&self, stop: &StopConfig) -> bool {
        stop.patience_evaluations > 0 && self.evaluations_without_gain >= stop.patience_evaluations
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After which of these losses patience is at its end.
    fn check(stop: &StopConfig, losses: &[f64], ends_after: Option<usize>) {
        let mut progress = Progress::default();
        let end = losses.iter().position(|&loss| {
            progress.count_gain(loss, stop);
            progress.is_stopped_early(stop)
        });
        assert_eq!(end.map(|index| index + 1), ends_after, "{losses:?}");
    }

    const TWO: StopConfig = StopConfig { patience_evaluations: 2, least_gain: 0.0, smoothing: 0.0 };

    #[test]
    fn patience_counts_evaluations_in_a_row() {
        check(&TWO, &[3.0, 2.0, 2.5, 1.5, 1.6, 1.5, 1.0], Some(6));
        check(&TWO, &[3.0, 2.0, 2.5, 1.5, 1.6, 1.4, 1.3], None);
    }

    #[test]
    fn without_patience_it_never_stops() {
        check(&StopConfig::default(), &[1.0, 2.0, 3.0, 4.0], None);
    }

    #[test]
    fn a_gain_below_the_least_is_none() {
        // 2.9 and 2.8 are below 3 by no more than 0.25 each; with 2.7 the best, 3, is beaten by 0.3.
        check(&StopConfig { least_gain: 0.25, ..TWO }, &[3.0, 2.9, 2.8], Some(3));
        check(&StopConfig { least_gain: 0.25, ..TWO }, &[3.0, 2.9, 2.7, 2.6, 2.5], Some(5));
    }

    #[test]
    fn smoothing_sees_through_one_good_loss() {
        // Half of the old stays: 2, then 3, then 2.25 (1.5 by itself would be a gain).
        check(&StopConfig { smoothing: 0.5, ..TWO }, &[2.0, 4.0, 1.5], Some(3));
        check(&TWO, &[2.0, 4.0, 1.5], None);
    }

    #[test]
    fn what_is_no_number_is_in_vain_and_never_the_best() {
        check(&TWO, &[f64::NAN, f64::INFINITY], Some(2));
        check(&TWO, &[2.0, f64::NAN, 1.0, 0.5], None);
        let mut progress = Progress::default();
        assert!(!progress.is_best(f64::NAN) && progress.is_best(2.0) && !progress.is_best(f64::NAN));
        assert!(progress.is_best(1.0) && !progress.is_best(1.0));
    }

    #[test]
    fn the_share_of_waiting_is_that_of_all_time() {
        let progress = Progress { seconds: 8.0, wait_seconds: 2.0, ..Progress::default() };
        assert_eq!((progress.waiting_share(), Progress::default().waiting_share()), (0.25, 0.0));
    }

    #[test]
    fn it_can_be_written_after_any_loss() {
        let mut progress = Progress::default();
        for loss in [f64::NAN, f64::INFINITY, 2.0, f64::NEG_INFINITY, f64::NAN] {
            progress.is_best(loss);
            progress.count_gain(loss, &TWO);
            let written = serde_json::to_string(&progress).unwrap();
            assert_eq!(serde_json::from_str::<Progress>(&written).unwrap(), progress);
        }
    }
}
