//! Tasks: what is compared with a model's output, and how. A batch of plain ids or rows becomes tensors here.

use rushlight_data::{Batch, Batching, Grid, IGNORE, Padded, VectorBatch};
use rushlight_engine::{CrossEntropy, Ids, Reduction, Tensor, cross_entropy};
use rushlight_models::{Input, Source};
use rushlight_trace::LossUnit;

/// What a model is trained for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// The next token, by cross-entropy.
    Language,
    /// The next token of a translation, by cross-entropy.
    Translation,
    /// The class of an example, by cross-entropy.
    Classification,
    /// Numbers, by mean squared error.
    Regression,
}

impl Task {
    /// Its name in `run.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Language => "language",
            Self::Translation => "translation",
            Self::Classification => "classification",
            Self::Regression => "regression",
        }
    }

    /// What its loss is counted in.
    pub fn unit(self) -> LossUnit {
        match self {
            Self::Language | Self::Translation => LossUnit::NatsPerToken,
            Self::Classification => LossUnit::NatsPerExample,
            Self::Regression => LossUnit::SquaredError,
        }
    }
}

/// A batch as the model takes it.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// What goes in.
    pub input: Input,
    /// What should come out.
    pub targets: Targets,
    /// Whether it goes on where the batch before ended, with the state that was left there.
    pub goes_on: GoesOn,
}

/// How a batch stands to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoesOn {
    /// Not at all: no state is carried.
    Never,
    /// It begins a stream anew.
    Begins,
    /// It goes on from the state of the batch before.
    Continues,
}

/// What should come out.
#[derive(Clone, Debug)]
pub enum Targets {
    /// A token or class for each place; [`IGNORE`] where none counts.
    Classes(Ids),
    /// Numbers [N, O].
    Values(Tensor),
}

impl Targets {
    /// How many targets count: tokens, examples, or numbers.
    pub fn counted(&self) -> usize {
        match self {
            Self::Classes(ids) => ids.data().iter().filter(|&&id| id != IGNORE).count(),
            Self::Values(values) => values.count(),
        }
    }

    /// How many there are, whether they count or not.
    pub fn count(&self) -> usize {
        match self {
            Self::Classes(ids) => ids.data().len(),
            Self::Values(values) => values.count(),
        }
    }

    /// The sum of the losses of all that counts; `smoothing` as in [`CrossEntropy`].
    pub fn loss_sum(&self, output: &Tensor, smoothing: f32) -> Tensor {
        match self {
            Self::Classes(ids) => {
                let how = CrossEntropy { smoothing, reduction: Reduction::Sum, ..CrossEntropy::default() };
                cross_entropy(output, ids, &how)
            }
            Self::Values(values) => (output - values).square().sum(),
        }
    }
}

impl Prepared {
    /// From a batch of ids that was made in the way of `batching`.
    pub fn from_ids(batch: Batch, batching: Batching) -> Self {
        let (inputs, targets) = (batch.inputs, batch.targets);
        let ids = ids_of(inputs);
        let (input, shape) = match (batch.source, batching) {
            (Some(source), _) => (Input::Pair(source_of(source), ids), vec![targets.rows, targets.cols]),
            (None, Batching::Contexts) => (Input::Contexts(ids), vec![targets.rows]),
            (None, _) => (Input::Ids(ids), vec![targets.rows, targets.cols]),
        };
        let goes_on = match (batching, batch.fresh) {
            (Batching::Stream, true) => GoesOn::Begins,
            (Batching::Stream, false) => GoesOn::Continues,
            _ => GoesOn::Never,
        };
        Self { input, targets: Targets::Classes(Ids::new(&shape, targets.ids)), goes_on }
    }

    /// From a batch of vectors.
    pub fn from_rows(batch: VectorBatch) -> Self {
        let count = batch.rows();
        let rows = Tensor::new(&[count, batch.width], batch.features);
        let targets = match batch.targets {
            rushlight_data::Targets::Classes(classes) => Targets::Classes(Ids::new(&[count], classes)),
            rushlight_data::Targets::Numbers { values, width } => Targets::Values(Tensor::new(&[count, width], values)),
        };
        Self { input: Input::Rows(rows), targets, goes_on: GoesOn::Never }
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        match &self.input {
            Input::Ids(ids) | Input::Contexts(ids) | Input::Pair(_, ids) => ids.shape()[0],
            Input::Rows(rows) => rows.shape()[0],
        }
    }
}

/// Sentences as a translator takes them.
pub(crate) fn source_of(Padded { grid, lengths }: Padded) -> Source {
    Source { ids: ids_of(grid), lengths }
}

fn ids_of(grid: Grid) -> Ids {
    Ids::new(&[grid.rows, grid.cols], grid.ids)
}
