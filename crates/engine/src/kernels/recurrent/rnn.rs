//! The plain recurrent network over whole sequences, forward and backward.
//!
//!     h = φ(x W_xᵀ + b + h_before Wᵀ)    φ is tanh (Elman 1990), σ (Mikolov 2010) or the rectifier

use super::{StateWeights, Sweep, spread, start_back};
use crate::buffer::Buffer;
use crate::kernels::math::{sigmoid, tanh};
use crate::kernels::pack::Layout;
use crate::kernels::product::{Packed, Rows, RowsMut, Start};
use crate::kernels::simd::{Simd, WithSimd, dispatch};
use rayon::prelude::*;

/// φ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activation {
    Tanh,
    Sigmoid,
    Relu,
}

impl Activation {
    /// φ of a row, in place.
    #[inline(always)]
    fn apply<S: Simd>(self, row: &mut [f32]) {
        match self {
            Self::Tanh => {
                for a in row {
                    *a = tanh::<S>(*a);
                }
            }
            Self::Sigmoid => {
                for a in row {
                    *a = sigmoid::<S>(*a);
                }
            }
            Self::Relu => {
                for a in row {
                    *a = if *a < 0.0 { 0.0 } else { *a }; // this way round, NaN stays NaN
                }
            }
        }
    }

    /// Multiplies the gradient of a row h by φ', which h tells.
    #[inline(always)]
    fn undo(self, h: &[f32], gradient: &mut [f32]) {
        match self {
            Self::Tanh => {
                for (d, h) in gradient.iter_mut().zip(h) {
                    *d *= 1.0 - h * h;
                }
            }
            Self::Sigmoid => {
                for (d, h) in gradient.iter_mut().zip(h) {
                    *d *= h * (1.0 - h);
                }
            }
            Self::Relu => {
                for (d, h) in gradient.iter_mut().zip(h) {
                    *d = if *h > 0.0 { *d } else { 0.0 };
                }
            }
        }
    }
}

/// Runs all steps. `h` [B, T, H] holds x W_xᵀ + b on entry and the states on exit; `w_state` is [H, H], `h0` [B, H].
pub(crate) fn rnn_forward(sweep: Sweep, activation: Activation, h: &mut [f32], w_state: &[f32], h0: &[f32]) {
    let Sweep { steps, hidden, .. } = sweep;
    assert_eq!(h.len(), sweep.sequence(hidden), "rnn: states");
    assert_eq!(w_state.len(), hidden * hidden, "rnn: state weights");
    assert_eq!(h0.len(), sweep.state(), "rnn: first state");
    let weights = &StateWeights::new(w_state, sweep);
    let state = sweep.block_rows() * hidden;
    h.par_chunks_mut(state * steps).zip(h0.par_chunks(state)).with_max_len(1).for_each(|(h, h0)| {
        let sweep = Sweep { rows: h0.len() / hidden, ..sweep };
        dispatch(Forward { sweep, activation, h, weights, h0 });
    });
}

/// The gradients of a sweep from the `h` that [`rnn_forward`] left: `dh` [B, T, H] is the gradient of every h but for
/// what comes through later steps, `dh_last` [B, H] that of the last one beyond it. Fills `da` [B, T, H], the gradient
/// before the activation, and `dh0` [B, H].
#[allow(clippy::too_many_arguments, reason = "a kernel's operands")]
pub(crate) fn rnn_backward(
    sweep: Sweep,
    activation: Activation,
    h: &[f32],
    w_state: &[f32],
    dh: &[f32],
    dh_last: Option<&[f32]>,
    da: &mut [f32],
    dh0: &mut [f32],
) {
    let Sweep { steps, hidden, .. } = sweep;
    assert!(h.len() == sweep.sequence(hidden) && dh.len() == h.len() && da.len() == h.len(), "rnn: states");
    assert_eq!(w_state.len(), hidden * hidden, "rnn: state weights");
    assert_eq!(dh0.len(), sweep.state(), "rnn: first state");
    start_back(dh0, dh_last);
    let weights = &Packed::new(w_state, Layout::AsIs(hidden), hidden, hidden);
    let state = sweep.block_rows() * hidden;
    let states = state * steps;
    da.par_chunks_mut(states)
        .zip(dh0.par_chunks_mut(state))
        .zip(h.par_chunks(states).zip(dh.par_chunks(states)))
        .with_max_len(1)
        .for_each(|((da, dh_next), (h, dh))| {
            let sweep = Sweep { rows: dh_next.len() / hidden, ..sweep };
            dispatch(Backward { sweep, activation, h, weights, dh, da, dh_next });
        });
}

/// The sweep of one block of rows.
struct Forward<'a> {
    sweep: Sweep,
    activation: Activation,
    h: &'a mut [f32],
    weights: &'a StateWeights<'a>,
    h0: &'a [f32],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { sweep, activation, h, weights, h0 } = self;
        let Sweep { rows, steps, hidden } = sweep;
        let stride = spread(hidden);
        let mut h_now = Buffer::scratch(rows * stride);
        for (kept, h0) in h_now.chunks_exact_mut(stride).zip(h0.chunks_exact(hidden)) {
            kept[..hidden].copy_from_slice(h0);
        }
        for t in 0..steps {
            let drive = RowsMut { data: &mut h[t * hidden..], stride: steps * hidden };
            weights.add_product(simd, Rows::apart(&h_now, stride), rows, drive);
            for r in 0..rows {
                let h = &mut h[sweep.at(r, t, hidden)];
                activation.apply::<S>(h);
                h_now[r * stride..][..hidden].copy_from_slice(h);
            }
        }
    }
}

/// The way back of one block of rows.
struct Backward<'a> {
    sweep: Sweep,
    activation: Activation,
    h: &'a [f32],
    weights: &'a Packed,
    dh: &'a [f32],
    da: &'a mut [f32],
    /// The gradient of h that comes from the step after; in the end that of h0.
    dh_next: &'a mut [f32],
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { sweep, activation, h, weights, dh, da, dh_next } = self;
        let Sweep { rows, steps, hidden } = sweep;
        let stride = spread(hidden);
        let mut da_now = Buffer::scratch(rows * stride);
        for t in (0..steps).rev() {
            for r in 0..rows {
                let at = sweep.at(r, t, hidden);
                let now = &mut da_now[r * stride..][..hidden];
                for ((now, dh), dh_next) in now.iter_mut().zip(&dh[at.clone()]).zip(&dh_next[r * hidden..][..hidden]) {
                    *now = dh + dh_next;
                }
                activation.undo(&h[at.clone()], now);
                da[at].copy_from_slice(now);
            }
            let dh_next = RowsMut { data: dh_next, stride: hidden };
            weights.product(simd, Rows::apart(&da_now, stride), rows, dh_next, Start::Zero);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{check_slopes, close, noise, on_threads, wide};

    const SIZES: [(usize, usize, usize); 6] = [(3, 5, 7), (1, 4, 5), (2, 3, 33), (17, 6, 40), (30, 3, 19), (1, 1, 70)];
    const ACTIVATIONS: [Activation; 3] = [Activation::Tanh, Activation::Sigmoid, Activation::Relu];

    /// The twin: the equation of the header, one number at a time.
    fn plain_forward(sweep: Sweep, activation: Activation, drive: &[f64], w: &[f64], h0: &[f64]) -> Vec<f64> {
        let Sweep { rows, steps, hidden: n } = sweep;
        let mut h = drive.to_vec();
        for r in 0..rows {
            let mut now = h0[r * n..][..n].to_vec();
            for t in 0..steps {
                let a = &mut h[sweep.at(r, t, n)];
                for (out, a) in a.iter_mut().enumerate() {
                    *a += (0..n).map(|k| now[k] * w[out * n + k]).sum::<f64>();
                    *a = match activation {
                        Activation::Tanh => a.tanh(),
                        Activation::Sigmoid => 1.0 / (1.0 + (-*a).exp()),
                        Activation::Relu => a.max(0.0),
                    };
                }
                now.copy_from_slice(a);
            }
        }
        h
    }

    /// The gradients of the drive and of h0.
    fn plain_backward(
        sweep: Sweep,
        activation: Activation,
        h: &[f64],
        w: &[f64],
        dh: &[f64],
        dh_last: &[f64],
    ) -> [Vec<f64>; 2] {
        let Sweep { rows, steps, hidden: n } = sweep;
        let (mut da, mut dh0) = (vec![0.0; h.len()], dh_last.to_vec());
        for r in 0..rows {
            for t in (0..steps).rev() {
                let at = sweep.at(r, t, n);
                for u in 0..n {
                    let h = h[at.start + u];
                    let slope = match activation {
                        Activation::Tanh => 1.0 - h * h,
                        Activation::Sigmoid => h * (1.0 - h),
                        Activation::Relu => f64::from(h > 0.0),
                    };
                    da[at.start + u] = (dh[at.start + u] + dh0[r * n + u]) * slope;
                }
                for k in 0..n {
                    dh0[r * n + k] = (0..n).map(|out| da[at.start + out] * w[out * n + k]).sum();
                }
            }
        }
        [da, dh0]
    }

    struct Case {
        sweep: Sweep,
        activation: Activation,
        drive: Vec<f32>,
        w: Vec<f32>,
        h0: Vec<f32>,
        dh: Vec<f32>,
        dh_last: Vec<f32>,
    }

    fn case((rows, steps, hidden): (usize, usize, usize), activation: Activation) -> Case {
        let sweep = Sweep { rows, steps, hidden };
        Case {
            sweep,
            activation,
            drive: noise(1, sweep.sequence(hidden), 2.0),
            w: noise(2, hidden * hidden, 1.0 / (hidden as f32).sqrt()),
            h0: noise(3, sweep.state(), 1.0),
            dh: noise(4, sweep.sequence(hidden), 1.0),
            dh_last: noise(5, sweep.state(), 1.0),
        }
    }

    impl Case {
        fn forward(&self) -> Vec<f32> {
            let mut h = self.drive.clone();
            rnn_forward(self.sweep, self.activation, &mut h, &self.w, &self.h0);
            h
        }

        /// da, dh0
        fn backward(&self, h: &[f32]) -> [Vec<f32>; 2] {
            let (mut da, mut dh0) = (vec![f32::NAN; h.len()], vec![f32::NAN; self.sweep.state()]);
            rnn_backward(self.sweep, self.activation, h, &self.w, &self.dh, Some(&self.dh_last), &mut da, &mut dh0);
            [da, dh0]
        }

        fn plain(&self) -> (Vec<f64>, [Vec<f64>; 2]) {
            let w = wide(&self.w);
            let h = plain_forward(self.sweep, self.activation, &wide(&self.drive), &w, &wide(&self.h0));
            let back = plain_backward(self.sweep, self.activation, &h, &w, &wide(&self.dh), &wide(&self.dh_last));
            (h, back)
        }
    }

    #[test]
    fn fused_agrees_with_plain() {
        for activation in ACTIVATIONS {
            for size in SIZES {
                let case = case(size, activation);
                let (h, [da, dh0]) = case.plain();
                let fused = case.forward();
                close(&fused, &h, 1e-5, "h");
                let [fused_da, fused_dh0] = case.backward(&fused);
                close(&fused_da, &da, 1e-5, "da");
                close(&fused_dh0, &dh0, 1e-5, "dh0");
            }
        }
    }

    #[test]
    fn the_twin_has_the_slopes_of_its_own_output() {
        for activation in ACTIVATIONS {
            let case = case((2, 3, 4), activation);
            let (sweep, w) = (case.sweep, wide(&case.w));
            let (_, [da, dh0]) = case.plain();
            let output = |drive: &[f64], h0: &[f64]| {
                let h = plain_forward(sweep, activation, drive, &w, h0);
                let mut sum: f64 = h.iter().zip(&case.dh).map(|(h, &d)| h * f64::from(d)).sum();
                for r in 0..sweep.rows {
                    let last = &h[sweep.at(r, sweep.steps - 1, sweep.hidden)];
                    sum +=
                        last.iter().zip(&case.dh_last[r * sweep.hidden..]).map(|(h, &d)| h * f64::from(d)).sum::<f64>();
                }
                sum
            };
            let (drive, h0) = (wide(&case.drive), wide(&case.h0));
            check_slopes(&drive, &da, |x| output(x, &h0));
            check_slopes(&h0, &dh0, |x| output(&drive, x));
        }
    }

    #[test]
    fn steps_one_by_one_are_the_sweep() {
        let case = case((5, 9, 37), Activation::Tanh);
        let Sweep { rows, steps, hidden } = case.sweep;
        let h = case.forward();
        let mut now = case.h0.clone();
        for t in 0..steps {
            let before = now;
            now = (0..rows).flat_map(|r| case.drive[case.sweep.at(r, t, hidden)].to_vec()).collect();
            rnn_forward(Sweep { steps: 1, ..case.sweep }, Activation::Tanh, &mut now, &case.w, &before);
            for r in 0..rows {
                close(&now[r * hidden..][..hidden], &wide(&h[case.sweep.at(r, t, hidden)]), 1e-6, "h");
            }
        }
    }

    #[test]
    fn the_same_bits_on_one_and_two_threads() {
        let case = case((30, 4, 50), Activation::Tanh);
        let run = || {
            let h = case.forward();
            let back = case.backward(&h);
            (h, back)
        };
        assert!(on_threads(1, run) == on_threads(2, run));
    }
}
