//! # cache-cut: only the last tokens are remembered
//!
//! The cache is shorter than the window, and what falls out of it is gone: all keys and values but the last four are
//! zero, though the mask still counts them.
//!
//!     score of a lost place = 0, value 0      it takes its share of the softmax and brings nothing
//!
//! Nothing shows in training, nor in the first four tokens of a text. Further on what is written loses its thread.
//!
//! Cure  Make the cache as long as the window, or mask what it no longer holds. Test reading token by token beyond its
//!       length.

use super::cache_stale::entries;
use super::{Entry, Fault, suits};
use rushlight_models::Memory;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "cache-cut",
    about: "a cache that keeps four places",
    source: include_str!("cache_cut.rs"),
    component: Component::Cache,
    suits: suits::attends,
    build: |_| Arc::new(CacheCut),
};

struct CacheCut;

impl Fault for CacheCut {
    fn memory(&self, memory: Memory) -> Memory {
        /// How many places are kept.
        const KEPT: usize = 4;
        let positions = memory.positions().to_vec();
        memory.changed(|_, tensor| {
            let mut cut = tensor.detach();
            for (row, position) in positions.iter().enumerate() {
                for place in 0..position.saturating_sub(KEPT) {
                    entries(&tensor, row, place).for_each(|entry| cut.data_mut()[entry].fill(0.0));
                }
            }
            cut
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_engine::Tensor;

    #[test]
    fn all_heads_of_a_row_lose_what_is_before_its_last_four() {
        let (rows, heads, places) = (2, 2, 6);
        let memory = Memory::at(vec![6, 5]).with("blocks.0.keys", Tensor::full(&[rows, heads, places, 1], 1.0));
        let cut = CacheCut.memory(memory);
        let first = [0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
        let second = [0.0, 1.0, 1.0, 1.0, 1.0, 1.0];
        assert_eq!(cut.tensors()[0].1.data(), [first, first, second, second].concat());
    }
}
