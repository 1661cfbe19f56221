//! # positions-late-by-one-when-cached: what is written token by token stands one place too late
//!
//! With a cache, the place of the next token is the number of tokens read before. Here it is one more, as if the row
//! had begun at place 1: the position is one too high, and place 0 of the cache stays empty and is seen.
//!
//!     x_t = E[token_t] + P[t + 1]      right: P[t]
//!
//! Nothing shows in training, which reads all at once. What the model writes is worse than its loss says, the more so
//! right at the beginning.
//!
//! Cure  Let the position be the length of the cache before the token is added, and test that reading token by token is
//!       reading at once.

use super::{Entry, Fault, suits};
use rushlight_models::Memory;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "positions-late-by-one-when-cached",
    about: "positions one too high when reading on",
    source: include_str!("positions_late_by_one_when_cached.rs"),
    component: Component::Cache,
    suits: suits::attends,
    build: |_| Arc::new(PositionsLateByOneWhenCached),
};

struct PositionsLateByOneWhenCached;

impl Fault for PositionsLateByOneWhenCached {
    fn memory(&self, memory: Memory) -> Memory {
        // Only at the beginning: from then on it is one too high by itself.
        let late = memory.positions().iter().map(|&position| position.max(1)).collect();
        memory.with_positions(late)
    }
}
