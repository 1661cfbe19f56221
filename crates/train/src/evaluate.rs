//! Evaluation: every target of a part once, without smoothing, dropout or gradient.

use crate::faults::{Fault, Put};
use crate::step::forward;
use crate::{Prepared, Targets, TrainError};
use rushlight_data::{DataError, IGNORE};
use rushlight_engine::{CrossEntropy, Ids, Reduction, Rng, Tensor, cross_entropy, no_grad};
use rushlight_models::{Input, Model};
use rushlight_nn::{Context, Mode};
use rushlight_score::rank;

/// How many tokens are read at once: enough to keep all cores busy, and few enough for the cache; fewer where their logits
/// would be more than 32 MB.
pub(crate) fn tokens_together(vocabulary: usize) -> usize {
    const TOKENS: usize = 4096;
    const LOGITS: usize = 8 << 20;
    TOKENS.min(LOGITS / vocabulary.max(1)).max(1)
}

/// The sums of an evaluation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// The sum of losses: nats, or squared errors.
    pub loss_sum: f64,
    /// How many targets counted.
    pub counted: usize,
    /// Right first guesses; none for numbers.
    pub top1: Option<u64>,
    /// Targets among the first five guesses; none for numbers.
    pub top5: Option<u64>,
    /// Sentences of which the intent and each word's tag are right first guesses; none where nothing is understood.
    pub whole: Option<u64>,
}

impl Score {
    /// The mean loss; no number where nothing counted.
    pub fn loss(&self) -> f64 {
        self.loss_sum / self.counted as f64
    }

    /// The share of right first guesses.
    pub fn top1_share(&self) -> Option<f64> {
        self.top1.map(|hits| hits as f64 / self.counted.max(1) as f64)
    }

    /// The share of targets among the first five guesses.
    pub fn top5_share(&self) -> Option<f64> {
        self.top5.map(|hits| hits as f64 / self.counted.max(1) as f64)
    }

    /// What the best checkpoint has least of: the mean loss, or, where sentences are understood, the share that is not all right.
    /// There the loss still climbs while the answers get better: the model grows surer of its mistakes too, which the temperature
    /// takes back later.
    pub(crate) fn badness(&self) -> f64 {
        self.whole.map_or_else(|| self.loss(), |right| 1.0 - right as f64 / self.counted.max(1) as f64)
    }

    pub(crate) fn add(&mut self, output: &Tensor, targets: &Targets) {
        match targets {
            Targets::Labels(labels) => {
                self.loss_sum += f64::from(targets.loss_sum(output, 0.0).item());
                let (intents, tags) = labels.apart(output);
                self.add_ranks(&intents, &labels.intents);
                *self.whole.get_or_insert(0) += labels.all_right(&intents, &tags);
            }
            Targets::Classes(ids) => {
                let how = CrossEntropy { reduction: Reduction::None, ..CrossEntropy::default() };
                let losses = cross_entropy(output, ids, &how);
                self.loss_sum += losses.data().iter().map(|&loss| f64::from(loss)).sum::<f64>();
                self.add_ranks(output, ids);
            }
            Targets::Values(values) => {
                let squares = output.data().iter().zip(values.data()).map(|(a, b)| f64::from(a - b).powi(2));
                self.loss_sum += squares.sum::<f64>();
            }
        }
        self.counted += targets.counted();
    }

    fn add_ranks(&mut self, output: &Tensor, targets: &Ids) {
        let (top1, top5) = (self.top1.get_or_insert(0), self.top5.get_or_insert(0));
        for (logits, &target) in output.data().chunks_exact(output.width()).zip(targets.data()) {
            if target != IGNORE {
                let place = rank(logits, target as usize);
                *top1 += u64::from(place < 1);
                *top5 += u64::from(place < 5);
            }
        }
    }
}

/// What `work` makes of batches, unless one of them could not be read.
///
/// # Errors
/// The first thing that was wrong with the data.
pub fn unless_broken<T>(
    batches: impl Iterator<Item = Result<Prepared, DataError>>,
    work: impl FnOnce(&mut dyn Iterator<Item = Prepared>) -> T,
) -> Result<T, TrainError> {
    let mut broken = None;
    let made = work(&mut batches.map_while(|batch| batch.map_err(|error| broken = Some(error)).ok()));
    broken.map_or(Ok(made), |error| Err(error.into()))
}

/// Evaluates `model` over `batches`, with what is wrong on purpose; batches that are not fresh go on from the state of those
/// before.
pub fn evaluate(model: &dyn Model, fault: Option<&dyn Fault>, batches: impl IntoIterator<Item = Prepared>) -> Score {
    no_grad(|| {
        let (mut score, mut memory) = (Score::default(), None);
        for (number, batch) in batches.into_iter().enumerate() {
            // A batch too small for the statistics of training is read as it should be.
            let can_train = batch.rows() >= model.least_rows();
            let mode = fault.filter(|_| can_train).map_or(Mode::Evaluate, |fault| fault.evaluates_in());
            let mut sites = Put { fault, mode, behind: None };
            let mut cx = Context::train(Rng::new(number as u64));
            cx.mode = mode;
            let output = forward(model, &mut cx.watched(&mut sites), &batch, &mut memory);
            score.add(&output, &batch.targets);
            // Without tags a sentence is all right where its intent is.
            if matches!((&batch.input, &batch.targets), (Input::Sentences(..), Targets::Classes(_))) {
                score.whole = score.top1;
            }
        }
        score
    })
}
