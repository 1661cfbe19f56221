//! Tasks: what is compared with a model's output, and how. A batch of plain ids or rows becomes tensors here.

use rushlight_data::{Batch, Batching, Grid, IGNORE, Lists, Padded, VectorBatch};
use rushlight_engine::{Bags, CrossEntropy, Ids, Reduction, Tensor, cross_entropy};
use rushlight_models::{Input, Source};
use rushlight_score::rank;
use rushlight_trace::LossUnit;

/// What a model is trained for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// The next token, by cross-entropy.
    Language,
    /// The next token of a translation, by cross-entropy.
    Translation,
    /// What a sentence wants and what its words are, by cross-entropy; where words are named, that of the intent and the mean
    /// of those of the words.
    Understanding,
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
            Self::Understanding => "understanding",
            Self::Classification => "classification",
            Self::Regression => "regression",
        }
    }

    /// What its loss is counted in.
    pub fn unit(self) -> LossUnit {
        match self {
            Self::Language | Self::Translation => LossUnit::NatsPerToken,
            Self::Understanding | Self::Classification => LossUnit::NatsPerExample,
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
    /// For each sentence its intent and the tags of its words.
    Labels(Labels),
    /// Numbers [N, O].
    Values(Tensor),
}

/// The intent of each sentence, and the tag of each of its words: what answers [B, I + T S] are compared with.
#[derive(Clone, Debug)]
pub struct Labels {
    /// \[B\].
    pub intents: Ids,
    /// [B, T]; [`IGNORE`] where there is padding.
    pub tags: Ids,
    /// S, how many tags there are.
    pub kinds: usize,
}

impl Labels {
    /// The answers for the intents [B, I], and for the tags [B, T, S].
    pub(crate) fn apart(&self, answers: &Tensor) -> (Tensor, Tensor) {
        let &[rows, places] = &**self.tags.shape() else { panic!("labels: tags [B, T]") };
        let of_tags = places * self.kinds;
        let intents = answers.width() - of_tags;
        let tags = answers.narrow(1, intents, of_tags).reshape(&[rows, places, self.kinds]);
        (answers.narrow(1, 0, intents), tags)
    }

    /// How many sentences have the right intent and the right tag of each word, each the likeliest by itself.
    pub(crate) fn all_right(&self, intents: &Tensor, tags: &Tensor) -> u64 {
        let is_right = |logits: &[f32], target: u32| target == IGNORE || rank(logits, target as usize) == 0;
        let places = self.tags.shape().width();
        let of_row = |(row, logits): (usize, &[f32])| {
            let words = self.tags.data().iter().enumerate().skip(row * places).take(places);
            let tagged = |word: usize| &tags.data()[word * self.kinds..][..self.kinds];
            is_right(logits, self.intents.data()[row])
                && (self.kinds == 0 || words.into_iter().all(|(word, &tag)| is_right(tagged(word), tag)))
        };
        intents.data().chunks_exact(intents.width()).enumerate().filter(|&row| of_row(row)).count() as u64
    }

    /// The share of each word in the loss of its sentence, [B, T].
    fn shares(&self) -> Tensor {
        let places = self.tags.shape().width();
        let mut shares = Tensor::zeros(self.tags.shape());
        for (shares, tags) in shares.data_mut().chunks_exact_mut(places).zip(self.tags.data().chunks_exact(places)) {
            let count = tags.iter().filter(|&&tag| tag != IGNORE).count();
            shares.fill(1.0 / count.max(1) as f32);
        }
        shares
    }

    /// The loss of each sentence, summed.
    fn loss_sum(&self, answers: &Tensor, smoothing: f32) -> Tensor {
        let (intents, tags) = self.apart(answers);
        let of = |reduction| CrossEntropy { smoothing, reduction, ..CrossEntropy::default() };
        let of_words = cross_entropy(&tags, &self.tags, &of(Reduction::None)); // [B, T], 0 where there is padding
        cross_entropy(&intents, &self.intents, &of(Reduction::Sum)) + (of_words * &self.shares()).sum()
    }
}

impl Targets {
    /// How many targets count: tokens, examples, sentences, or numbers.
    pub fn counted(&self) -> usize {
        match self {
            Self::Classes(ids) | Self::Labels(Labels { intents: ids, .. }) => {
                ids.data().iter().filter(|&&id| id != IGNORE).count()
            }
            Self::Values(values) => values.count(),
        }
    }

    /// How many there are, whether they count or not.
    pub fn count(&self) -> usize {
        match self {
            Self::Classes(ids) | Self::Labels(Labels { intents: ids, .. }) => ids.data().len(),
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
            Self::Labels(labels) => labels.loss_sum(output, smoothing),
            Self::Values(values) => (output - values).square().sum(),
        }
    }
}

impl Prepared {
    /// From a batch of ids that was made in the way of `batching`.
    pub fn from_ids(batch: Batch, batching: Batching) -> Self {
        if let (Batching::Utterances { tags }, Some(spelling)) = (batching, &batch.spelling) {
            return Self::from_sentences(&batch, spelling, tags);
        }
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

    fn from_sentences(batch: &Batch, spelling: &Lists, tags: Option<usize>) -> Self {
        let source = Source { ids: ids_of(batch.inputs.clone()), lengths: batch.lengths.clone() };
        let spelling = Bags::new((0..spelling.ends.len()).map(|place| spelling.get(place)));
        let (rows, each) = (batch.targets.rows, batch.targets.cols);
        let of_rows = |of: fn(&[u32]) -> &[u32]| {
            (0..rows).flat_map(|row| of(batch.targets.row(row)).to_vec()).collect::<Vec<u32>>()
        };
        let intents = Ids::new(&[rows], of_rows(|row| &row[..1]));
        let targets = match tags {
            None => Targets::Classes(intents),
            Some(kinds) => {
                let tags = Ids::new(&[rows, each - 1], of_rows(|row| &row[1..]));
                Targets::Labels(Labels { intents, tags, kinds })
            }
        };
        Self { input: Input::Sentences(source, spelling), targets, goes_on: GoesOn::Never }
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
            Input::Sentences(source, _) => source.rows(),
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
