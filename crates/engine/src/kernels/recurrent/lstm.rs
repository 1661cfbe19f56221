//! The LSTM over whole sequences, forward and backward. Gates stand in PyTorch's order: input i, forget f, cell g,
//! output o. No peepholes.
//!
//!     a = x W_xᵀ + b + h_before Wᵀ
//!     i, f, o = σ(a_i), σ(a_f), σ(a_o)
//!     g = tanh(a_g)
//!     c = f c_before + i g
//!     h = o tanh(c)

use super::{LANES, StateWeights, Sweep, for_units, load, spread, start_back, store};
use crate::buffer::Buffer;
use crate::kernels::math::{fma, sigmoid, tanh};
use crate::kernels::pack::Layout;
use crate::kernels::product::{Packed, Rows, RowsMut, Start};
use crate::kernels::simd::{Simd, WithSimd, dispatch};
use rayon::prelude::*;

/// Runs all steps. `gates` [B, T, 4H] holds x W_xᵀ and every bias on entry, and i, f, g, o on exit; `w_state` is
/// [4H, H]; `h0` and `c0` are [B, H]. Fills `h` and `c` [B, T, H].
pub(crate) fn lstm_forward(
    sweep: Sweep,
    gates: &mut [f32],
    w_state: &[f32],
    h0: &[f32],
    c0: &[f32],
    h: &mut [f32],
    c: &mut [f32],
) {
    let Sweep { steps, hidden, .. } = sweep;
    assert_eq!(gates.len(), sweep.sequence(4 * hidden), "lstm: gates");
    assert_eq!(w_state.len(), 4 * hidden * hidden, "lstm: state weights");
    assert!(h0.len() == sweep.state() && c0.len() == sweep.state(), "lstm: first states");
    assert!(h.len() == sweep.sequence(hidden) && c.len() == h.len(), "lstm: states");
    let weights = &StateWeights::new(w_state, sweep);
    let block = sweep.block_rows();
    let (state, states) = (block * hidden, block * steps * hidden);
    gates
        .par_chunks_mut(4 * states)
        .zip(h.par_chunks_mut(states).zip(c.par_chunks_mut(states)))
        .zip(h0.par_chunks(state).zip(c0.par_chunks(state)))
        .with_max_len(1)
        .for_each(|((gates, (h, c)), (h0, c0))| {
            let sweep = Sweep { rows: h0.len() / hidden, ..sweep };
            dispatch(Forward { sweep, gates, weights, h0, c0, h, c });
        });
}

/// The gradients of a sweep from what [`lstm_forward`] left: `dh` [B, T, H] is the gradient of every h but for what
/// comes through later steps, `dh_last` and `dc_last` [B, H] those of the last h and c beyond it. Fills `dgates`
/// [B, T, 4H], the gradient of a, and `dh0` and `dc0` [B, H].
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
    let Sweep { steps, hidden, .. } = sweep;
    assert!(gates.len() == sweep.sequence(4 * hidden) && dgates.len() == gates.len(), "lstm: gates");
    assert_eq!(w_state.len(), 4 * hidden * hidden, "lstm: state weights");
    assert!(c.len() == sweep.sequence(hidden) && dh.len() == c.len(), "lstm: states");
    assert!(c0.len() == sweep.state() && dh0.len() == c0.len() && dc0.len() == c0.len(), "lstm: first states");
    start_back(dh0, dh_last);
    start_back(dc0, dc_last);
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
            let sweep = Sweep { rows: c0.len() / hidden, ..sweep };
            dispatch(Backward { sweep, gates, weights, c0, c, dh, dgates, dh_next, dc_next });
        });
}

/// The sweep of one block of rows.
struct Forward<'a> {
    sweep: Sweep,
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
        let Self { sweep, gates, weights, h0, c0, h, c } = self;
        let Sweep { rows, steps, hidden } = sweep;
        let stride = spread(hidden);
        let mut h_now = Buffer::scratch(rows * stride);
        let mut c_now = Buffer::copy_of(c0);
        for (kept, h0) in h_now.chunks_exact_mut(stride).zip(h0.chunks_exact(hidden)) {
            kept[..hidden].copy_from_slice(h0);
        }
        for t in 0..steps {
            let drive = RowsMut { data: &mut gates[t * 4 * hidden..], stride: steps * 4 * hidden };
            weights.add_product(simd, Rows::apart(&h_now, stride), rows, drive);
            for r in 0..rows {
                let gates = &mut gates[sweep.at(r, t, 4 * hidden)];
                let (h_now, c_now) = (&mut h_now[r * stride..][..hidden], &mut c_now[r * hidden..][..hidden]);
                for_units!(hidden, tick::<S>(hidden, gates, c_now, h_now));
                h[sweep.at(r, t, hidden)].copy_from_slice(h_now);
                c[sweep.at(r, t, hidden)].copy_from_slice(c_now);
            }
        }
    }
}

/// One step of `N` units, after the products: activates `gates` in place, and `c` goes on from its value before.
#[inline(always)]
fn tick<S: Simd, const N: usize>(u: usize, hidden: usize, gates: &mut [f32], c: &mut [f32], h: &mut [f32]) {
    let (mut i, mut f): ([f32; N], [f32; N]) = (load(gates, u), load(gates, hidden + u));
    let (mut g, mut o): ([f32; N], [f32; N]) = (load(gates, 2 * hidden + u), load(gates, 3 * hidden + u));
    let (mut c_now, mut h_now): ([f32; N], _) = (load(c, u), [0.0; N]);
    for j in 0..N {
        i[j] = sigmoid::<S>(i[j]);
        f[j] = sigmoid::<S>(f[j]);
        g[j] = tanh::<S>(g[j]);
        o[j] = sigmoid::<S>(o[j]);
        c_now[j] = fma::<S>(f[j], c_now[j], i[j] * g[j]);
        h_now[j] = o[j] * tanh::<S>(c_now[j]);
    }
    store(gates, u, &i);
    store(gates, hidden + u, &f);
    store(gates, 2 * hidden + u, &g);
    store(gates, 3 * hidden + u, &o);
    store(c, u, &c_now);
    store(h, u, &h_now);
}

/// The way back of one block of rows.
struct Backward<'a> {
    sweep: Sweep,
    gates: &'a [f32],
    weights: &'a Packed,
    c0: &'a [f32],
    c: &'a [f32],
    dh: &'a [f32],
    dgates: &'a mut [f32],
    /// The gradient of h that comes from the step after; in the end that of h0.
    dh_next: &'a mut [f32],
    /// The same of c.
    dc_next: &'a mut [f32],
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { sweep, gates, weights, c0, c, dh, dgates, dh_next, dc_next } = self;
        let Sweep { rows, steps, hidden } = sweep;
        let stride = spread(4 * hidden);
        let mut da = Buffer::scratch(rows * stride);
        for t in (0..steps).rev() {
            for r in 0..rows {
                let kept = Kept {
                    gates: &gates[sweep.at(r, t, 4 * hidden)],
                    c_before: sweep.before(r, t, c0, c),
                    c: &c[sweep.at(r, t, hidden)],
                };
                let dh = &dh[sweep.at(r, t, hidden)];
                let (dh_next, dc_next) = (&dh_next[r * hidden..][..hidden], &mut dc_next[r * hidden..][..hidden]);
                let da = &mut da[r * stride..][..4 * hidden];
                for_units!(hidden, tick_back::<S>(&kept, dh, dh_next, dc_next, da));
                dgates[sweep.at(r, t, 4 * hidden)].copy_from_slice(da);
            }
            let dh_next = RowsMut { data: dh_next, stride: hidden };
            weights.product(simd, Rows::apart(&da, stride), rows, dh_next, Start::Zero);
        }
    }
}

/// What one row keeps of one step.
struct Kept<'a> {
    gates: &'a [f32],
    c_before: &'a [f32],
    c: &'a [f32],
}

/// One step of `N` units backward: from the gradients of h and c to `da`, those before the activations.
#[inline(always)]
fn tick_back<S: Simd, const N: usize>(
    u: usize,
    kept: &Kept,
    dh: &[f32],
    dh_next: &[f32],
    dc: &mut [f32],
    da: &mut [f32],
) {
    let &Kept { gates, c_before, c } = kept;
    let hidden = c.len();
    let (i, f): ([f32; N], [f32; N]) = (load(gates, u), load(gates, hidden + u));
    let (g, o): ([f32; N], [f32; N]) = (load(gates, 2 * hidden + u), load(gates, 3 * hidden + u));
    let (c_before, c): ([f32; N], [f32; N]) = (load(c_before, u), load(c, u));
    let (dh, dh_next, mut dc_before): ([f32; N], [f32; N], [f32; N]) = (load(dh, u), load(dh_next, u), load(dc, u));
    let (mut da_i, mut da_f, mut da_g, mut da_o) = ([0.0; N], [0.0; N], [0.0; N], [0.0; N]);
    for j in 0..N {
        let shown = tanh::<S>(c[j]);
        let dh = dh[j] + dh_next[j];
        let dc = fma::<S>(dh * o[j], 1.0 - shown * shown, dc_before[j]);
        da_i[j] = dc * g[j] * i[j] * (1.0 - i[j]);
        da_f[j] = dc * c_before[j] * f[j] * (1.0 - f[j]);
        da_g[j] = dc * i[j] * (1.0 - g[j] * g[j]);
        da_o[j] = dh * shown * o[j] * (1.0 - o[j]);
        dc_before[j] = dc * f[j];
    }
    store(da, u, &da_i);
    store(da, hidden + u, &da_f);
    store(da, 2 * hidden + u, &da_g);
    store(da, 3 * hidden + u, &da_o);
    store(dc, u, &dc_before);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{check_slopes, close, noise, on_threads, wide};

    /// Batches for one block and for several, widths below, at and beyond whole vectors, and generation.
    const SIZES: [(usize, usize, usize); 7] =
        [(3, 5, 7), (1, 4, 5), (2, 3, 33), (4, 2, 16), (17, 6, 40), (30, 3, 19), (1, 1, 70)];

    fn sigma(x: f64) -> f64 {
        1.0 / (1.0 + (-x).exp())
    }

    /// The twin: the equations of the header, one number at a time.
    struct Plain {
        gates: Vec<f64>,
        h: Vec<f64>,
        c: Vec<f64>,
    }

    fn plain_forward(sweep: Sweep, drive: &[f64], w: &[f64], h0: &[f64], c0: &[f64]) -> Plain {
        let Sweep { rows, steps, hidden: n } = sweep;
        let mut kept =
            Plain { gates: drive.to_vec(), h: vec![0.0; sweep.sequence(n)], c: vec![0.0; sweep.sequence(n)] };
        for r in 0..rows {
            let (mut h, mut c) = (h0[r * n..][..n].to_vec(), c0[r * n..][..n].to_vec());
            for t in 0..steps {
                let a = &mut kept.gates[sweep.at(r, t, 4 * n)];
                for (out, a) in a.iter_mut().enumerate() {
                    *a += (0..n).map(|k| h[k] * w[out * n + k]).sum::<f64>();
                    *a = if out / n == 2 { a.tanh() } else { sigma(*a) };
                }
                for u in 0..n {
                    c[u] = a[n + u] * c[u] + a[u] * a[2 * n + u];
                    h[u] = a[3 * n + u] * c[u].tanh();
                }
                kept.h[sweep.at(r, t, n)].copy_from_slice(&h);
                kept.c[sweep.at(r, t, n)].copy_from_slice(&c);
            }
        }
        kept
    }

    /// The gradients of a, h0 and c0.
    fn plain_backward(
        sweep: Sweep,
        kept: &Plain,
        w: &[f64],
        c0: &[f64],
        dh: &[f64],
        dh_last: &[f64],
        dc_last: &[f64],
    ) -> [Vec<f64>; 3] {
        let Sweep { rows, steps, hidden: n } = sweep;
        let (mut dgates, mut dh0, mut dc0) = (vec![0.0; sweep.sequence(4 * n)], dh_last.to_vec(), dc_last.to_vec());
        for r in 0..rows {
            for t in (0..steps).rev() {
                let gates = &kept.gates[sweep.at(r, t, 4 * n)];
                let da = &mut dgates[sweep.at(r, t, 4 * n)];
                for u in 0..n {
                    let [i, f, g, o] = [0, 1, 2, 3].map(|gate| gates[gate * n + u]);
                    let c_before = if t == 0 { c0[r * n + u] } else { kept.c[sweep.at(r, t - 1, n)][u] };
                    let shown = kept.c[sweep.at(r, t, n)][u].tanh();
                    let dh = dh[sweep.at(r, t, n)][u] + dh0[r * n + u];
                    let dc = dc0[r * n + u] + dh * o * (1.0 - shown * shown);
                    da[u] = dc * g * i * (1.0 - i);
                    da[n + u] = dc * c_before * f * (1.0 - f);
                    da[2 * n + u] = dc * i * (1.0 - g * g);
                    da[3 * n + u] = dh * shown * o * (1.0 - o);
                    dc0[r * n + u] = dc * f;
                }
                for k in 0..n {
                    dh0[r * n + k] = (0..4 * n).map(|out| da[out] * w[out * n + k]).sum();
                }
            }
        }
        [dgates, dh0, dc0]
    }

    struct Case {
        sweep: Sweep,
        drive: Vec<f32>,
        w: Vec<f32>,
        h0: Vec<f32>,
        c0: Vec<f32>,
        dh: Vec<f32>,
        dh_last: Vec<f32>,
        dc_last: Vec<f32>,
    }

    fn case((rows, steps, hidden): (usize, usize, usize)) -> Case {
        let sweep = Sweep { rows, steps, hidden };
        Case {
            sweep,
            drive: noise(1, sweep.sequence(4 * hidden), 2.0),
            w: noise(2, 4 * hidden * hidden, 1.0 / (hidden as f32).sqrt()),
            h0: noise(3, sweep.state(), 1.0),
            c0: noise(4, sweep.state(), 1.0),
            dh: noise(5, sweep.sequence(hidden), 1.0),
            dh_last: noise(6, sweep.state(), 1.0),
            dc_last: noise(7, sweep.state(), 1.0),
        }
    }

    impl Case {
        /// gates, h, c
        fn forward(&self) -> [Vec<f32>; 3] {
            let mut gates = self.drive.clone();
            let [mut h, mut c] = [(); 2].map(|()| vec![f32::NAN; self.sweep.sequence(self.sweep.hidden)]);
            lstm_forward(self.sweep, &mut gates, &self.w, &self.h0, &self.c0, &mut h, &mut c);
            [gates, h, c]
        }

        /// dgates, dh0, dc0
        fn backward(&self, [gates, _, c]: &[Vec<f32>; 3]) -> [Vec<f32>; 3] {
            let mut dgates = vec![f32::NAN; gates.len()];
            let [mut dh0, mut dc0] = [(); 2].map(|()| vec![f32::NAN; self.sweep.state()]);
            let (dh_last, dc_last) = (Some(&*self.dh_last), Some(&*self.dc_last));
            lstm_backward(
                self.sweep,
                gates,
                &self.w,
                &self.c0,
                c,
                &self.dh,
                dh_last,
                dc_last,
                &mut dgates,
                &mut dh0,
                &mut dc0,
            );
            [dgates, dh0, dc0]
        }

        fn plain(&self) -> (Plain, [Vec<f64>; 3]) {
            let (w, c0) = (wide(&self.w), wide(&self.c0));
            let kept = plain_forward(self.sweep, &wide(&self.drive), &w, &wide(&self.h0), &c0);
            let back =
                plain_backward(self.sweep, &kept, &w, &c0, &wide(&self.dh), &wide(&self.dh_last), &wide(&self.dc_last));
            (kept, back)
        }
    }

    #[test]
    fn fused_agrees_with_plain() {
        for size in SIZES {
            let case = case(size);
            let (kept, back) = case.plain();
            let forward = case.forward();
            close(&forward[0], &kept.gates, 1e-5, "gates");
            close(&forward[1], &kept.h, 1e-5, "h");
            close(&forward[2], &kept.c, 1e-5, "c");
            let backward = case.backward(&forward);
            for ((fused, plain), name) in backward.iter().zip(&back).zip(["dgates", "dh0", "dc0"]) {
                close(fused, plain, 1e-5, name);
            }
        }
    }

    #[test]
    fn the_twin_has_the_slopes_of_its_own_output() {
        let case = case((2, 3, 4));
        let (sweep, w) = (case.sweep, wide(&case.w));
        let (_, [dgates, dh0, dc0]) = case.plain();
        // What the gradients are of: every output, weighted by the gradient that flows in.
        let output = |drive: &[f64], h0: &[f64], c0: &[f64]| {
            let kept = plain_forward(sweep, drive, &w, h0, c0);
            let mut sum: f64 = kept.h.iter().zip(&case.dh).map(|(h, &d)| h * f64::from(d)).sum();
            for r in 0..sweep.rows {
                let last = sweep.at(r, sweep.steps - 1, sweep.hidden);
                for u in 0..sweep.hidden {
                    sum += kept.h[last.clone()][u] * f64::from(case.dh_last[r * sweep.hidden + u]);
                    sum += kept.c[last.clone()][u] * f64::from(case.dc_last[r * sweep.hidden + u]);
                }
            }
            sum
        };
        let [drive, h0, c0] = [&case.drive, &case.h0, &case.c0].map(|x| wide(x));
        check_slopes(&drive, &dgates, |x| output(x, &h0, &c0));
        check_slopes(&h0, &dh0, |x| output(&drive, x, &c0));
        check_slopes(&c0, &dc0, |x| output(&drive, &h0, x));
    }

    #[test]
    fn steps_one_by_one_are_the_sweep() {
        let case = case((5, 9, 37));
        let Sweep { rows, steps, hidden } = case.sweep;
        let [_, h, c] = case.forward();
        let (mut h_now, mut c_now) = (case.h0.clone(), case.c0.clone());
        for t in 0..steps {
            let mut gates: Vec<f32> =
                (0..rows).flat_map(|r| case.drive[case.sweep.at(r, t, 4 * hidden)].to_vec()).collect();
            let (h_before, c_before) = (h_now.clone(), c_now.clone());
            lstm_forward(
                Sweep { steps: 1, ..case.sweep },
                &mut gates,
                &case.w,
                &h_before,
                &c_before,
                &mut h_now,
                &mut c_now,
            );
            for r in 0..rows {
                close(&h_now[r * hidden..][..hidden], &wide(&h[case.sweep.at(r, t, hidden)]), 1e-6, "h");
                close(&c_now[r * hidden..][..hidden], &wide(&c[case.sweep.at(r, t, hidden)]), 1e-6, "c");
            }
        }
    }

    #[test]
    fn the_same_bits_on_one_and_two_threads() {
        let case = case((30, 4, 50));
        let run = || {
            let forward = case.forward();
            let backward = case.backward(&forward);
            (forward, backward)
        };
        assert!(on_threads(1, run) == on_threads(2, run));
    }
}
