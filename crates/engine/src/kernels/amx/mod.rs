//! Matrix products on the matrix unit of a processor (Intel's AMX): up to twice as fast as by its vectors, and no less
//! precise than f32's own multiply-add.
//!
//! The unit multiplies bf16, numbers with 8 binary digits, and adds up in f32. The 24 digits of an f32 are those of three
//! such numbers, x = x₀ + x₁ + x₂ exactly, each at most 2⁻⁸ of the one before. Of the nine products of parts six are taken:
//!
//!     x y = x₀y₀ + x₀y₁ + x₁y₀ + x₀y₂ + x₁y₁ + x₂y₀      left out: x₁y₂ + x₂y₁ + x₂y₂, below 2⁻²⁵ x y
//!
//! The idea is that of Henry, Tang and Heinecke, Leveraging the bfloat16 Artificial Intelligence Datatype For
//! Higher-Precision Computations, 2019. What differs from f32: numbers below 10⁻³³ lose digits, and an infinity (or a
//! number above 3.38 10³⁸) comes out as NaN.
//!
//! Results are made in blocks of 32 x 32. Every element is one sum in the order of depth: the same bits however many
//! threads share the blocks.

mod pack;
mod unit;

use super::gemm::Mat;
use super::product::Start;
use super::{simd, threads};
use crate::buffer::Buffer;
use pack::{Side, pack};
use std::ops::Range;
use unit::{Configured, block};

pub(super) use unit::usable;

/// Rows and columns of a block of results: two tiles of 16 each way.
const BLOCK: usize = 32;
/// Depth of a tile.
const STEP: usize = 32;
/// Numbers in a tile of 16 x 32.
const TILE: usize = 16 * STEP;
/// What one block reads of one operand in one step of depth: three parts of two tiles.
const CHUNK: usize = 3 * 2 * TILE;

/// Numbers of the right operand that are packed at once: they stay in the second-level cache.
const PANEL: usize = 384 * 512;
/// Depth for which the left operand is packed at once.
const DEPTH: usize = 256;

/// Fewer columns of results than this are not worth the packing of the rows.
const LEAST_COLUMNS: usize = 256;

/// Whether `a b` is done faster here than by vectors: where each packed row is used for many columns, and need not be
/// gathered from columns. It is, up to twice as fast, while a core is ours alone; where another program keeps the core's
/// second hardware thread busy, loads of tiles and products no longer overlap, and vectors are faster by 3 to 15 %.
pub(super) fn pays(a: Mat, b: Mat) -> bool {
    let upright = a.column_stride == 1 && a.columns >= STEP;
    upright && a.rows >= 2 * BLOCK && b.columns >= LEAST_COLUMNS && simd::has_matrix_unit()
}

/// `c = a b` and what it starts from; `c` is row after row. Shares the work among all threads if `parallel`.
pub(super) fn product(c: &mut [f32], a: Mat, b: Mat, start: Start, parallel: bool) {
    let (n, depth) = (b.columns, a.columns);
    let columns = n.min(PANEL / DEPTH).next_multiple_of(BLOCK);
    let panel_depth = PANEL / columns / DEPTH * DEPTH;
    let mut packed = Scratch::new(columns * panel_depth.min(depth.next_multiple_of(STEP)) * 3);
    for first in (0..n).step_by(columns) {
        for from in (0..depth).step_by(panel_depth) {
            let (to, last) = (depth.min(from + panel_depth), n.min(first + columns));
            let b = b.part(from..to, first..last);
            let steps = (to - from).div_ceil(STEP);
            let packed = &mut packed.numbers()[..b.columns.div_ceil(BLOCK) * steps * CHUNK];
            pieces(packed, steps * CHUNK, parallel, |index, packed| {
                let columns = index * BLOCK..b.columns.min((index + 1) * BLOCK);
                pack(b.part(0..b.rows, columns).t(), Side::Right, packed);
            });
            let start = if from == 0 { start } else { Start::Itself };
            let (packed, columns) = (&*packed, first..last);
            pieces(c, BLOCK * n, parallel, |index, c| {
                let top = index * BLOCK;
                row_of_blocks(c, columns.clone(), a.part(top..top + c.len() / n, from..to), packed, start);
            });
        }
    }
}

/// Some `columns` of up to 32 rows `c` of the result: those of `a` times the packed `b`.
fn row_of_blocks(c: &mut [f32], columns: Range<usize>, a: Mat, b: &[u16], start: Start) {
    let unit = Configured::new();
    let (n, steps) = (c.len() / a.rows, a.columns.div_ceil(STEP));
    let mut left = Scratch::new(steps.min(DEPTH / STEP) * CHUNK);
    for from in (0..a.columns).step_by(DEPTH) {
        let a = a.part(0..a.rows, from..a.columns.min(from + DEPTH));
        let left = &mut left.numbers()[..a.columns.div_ceil(STEP) * CHUNK];
        pack(a, Side::Left, left);
        let start = if from == 0 { start } else { Start::Itself };
        for (first, right) in columns.clone().step_by(BLOCK).zip(b.chunks_exact(steps * CHUNK)) {
            let right = &right[from / STEP * CHUNK..][..left.len()];
            any_block(&unit, left, right, c, n, first..columns.end.min(first + BLOCK), start);
        }
    }
}

/// The results of up to 32 rows `c`, `n` numbers each, in up to 32 of their columns.
fn any_block(unit: &Configured, a: &[u16], b: &[u16], c: &mut [f32], n: usize, columns: Range<usize>, start: Start) {
    let (first, width) = (columns.start, columns.len());
    let mut row = [0.0; BLOCK];
    if let Start::Row(bias) = start {
        row[..width].copy_from_slice(&bias[columns.clone()]);
    }
    match (c.len() == BLOCK * n && width == BLOCK, start) {
        (true, Start::Itself) => block(unit, a, b, &mut c[first..], n, None),
        (true, _) => block(unit, a, b, &mut c[first..], n, Some(&row)),
        (false, _) => {
            let mut edge = [0.0; BLOCK * BLOCK];
            block(unit, a, b, &mut edge, BLOCK, Some(&row));
            for (c, edge) in c.chunks_mut(n).zip(edge.chunks(BLOCK)) {
                for (c, edge) in c[columns.clone()].iter_mut().zip(edge) {
                    *c = if matches!(start, Start::Itself) { *c + edge } else { *edge };
                }
            }
        }
    }
}

fn pieces<T: Send>(out: &mut [T], len: usize, parallel: bool, work: impl Fn(usize, &mut [T]) + Sync + Send) {
    if parallel {
        threads::for_pieces(out, len, work);
    } else {
        out.chunks_mut(len).enumerate().for_each(|(index, piece)| work(index, piece));
    }
}

/// Memory for packed numbers, from the pool.
struct Scratch(Buffer);

impl Scratch {
    fn new(numbers: usize) -> Self {
        Self(Buffer::scratch(numbers / 2))
    }

    fn numbers(&mut self) -> &mut [u16] {
        bytemuck::cast_slice_mut(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{close, noise, on_threads, wide};

    /// Edges on every side; one block; several steps, several parts of the depth, several panels.
    const SIZES: [(usize, usize, usize); 8] = [
        (1, 1, 1),
        (16, 16, 16),
        (17, 33, 31),
        (32, 32, 32),
        (70, 45, 100),
        (33, 70, 1100),
        (40, 900, 512),
        (3, 2, 600),
    ];

    struct Case {
        sizes: (usize, usize, usize),
        a: Vec<f32>,
        b: Vec<f32>,
        old: Vec<f32>,
        row: Vec<f32>,
    }

    fn cases() -> impl Iterator<Item = Case> {
        SIZES.into_iter().map(|(m, n, k)| Case {
            sizes: (m, n, k),
            a: noise(1, m * k, 1.0),
            b: noise(2, k * n, 1.0),
            old: noise(3, m * n, 1.0),
            row: noise(4, n, 1.0),
        })
    }

    fn transposed(x: &[f32], rows: usize, columns: usize) -> Vec<f32> {
        (0..rows * columns).map(|i| x[i % rows * columns + i / rows]).collect()
    }

    #[test]
    fn every_layout_and_start_agrees_with_plain() {
        if !usable() {
            return;
        }
        for Case { sizes: (m, n, k), a, b, old, row } in cases() {
            let (wide_a, wide_b) = (wide(&a), wide(&b));
            let plain = |from: &dyn Fn(usize) -> f64| -> Vec<f64> {
                let sum = |i: usize| (0..k).map(|l| wide_a[i / n * k + l] * wide_b[l * n + i % n]).sum::<f64>();
                (0..m * n).map(|i| from(i) + sum(i)).collect()
            };
            let (at, bt) = (transposed(&a, m, k), transposed(&b, k, n));
            let lefts = [Mat::rows(&a, m, k), Mat::rows(&at, k, m).t()];
            let rights = [Mat::rows(&b, k, n), Mat::rows(&bt, n, k).t()];
            for (left, right) in lefts.into_iter().flat_map(|left| rights.map(|right| (left, right))) {
                let mut c = vec![f32::NAN; m * n];
                product(&mut c, left, right, Start::Zero, false);
                close(&c, &plain(&|_| 0.0), 1e-6, "a b");
                product(&mut c, left, right, Start::Row(&row), true);
                close(&c, &plain(&|i| f64::from(row[i % n])), 1e-6, "a b + row");
                c.copy_from_slice(&old);
                product(&mut c, left, right, Start::Itself, true);
                close(&c, &plain(&|i| f64::from(old[i])), 1e-6, "c + a b");
            }
        }
    }

    #[test]
    fn rows_may_stand_apart() {
        if !usable() {
            return;
        }
        let (m, n, k, gap) = (40, 35, 50, 7);
        let (a, b) = (noise(1, m * (k + gap), 1.0), noise(2, k * n, 1.0));
        let together: Vec<f32> = a.chunks(k + gap).flat_map(|row| row[..k].to_vec()).collect();
        let [mut apart, mut whole] = [(); 2].map(|()| vec![0.0; m * n]);
        product(&mut apart, Mat::spaced(&a, m, k, k + gap), Mat::rows(&b, k, n), Start::Zero, false);
        product(&mut whole, Mat::rows(&together, m, k), Mat::rows(&b, k, n), Start::Zero, false);
        assert!(apart == whole);
    }

    #[test]
    fn errors_are_those_of_f32() {
        if !usable() {
            return;
        }
        let (m, n) = (64, 64);
        for k in [32, 500] {
            // From tiny to large, so that every digit of the parts is asked for.
            let spread = |seed| -> Vec<f32> {
                noise(seed, m * k, 1.0).iter().zip(noise(seed + 10, m * k, 8.0)).map(|(x, e)| x * e.exp2()).collect()
            };
            let (a, b) = (spread(1), spread(2));
            let mut c = vec![0.0; m * n];
            product(&mut c, Mat::rows(&a, m, k), Mat::rows(&b, n, k).t(), Start::Zero, false);
            let (mut ours, mut usual) = (0.0_f64, 0.0_f64);
            for (i, &c) in c.iter().enumerate() {
                let (a, b) = (&a[i / n * k..][..k], &b[i % n * k..][..k]);
                let products = || a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b));
                let (truth, size) = (products().sum::<f64>(), products().map(f64::abs).sum::<f64>());
                let sum = a.iter().zip(b).fold(0.0_f32, |sum, (&a, &b)| a.mul_add(b, sum));
                ours = ours.max((f64::from(c) - truth).abs() / size);
                usual = usual.max((f64::from(sum) - truth).abs() / size);
            }
            assert!(ours <= usual, "depth {k}: off by {ours:e}, by multiply-add {usual:e}");
        }
    }

    #[test]
    fn what_is_no_number_stays_none() {
        if !usable() {
            return;
        }
        let b = noise(1, 32 * 32, 1.0);
        for bad in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::from_bits(0x7f80_0001)] {
            let mut a = noise(2, 32 * 32, 1.0);
            a[5 * 32 + 3] = bad;
            let mut c = vec![0.0; 32 * 32];
            product(&mut c, Mat::rows(&a, 32, 32), Mat::rows(&b, 32, 32), Start::Zero, false);
            for (row, c) in c.chunks(32).enumerate() {
                assert!(c.iter().all(|c| c.is_finite() != (row == 5)), "{bad} in row 5, row {row} is {c:?}");
            }
        }
    }

    #[test]
    fn the_same_bits_on_one_and_two_threads() {
        if !usable() {
            return;
        }
        for Case { sizes: (m, n, k), a, b, .. } in cases() {
            let run = || {
                let mut c = vec![0.0; m * n];
                product(&mut c, Mat::rows(&a, m, k), Mat::rows(&b, k, n), Start::Zero, true);
                c
            };
            assert!(on_threads(1, run) == on_threads(2, run));
        }
    }
}
