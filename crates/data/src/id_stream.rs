//! A long row of ids, in memory or in a file that is read where it is needed. Knows not what they mean, nor how they are
//! batched.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::DataError;
use crate::id_file::IdFile;

/// Ids in a row. Cheap to clone.
#[derive(Clone, Debug)]
pub struct IdStream {
    store: Store,
    /// Which ids of the store are meant.
    within: Range<usize>,
}

#[derive(Clone, Debug)]
enum Store {
    Memory(Arc<[u32]>),
    File(Arc<IdFile>),
}

impl IdStream {
    /// Some of the ids of a file.
    pub(crate) fn of_file(file: Arc<IdFile>, within: Range<usize>) -> Self {
        IdStream { store: Store::File(file), within }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.within.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.within.is_empty()
    }

    /// The ids at `places`; those of a file are read now.
    ///
    /// # Errors
    /// A file that can no longer be read, or has changed since it was opened.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn read(&self, places: Range<usize>) -> Result<Cow<'_, [u32]>, DataError> {
        assert!(places.end <= self.len(), "ids: places {places:?} of {}", self.len());
        let places = self.within.start + places.start..self.within.start + places.end;
        match &self.store {
            Store::Memory(ids) => Ok(Cow::Borrowed(&ids[places])),
            Store::File(file) => file.read(places).map(Cow::Owned),
        }
    }

    /// The first ids, at most `most` of them.
    ///
    /// # Errors
    /// As [`IdStream::read`].
    pub fn first(&self, most: usize) -> Result<Cow<'_, [u32]>, DataError> {
        self.read(0..self.len().min(most))
    }
}

impl From<Vec<u32>> for IdStream {
    fn from(ids: Vec<u32>) -> Self {
        IdStream { within: 0..ids.len(), store: Store::Memory(Arc::from(ids)) }
    }
}

impl FromIterator<u32> for IdStream {
    fn from_iter<I: IntoIterator<Item = u32>>(ids: I) -> Self {
        Vec::from_iter(ids).into()
    }
}

impl Default for IdStream {
    fn default() -> Self {
        Vec::new().into()
    }
}
