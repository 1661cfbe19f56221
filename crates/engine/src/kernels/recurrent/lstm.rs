//! The LSTM, forward and backward over whole sequences. Gates stand in PyTorch's order: input i, forget f, cell g,
//! output o.
//!
//!     i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)    g = tanh(a_g)    a = x W_xᵀ + b + h_before Wᵀ
//!     c = f c_before + i g
//!     h = o tanh(c)

use super::product::{Layout, Packed, Rows, RowsMut};
use super::{LANES, StateWeights, Sweep, load, spread, store};
use crate::buffer::Buffer;
use crate::kernels::math::{fma, sigmoid, tanh};
use crate::kernels::simd::{Simd, WithSimd, dispatch};
use rayon::prelude::*;

/// Runs all steps. `gates` [B, T, 4H] holds x W_xᵀ and every bias on entry, the gates themselves on exit; `w_state` is
/// [4H, H]; `h0` and `c0` are [B, H]; `h` and `c` [B, T, H] are filled.
pub(crate) fn lstm_forward(sweep: Sweep, gates: &mut [f32], w_state: &[f32], h0: &[f32], c0: &[f32], h: &mut [f32], c: &mut [f32]) {
    let Sweep { rows, steps, hidden } = sweep;
    assert_eq!(gates.len(), sweep.len(4 * hidden), "lstm: gates");
    assert_eq!(w_state.len(), 4 * hidden * hidden, "lstm: state weights");
    assert!(h0.len() == rows * hidden && c0.len() == rows * hidden, "lstm: first states");
    assert!(h.len() == sweep.len(hidden) && c.len() == sweep.len(hidden), "lstm: states");
    let weights = &StateWeights::new(w_state, sweep);
    let block = sweep.block_rows();
    let (state, states) = (block * hidden, block * steps * hidden);
    gates
        .par_chunks_mut(4 * states)
        .zip(h.par_chunks_mut(states).zip(c.par_chunks_mut(states)))
        .zip(h0.par_chunks(state).zip(c0.par_chunks(state)))
        .with_max_len(1)
        .for_each(|((gates, (h, c)), (h0, c0))| dispatch(Forward { steps, hidden, gates, weights, h0, c0, h, c }));
}

/// The gradients of a sweep from what [`lstm_forward`] left: `dh` [B, T, H] is the gradient of every h but for what
/// comes through later steps, `dh_last` and `dc_last` [B, H] that of the last h and c beyond it. Fills `dgates`
/// [B, T, 4H], the gradient before the activations, and `dh0` and `dc0` [B, H].
#[allow(clippy::too_many_arguments, reason = "a kernel's operands")]
pub(crate) fn lstm_backward(
    sweep: Sweep,
    gates: &[f32],
    w_state: &[f32],
    c0: &[f32],
    c: &[f32],
    dh: &[f32],
    dh_last: Option<&[f32]>,
    dc_last: Option<&[f32]>,
    dgates: &mut [f32],
    dh0: &mut [f32],
    dc0: &mut [f32],
) {
    let Sweep { rows, steps, hidden } = sweep;
    assert!(gates.len() == sweep.len(4 * hidden) && dgates.len() == gates.len(), "lstm: gates");
    assert_eq!(w_state.len(), 4 * hidden * hidden, "lstm: state weights");
    assert!(c.len() == sweep.len(hidden) && dh.len() == c.len(), "lstm: states");
    assert!(c0.len() == rows * hidden && dh0.len() == c0.len() && dc0.len() == c0.len(), "lstm: first states");
    // The gradients of the states travel backward in the places where they end.
    for (state, last) in [(&mut *dh0, dh_last), (&mut *dc0, dc_last)] {
        match last {
            Some(last) => state.copy_from_slice(last),
            None => state.fill(0.0),
        }
    }
    let weights = &Packed::new(w_state, Layout::AsIs(hidden), 4 * hidden, hidden);
    let block = sweep.block_rows();
    let (state, states) = (block * hidden, block * steps * hidden);
    dgates
        .par_chunks_mut(4 * states)
        .zip(dh0.par_chunks_mut(state).zip(dc0.par_chunks_mut(state)))
        .zip(gates.par_chunks(4 * states).zip(c.par_chunks(states)))
        .zip(dh.par_chunks(states).zip(c0.par_chunks(state)))
        .with_max_len(1)
        .for_each(|(((dgates, (dh_next, dc_next)), (gates, c)), (dh, c0))| {
            dispatch(Backward { steps, hidden, gates, weights, c0, c, dh, dgates, dh_next, dc_next });
        });
}

struct Forward<'a> {
    steps: usize,
    hidden: usize,
    gates: &'a mut [f32],
    weights: &'a StateWeights<'a>,
    h0: &'a [f32],
    c0: &'a [f32],
    h: &'a mut [f32],
    c: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { steps, hidden, gates, weights, h0, c0, h, c } = self;
        let rows = h0.len() / hidden;
        let stride = spread(hidden);
        let mut h_before = Buffer::zeros(rows * stride);
        let mut c_before = Buffer::copy_of(c0);
        for (kept, h0) in h_before.chunks_exact_mut(stride).zip(h0.chunks_exact(hidden)) {
            kept[..hidden].copy_from_slice(h0);
        }
        for t in 0..steps {
            let drive = RowsMut { data: &mut gates[t * 4 * hidden..], stride: steps * 4 * hidden };
            weights.add_product(simd, Rows::apart(&h_before, stride), rows, drive);
            for r in 0..rows {
                let at = r * steps + t;
                let h_row = &mut h[at * hidden..][..hidden];
                let memory = &mut c_before[r * hidden..][..hidden];
                tick::<S>(&mut gates[at * 4 * hidden..][..4 * hidden], memory, h_row);
                c[at * hidden..][..hidden].copy_from_slice(memory);
                h_before[r * stride..][..hidden].copy_from_slice(h_row);
            }
        }
    }
}

/// One step of one row, after the products: `gates` [4H] are activated in place, `c` goes on from its value before.
#[inline(always)]
fn tick<S: Simd>(gates: &mut [f32], c: &mut [f32], h: &mut [f32]) {
    #[inline(always)]
    fn units<S: Simd, const N: usize>(u: usize, gates: &mut [f32], c: &mut [f32], h: &mut [f32]) {
        let hidden = h.len();
        let (mut i, mut f) = (load::<N>(gates, u), load::<N>(gates, hidden + u));
        let (mut g, mut o) = (load::<N>(gates, 2 * hidden + u), load::<N>(gates, 3 * hidden + u));
        let (mut c_here, mut h_here) = (load::<N>(c, u), [0.0; N]);
        for j in 0..N {
            i[j] = sigmoid::<S>(i[j]);
            f[j] = sigmoid::<S>(f[j]);
            g[j] = tanh::<S>(g[j]);
            o[j] = sigmoid::<S>(o[j]);
            c_here[j] = fma::<S>(f[j], c_here[j], i[j] * g[j]);
            h_here[j] = o[j] * tanh::<S>(c_here[j]);
        }
        store(gates, u, &i);
        store(gates, hidden + u, &f);
        store(gates, 2 * hidden + u, &g);
        store(gates, 3 * hidden + u, &o);
        store(c, u, &c_here);
        store(h, u, &h_here);
    }
    let (whole, hidden) = (h.len() / LANES * LANES, h.len());
    for u in (0..whole).step_by(LANES) {
        units::<S, LANES>(u, gates, c, h);
    }
    for u in whole..hidden {
        units::<S, 1>(u, gates, c, h);
    }
}

struct Backward<'a> {
    steps: usize,
    hidden: usize,
    gates: &'a [f32],
    weights: &'a Packed,
    c0: &'a [f32],
    c: &'a [f32],
    dh: &'a [f32],
    dgates: &'a mut [f32],
    /// The gradient of h from the step after; in the end that of h0.
    dh_next: &'a mut [f32],
    /// The same of c.
    dc_next: &'a mut [f32],
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { steps, hidden, gates, weights, c0, c, dh, dgates, dh_next, dc_next } = self;
        let rows = c0.len() / hidden;
        let stride = spread(4 * hidden);
        let mut da = Buffer::zeros(rows * stride);
        for t in (0..steps).rev() {
            for r in 0..rows {
                let at = r * steps + t;
                let c_before = if t == 0 { &c0[r * hidden..] } else { &c[(at - 1) * hidden..] };
                let da = &mut da[r * stride..][..4 * hidden];
                tick_back::<S>(
                    &gates[at * 4 * hidden..][..4 * hidden],
                    &c_before[..hidden],
                    &c[at * hidden..][..hidden],
                    &dh[at * hidden..][..hidden],
                    &dh_next[r * hidden..][..hidden],
                    &mut dc_next[r * hidden..][..hidden],
                    da,
                );
                dgates[at * 4 * hidden..][..4 * hidden].copy_from_slice(da);
            }
            let dh_next = RowsMut { data: dh_next, stride: hidden };
            weights.product(simd, Rows::apart(&da, stride), rows, dh_next, false);
        }
    }
}

/// One step of one row backward: from the gradients of h and c to `da` [4H], those before the activations.
#[inline(always)]
fn tick_back<S: Simd>(gates: &[f32], c_before: &[f32], c: &[f32], dh: &[f32], dh_next: &[f32], dc: &mut [f32], da: &mut [f32]) {
    #[inline(always)]
    #[allow(clippy::too_many_arguments, reason = "a kernel's operands")]
    fn units<S: Simd, const N: usize>(
        u: usize,
        gates: &[f32],
        c_before: &[f32],
        c: &[f32],
        dh: &[f32],
        dh_next: &[f32],
        dc: &mut [f32],
        da: &mut [f32],
    ) {
        let hidden = c.len();
        let (i, f) = (load::<N>(gates, u), load::<N>(gates, hidden + u));
        let (g, o) = (load::<N>(gates, 2 * hidden + u), load::<N>(gates, 3 * hidden + u));
        let (c_before, c) = (load::<N>(c_before, u), load::<N>(c, u));
        let (dh, dh_next) = (load::<N>(dh, u), load::<N>(dh_next, u));
        let mut dc_here = load::<N>(dc, u);
        let (mut da_i, mut da_f, mut da_g, mut da_o) = ([0.0; N], [0.0; N], [0.0; N], [0.0; N]);
        for j in 0..N {
            let shown = tanh::<S>(c[j]);
            let dh = dh[j] + dh_next[j];
            let dc = fma::<S>(dh * o[j], 1.0 - shown * shown, dc_here[j]);
            da_i[j] = dc * g[j] * i[j] * (1.0 - i[j]);
            da_f[j] = dc * c_before[j] * f[j] * (1.0 - f[j]);
            da_g[j] = dc * i[j] * (1.0 - g[j] * g[j]);
            da_o[j] = dh * shown * o[j] * (1.0 - o[j]);
            dc_here[j] = dc * f[j];
        }
        store(da, u, &da_i);
        store(da, hidden + u, &da_f);
        store(da, 2 * hidden + u, &da_g);
        store(da, 3 * hidden + u, &da_o);
        store(dc, u, &dc_here);
    }
    let (whole, hidden) = (c.len() / LANES * LANES, c.len());
    for u in (0..whole).step_by(LANES) {
        units::<S, LANES>(u, gates, c_before, c, dh, dh_next, dc, da);
    }
    for u in whole..hidden {
        units::<S, 1>(u, gates, c_before, c, dh, dh_next, dc, da);
    }
}
