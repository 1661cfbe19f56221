//! The ways to make batches of ids: a file a way. This page lists them; nothing else does.
//!
//! Each file has the batches of training (drawn, by seed and step) and `cover` (the whole part once, in order).

pub mod contexts;
pub mod pairs;
pub mod rows;
pub mod stream;
pub mod utterances;
pub mod windows;

/// Every way.
pub const ALL: &[Entry] =
    &[windows::ENTRY, stream::ENTRY, rows::ENTRY, contexts::ENTRY, pairs::ENTRY, utterances::ENTRY];

/// How a corpus is to be batched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Batching {
    /// Random windows of one long stream.
    Windows,
    /// Parallel streams, read from front to back.
    Stream,
    /// Whole rows, padded.
    Rows(rows::Padding),
    /// Single targets with the ids before them.
    Contexts,
    /// Sources and their translations, those of like length together.
    Pairs(pairs::Gather),
    /// Whole sentences with what is to be said of them.
    Utterances {
        /// How many things a word may be; none where only the sentence is asked about.
        tags: Option<usize>,
    },
    /// Rows of numbers; see `vectors.rs`.
    Vectors,
}

/// The sizes of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// B: how many rows; with [`pairs::Gather::Tokens`], how many tokens.
    pub rows: usize,
    /// T: the window, the steps of truncated back-propagation, or the context. Rows, pairs and utterances have their own lengths.
    pub length: usize,
}

/// A line on the contents page.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name in recipes.
    pub name: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// Its file, whose header explains it.
    pub source: &'static str,
}

impl Shape {
    pub(crate) fn check(self, batching: Batching) {
        let own = matches!(batching, Batching::Rows(_) | Batching::Pairs(_) | Batching::Utterances { .. });
        let long_enough = self.length > 0 || own;
        assert!(self.rows > 0 && long_enough, "a batch of {} rows of length {} is empty", self.rows, self.length);
    }
}
