//! Recurrence over whole sequences: one call sweeps all steps of all rows of a batch. What depends on the inputs alone,
//! x W_xᵀ + b, comes in as one large product; here is what must wait for the step before.
//!
//! Rows of a batch know nothing of each other. So they are cut into blocks, and a block runs its whole sweep on one
//! core without waiting for another; the weights are packed once a sweep and shared. Everything is row-major, rows of
//! the batch first: [B, T, width]. B rows, T steps, H hidden.

mod lstm;
pub(crate) mod product;

pub(crate) use lstm::{lstm_backward, lstm_forward};

use super::simd::Simd;
use product::{Dots, Layout, Packed, Rows, RowsMut};

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
    fn len(self, width: usize) -> usize {
        self.rows * self.steps * width
    }
}

/// The distance of rows in a block's own memory: off the powers of two, at which rows push each other out of the cache.
fn spread(width: usize) -> usize {
    width.next_multiple_of(16) + 16
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

/// The weights of the state, [outputs, H], in the form that suits a forward sweep.
enum StateWeights<'a> {
    /// As they are: to generate, where packing would cost more than the step.
    Plain { w: &'a [f32], depth: usize },
    Packed(Packed),
}

impl<'a> StateWeights<'a> {
    fn new(w_state: &'a [f32], sweep: Sweep) -> Self {
        // A row at a time, plain weights are as fast as their memory; and packing costs as much as about ten rows.
        if sweep.rows <= 2 || sweep.rows * sweep.steps <= 8 {
            return Self::Plain { w: w_state, depth: sweep.hidden };
        }
        let outputs = w_state.len() / sweep.hidden;
        Self::Packed(Packed::new(w_state, Layout::Transposed(sweep.hidden), sweep.hidden, outputs))
    }

    /// `out += state Wᵀ`, for `rows` rows.
    #[inline(always)]
    fn add_product<S: Simd>(&self, simd: S, state: Rows, rows: usize, out: RowsMut) {
        match self {
            Self::Packed(packed) => packed.product(simd, state, rows, out, true),
            Self::Plain { w, depth } => simd.vectorize(Dots { a: state, rows, w, depth: *depth, out }),
        }
    }
}
