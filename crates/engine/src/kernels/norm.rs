//! Layer normalisation of rows, forward and backward. The normalised rows are computed again on the way back.

use super::simd::{Simd, WithSimd, dispatch};
use super::{reduce, threads};
use rayon::prelude::*;

/// Rows per piece of work: fixed, so that partial sums are the same for every thread count.
const PIECE_ROWS: usize = 64;

/// `y = (x - mean) / std * gain + shift` for every row; `mean` and `rstd` (1/std) of each row are left for the way back.
pub(crate) fn layer_norm(x: &[f32], gain: &[f32], shift: &[f32], epsilon: f32, y: &mut [f32], stats: &mut [[f32; 2]]) {
    struct Rows<'a>(&'a [f32], &'a [f32], &'a [f32], f32, &'a mut [f32], &'a mut [[f32; 2]]);
    impl WithSimd for Rows<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            let Self(x, gain, shift, epsilon, y, stats) = self;
            let width = gain.len();
            for ((x, y), stats) in x.chunks_exact(width).zip(y.chunks_exact_mut(width)).zip(stats) {
                let mean = reduce::lanes(x, |x| x) / width as f32;
                let variance = reduce::lanes(x, |x| (x - mean) * (x - mean)) / width as f32;
                let rstd = 1.0 / (variance + epsilon).sqrt();
                *stats = [mean, rstd];
                for (((y, x), gain), shift) in y.iter_mut().zip(x).zip(gain).zip(shift) {
                    *y = (x - mean) * rstd * gain + shift;
                }
            }
        }
    }
    let piece = PIECE_ROWS * gain.len();
    let work = |x: &[f32], y: &mut [f32], stats: &mut [[f32; 2]]| dispatch(Rows(x, gain, shift, epsilon, y, stats));
    if x.len() <= threads::GRAIN {
        return work(x, y, stats);
    }
    let pieces = x.par_chunks(piece).zip(y.par_chunks_mut(piece)).zip(stats.par_chunks_mut(PIECE_ROWS));
    pieces.for_each(|((x, y), stats)| work(x, y, stats));
}

/// Gradients of [`layer_norm`]: `dy` becomes `dx` in place; `dgain` and `dshift` grow.
///
/// With n = (x - mean) rstd and u = dy gain:  dx = rstd (u - mean(u) - n mean(u n))
pub(crate) fn layer_norm_back(
    x: &[f32],
    gain: &[f32],
    stats: &[[f32; 2]],
    dy: &mut [f32],
    dgain: &mut [f32],
    dshift: &mut [f32],
) {
    struct Rows<'a>(&'a [f32], &'a [f32], &'a [[f32; 2]], &'a mut [f32], &'a mut [f32], &'a mut [f32]);
    impl WithSimd for Rows<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            let Self(x, gain, stats, dy, dgain, dshift) = self;
            let width = gain.len();
            for ((x, dy), &[mean, rstd]) in x.chunks_exact(width).zip(dy.chunks_exact_mut(width)).zip(stats) {
                for (((dgain, dshift), dy), x) in dgain.iter_mut().zip(dshift.iter_mut()).zip(dy.iter()).zip(x) {
                    *dgain += dy * (x - mean) * rstd;
                    *dshift += dy;
                }
                for (dy, gain) in dy.iter_mut().zip(gain) {
                    *dy *= gain; // u from here on
                }
                let u_mean = reduce::lanes(dy, |u| u) / width as f32;
                let un_mean = reduce::pairs(dy, x, |u, x| u * (x - mean)) * rstd / width as f32;
                for (u, x) in dy.iter_mut().zip(x) {
                    *u = rstd * (*u - u_mean - (x - mean) * rstd * un_mean);
                }
            }
        }
    }
    if x.len() <= threads::GRAIN {
        return dispatch(Rows(x, gain, stats, dy, dgain, dshift));
    }
    let width = gain.len();
    let piece = PIECE_ROWS * width;
    let parts: Vec<(Vec<f32>, Vec<f32>)> = x
        .par_chunks(piece)
        .zip(dy.par_chunks_mut(piece))
        .zip(stats.par_chunks(PIECE_ROWS))
        .map(|((x, dy), stats)| {
            let (mut dgain, mut dshift) = (vec![0.0; width], vec![0.0; width]);
            dispatch(Rows(x, gain, stats, dy, &mut dgain, &mut dshift));
            (dgain, dshift)
        })
        .collect();
    for (gain_part, shift_part) in &parts {
        super::map::add_into(dgain, gain_part);
        super::map::add_into(dshift, shift_part);
    }
}
