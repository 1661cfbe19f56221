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
            let (mut cut, places, width) = (tensor.detach(), tensor.shape()[1], tensor.width());
            for (row, position) in positions.iter().enumerate() {
                cut.data_mut()[row * places * width..][..position.saturating_sub(KEPT) * width].fill(0.0);
            }
            cut
        })
    }
}
