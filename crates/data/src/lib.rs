//! Files to plain examples and batches of plain ids. Knows no tensors.
//!
//! [`open`] turns what a recipe's `[data]` says into a [`Corpus`]: its tokenizers and three parts. A part gives batches:
//! drawn for training, each a pure function of a seed and a step, so that a run goes on exactly where it stopped; or
//! one after the other for evaluation, so that every target counts once.

// A test that meets an error it did not expect should stop there.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod batch;
pub mod batching;
mod chance;
mod corpus;
pub mod datasets;
mod encoding;
mod error;
mod files;
mod id_file;
mod id_stream;
mod kept;
pub mod kinds;
mod labelled;
mod leaks;
mod limits;
mod made_up;
mod mersenne;
mod other_values;
mod pairs;
mod read_ahead;
mod rows;
mod splits;
mod swapped;
mod tidy;
mod utterances;
mod vectors;

pub use batch::{Batch, Batches, Grid, IGNORE, Padded};
pub use batching::pairs::Gather;
pub use batching::{Batching, Shape};
pub use chance::{Chance, Order};
pub use corpus::{Corpus, Covering, Part, PartName, Tokenizers, open, open_file};
pub use encoding::{Encoded, TextReader};
pub use error::DataError;
pub use files::{Lines, Source, aligned};
pub use id_file::Width;
pub use id_stream::IdStream;
pub use kept::Kept;
pub use kinds::DataConfig;
pub use leaks::Leak;
pub use limits::{LeftOut, Limits, Ratio};
pub use mersenne::Mersenne;
pub use pairs::Pairs;
pub use read_ahead::ReadAhead;
pub use rows::Rows;
pub use splits::{Fractions, LineSplit};
pub use utterances::{Labels, Lists, Reading, Utterance, Utterances};
pub use vectors::{Layout, Table, TableBatches, Targets, VectorBatch};
