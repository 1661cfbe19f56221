//! Recurrence over whole sequences: one call sweeps all steps of all rows of a batch. What depends on the inputs alone,
//! x W_xᵀ + b, comes in as one large product; here is what must wait for the step before. The gradients of the weights,
//! large products too, are the caller's.
//!
//! Rows of a batch know nothing of each other. So they are cut into blocks, and a block runs its whole sweep on one
//! core without waiting for another; the weights are packed once a sweep and shared. Everything is row-major, rows of
//! the batch first: [B, T, width]. B rows, T steps, H hidden units.

mod gru;
mod lstm;
mod rnn;

pub(crate) use gru::{Reset, gru_backward, gru_forward};
pub(crate) use lstm::{lstm_backward, lstm_forward};
pub(crate) use rnn::{Activation, rnn_backward, rnn_forward};

use super::dots::Dots;
use super::pack::Layout;
use super::product::{Packed, Rows, RowsMut, Start};
use super::simd::Simd;

/// The size of a sweep: B rows, T steps, H hidden units. None of them may be zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sweep {
    pub(crate) rows: usize,
    pub(crate) steps: usize,
    pub(crate) hidden: usize,
}

impl Sweep {
    /// Rows of a block: at most fourteen, which one tile of the product holds, and an even number of blocks of at
    /// least four rows each, below which the vector units would wait for their own results.
    fn block_rows(self) -> usize {
        const MOST: usize = 14;
        const LEAST: usize = 4;
        let blocks = self.rows.div_ceil(MOST).next_multiple_of(2);
        self.rows.div_ceil(blocks).max(LEAST)
    }

    /// Elements of [B, T, width].
    fn sequence(self, width: usize) -> usize {
        self.rows * self.steps * width
    }

    /// Elements of [B, H].
    fn state(self) -> usize {
        self.rows * self.hidden
    }

    /// The place of row `r` at step `t` in [B, T, width].
    fn at(self, r: usize, t: usize, width: usize) -> std::ops::Range<usize> {
        let start = (r * self.steps + t) * width;
        start..start + width
    }

    /// The state that row `r` had before step `t`: from the sequence of states, or the first.
    fn before<'a>(self, r: usize, t: usize, first: &'a [f32], states: &'a [f32]) -> &'a [f32] {
        match t {
            0 => &first[r * self.hidden..][..self.hidden],
            _ => &states[self.at(r, t - 1, self.hidden)],
        }
    }
}

/// The gradient of the last state is where that of the state before each step starts its way back.
fn start_back(state: &mut [f32], last: Option<&[f32]>) {
    match last {
        Some(last) => state.copy_from_slice(last),
        None => state.fill(0.0),
    }
}

/// The distance of rows in a block's own memory: off the powers of two, at which rows push each other out of the cache.
fn spread(width: usize) -> usize {
    width.next_multiple_of(16) + 16
}

/// Weights of the state, [outputs, H], in the form that suits a forward sweep.
enum StateWeights<'a> {
    /// As they are: to generate, where packing would cost more than the step.
    Plain {
        w: &'a [f32],
        depth: usize,
    },
    Packed(Packed),
}

impl<'a> StateWeights<'a> {
    fn new(w_state: &'a [f32], sweep: Sweep) -> Self {
        let Sweep { rows, steps, hidden } = sweep;
        // A row or two leave the processor waiting for the weights in any form, and packing costs as much as ten rows.
        if rows <= 2 || rows * steps <= 8 {
            return Self::Plain { w: w_state, depth: hidden };
        }
        Self::Packed(Packed::new(w_state, Layout::Transposed(hidden), hidden, w_state.len() / hidden))
    }

    /// `out += state Wᵀ`, for `rows` rows.
    #[inline(always)]
    fn add_product<S: Simd>(&self, simd: S, state: Rows, rows: usize, out: RowsMut) {
        match self {
            Self::Packed(packed) => packed.product(simd, state, rows, out, Start::Itself),
            Self::Plain { w, depth } => {
                let (w, outputs, depth) = (Rows::apart(w, *depth), w.len() / depth, *depth);
                simd.vectorize(Dots { a: state, rows, w, outputs, depth, out });
            }
        }
    }
}

/// Units that a step works on at a time: in arrays of this length the compiler sees that nothing overlaps, and makes
/// vectors of them.
const LANES: usize = 16;

/// `N` values from `from` on.
#[inline(always)]
fn load<const N: usize>(values: &[f32], from: usize) -> [f32; N] {
    let mut loaded = [0.0; N];
    loaded.copy_from_slice(&values[from..][..N]);
    loaded
}

#[inline(always)]
fn store<const N: usize>(to: &mut [f32], from: usize, values: &[f32; N]) {
    to[from..][..N].copy_from_slice(values);
}

/// Calls `units::<S, N>(u, ...)` for all units u, `N` of them from u on: first [`LANES`] at a time, then one by one.
macro_rules! for_units {
    ($hidden:expr, $units:ident::<$simd:ident>($($argument:expr),* $(,)?)) => {{
        let whole = $hidden / LANES * LANES;
        for u in (0..whole).step_by(LANES) {
            $units::<$simd, LANES>(u, $($argument),*);
        }
        for u in whole..$hidden {
            $units::<$simd, 1>(u, $($argument),*);
        }
    }};
}
use for_units;
