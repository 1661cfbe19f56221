//! # positions-all-alike: every place is place 0
//!
//! The index of the place stays 0: a counter that is not moved, an `arange` of the wrong axis. Every place gets the
//! first row of the table, and that row all gradients.
//!
//!     x_t = E[token_t] + P[0]      right: E[token_t] + P[t]
//!
//! As without positions, attention sees a bag of tokens; the loss falls more slowly and stops higher. All rows of the
//! table but the first stay as they started.
//!
//! Cure  Positions are `0..T` along the time of a batch [B, T], and from the length of the cache on where there is one.

use super::{Entry, Fault, suits};
use rushlight_engine::Grads;
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "positions-all-alike",
    about: "one position for all places",
    source: include_str!("positions_all_alike.rs"),
    component: Component::Positions,
    suits: |recipe| suits::attends(recipe) && suits::says(recipe, "positions", "learned"),
    build: |_| Arc::new(PositionsAllAlike),
};

struct PositionsAllAlike;

impl Fault for PositionsAllAlike {
    fn start(&self, params: &Params) {
        if let Some(table) = params.get(TABLE) {
            let width = table.shape().width();
            table.update(|numbers| as_the_first(numbers, width));
        }
    }

    fn gradients(&self, params: &Params, grads: &mut Grads) {
        if let Some(gradient) = params.get(TABLE).and_then(|table| table.gradient_mut(grads)) {
            let width = gradient.width();
            add_up(gradient.data_mut(), width);
        }
    }
}

/// The table of places [W, D].
const TABLE: &str = "position.weight";

/// Gives every row the numbers of the first.
pub(super) fn as_the_first(rows: &mut [f32], width: usize) {
    let (first, later) = rows.split_at_mut(width);
    later.chunks_exact_mut(width).for_each(|row| row.copy_from_slice(first));
}

/// Gives every row the sum of all: where all of them are one row, that is its gradient.
pub(super) fn add_up(rows: &mut [f32], width: usize) {
    for column in 0..width {
        let sum: f32 = rows[column..].iter().step_by(width).sum();
        rows[column..].iter_mut().step_by(width).for_each(|x| *x = sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn rows_become_one_row_and_share_their_gradient() {
        let mut rows = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        add_up(&mut rows, 2);
        assert_eq!(rows, [9.0, 12.0, 9.0, 12.0, 9.0, 12.0]); // 1 + 3 + 5, 2 + 4 + 6
        let mut rows = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        as_the_first(&mut rows, 2);
        assert_eq!(rows, [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]);
    }
}
