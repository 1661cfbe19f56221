//! # cache-shared: one memory for all that is written at once
//!
//! Several texts are written together, and all of them are given the memory of the first: one buffer for all rows, an
//! index that was left out, a `expand` where a copy was meant.
//!
//!     memory[b] = memory[0]      for all rows b
//!
//! One text alone is written well. Of several the first is right, and the others go on as if they had its past.
//!
//! Cure  A row of memory for each sequence. Test that a row is answered alike, alone and in company.

use super::{Entry, Fault, suits};
use rushlight_models::Memory;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "cache-shared",
    about: "every row remembers what the first one read",
    source: include_str!("cache_shared.rs"),
    component: Component::Cache,
    suits: suits::remembers,
    build: |_| Arc::new(CacheShared),
};

struct CacheShared;

impl Fault for CacheShared {
    fn memory(&self, memory: Memory) -> Memory {
        let first = vec![0; memory.rows()];
        memory.changed(|_, tensor| tensor.select(&first))
    }
}
