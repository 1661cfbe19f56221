//! The GRU over whole sequences, forward and backward, in both of its forms. Gates stand in PyTorch's order: reset r,
//! update z, candidate n.
//!
//!     r, z = σ(x W_xᵀ + b + h_before Wᵀ) of their parts
//!     n = tanh(x W_nᵀ + b_n + r (h_before U_nᵀ + b'_n))      reset after the product, as cuDNN and PyTorch have it
//!     n = tanh(x W_nᵀ + b_n + (r h_before) U_nᵀ + b'_n)      reset before it, as in Cho 2014
//!     h = (1 - z) n + z h_before
//!
//! What the reset does in the candidate is kept for the way back as `inner`: h_before U_nᵀ + b'_n when the reset comes
//! after the product, r h_before when it comes before.

use super::{LANES, StateWeights, Sweep, for_units, load, spread, start_back, store};
use crate::buffer::Buffer;
use crate::kernels::math::{fma, sigmoid, tanh};
use crate::kernels::pack::Layout;
use crate::kernels::product::{Packed, Rows, RowsMut, Start};
use crate::kernels::simd::{Simd, WithSimd, dispatch};
use rayon::prelude::*;

/// Where the candidate is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reset {
    /// Before the product with U_n.
    Before,
    /// After it.
    After,
}

/// Runs all steps. `gates` [B, T, 3H] holds x W_xᵀ and its bias on entry, and r, z, n on exit; `w_state` is [3H, H] and
/// `b_state`, 3H of them, the biases beside it; `h0` is [B, H]. Fills `h` and `inner` [B, T, H].
#[allow(clippy::too_many_arguments, reason = "a kernel's operands")]
pub(crate) fn gru_forward(
    sweep: Sweep,
    reset: Reset,
    gates: &mut [f32],
    w_state: &[f32],
    b_state: &[f32],
    h0: &[f32],
    h: &mut [f32],
    inner: &mut [f32],
) {
    let Sweep { steps, hidden, .. } = sweep;
    assert_eq!(gates.len(), sweep.sequence(3 * hidden), "gru: gates");
    assert!(w_state.len() == 3 * hidden * hidden && b_state.len() == 3 * hidden, "gru: state weights and bias");
    assert_eq!(h0.len(), sweep.state(), "gru: first state");
    assert!(h.len() == sweep.sequence(hidden) && inner.len() == h.len(), "gru: states");
    let (w_rz, w_n) = w_state.split_at(2 * hidden * hidden);
    let (w_rz, w_n) = &(StateWeights::new(w_rz, sweep), StateWeights::new(w_n, sweep));
    let state = sweep.block_rows() * hidden;
    let states = state * steps;
    gates
        .par_chunks_mut(3 * states)
        .zip(h.par_chunks_mut(states).zip(inner.par_chunks_mut(states)))
        .zip(h0.par_chunks(state))
        .with_max_len(1)
        .for_each(|((gates, (h, inner)), h0)| {
            let sweep = Sweep { rows: h0.len() / hidden, ..sweep };
            dispatch(Forward { sweep, reset, gates, w_rz, w_n, b_state, h0, h, inner });
        });
}

/// The gradients of a sweep from what [`gru_forward`] left: `dh` [B, T, H] is the gradient of every h but for what comes
/// through later steps, `dh_last` [B, H] that of the last one beyond it. Fills `dgates` [B, T, 3H], the gradient before
/// the activations (which is that of x W_xᵀ and its bias), `dinner` [B, T, H], that of `inner`, and `dh0` [B, H].
///
/// The gradient of U_n is the sum of `dinner` by h_before and that of b'_n the sum of `dinner` when the reset comes
/// after the product; they are the sums of n's part of `dgates` by `inner`, and of that part, when it comes before.
#[allow(clippy::too_many_arguments, reason = "a kernel's operands")]
pub(crate) fn gru_backward(
    sweep: Sweep,
    reset: Reset,
    gates: &[f32],
    w_state: &[f32],
    h0: &[f32],
    h: &[f32],
    inner: &[f32],
    dh: &[f32],
    dh_last: Option<&[f32]>,
    dgates: &mut [f32],
    dinner: &mut [f32],
    dh0: &mut [f32],
) {
    let Sweep { steps, hidden, .. } = sweep;
    assert!(gates.len() == sweep.sequence(3 * hidden) && dgates.len() == gates.len(), "gru: gates");
    assert_eq!(w_state.len(), 3 * hidden * hidden, "gru: state weights");
    assert!(h.len() == sweep.sequence(hidden) && dh.len() == h.len(), "gru: states");
    assert!(inner.len() == h.len() && dinner.len() == h.len(), "gru: inner");
    assert!(h0.len() == sweep.state() && dh0.len() == h0.len(), "gru: first state");
    start_back(dh0, dh_last);
    let (w_rz, w_n) = w_state.split_at(2 * hidden * hidden);
    let w_rz = &Packed::new(w_rz, Layout::AsIs(hidden), 2 * hidden, hidden);
    let w_n = &Packed::new(w_n, Layout::AsIs(hidden), hidden, hidden);
    let state = sweep.block_rows() * hidden;
    let states = state * steps;
    dgates
        .par_chunks_mut(3 * states)
        .zip(dinner.par_chunks_mut(states).zip(dh0.par_chunks_mut(state)))
        .zip(gates.par_chunks(3 * states).zip(h0.par_chunks(state)))
        .zip(h.par_chunks(states).zip(inner.par_chunks(states)).zip(dh.par_chunks(states)))
        .with_max_len(1)
        .for_each(|(((dgates, (dinner, dh_next)), (gates, h0)), ((h, inner), dh))| {
            let sweep = Sweep { rows: h0.len() / hidden, ..sweep };
            dispatch(Backward { sweep, reset, gates, w_rz, w_n, h0, h, inner, dh, dgates, dinner, dh_next });
        });
}

/// The sweep of one block of rows.
struct Forward<'a> {
    sweep: Sweep,
    reset: Reset,
    gates: &'a mut [f32],
    w_rz: &'a StateWeights<'a>,
    w_n: &'a StateWeights<'a>,
    b_state: &'a [f32],
    h0: &'a [f32],
    h: &'a mut [f32],
    inner: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { sweep, reset, gates, w_rz, w_n, b_state, h0, h, inner } = self;
        let Sweep { rows, steps, hidden } = sweep;
        let (b_rz, b_n) = b_state.split_at(2 * hidden);
        let stride = spread(hidden);
        let mut h_now = Buffer::scratch(rows * stride);
        let mut inner_now = Buffer::scratch(rows * stride);
        for (kept, h0) in h_now.chunks_exact_mut(stride).zip(h0.chunks_exact(hidden)) {
            kept[..hidden].copy_from_slice(h0);
        }
        for t in 0..steps {
            let drive = RowsMut { data: &mut gates[t * 3 * hidden..], stride: steps * 3 * hidden };
            w_rz.add_product(simd, Rows::apart(&h_now, stride), rows, drive);
            if reset == Reset::After {
                for inner in inner_now.chunks_exact_mut(stride) {
                    inner[..hidden].copy_from_slice(b_n);
                }
                w_n.add_product(simd, Rows::apart(&h_now, stride), rows, RowsMut { data: &mut inner_now, stride });
            }
            for r in 0..rows {
                let gates = &mut gates[sweep.at(r, t, 3 * hidden)];
                let (h_now, inner_now) = (&h_now[r * stride..][..hidden], &mut inner_now[r * stride..][..hidden]);
                for_units!(2 * hidden, open::<S>(gates, b_rz));
                if reset == Reset::Before {
                    for ((inner, r), h) in inner_now.iter_mut().zip(&*gates).zip(h_now) {
                        *inner = r * h;
                    }
                }
                inner[sweep.at(r, t, hidden)].copy_from_slice(inner_now);
            }
            if reset == Reset::Before {
                let drive = RowsMut { data: &mut gates[(t * 3 + 2) * hidden..], stride: steps * 3 * hidden };
                w_n.add_product(simd, Rows::apart(&inner_now, stride), rows, drive);
            }
            for r in 0..rows {
                let gates = &mut gates[sweep.at(r, t, 3 * hidden)];
                let (h_now, inner_now) = (&mut h_now[r * stride..][..hidden], &inner_now[r * stride..][..hidden]);
                match reset {
                    Reset::After => for_units!(hidden, candidate_after::<S>(gates, inner_now)),
                    Reset::Before => for_units!(hidden, candidate_before::<S>(gates, b_n)),
                }
                for_units!(hidden, blend::<S>(gates, h_now));
                h[sweep.at(r, t, hidden)].copy_from_slice(h_now);
            }
        }
    }
}

/// r and z of `N` of their 2H units: activates them in place.
#[inline(always)]
fn open<S: Simd, const N: usize>(u: usize, gates: &mut [f32], bias: &[f32]) {
    let (mut gate, bias): ([f32; N], [f32; N]) = (load(gates, u), load(bias, u));
    for j in 0..N {
        gate[j] = sigmoid::<S>(gate[j] + bias[j]);
    }
    store(gates, u, &gate);
}

/// n of `N` units, the reset after the product.
#[inline(always)]
fn candidate_after<S: Simd, const N: usize>(u: usize, gates: &mut [f32], inner: &[f32]) {
    let hidden = inner.len();
    let (r, inner): ([f32; N], [f32; N]) = (load(gates, u), load(inner, u));
    let mut n: [f32; N] = load(gates, 2 * hidden + u);
    for j in 0..N {
        n[j] = tanh::<S>(fma::<S>(r[j], inner[j], n[j]));
    }
    store(gates, 2 * hidden + u, &n);
}

/// n of `N` units, the reset before the product, which is in the drive by now.
#[inline(always)]
fn candidate_before<S: Simd, const N: usize>(u: usize, gates: &mut [f32], bias: &[f32]) {
    let hidden = bias.len();
    let (mut n, bias): ([f32; N], [f32; N]) = (load(gates, 2 * hidden + u), load(bias, u));
    for j in 0..N {
        n[j] = tanh::<S>(n[j] + bias[j]);
    }
    store(gates, 2 * hidden + u, &n);
}

/// The new state of `N` units.
#[inline(always)]
fn blend<S: Simd, const N: usize>(u: usize, gates: &[f32], h: &mut [f32]) {
    let hidden = h.len();
    let (z, n): ([f32; N], [f32; N]) = (load(gates, hidden + u), load(gates, 2 * hidden + u));
    let mut now: [f32; N] = load(h, u);
    for j in 0..N {
        now[j] = fma::<S>(z[j], now[j] - n[j], n[j]);
    }
    store(h, u, &now);
}

/// The way back of one block of rows.
struct Backward<'a> {
    sweep: Sweep,
    reset: Reset,
    gates: &'a [f32],
    w_rz: &'a Packed,
    w_n: &'a Packed,
    h0: &'a [f32],
    h: &'a [f32],
    inner: &'a [f32],
    dh: &'a [f32],
    dgates: &'a mut [f32],
    dinner: &'a mut [f32],
    /// The gradient of h that comes from the step after; in the end that of h0.
    dh_next: &'a mut [f32],
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { sweep, reset, gates, w_rz, w_n, h0, h, inner, dh, dgates, dinner, dh_next } = self;
        let Sweep { rows, steps, hidden } = sweep;
        // r, z and n before their activations, and inner, as the products want them: apart from the powers of two.
        let (stride, inner_stride) = (spread(3 * hidden), spread(hidden));
        let mut da = Buffer::scratch(rows * stride);
        let mut dinner_now = Buffer::scratch(rows * inner_stride);
        for t in (0..steps).rev() {
            for r in 0..rows {
                let (gates, da) = (&gates[sweep.at(r, t, 3 * hidden)], &mut da[r * stride..][..3 * hidden]);
                let (dh, h_before) = (&dh[sweep.at(r, t, hidden)], sweep.before(r, t, h0, h));
                for_units!(hidden, unblend::<S>(gates, h_before, dh, &mut dh_next[r * hidden..][..hidden], da));
            }
            if reset == Reset::Before {
                let dn = Rows::apart(&da[2 * hidden..], stride);
                w_n.product(simd, dn, rows, RowsMut { data: &mut dinner_now, stride: inner_stride }, Start::Zero);
            }
            for r in 0..rows {
                let (gates, da) = (&gates[sweep.at(r, t, 3 * hidden)], &mut da[r * stride..][..3 * hidden]);
                let dinner_now = &mut dinner_now[r * inner_stride..][..hidden];
                match reset {
                    Reset::After => {
                        for_units!(
                            hidden,
                            reset_after_back::<S>(gates, &inner[sweep.at(r, t, hidden)], dinner_now, da)
                        );
                    }
                    Reset::Before => {
                        let (h_before, dh_next) = (sweep.before(r, t, h0, h), &mut dh_next[r * hidden..][..hidden]);
                        for_units!(hidden, reset_before_back::<S>(gates, h_before, dinner_now, dh_next, da));
                    }
                }
                dgates[sweep.at(r, t, 3 * hidden)].copy_from_slice(da);
                dinner[sweep.at(r, t, hidden)].copy_from_slice(dinner_now);
            }
            if reset == Reset::After {
                let dinner = Rows::apart(&dinner_now, inner_stride);
                w_n.product(simd, dinner, rows, RowsMut { data: dh_next, stride: hidden }, Start::Itself);
            }
            w_rz.product(
                simd,
                Rows::apart(&da, stride),
                rows,
                RowsMut { data: dh_next, stride: hidden },
                Start::Itself,
            );
        }
    }
}

/// From the gradient of h to those of z and n before their activations, in `da`; `dh_next` becomes the part of the
/// gradient of h_before that does not pass a product.
#[inline(always)]
#[allow(clippy::extra_unused_type_parameters, reason = "`for_units` calls all alike")]
fn unblend<S: Simd, const N: usize>(
    u: usize,
    gates: &[f32],
    h_before: &[f32],
    dh: &[f32],
    dh_next: &mut [f32],
    da: &mut [f32],
) {
    let hidden = dh.len();
    let (z, n): ([f32; N], [f32; N]) = (load(gates, hidden + u), load(gates, 2 * hidden + u));
    let (h_before, dh): ([f32; N], [f32; N]) = (load(h_before, u), load(dh, u));
    let mut dh_before: [f32; N] = load(dh_next, u);
    let (mut da_z, mut da_n) = ([0.0; N], [0.0; N]);
    for j in 0..N {
        let dh = dh[j] + dh_before[j];
        da_z[j] = dh * (h_before[j] - n[j]) * z[j] * (1.0 - z[j]);
        da_n[j] = dh * (1.0 - z[j]) * (1.0 - n[j] * n[j]);
        dh_before[j] = dh * z[j];
    }
    store(da, hidden + u, &da_z);
    store(da, 2 * hidden + u, &da_n);
    store(dh_next, u, &dh_before);
}

/// The gradients of r before its activation and of `inner`, the reset after the product.
#[inline(always)]
#[allow(clippy::extra_unused_type_parameters, reason = "`for_units` calls all alike")]
fn reset_after_back<S: Simd, const N: usize>(
    u: usize,
    gates: &[f32],
    inner: &[f32],
    dinner: &mut [f32],
    da: &mut [f32],
) {
    let hidden = inner.len();
    let (r, inner): ([f32; N], [f32; N]) = (load(gates, u), load(inner, u));
    let da_n: [f32; N] = load(da, 2 * hidden + u);
    let (mut da_r, mut dinner_now) = ([0.0; N], [0.0; N]);
    for j in 0..N {
        da_r[j] = da_n[j] * inner[j] * r[j] * (1.0 - r[j]);
        dinner_now[j] = da_n[j] * r[j];
    }
    store(da, u, &da_r);
    store(dinner, u, &dinner_now);
}

/// The gradient of r before its activation, and what `inner` adds to that of h_before; the reset before the product.
#[inline(always)]
fn reset_before_back<S: Simd, const N: usize>(
    u: usize,
    gates: &[f32],
    h_before: &[f32],
    dinner: &[f32],
    dh_next: &mut [f32],
    da: &mut [f32],
) {
    let (r, h_before): ([f32; N], [f32; N]) = (load(gates, u), load(h_before, u));
    let (dinner, mut dh_before): ([f32; N], [f32; N]) = (load(dinner, u), load(dh_next, u));
    let mut da_r = [0.0; N];
    for j in 0..N {
        da_r[j] = dinner[j] * h_before[j] * r[j] * (1.0 - r[j]);
        dh_before[j] = fma::<S>(dinner[j], r[j], dh_before[j]);
    }
    store(da, u, &da_r);
    store(dh_next, u, &dh_before);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{check_slopes, close, noise, on_threads, wide};

    const SIZES: [(usize, usize, usize); 7] =
        [(3, 5, 7), (1, 4, 5), (2, 3, 33), (4, 2, 16), (17, 6, 40), (30, 3, 19), (1, 1, 70)];
    const RESETS: [Reset; 2] = [Reset::Before, Reset::After];

    fn sigma(x: f64) -> f64 {
        1.0 / (1.0 + (-x).exp())
    }

    /// The twin: the equations of the header, one number at a time.
    struct Plain {
        gates: Vec<f64>,
        h: Vec<f64>,
        inner: Vec<f64>,
    }

    struct Weights {
        w: Vec<f64>,
        b: Vec<f64>,
    }

    impl Weights {
        /// h W^T of output `out`.
        fn dot(&self, out: usize, h: &[f64]) -> f64 {
            h.iter().zip(&self.w[out * h.len()..]).map(|(h, w)| h * w).sum()
        }
    }

    fn plain_forward(sweep: Sweep, reset: Reset, drive: &[f64], weights: &Weights, h0: &[f64]) -> Plain {
        let Sweep { rows, steps, hidden: n } = sweep;
        let mut kept =
            Plain { gates: drive.to_vec(), h: vec![0.0; sweep.sequence(n)], inner: vec![0.0; sweep.sequence(n)] };
        for r in 0..rows {
            let mut h = h0[r * n..][..n].to_vec();
            for t in 0..steps {
                let gates = &mut kept.gates[sweep.at(r, t, 3 * n)];
                let inner = &mut kept.inner[sweep.at(r, t, n)];
                for (out, gate) in gates[..2 * n].iter_mut().enumerate() {
                    *gate = sigma(*gate + weights.dot(out, &h) + weights.b[out]);
                }
                for u in 0..n {
                    inner[u] = match reset {
                        Reset::Before => gates[u] * h[u],
                        Reset::After => weights.dot(2 * n + u, &h) + weights.b[2 * n + u],
                    };
                }
                for u in 0..n {
                    gates[2 * n + u] += match reset {
                        Reset::Before => weights.dot(2 * n + u, inner) + weights.b[2 * n + u],
                        Reset::After => gates[u] * inner[u],
                    };
                    gates[2 * n + u] = gates[2 * n + u].tanh();
                }
                for u in 0..n {
                    h[u] = (1.0 - gates[n + u]) * gates[2 * n + u] + gates[n + u] * h[u];
                }
                kept.h[sweep.at(r, t, n)].copy_from_slice(&h);
            }
        }
        kept
    }

    /// The gradients of the drive, of `inner` and of h0.
    fn plain_backward(
        sweep: Sweep,
        reset: Reset,
        kept: &Plain,
        weights: &Weights,
        h0: &[f64],
        dh: &[f64],
        dh_last: &[f64],
    ) -> [Vec<f64>; 3] {
        let Sweep { rows, steps, hidden: n } = sweep;
        let (mut dgates, mut dinner) = (vec![0.0; sweep.sequence(3 * n)], vec![0.0; sweep.sequence(n)]);
        let mut dh0 = dh_last.to_vec();
        for row in 0..rows {
            for t in (0..steps).rev() {
                let gates = &kept.gates[sweep.at(row, t, 3 * n)];
                let inner = &kept.inner[sweep.at(row, t, n)];
                let da = &mut dgates[sweep.at(row, t, 3 * n)];
                let dinner = &mut dinner[sweep.at(row, t, n)];
                let mut dh_before = vec![0.0; n];
                let h_before = |u: usize| if t == 0 { h0[row * n + u] } else { kept.h[sweep.at(row, t - 1, n)][u] };
                for u in 0..n {
                    let (z, c) = (gates[n + u], gates[2 * n + u]);
                    let dh = dh[sweep.at(row, t, n)][u] + dh0[row * n + u];
                    da[n + u] = dh * (h_before(u) - c) * z * (1.0 - z);
                    da[2 * n + u] = dh * (1.0 - z) * (1.0 - c * c);
                    dh_before[u] = dh * z;
                }
                for u in 0..n {
                    let r = gates[u];
                    let dr = match reset {
                        Reset::After => {
                            dinner[u] = da[2 * n + u] * r;
                            da[2 * n + u] * inner[u]
                        }
                        Reset::Before => {
                            dinner[u] = (0..n).map(|out| da[2 * n + out] * weights.w[(2 * n + out) * n + u]).sum();
                            dh_before[u] += dinner[u] * r;
                            dinner[u] * h_before(u)
                        }
                    };
                    da[u] = dr * r * (1.0 - r);
                }
                for (u, dh_before) in dh_before.iter_mut().enumerate() {
                    *dh_before += (0..2 * n).map(|out| da[out] * weights.w[out * n + u]).sum::<f64>();
                    if reset == Reset::After {
                        *dh_before += (0..n).map(|out| dinner[out] * weights.w[(2 * n + out) * n + u]).sum::<f64>();
                    }
                }
                dh0[row * n..][..n].copy_from_slice(&dh_before);
            }
        }
        [dgates, dinner, dh0]
    }

    struct Case {
        sweep: Sweep,
        reset: Reset,
        drive: Vec<f32>,
        w: Vec<f32>,
        b: Vec<f32>,
        h0: Vec<f32>,
        dh: Vec<f32>,
        dh_last: Vec<f32>,
    }

    fn case((rows, steps, hidden): (usize, usize, usize), reset: Reset) -> Case {
        let sweep = Sweep { rows, steps, hidden };
        Case {
            sweep,
            reset,
            drive: noise(1, sweep.sequence(3 * hidden), 2.0),
            w: noise(2, 3 * hidden * hidden, 1.0 / (hidden as f32).sqrt()),
            b: noise(3, 3 * hidden, 1.0),
            h0: noise(4, sweep.state(), 1.0),
            dh: noise(5, sweep.sequence(hidden), 1.0),
            dh_last: noise(6, sweep.state(), 1.0),
        }
    }

    impl Case {
        /// gates, h, inner
        fn forward(&self) -> [Vec<f32>; 3] {
            let mut gates = self.drive.clone();
            let [mut h, mut inner] = [(); 2].map(|()| vec![f32::NAN; self.sweep.sequence(self.sweep.hidden)]);
            gru_forward(self.sweep, self.reset, &mut gates, &self.w, &self.b, &self.h0, &mut h, &mut inner);
            [gates, h, inner]
        }

        /// dgates, dinner, dh0
        fn backward(&self, [gates, h, inner]: &[Vec<f32>; 3]) -> [Vec<f32>; 3] {
            let (mut dgates, mut dinner) = (vec![f32::NAN; gates.len()], vec![f32::NAN; h.len()]);
            let mut dh0 = vec![f32::NAN; self.h0.len()];
            let dh_last = Some(&*self.dh_last);
            gru_backward(
                self.sweep,
                self.reset,
                gates,
                &self.w,
                &self.h0,
                h,
                inner,
                &self.dh,
                dh_last,
                &mut dgates,
                &mut dinner,
                &mut dh0,
            );
            [dgates, dinner, dh0]
        }

        fn weights(&self) -> Weights {
            Weights { w: wide(&self.w), b: wide(&self.b) }
        }

        fn plain(&self) -> (Plain, [Vec<f64>; 3]) {
            let (weights, h0) = (self.weights(), wide(&self.h0));
            let kept = plain_forward(self.sweep, self.reset, &wide(&self.drive), &weights, &h0);
            let back =
                plain_backward(self.sweep, self.reset, &kept, &weights, &h0, &wide(&self.dh), &wide(&self.dh_last));
            (kept, back)
        }
    }

    #[test]
    fn fused_agrees_with_plain() {
        for reset in RESETS {
            for size in SIZES {
                let case = case(size, reset);
                let (kept, back) = case.plain();
                let forward = case.forward();
                close(&forward[0], &kept.gates, 1e-5, "gates");
                close(&forward[1], &kept.h, 1e-5, "h");
                close(&forward[2], &kept.inner, 1e-5, "inner");
                let backward = case.backward(&forward);
                for ((fused, plain), name) in backward.iter().zip(&back).zip(["dgates", "dinner", "dh0"]) {
                    close(fused, plain, 1e-5, name);
                }
            }
        }
    }

    #[test]
    fn the_twin_has_the_slopes_of_its_own_output() {
        for reset in RESETS {
            let case = case((2, 3, 4), reset);
            let (sweep, weights) = (case.sweep, case.weights());
            let (_, [dgates, _, dh0]) = case.plain();
            let output = |drive: &[f64], h0: &[f64]| {
                let kept = plain_forward(sweep, reset, drive, &weights, h0);
                let mut sum: f64 = kept.h.iter().zip(&case.dh).map(|(h, &d)| h * f64::from(d)).sum();
                for r in 0..sweep.rows {
                    let last = &kept.h[sweep.at(r, sweep.steps - 1, sweep.hidden)];
                    sum +=
                        last.iter().zip(&case.dh_last[r * sweep.hidden..]).map(|(h, &d)| h * f64::from(d)).sum::<f64>();
                }
                sum
            };
            let (drive, h0) = (wide(&case.drive), wide(&case.h0));
            check_slopes(&drive, &dgates, |x| output(x, &h0));
            check_slopes(&h0, &dh0, |x| output(&drive, x));
        }
    }

    #[test]
    fn the_gradient_of_the_candidates_weights_is_made_as_the_header_says() {
        for reset in RESETS {
            let case = case((2, 3, 4), reset);
            let Sweep { rows, steps, hidden } = case.sweep;
            let forward = case.forward();
            let [dgates, dinner, _] = case.backward(&forward);
            let mut gradient = vec![0.0; hidden * hidden];
            for r in 0..rows {
                for t in 0..steps {
                    let (inner, h_before) =
                        (&forward[2][case.sweep.at(r, t, hidden)], case.sweep.before(r, t, &case.h0, &forward[1]));
                    let (left, right) = match reset {
                        Reset::After => (&dinner[case.sweep.at(r, t, hidden)], h_before),
                        Reset::Before => (&dgates[case.sweep.at(r, t, 3 * hidden)][2 * hidden..], inner),
                    };
                    for out in 0..hidden {
                        for k in 0..hidden {
                            gradient[out * hidden + k] += f64::from(left[out]) * f64::from(right[k]);
                        }
                    }
                }
            }
            let Weights { w, b } = case.weights();
            let (w_rz, w_n) = w.split_at(2 * hidden * hidden);
            // Single precision in the gradient: so its differences are compared as widely.
            let rounded: Vec<f32> = gradient.iter().map(|&x| x as f32).collect();
            let slopes: Vec<f64> = (0..w_n.len())
                .map(|at| {
                    let output = |step: f64| {
                        let mut w = [w_rz, w_n].concat();
                        w[w_rz.len() + at] += step;
                        let weights = Weights { w, b: b.clone() };
                        let kept = plain_forward(case.sweep, reset, &wide(&case.drive), &weights, &wide(&case.h0));
                        let mut sum: f64 = kept.h.iter().zip(&case.dh).map(|(h, &d)| h * f64::from(d)).sum();
                        for r in 0..rows {
                            let last = &kept.h[case.sweep.at(r, steps - 1, hidden)];
                            sum += last
                                .iter()
                                .zip(&case.dh_last[r * hidden..])
                                .map(|(h, &d)| h * f64::from(d))
                                .sum::<f64>();
                        }
                        sum
                    };
                    (output(1e-5) - output(-1e-5)) / 2e-5
                })
                .collect();
            close(&rounded, &slopes, 1e-5, "gradient of U_n");
        }
    }

    #[test]
    fn steps_one_by_one_are_the_sweep() {
        for reset in RESETS {
            let case = case((5, 9, 37), reset);
            let Sweep { rows, steps, hidden } = case.sweep;
            let [_, h, _] = case.forward();
            let mut now = case.h0.clone();
            let mut inner = now.clone();
            for t in 0..steps {
                let mut gates: Vec<f32> =
                    (0..rows).flat_map(|r| case.drive[case.sweep.at(r, t, 3 * hidden)].to_vec()).collect();
                let before = now.clone();
                let one = Sweep { steps: 1, ..case.sweep };
                gru_forward(one, reset, &mut gates, &case.w, &case.b, &before, &mut now, &mut inner);
                for r in 0..rows {
                    close(&now[r * hidden..][..hidden], &wide(&h[case.sweep.at(r, t, hidden)]), 1e-6, "h");
                }
            }
        }
    }

    #[test]
    fn the_same_bits_on_one_and_two_threads() {
        for reset in RESETS {
            let case = case((30, 4, 50), reset);
            let run = || {
                let forward = case.forward();
                let backward = case.backward(&forward);
                (forward, backward)
            };
            assert!(on_threads(1, run) == on_threads(2, run));
        }
    }
}
