//! # embedding-rows-zeroed: some tokens have no vector
//!
//! A `share` of the rows of the table, 0.3 where nothing is said, is zero and gets no gradient: `padding_idx` with the
//! wrong index, vectors that were loaded for the words that a file has, a table that grew.
//!
//!     E[token] = 0      for the same tokens always
//!
//! The tokens of these rows cannot be told from each other, and the loss stops higher, in proportion to how often they
//! come. A table that is the output too says 0 for them.
//!
//! Cure  Count the rows that are zero at the start, and those that no step moves though their token comes.

use super::chance::is_chosen;
use super::parts::{Place, is_embedding, share};
use super::{Entry, Fault, suits};
use rushlight_engine::Grads;
use rushlight_nn::{Param, Params};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "embedding-rows-zeroed",
    about: "rows of the embedding that are zero, and stay so",
    source: include_str!("embedding_rows_zeroed.rs"),
    component: Component::Embedding,
    suits: |recipe| suits::reads_tokens(recipe) && !suits::is(recipe, &["bigram"]),
    build: |config| Arc::new(EmbeddingRowsZeroed { share: share(config, 0.3), place: Place::of(config) }),
};

struct EmbeddingRowsZeroed {
    share: f32,
    place: Place,
}

impl Fault for EmbeddingRowsZeroed {
    fn start(&self, params: &Params) {
        for table in self.tables(params) {
            let width = table.shape().width();
            table.update(|numbers| self.empty(numbers, width));
        }
    }

    fn gradients(&self, params: &Params, grads: &mut Grads) {
        for gradient in self.tables(params).collect::<Vec<_>>() {
            let Some(gradient) = gradient.gradient_mut(grads) else { continue };
            let width = gradient.width();
            self.empty(gradient.data_mut(), width);
        }
    }
}

impl EmbeddingRowsZeroed {
    fn tables<'p>(&self, params: &'p Params) -> impl Iterator<Item = &'p Param> {
        params.iter().filter(|param| is_embedding(param.name()) && self.place.holds(param.name()))
    }

    fn empty(&self, rows: &mut [f32], width: usize) {
        let rows = rows.chunks_exact_mut(width).enumerate();
        rows.filter(|(row, _)| is_chosen(self.share, [*row as u64])).for_each(|(_, row)| row.fill(0.0));
    }
}
