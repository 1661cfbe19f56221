//! How much waits and how much is being written: the bound of the queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// How much there is to do.
#[derive(Default)]
pub(crate) struct Load {
    most: usize,
    waiting: AtomicUsize,
    writing: AtomicUsize,
}

/// Places in the queue, given back when this is dropped.
pub(crate) struct Places {
    load: Arc<Load>,
    count: usize,
}

/// Texts that are being written, until this is dropped.
pub(crate) struct Counted {
    load: Arc<Load>,
    count: usize,
}

impl Load {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Relaxed)
    }

    /// How many texts are being written.
    pub(crate) fn writing(&self) -> usize {
        self.writing.load(Relaxed)
    }

    /// So many places in the queue, or none where there are fewer left.
    pub(crate) fn places(self: &Arc<Self>, count: usize) -> Option<Places> {
        let more = |waiting: usize| waiting.checked_add(count).filter(|&sum| sum <= self.most);
        self.waiting.fetch_update(Relaxed, Relaxed, more).ok()?;
        Some(Places { load: Arc::clone(self), count })
    }
}

impl Places {
    /// One of them on its own.
    pub(crate) fn one(&mut self) -> Self {
        assert!(self.count > 0, "places: none is left");
        self.count -= 1;
        Self { load: Arc::clone(&self.load), count: 1 }
    }

    /// Gives them back: what waited is being written.
    pub(crate) fn begin(self) -> Counted {
        let (load, count) = (Arc::clone(&self.load), self.count);
        load.writing.fetch_add(count, Relaxed);
        Counted { load, count }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.load.writing.fetch_sub(self.count, Relaxed);
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        self.load.waiting.fetch_sub(self.count, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_wait_than_may_and_places_come_back() {
        let load = Arc::new(Load::new(3));
        let mut two = load.places(2).unwrap();
        assert!(load.places(2).is_none());
        let one = two.one();
        assert_eq!(load.waiting(), 2);
        let begun = one.begin();
        assert_eq!((load.waiting(), load.writing()), (1, 1));
        drop(begun);
        assert_eq!(load.writing(), 0);
        drop(two);
        assert!(load.places(4).is_none());
        assert_eq!(load.waiting(), 0);
    }
}
