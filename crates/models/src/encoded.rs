//! What an encoder has made of sentences: named tensors [N, d] or [N, S, d], a row for each sentence, and which sentence each row of
//! a memory translates. The hypotheses of a beam share theirs, so that nothing is copied for them.

use crate::cache::{padded, places};
use rushlight_engine::{Sources, Tensor, cat};

/// Sentences as an encoder gives them to a decoder.
#[derive(Clone)]
pub struct Encoded {
    /// For each row of the memory the number of its sentence.
    of: Vec<usize>,
    /// How many places of each sentence are real.
    lengths: Vec<usize>,
    tensors: Vec<(String, Tensor)>,
}

impl Encoded {
    /// Sentences of these lengths, each translated by one row.
    pub fn new(lengths: Vec<usize>) -> Self {
        Self { of: (0..lengths.len()).collect(), lengths, tensors: Vec::new() }
    }

    /// The same with a tensor [N, d] or [N, S, d] under `name`.
    ///
    /// # Panics
    /// When it has another number of rows, or of axes.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, tensor: Tensor) -> Self {
        assert!(tensor.shape().len() <= 3, "encoded: {:?}", tensor.shape());
        assert_eq!(tensor.shape()[0], self.lengths.len(), "encoded: a row for each sentence");
        self.tensors.push((name.into(), tensor));
        self
    }

    /// Which sentence each row translates, and how long each is.
    pub fn sources(&self) -> Sources<'_> {
        Sources { of: &self.of, lengths: &self.lengths }
    }

    /// The tensor number `index`, in the order in which they came.
    pub fn tensor(&self, index: usize) -> &Tensor {
        &self.tensors[index].1
    }

    /// The same with a row for each row of the memory.
    pub(crate) fn by_row(&self, index: usize) -> Tensor {
        let own = self.sources().are_rows();
        if own { self.tensor(index).clone() } else { self.tensor(index).select(&self.of) }
    }

    /// The tensors by name.
    pub fn tensors(&self) -> &[(String, Tensor)] {
        &self.tensors
    }

    pub(crate) fn detached(self) -> Self {
        let tensors = self.tensors.into_iter().map(|(name, tensor)| (name, tensor.detach())).collect();
        Self { tensors, ..self }
    }

    /// For these rows of the memory. The sentences stay, those too that nobody translates any more.
    pub(crate) fn select(&self, rows: &[usize]) -> Self {
        Self { of: rows.iter().map(|&row| self.of[row]).collect(), ..self.clone() }
    }

    /// Without the sentences that nobody translates any more, and without the padding that they alone needed.
    pub(crate) fn pruned(self) -> Self {
        let mut used = self.of.clone();
        used.sort_unstable();
        used.dedup();
        if used.len() == self.lengths.len() {
            return self;
        }
        let lengths: Vec<usize> = used.iter().map(|&source| self.lengths[source]).collect();
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let of = self.of.iter().map(|source| used.binary_search(source).expect("a source that is used")).collect();
        let tensors = self.tensors.into_iter().map(|(name, tensor)| {
            let kept = tensor.select(&used);
            let is_long = kept.shape().len() > 2 && places(&kept) > longest;
            (name, if is_long { kept.narrow(1, 0, longest) } else { kept })
        });
        Self { of, tensors: tensors.collect(), lengths }
    }

    /// The sentences of several memories, the shorter ones padded.
    pub(crate) fn joined(parts: &[&Self]) -> Self {
        let sentences = parts.iter().scan(0, |before, part| {
            let first = *before;
            *before += part.lengths.len();
            Some(part.of.iter().map(move |source| first + source))
        });
        let tensors = parts[0].tensors.iter().enumerate().map(|(index, (name, _))| {
            let tensors: Vec<&Tensor> = parts.iter().map(|part| part.tensor(index)).collect();
            (name.clone(), cat_padded(&tensors))
        });
        Self {
            of: sentences.flatten().collect(),
            lengths: parts.iter().flat_map(|part| part.lengths.clone()).collect(),
            tensors: tensors.collect(),
        }
    }
}

/// Tensors one after the other along their rows; where they have places, the shorter ones padded.
pub(crate) fn cat_padded(tensors: &[&Tensor]) -> Tensor {
    if tensors[0].shape().len() < 3 {
        return cat(tensors, 0);
    }
    let longest = tensors.iter().map(|tensor| places(tensor)).max().unwrap_or(0);
    let padded: Vec<Tensor> = tensors.iter().map(|tensor| padded(tensor, longest)).collect();
    cat(&padded.iter().collect::<Vec<_>>(), 0)
}
