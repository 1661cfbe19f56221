//! # cache-stale: what was read last is remembered one step too late
//!
//! The cache is read before the newest keys and values are written into it, or the state is kept before the step and
//! not after it. A step sees all but the token before, whose key and value are zero until the next step; a recurrent
//! net goes on from the state of one step earlier.
//!
//!     h_t = f(x_t, h_{t-2})      right: f(x_t, h_{t-1})
//!
//! Nothing shows in training, which reads all at once. What the model writes repeats and skips letters: each token is
//! written as if the one before were not there.
//!
//! Cure  Write first, then look; hand on the state that the step returns. Test that reading token by token is reading
//!       at once.

use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_models::Memory;
use rushlight_trace::Component;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "cache-stale",
    about: "the newest entry of the memory comes too late",
    source: include_str!("cache_stale.rs"),
    component: Component::Cache,
    suits: suits::remembers,
    build: |_| Arc::new(CacheStale { whole: Mutex::default() }),
};

struct CacheStale {
    /// The memory as it should be.
    whole: Mutex<Option<Memory>>,
}

impl Fault for CacheStale {
    fn memory(&self, memory: Memory) -> Memory {
        let mut kept = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        let before = kept.take().filter(|before| is_one_further(before, &memory));
        let is_cache = memory.tensors().iter().any(|(name, _)| name.ends_with(".keys"));
        if is_cache {
            let whole = before.iter().fold(memory, put_back);
            *kept = Some(whole.clone());
            return without_newest(whole);
        }
        *kept = Some(memory.clone());
        match before {
            Some(before) => before.with_positions(memory.positions().to_vec()),
            None => memory,
        }
    }
}

/// Whether `now` is the memory after one more token of what `before` has read.
pub(super) fn is_one_further(before: &Memory, now: &Memory) -> bool {
    let steps = before.positions().iter().zip(now.positions());
    before.rows() == now.rows() && steps.into_iter().all(|(before, now)| before + 1 == *now)
}

/// The caches with what was newest in `before`, and was taken out.
fn put_back(now: Memory, before: &Memory) -> Memory {
    let newest = newest(before);
    now.changed(|name, tensor| {
        let Some((_, before)) = before.tensors().iter().find(|(other, _)| other == name) else { return tensor };
        let mut whole = tensor.detach();
        for (row, &place) in newest.iter().enumerate() {
            let Some(place) = place else { continue };
            for (from, to) in entries(before, row, place).zip(entries(&whole, row, place)) {
                whole.data_mut()[to].copy_from_slice(&before.data()[from]);
            }
        }
        whole
    })
}

/// The caches with nothing at the place that was read last.
fn without_newest(memory: Memory) -> Memory {
    let newest = newest(&memory);
    memory.changed(|_, tensor| {
        let mut stale = tensor.detach();
        for (row, place) in newest.iter().enumerate().filter_map(|(row, place)| Some((row, (*place)?))) {
            entries(&tensor, row, place).for_each(|entry| stale.data_mut()[entry].fill(0.0));
        }
        stale
    })
}

/// Where a cache [B, K, W, d] has what a row read at a place, head by head.
pub(super) fn entries(cache: &Tensor, row: usize, place: usize) -> impl Iterator<Item = Range<usize>> + use<> {
    let (heads, places, width) = (cache.shape()[1], cache.shape()[2], cache.width());
    (0..heads).map(move |head| ((row * heads + head) * places + place) * width).map(move |from| from..from + width)
}

/// For each row the place that was read last; none where nothing was read.
fn newest(memory: &Memory) -> Vec<Option<usize>> {
    memory.positions().iter().map(|position| position.checked_sub(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cache of one row and three places that has read so many tokens.
    fn cache(read: usize, numbers: [f32; 3]) -> Memory {
        Memory::at(vec![read]).with("blocks.0.keys", Tensor::new(&[1, 1, 3, 1], numbers))
    }

    #[test]
    fn each_entry_of_a_cache_is_missing_for_one_step() {
        let fault = CacheStale { whole: Mutex::default() };
        let seen = |memory: Memory| fault.memory(memory).tensors()[0].1.data().to_vec();
        assert_eq!(seen(cache(0, [0.0; 3])), [0.0; 3]);
        assert_eq!(seen(cache(1, [5.0, 0.0, 0.0])), [0.0; 3]);
        assert_eq!(seen(cache(2, [0.0, 6.0, 0.0])), [5.0, 0.0, 0.0]);
        assert_eq!(seen(cache(3, [5.0, 0.0, 7.0])), [5.0, 6.0, 0.0]);
        assert_eq!(seen(cache(2, [1.0, 2.0, 0.0])), [1.0, 0.0, 0.0]); // another row, of which nothing is known
    }

    #[test]
    fn a_state_is_that_of_one_step_before() {
        let fault = CacheStale { whole: Mutex::default() };
        let state = |read, h: f32| Memory::at(vec![read]).with("layers.0.h", Tensor::full(&[1, 2], h));
        let seen = |read, h| {
            let after = fault.memory(state(read, h));
            (after.positions()[0], after.tensors()[0].1.data()[0])
        };
        assert_eq!([seen(0, 0.0), seen(1, 0.1), seen(2, 0.2)], [(0, 0.0), (1, 0.0), (2, 0.1)]);
    }
}
