//! The corpus: what a recipe's `[data]` becomes. Knows not how any kind of data is read; `kinds` does.

use std::path::Path;
use std::sync::Arc;

use rushlight_text::{NormalizerConfig, TextError, Tokenizer, TokenizerConfig};
use serde::{Deserialize, Serialize};

use crate::batching::{Batching, Shape, contexts, pairs, rows, stream, utterances, windows};
use crate::{
    Batch, Batches, DataConfig, DataError, IdStream, Labels, Leak, LeftOut, Pairs, Rows, Source, Table, TableBatches,
    Utterances, VectorBatch, vectors,
};

/// Data ready to be batched.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// Text to ids; none for a table, or for ids whose text nobody told. Of pairs, that of the targets.
    pub tokenizer: Option<Tokenizer>,
    /// How many different ids there may be; 0 for a table.
    pub vocabulary: usize,
    /// That of the sources, where pairs have a vocabulary for each side.
    pub source_tokenizer: Option<Tokenizer>,
    /// How many different ids a source may have; 0 where there are no pairs.
    pub source_vocabulary: usize,
    /// To train on.
    pub train: Part,
    /// To choose by.
    pub validation: Part,
    /// To judge by.
    pub test: Part,
    /// How the recipe wants it batched.
    pub batching: Batching,
    /// What was read.
    pub sources: Vec<Source>,
    /// Lines that stand in two parts; of pairs, their sources.
    pub leaks: Vec<Leak>,
    /// Pairs that are not trained on.
    pub left_out: LeftOut,
    /// Parts whose languages seem to be the other way round than those of the training part.
    pub swapped: Vec<PartName>,
}

impl Corpus {
    /// A corpus of no data: what is known of text, or of what may be said of it, by its tokenizers and `labels` alone.
    pub fn of_nothing(data: &DataConfig, tokenizers: Tokenizers, labels: Option<Labels>, translates: bool) -> Self {
        let labels = labels.map(Arc::new);
        let none = || Rows::new(0);
        let nothing = || match &labels {
            Some(labels) => Part::Utterances(Arc::new(Utterances::none(labels, data.spelling()))),
            None if translates => Part::Pairs(Arc::new(Pairs::new(none(), none()))),
            None => Part::Stream(IdStream::default()),
        };
        let has_source = translates || labels.is_some();
        Corpus {
            vocabulary: labels.as_ref().map_or(tokenizers.target.vocab_size(), |labels| labels.intents.len()),
            source_vocabulary: if has_source { tokenizers.of_source().vocab_size() } else { 0 },
            source_tokenizer: tokenizers.source,
            tokenizer: Some(tokenizers.target),
            train: nothing(),
            validation: nothing(),
            test: nothing(),
            batching: match &labels {
                Some(labels) => Batching::Utterances { tags: labels.kinds() },
                None if translates => Batching::Pairs(pairs::Gather::Sentences),
                None => Batching::Windows,
            },
            sources: Vec::new(),
            leaks: Vec::new(),
            left_out: LeftOut::default(),
            swapped: Vec::new(),
        }
    }
}

/// What makes text ids.
#[derive(Clone, Debug)]
pub struct Tokenizers {
    /// For text, and for what is translated into.
    pub target: Tokenizer,
    /// For what is translated from, where it has a vocabulary of its own.
    pub source: Option<Tokenizer>,
}

impl Tokenizers {
    /// The one that reads a source.
    pub fn of_source(&self) -> &Tokenizer {
        self.source.as_ref().unwrap_or(&self.target)
    }
}

impl From<Tokenizer> for Tokenizers {
    fn from(target: Tokenizer) -> Self {
        Tokenizers { target, source: None }
    }
}

/// Opens what `[data]` says. `existing` are the tokenizers of a run that goes on or is looked at; without them, new ones
/// are trained.
///
/// # Errors
/// Files that are missing or no text, settings that cannot be, text that an existing tokenizer does not know.
pub fn open(
    data: &DataConfig,
    tokenizer: &TokenizerConfig,
    normalizer: &NormalizerConfig,
    existing: Option<Tokenizers>,
    seed: u64,
) -> Result<Corpus, DataError> {
    data.open(Making { config: tokenizer, normalizer: *normalizer, existing }, seed)
}

/// Reads another file as one part, the way `[data]` reads its own: for evaluation on text or tables from elsewhere.
/// Text needs the run's tokenizers; a table and utterances need a part of the run, `like` which they are read.
///
/// # Errors
/// As [`open`].
///
/// # Panics
/// If the tokenizers or the part that the kind of data needs is not given.
pub fn open_file(
    data: &DataConfig,
    path: &Path,
    tokenizers: Option<&Tokenizers>,
    like: Option<&Part>,
) -> Result<Part, DataError> {
    data.open_file(path, tokenizers, like)
}

impl Corpus {
    /// The part of that name.
    pub fn part(&self, name: PartName) -> &Part {
        match name {
            PartName::Train => &self.train,
            PartName::Validation => &self.validation,
            PartName::Test => &self.test,
        }
    }

    /// What made its text ids: for [`open_file`], and to open it again.
    pub fn tokenizers(&self) -> Option<Tokenizers> {
        let target = self.tokenizer.clone()?;
        Some(Tokenizers { target, source: self.source_tokenizer.clone() })
    }
}

/// The name of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartName {
    /// To train on.
    Train,
    /// To choose by.
    Validation,
    /// To judge by.
    Test,
}

impl PartName {
    /// All three, in order.
    pub const ALL: [PartName; 3] = [PartName::Train, PartName::Validation, PartName::Test];

    /// As people and records write it.
    pub fn name(self) -> &'static str {
        match self {
            PartName::Train => "train",
            PartName::Validation => "validation",
            PartName::Test => "test",
        }
    }
}

/// Batches that go once through a part.
pub type Covering = Box<dyn Iterator<Item = Result<Batch, DataError>> + Send>;

/// A part of the data. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Part {
    /// One long text.
    Stream(IdStream),
    /// Lines.
    Rows(Arc<Rows>),
    /// Sources and their translations.
    Pairs(Arc<Pairs>),
    /// Sentences with what is to be said of them.
    Utterances(Arc<Utterances>),
    /// Rows of numbers.
    Table(Arc<Table>),
}

impl Part {
    /// How many ids, rows, pairs or table rows.
    pub fn len(&self) -> usize {
        match self {
            Part::Stream(ids) => ids.len(),
            Part::Rows(rows) => rows.len(),
            Part::Pairs(pairs) => pairs.len(),
            Part::Utterances(utterances) => utterances.len(),
            Part::Table(table) => table.all.rows(),
        }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Batches of ids to train on.
    ///
    /// # Errors
    /// If the part is too short for one batch.
    ///
    /// # Panics
    /// If this part cannot be batched that way: `[data]` gives parts and batching that fit.
    pub fn batches(&self, batching: Batching, shape: Shape, seed: u64) -> Result<Arc<dyn Batches>, DataError> {
        shape.check(batching);
        Ok(match (self, batching) {
            (Part::Stream(ids), Batching::Windows) => Arc::new(windows::Windows::new(ids.clone(), shape, seed)?),
            (Part::Stream(ids), Batching::Stream) => Arc::new(stream::Stream::new(ids.clone(), shape)?),
            (Part::Rows(rows), Batching::Rows(padding)) => {
                Arc::new(rows::RowBatches::new(rows.clone(), shape.rows, padding, seed)?)
            }
            (Part::Pairs(pairs), Batching::Pairs(gather)) => {
                Arc::new(pairs::PairBatches::new(pairs.clone(), gather, shape.rows, seed)?)
            }
            (Part::Utterances(sentences), Batching::Utterances { .. }) => {
                Arc::new(utterances::UtteranceBatches::new(sentences.clone(), shape.rows, seed)?)
            }
            (_, Batching::Contexts) => Arc::new(contexts::Contexts::new(self.examples(shape), shape.rows, seed)?),
            _ => self.misfit(batching),
        })
    }

    /// The whole part once, for evaluation: every target counts once. What is wrong with a file that is read only now
    /// comes in its place.
    ///
    /// # Panics
    /// If this part cannot be batched that way.
    pub fn cover(&self, batching: Batching, shape: Shape) -> Covering {
        shape.check(batching);
        match (self, batching) {
            (Part::Stream(ids), Batching::Windows) => Box::new(windows::cover(ids.clone(), shape)),
            (Part::Stream(ids), Batching::Stream) => Box::new(stream::cover(ids.clone(), shape)),
            (Part::Rows(rows), Batching::Rows(padding)) => {
                Box::new(rows::cover(rows.clone(), shape.rows, padding.max_length).map(Ok))
            }
            (Part::Pairs(pairs), Batching::Pairs(gather)) => {
                Box::new(pairs::cover(pairs.clone(), gather, shape.rows).map(Ok))
            }
            (Part::Utterances(sentences), Batching::Utterances { .. }) => {
                Box::new(utterances::cover(sentences.clone(), shape.rows).map(Ok))
            }
            (_, Batching::Contexts) => Box::new(contexts::cover(self.examples(shape), shape.rows)),
            _ => self.misfit(batching),
        }
    }

    /// Batches of a table's rows to train on.
    ///
    /// # Errors
    /// If there are no rows.
    ///
    /// # Panics
    /// If this part is no table.
    pub fn vector_batches(&self, rows: usize, seed: u64) -> Result<Arc<dyn Batches<VectorBatch>>, DataError> {
        Ok(Arc::new(TableBatches::new(self.table(), rows, seed)?))
    }

    /// A table's rows once, for evaluation.
    ///
    /// # Panics
    /// If this part is no table.
    pub fn vector_cover(&self, rows: usize) -> Box<dyn Iterator<Item = VectorBatch> + Send> {
        Box::new(vectors::cover(self.table(), rows))
    }

    /// All ids in a row, lines with a boundary before, between and behind them: what entropies are taken of. Of pairs,
    /// those of the targets, since sources are not foretold; of utterances, their words one after the other.
    ///
    /// # Panics
    /// If this part is a table.
    pub fn id_stream(&self) -> IdStream {
        match self {
            Part::Stream(ids) => ids.clone(),
            Part::Rows(rows) => rows.joined().into(),
            Part::Pairs(pairs) => pairs.targets().joined().into(),
            Part::Utterances(utterances) => utterances.all_words().to_vec().into(),
            Part::Table(_) => panic!("data: {} has no ids to be foretold", self.kind()),
        }
    }

    /// What is learnt to be written, line by line: of rows each, of pairs each target. None where nothing stands alone.
    pub fn lines(&self, tokenizer: &Tokenizer) -> Option<Vec<String>> {
        let rows = match self {
            Part::Rows(rows) => rows,
            Part::Pairs(pairs) => pairs.targets(),
            Part::Stream(_) | Part::Utterances(_) | Part::Table(_) => return None,
        };
        Some((0..rows.len()).map(|row| tokenizer.decode(rows.ids(row))).collect())
    }

    /// The lines with these numbers alone; all, where nothing stands alone.
    #[must_use]
    pub fn pick(&self, numbers: &[usize]) -> Part {
        match self {
            Part::Rows(rows) => Part::Rows(Arc::new(rows.pick(numbers))),
            Part::Pairs(pairs) => Part::Pairs(Arc::new(pairs.pick(numbers))),
            Part::Stream(_) | Part::Utterances(_) | Part::Table(_) => self.clone(),
        }
    }

    fn examples(&self, shape: Shape) -> Arc<contexts::Examples> {
        match self {
            Part::Stream(ids) => Arc::new(contexts::Examples::of_stream(ids.clone(), shape.length)),
            Part::Rows(rows) => Arc::new(contexts::Examples::of_rows(rows, shape.length)),
            Part::Pairs(_) | Part::Utterances(_) | Part::Table(_) => self.misfit(Batching::Contexts),
        }
    }

    fn table(&self) -> Arc<Table> {
        match self {
            Part::Table(table) => table.clone(),
            _ => self.misfit(Batching::Vectors),
        }
    }

    fn misfit(&self, batching: Batching) -> ! {
        panic!("data: {} cannot be batched as {batching:?}", self.kind())
    }

    fn kind(&self) -> &'static str {
        match self {
            Part::Stream(_) => "a stream",
            Part::Rows(_) => "rows",
            Part::Pairs(_) => "pairs",
            Part::Utterances(_) => "utterances",
            Part::Table(_) => "a table",
        }
    }
}

/// How a kind of data gets its tokenizer.
pub(crate) struct Making<'a> {
    pub(crate) config: &'a TokenizerConfig,
    pub(crate) normalizer: NormalizerConfig,
    pub(crate) existing: Option<Tokenizers>,
}

impl Making<'_> {
    /// The existing tokenizer, or a new one. A vocabulary that is just the alphabet is taken from all of the text; one
    /// that knows what is common is learned from the training part alone.
    pub(crate) fn tokenizer<'t>(
        self,
        boundary: bool,
        whole: impl Iterator<Item = &'t str>,
        train: impl Iterator<Item = &'t str>,
    ) -> Result<Tokenizer, DataError> {
        let tokenizer = match self.existing {
            Some(existing) => existing.target,
            None if self.config.is_whole_alphabet() => self.train(boundary, whole)?,
            None => self.train(boundary, train)?,
        };
        if boundary && tokenizer.boundary().is_none() {
            return Err(DataError::NoBoundary);
        }
        Ok(tokenizer)
    }

    fn train<'t>(&self, boundary: bool, mut texts: impl Iterator<Item = &'t str>) -> Result<Tokenizer, TextError> {
        Tokenizer::train(self.config, self.normalizer, boundary, &mut texts)
    }
}
