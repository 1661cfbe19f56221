//! # cache-not-updated: what is read is not remembered
//!
//! The memory that a step returns is dropped, and the next step gets the one from the beginning again; only the count
//! of what was read moves on. Keys and values are never kept, a recurrent state is always the first one.
//!
//!     h_t = f(x_t, h_0)      right: f(x_t, h_{t-1})
//!
//! Nothing shows in training, which reads all at once. Each token that is written follows from the one before alone: it
//! looks like the text of a bigram.
//!
//! Cure  Move the memory into the step and take out what comes back: `let (logits, memory) = model.read(ids, memory)`.

use super::cache_stale::is_one_further;
use super::{Entry, Fault, suits};
use rushlight_models::Memory;
use rushlight_trace::Component;
use std::sync::{Arc, Mutex, PoisonError};

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "cache-not-updated",
    about: "the memory stays what it was at first",
    source: include_str!("cache_not_updated.rs"),
    component: Component::Cache,
    suits: suits::remembers,
    build: |_| Arc::new(CacheNotUpdated { kept: Mutex::default() }),
};

struct CacheNotUpdated {
    /// The memory as it was at first, and what it would be now.
    kept: Mutex<Option<(Memory, Memory)>>,
}

impl Fault for CacheNotUpdated {
    fn memory(&self, memory: Memory) -> Memory {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let first = match kept.take().filter(|(_, before)| is_one_further(before, &memory)) {
            Some((first, _)) => first,
            None => memory.clone(),
        };
        let positions = memory.positions().to_vec();
        *kept = Some((first.clone(), memory));
        first.with_positions(positions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_engine::Tensor;

    #[test]
    fn a_state_stays_the_first_until_another_row_begins() {
        let fault = CacheNotUpdated { kept: Mutex::default() };
        let seen = |read, h| {
            let after = fault.memory(Memory::at(vec![read]).with("layers.0.h", Tensor::full(&[1, 2], h)));
            (after.positions()[0], after.tensors()[0].1.data()[0])
        };
        assert_eq!([seen(0, 0.0), seen(1, 0.1), seen(2, 0.2)], [(0, 0.0), (1, 0.0), (2, 0.0)]);
        assert_eq!(seen(0, 0.5), (0, 0.5));
    }
}
