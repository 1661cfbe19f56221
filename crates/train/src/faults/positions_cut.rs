//! # positions-cut: places beyond the first quarter of the window are one place
//!
//! The index of a place is held below a limit that is too small: a table made for shorter rows, a `clamp` against the
//! wrong number. All places from a quarter of the window on get one row.
//!
//!     x_t = E[token_t] + P[min(t, W/4)]
//!
//! The beginning of a row is answered as well as ever. Further on the order is lost, and the loss by place of the
//! window rises there; a mean hides it.
//!
//! Cure  Make the table as long as the window, and let an index beyond it be an error.

use super::positions_all_alike::{add_up, as_the_first};
use super::{Entry, Fault, suits};
use rushlight_engine::Grads;
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "positions-cut",
    about: "positions that end too early",
    source: include_str!("positions_cut.rs"),
    component: Component::Positions,
    suits: |recipe| suits::attends(recipe) && suits::says(recipe, "positions", "learned"),
    build: |_| Arc::new(PositionsCut),
};

struct PositionsCut;

impl Fault for PositionsCut {
    fn start(&self, params: &Params) {
        if let Some(table) = params.get(TABLE) {
            let shape = table.shape();
            table.update(|numbers| as_the_first(&mut numbers[cut(&shape)..], shape.width()));
        }
    }

    fn gradients(&self, params: &Params, grads: &mut Grads) {
        if let Some(gradient) = params.get(TABLE).and_then(|table| table.gradient_mut(grads)) {
            let shape = *gradient.shape();
            add_up(&mut gradient.data_mut()[cut(&shape)..], shape.width());
        }
    }
}

/// The table of places [W, D].
const TABLE: &str = "position.weight";

/// Where the numbers of the places begin that are all alike.
fn cut(shape: &[usize]) -> usize {
    shape[0] / 4 * shape[1]
}
