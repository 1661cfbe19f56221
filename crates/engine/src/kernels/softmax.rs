//! Softmax of rows, alone and together with cross-entropy in one pass from the logits.

use super::simd::{Simd, WithSimd, dispatch};
use super::{math, reduce, threads};
use rayon::prelude::*;

/// A target that does not count.
pub(crate) const IGNORED: u32 = u32::MAX;

/// Rows become probabilities, in place.
pub(crate) fn softmax(x: &mut [f32], width: usize) {
    struct Rows<'a>(&'a mut [f32], usize);
    impl WithSimd for Rows<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            for row in self.0.chunks_exact_mut(self.1) {
                softmax_row::<S>(row);
            }
        }
    }
    if width > 0 {
        threads::for_pieces(x, rows_per_piece(width) * width, |_, piece| dispatch(Rows(piece, width)));
    }
}

/// One row becomes probabilities.
#[inline(always)]
pub(crate) fn softmax_row<S: Simd>(row: &mut [f32]) {
    let high = maximum(row);
    for x in row.iter_mut() {
        *x = math::exp::<S>(*x - high);
    }
    let share = 1.0 / reduce::lanes(row, |x| x);
    row.iter_mut().for_each(|x| *x *= share);
}

/// Rows become the logarithms of probabilities, in place.
pub(crate) fn log_softmax(x: &mut [f32], width: usize) {
    if width > 0 {
        threads::for_pieces(x, rows_per_piece(width) * width, |_, piece| {
            for row in piece.chunks_exact_mut(width) {
                let lse = log_sum_exp(row);
                row.iter_mut().for_each(|x| *x -= lse);
            }
        });
    }
}

/// `dx = y (dy - sum(dy y))` for every row, over `dy` in place.
pub(crate) fn softmax_back(y: &[f32], dy: &mut [f32], width: usize) {
    struct Rows<'a>(&'a [f32], &'a mut [f32], usize);
    impl WithSimd for Rows<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            for (y, dy) in self.0.chunks_exact(self.2).zip(self.1.chunks_exact_mut(self.2)) {
                let inner = reduce::dot(y, dy);
                dy.iter_mut().zip(y).for_each(|(dy, y)| *dy = y * (*dy - inner));
            }
        }
    }
    if width > 0 {
        let piece_len = rows_per_piece(width) * width;
        threads::for_pieces(dy, piece_len, |piece, dy| dispatch(Rows(&y[piece * piece_len..][..dy.len()], dy, width)));
    }
}

/// log Σ exp(x) of every row.
pub(crate) fn log_sum_exps(x: &[f32], width: usize, sums: &mut [f32]) {
    let piece_len = rows_per_piece(width);
    threads::for_pieces(sums, piece_len, |piece, sums| {
        for (row, sum) in sums.iter_mut().enumerate() {
            *sum = log_sum_exp(&x[(piece * piece_len + row) * width..][..width]);
        }
    });
}

/// log Σ exp(x) of a row, by the shift that keeps it finite.
pub(crate) fn log_sum_exp(row: &[f32]) -> f32 {
    struct Row<'a>(&'a [f32]);
    impl WithSimd for Row<'_> {
        type Output = f32;
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> f32 {
            let high = maximum(self.0);
            high + reduce::lanes(self.0, |x| math::exp::<S>(x - high)).ln()
        }
    }
    dispatch(Row(row))
}

/// What cross-entropy asks of a row besides its logits.
#[derive(Clone, Copy)]
pub(crate) struct Weighing<'a> {
    /// ε of label smoothing: the target is (1-ε) on the class and ε/V on every class.
    pub(crate) smoothing: f32,
    /// A weight for each class; none is one for all.
    pub(crate) class_weights: Option<&'a [f32]>,
}

/// For every row: its loss into `losses`, and the gradient of that loss with respect to its logits into `logits` itself.
/// A row whose target is [`IGNORED`] has neither.
///
/// loss = (1-ε) w[y] (lse - x[y]) + ε/V Σ_j w[j] (lse - x[j])
pub(crate) fn cross_entropy(logits: &mut [f32], width: usize, targets: &[u32], how: Weighing, losses: &mut [f32]) {
    struct Rows<'a>(&'a mut [f32], usize, &'a [u32], Weighing<'a>, &'a mut [f32]);
    impl WithSimd for Rows<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            let Self(logits, width, targets, how, losses) = self;
            for ((row, &target), loss) in logits.chunks_exact_mut(width).zip(targets).zip(losses) {
                if target == IGNORED {
                    row.fill(0.0);
                    *loss = 0.0;
                    continue;
                }
                *loss = row_loss::<S>(row, target as usize, how);
            }
        }
    }
    let rows = rows_per_piece(width);
    let work = |((logits, targets), losses): ((&mut [f32], &[u32]), &mut [f32])| {
        dispatch(Rows(logits, width, targets, how, losses))
    };
    if logits.len() <= threads::GRAIN {
        return work(((logits, targets), losses));
    }
    logits.par_chunks_mut(rows * width).zip(targets.par_chunks(rows)).zip(losses.par_chunks_mut(rows)).for_each(work);
}

#[inline(always)]
fn row_loss<S: Simd>(row: &mut [f32], target: usize, how: Weighing) -> f32 {
    let width = row.len();
    let (high, at_target) = (maximum(row), row[target]);
    let total_logits = if how.smoothing > 0.0 && how.class_weights.is_none() { reduce::lanes(row, |x| x) } else { 0.0 };
    let weighted_logits = how.class_weights.map_or(0.0, |weights| reduce::dot(weights, row));
    for x in row.iter_mut() {
        *x = math::exp::<S>(*x - high);
    }
    let total = reduce::lanes(row, |x| x);
    let lse = high + total.ln();
    let spread = how.smoothing / width as f32;
    let class_weight = how.class_weights.map_or(1.0, |weights| weights[target]);
    let (weight_sum, weighted) = match how.class_weights {
        Some(weights) => (reduce::lanes(weights, |w| w), weighted_logits),
        None => (width as f32, total_logits),
    };
    // d loss / d x[j] = (mass) p[j] - (1-ε) w[y] [j = y] - ε/V w[j], where mass is the sum of all target weights.
    let hit = (1.0 - how.smoothing) * class_weight;
    let mass = hit + spread * weight_sum;
    let share = mass / total;
    match how.class_weights {
        _ if spread == 0.0 => row.iter_mut().for_each(|x| *x *= share),
        None => row.iter_mut().for_each(|x| *x = *x * share - spread),
        Some(weights) => row.iter_mut().zip(weights).for_each(|(x, w)| *x = *x * share - spread * w),
    }
    row[target] -= hit;
    let smooth = if spread == 0.0 { 0.0 } else { spread * (weight_sum * lse - weighted) };
    hit * (lse - at_target) + smooth
}

#[inline(always)]
pub(crate) fn maximum(row: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; 16];
    let (whole, rest) = row.as_chunks::<16>();
    for chunk in whole {
        for (high, &x) in lanes.iter_mut().zip(chunk) {
            *high = if x > *high { x } else { *high };
        }
    }
    let high = lanes.iter().chain(rest).fold(f32::NEG_INFINITY, |a, &b| if b > a { b } else { a });
    if high == f32::NEG_INFINITY { 0.0 } else { high }
}

fn rows_per_piece(width: usize) -> usize {
    (threads::GRAIN / 4 / width.max(1)).max(1)
}
