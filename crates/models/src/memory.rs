//! What a decoder remembers of what it has read: named tensors, a row for each sequence, how far each has read, and what
//! they translate. A value: it is moved into `read` and comes out again.

use crate::encoded::cat_padded;
use crate::{Encoded, cache};
use rushlight_engine::Tensor;

/// The memory of some sequences.
#[derive(Clone)]
pub struct Memory {
    positions: Vec<usize>,
    tensors: Vec<(String, Tensor)>,
    encoded: Option<Encoded>,
}

impl Memory {
    /// Of `rows` sequences of which nothing has been read.
    pub fn new(rows: usize) -> Self {
        Self::at(vec![0; rows])
    }

    /// Of sequences of which so many tokens have been read; what was read is put in by [`Memory::with`].
    pub fn at(positions: Vec<usize>) -> Self {
        Self { positions, tensors: Vec::new(), encoded: None }
    }

    /// Of translations of which nothing has been read, one of each sentence.
    pub fn of(encoded: Encoded) -> Self {
        Self { encoded: Some(encoded.clone()), ..Self::new(encoded.sources().of.len()) }
    }

    /// The same with a tensor [rows, ..] under `name`.
    ///
    /// # Panics
    /// When it has another number of rows.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, tensor: Tensor) -> Self {
        assert_eq!(tensor.shape()[0], self.rows(), "memory: a row for each sequence");
        self.tensors.push((name.into(), tensor));
        self
    }

    /// The same, as if so many tokens of each sequence had been read.
    ///
    /// # Panics
    /// When there is not one number for each sequence.
    #[must_use]
    pub fn with_positions(self, positions: Vec<usize>) -> Self {
        assert_eq!(positions.len(), self.rows(), "memory: a position for each sequence");
        Self { positions, ..self }
    }

    /// The same with another tensor [rows, ..] in place of each, by its name.
    #[must_use]
    pub fn changed(self, mut change: impl FnMut(&str, Tensor) -> Tensor) -> Self {
        let change = |(name, tensor): (String, Tensor)| {
            let other = change(&name, tensor);
            (name, other)
        };
        Self { tensors: self.tensors.into_iter().map(change).collect(), ..self }
    }

    /// How many sequences.
    pub fn rows(&self) -> usize {
        self.positions.len()
    }

    /// How many tokens each sequence has read.
    pub fn positions(&self) -> &[usize] {
        &self.positions
    }

    /// The tensors by name.
    pub fn tensors(&self) -> &[(String, Tensor)] {
        &self.tensors
    }

    /// What the sequences translate.
    pub fn encoded(&self) -> Option<&Encoded> {
        self.encoded.as_ref()
    }

    /// Takes out what the sequences translate, to be put back by [`Memory::translating`].
    ///
    /// # Panics
    /// When they translate nothing.
    pub(crate) fn take_encoded(&mut self) -> Encoded {
        self.encoded.take().expect("a translator's memory begins from sentences")
    }

    /// The same of sequences that translate `encoded`.
    #[must_use]
    pub(crate) fn translating(self, encoded: Encoded) -> Self {
        Self { encoded: Some(encoded), ..self }
    }

    /// Takes the tensors out, in their order, to be put back by [`Memory::advanced`].
    pub(crate) fn open(self) -> (Vec<usize>, Vec<(String, Tensor)>) {
        (self.positions, self.tensors)
    }

    /// The memory after `count` more tokens of every row.
    pub(crate) fn advanced(mut positions: Vec<usize>, tensors: Vec<(String, Tensor)>, count: usize) -> Self {
        positions.iter_mut().for_each(|position| *position += count);
        Self { positions, tensors, encoded: None }
    }

    /// Without history: no gradient flows back beyond here (truncated back-propagation).
    #[must_use]
    pub fn detached(self) -> Self {
        let tensors = self.tensors.into_iter().map(|(name, tensor)| (name, tensor.detach())).collect();
        Self { tensors, encoded: self.encoded.map(Encoded::detached), ..self }
    }

    /// The memory of these rows, in this order; a row may stand more than once (beam search).
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        Self {
            positions: rows.iter().map(|&row| self.positions[row]).collect(),
            tensors: self.tensors.iter().map(|(name, tensor)| (name.clone(), tensor.select(rows))).collect(),
            encoded: self.encoded.as_ref().map(|encoded| encoded.select(rows)),
        }
    }

    /// Puts row `from` of `other` in the place of `row`. Nothing else is copied, unless it has read more than there is room for.
    ///
    /// # Panics
    /// When they are not of one model, when a row is not there, or when they translate: what is translated has a length of
    /// its own.
    pub fn put(&mut self, row: usize, other: &Self, from: usize) {
        assert!(self.encoded.is_none() && other.encoded.is_none(), "put: translations are selected and joined");
        assert_eq!(self.tensors.len(), other.tensors.len(), "put: memories of different models");
        self.positions[row] = other.positions[from];
        for ((name, mine), (of_other, theirs)) in self.tensors.iter_mut().zip(&other.tensors) {
            assert_eq!(name, of_other, "put: memories of different models");
            if cache::is_cache(mine) {
                cache::put(mine, row, theirs, from, other.positions[from]);
                continue;
            }
            assert_eq!(mine.shape()[1..], theirs.shape()[1..], "put: {name}");
            let width = theirs.count() / theirs.shape()[0];
            mine.data_mut()[row * width..][..width].copy_from_slice(&theirs.data()[from * width..][..width]);
        }
    }

    /// The same without the sentences that no row translates any more.
    #[must_use]
    pub fn pruned(self) -> Self {
        Self { encoded: self.encoded.map(Encoded::pruned), ..self }
    }

    /// The rows of several memories of one model, one after the other (continuous batching).
    ///
    /// # Panics
    /// When they are not of one model, or there is none.
    #[must_use]
    pub fn joined(parts: &[Self]) -> Self {
        let first = parts.first().expect("joined: at least one memory");
        let names = |part: &Self| part.tensors.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        assert!(parts.iter().all(|part| names(part) == names(first)), "joined: memories of different models");
        let tensors = first.tensors.iter().enumerate().map(|(i, (name, _))| {
            let tensors: Vec<&Tensor> = parts.iter().map(|part| &part.tensors[i].1).collect();
            (name.clone(), cat_padded(&tensors))
        });
        let encoded: Vec<&Encoded> = parts.iter().filter_map(Self::encoded).collect();
        Self {
            positions: parts.iter().flat_map(|part| part.positions.clone()).collect(),
            tensors: tensors.collect(),
            encoded: (!encoded.is_empty()).then(|| Encoded::joined(&encoded)),
        }
    }
}
