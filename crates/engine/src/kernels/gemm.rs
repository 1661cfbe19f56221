//! Matrix products, C = A B: by the processor's matrix unit where it has one, through the `gemm` crate where not and where
//! they are small. Which way a matrix lies in memory is a pair of strides, so no transpose is ever copied. A few rows take
//! the other matrix as it lies: one by one in dot products, or packed together and the product turned round.

use super::columns::ColumnsMut;
use super::dots::Dots;
use super::pack::{Layout, transpose};
use super::product::{Packed, Rows, RowsMut, Start};
use super::simd::{Simd, WithSimd, dispatch};
use super::{amx, crew, map, threads};
use crate::buffer::Buffer;
use gemm_common::Parallelism;
use std::ops::Range;

/// A matrix in a slice: element (row, column) stands at `row * row_stride + column * column_stride`.
#[derive(Clone, Copy)]
pub(crate) struct Mat<'a> {
    pub(super) data: &'a [f32],
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) row_stride: usize,
    pub(super) column_stride: usize,
}

impl<'a> Mat<'a> {
    /// Row after row.
    #[track_caller]
    pub(crate) fn rows(data: &'a [f32], rows: usize, columns: usize) -> Self {
        Self::spaced(data, rows, columns, columns)
    }

    /// Row after row, with `row_stride` elements from one to the next.
    #[track_caller]
    pub(crate) fn spaced(data: &'a [f32], rows: usize, columns: usize, row_stride: usize) -> Self {
        assert!(
            rows == 0 || columns == 0 || (rows - 1) * row_stride + columns <= data.len(),
            "matrix: {rows} x {columns} does not fit"
        );
        Self { data, rows, columns, row_stride, column_stride: 1 }
    }

    /// The transposed matrix, over the same memory.
    pub(crate) fn t(self) -> Self {
        Self {
            data: self.data,
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }

    /// Some of its rows and columns.
    pub(super) fn part(self, rows: Range<usize>, columns: Range<usize>) -> Self {
        assert!(rows.end <= self.rows && columns.end <= self.columns, "matrix: a part beyond its end");
        let start = rows.start * self.row_stride + columns.start * self.column_stride;
        Self { data: &self.data[start..], rows: rows.len(), columns: columns.len(), ..self }
    }
}

/// Products of fewer multiplications than this stay on one core.
const PARALLEL_FROM: usize = 1 << 21;

/// So many rows at the most are multiplied as they lie, where each is at least so deep.
const FEW_ROWS: usize = 32;
const DEEP: usize = 128;

/// Up to so many of these go by dot products; more are packed.
const MOST_BY_DOTS: usize = 16;

/// `c = a b`, or `c += a b` when `add`; `c` is row after row.
pub(crate) fn gemm(c: &mut [f32], a: Mat, b: Mat, add: bool) {
    any_product(c, a, b, if add { Start::Itself } else { Start::Zero });
}

/// `c = a b + row`, to every row the same; `c` is row after row.
pub(crate) fn gemm_plus_row(c: &mut [f32], a: Mat, b: Mat, row: &[f32]) {
    assert_eq!(row.len(), b.columns, "gemm: the row to be added");
    any_product(c, a, b, Start::Row(row));
}

/// Whether `a b` gains where `b` is packed already: not where the matrix unit does it, nor of one row, for which a packed number
/// is read as often as one that lies as it lay.
pub(crate) fn gains_by_packing(a: Mat, b: Mat) -> bool {
    a.rows > 1 && a.columns > 0 && !amx::pays(a, b)
}

fn any_product(c: &mut [f32], a: Mat, b: Mat, start: Start) {
    let (m, n, k) = (a.rows, b.columns, a.columns);
    assert_eq!(b.rows, k, "gemm: {m} x {k} times {} x {n}", b.rows);
    assert_eq!(c.len(), m * n, "gemm: the result is {m} x {n}");
    if c.is_empty() {
        return;
    }
    let lie_together = a.column_stride == 1 && b.row_stride == 1;
    if lie_together && (m == 1 || m <= FEW_ROWS && k >= DEEP) {
        return by_few_rows(c, a, b, start);
    }
    let parallel = m * n * k >= PARALLEL_FROM && threads::threads() > 1;
    let by = if amx::pays(a, b) { amx::product } else { by_vectors };
    by(c, a, b, start, parallel);
}

/// A few rows times columns that lie together, as they lie: to pack them would cost more than it gives. The matrix is read
/// once, so what counts is that every core reads its own part of it, from its own cache, token after token.
fn by_few_rows(c: &mut [f32], a: Mat, b: Mat, start: Start) {
    /// Elements of the matrix that are worth handing over.
    const LEAST_READ: usize = 8 * 1024;
    if let Start::Itself = start {
        let mut product = Buffer::scratch(c.len());
        by_few_rows(&mut product, a, b, Start::Zero);
        return map::add_into(c, &product);
    }
    let (rows, depth) = (a.rows, a.columns);
    let packed = (rows > MOST_BY_DOTS).then(|| Packed::new(a.data, Layout::Transposed(a.row_stride), depth, rows));
    let [c] = ColumnsMut::split(c, rows, [b.columns]);
    crew::in_parts(b.columns, (LEAST_READ / depth.max(1)).next_multiple_of(Dots::GROUP).max(Dots::GROUP), &|part| {
        let mut short = [0.0; MOST_BY_DOTS * 8 * Dots::GROUP];
        let mut long = packed.as_ref().map(|_| Buffer::scratch(2 * rows * STRIP));
        let (strip, place) = match &mut long {
            Some(long) => (STRIP, &mut long[..]),
            None => (short.len() / rows / Dots::GROUP * Dots::GROUP, &mut short[..]),
        };
        for first in part.clone().step_by(strip) {
            let columns = first..part.end.min(first + strip);
            let (sums, turned) = place.split_at_mut(rows * columns.len());
            dispatch(Strip { a, packed: packed.as_ref(), w: b.part(0..depth, columns.clone()), sums, turned });
            for (row, sums) in sums.chunks_exact_mut(columns.len()).enumerate() {
                if let Start::Row(start) = start {
                    sums.iter_mut().zip(&start[columns.clone()]).for_each(|(sum, start)| *sum += start);
                }
                // SAFETY: the parts share no column.
                unsafe { c.write(0, row, first, sums) };
            }
        }
    });
}

/// Columns at a time: few enough for the first-level cache.
const STRIP: usize = 56;

/// `sums = a w`, row after row: by dot products, or as the transpose of `wᵀ aᵀ`, with aᵀ packed.
struct Strip<'a> {
    a: Mat<'a>,
    packed: Option<&'a Packed>,
    w: Mat<'a>,
    sums: &'a mut [f32],
    /// Room for the product that is to be transposed.
    turned: &'a mut [f32],
}

impl WithSimd for Strip<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { a, packed, w, sums, turned } = self;
        let (rows, outputs, depth) = (a.rows, w.columns, a.columns);
        let w = Rows::apart(w.data, w.column_stride);
        match packed {
            None => {
                sums.fill(0.0);
                let (a, out) = (Rows::apart(a.data, a.row_stride), RowsMut { data: sums, stride: outputs });
                simd.vectorize(Dots { a, rows, w, outputs, depth, out });
            }
            Some(packed) => {
                packed.product(simd, w, outputs, RowsMut { data: &mut *turned, stride: rows }, Start::Zero);
                transpose(turned, rows, outputs, sums, outputs);
            }
        }
    }
}

fn by_vectors(c: &mut [f32], a: Mat, b: Mat, start: Start, parallel: bool) {
    let (m, n, k) = (a.rows, b.columns, a.columns);
    match start {
        Start::Row(row) => map::fill_rows(c, row),
        Start::Zero if k == 0 => c.fill(0.0),
        _ => {}
    }
    if k == 0 {
        return;
    }
    let parallelism = if parallel { Parallelism::Rayon(threads::threads()) } else { Parallelism::None };
    // The crate likes columns that lie together, ours are rows: so ask for the transposed product, Cᵀ = Bᵀ Aᵀ.
    // SAFETY: `Mat` holds only matrices that lie wholly in their slice, and `c` is exactly m x n and nobody else's.
    unsafe {
        (gemm_f32::gemm::f32::get_gemm_fn())(
            n,
            m,
            k,
            c.as_mut_ptr(),
            n as isize,
            1,
            !matches!(start, Start::Zero),
            b.data.as_ptr(),
            b.row_stride as isize,
            b.column_stride as isize,
            a.data.as_ptr(),
            a.row_stride as isize,
            a.column_stride as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            parallelism,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_equal_a_plain_loop_in_every_layout() {
        // Few rows; enough for the matrix unit; shared among cores; rows a power of two apart; several parts of the depth and of the width.
        let few = [2, 16, 17, 32].into_iter().flat_map(|m| [(m, 1, 128), (m, 3, 131), (m, 57, 128), (m, 113, 131)]);
        let sizes =
            [(1, 1, 1), (1, 300, 65), (2, 3, 5), (7, 1, 9), (33, 65, 17), (3, 900, 70), (130, 70, 200), (20, 40, 1024)];
        for (m, n, k) in sizes
            .into_iter()
            .chain([(17, 35, 1700), (40, 1100, 300), (70, 300, 65), (5, 130, 200), (32, 117, 128)])
            .chain(few)
        {
            let a: Vec<f32> = (0..m * k).map(|i| ((i * 37 % 19) as f32 - 9.0) / 8.0).collect();
            let b: Vec<f32> = (0..k * n).map(|i| ((i * 53 % 23) as f32 - 11.0) / 8.0).collect();
            let at: Vec<f32> = (0..k * m).map(|i| a[i % m * k + i / m]).collect();
            let bt: Vec<f32> = (0..n * k).map(|i| b[i % k * n + i / k]).collect();
            // Sums of eighths times eighths are exact in f32 below 2^18, so equality is exact too.
            let plain: Vec<f32> =
                (0..m * n).map(|i| (0..k).map(|j| a[i / n * k + j] * b[j * n + i % n]).sum()).collect();
            let lefts = [Mat::rows(&a, m, k), Mat::rows(&at, k, m).t()];
            let rights = [Mat::rows(&b, k, n), Mat::rows(&bt, n, k).t()];
            for (a, b) in lefts.into_iter().flat_map(|a| rights.map(|b| (a, b))) {
                let row: Vec<f32> = (0..n).map(|j| j as f32).collect();
                for by in [by_vectors, |c: &mut [f32], a: Mat, b: Mat, start: Start, _| any_product(c, a, b, start)] {
                    let mut c = vec![f32::NAN; m * n];
                    by(&mut c, a, b, Start::Zero, true);
                    assert_eq!(c, plain, "{m} {n} {k}");
                    by(&mut c, a, b, Start::Itself, true);
                    assert!(c.iter().zip(&plain).all(|(c, p)| *c == 2.0 * p), "{m} {n} {k} added");
                    by(&mut c, a, b, Start::Row(&row), true);
                    assert!((0..m * n).all(|i| c[i] == plain[i] + row[i % n]), "{m} {n} {k} and a row");
                }
            }
        }
    }

    #[test]
    fn a_few_rows_have_the_same_bits_on_any_number_of_threads() {
        for m in [1, 2, 16, 17, 32] {
            let (n, k) = (301, 200);
            let wave = |count: usize| (0..count).map(|i| (i as f32 * 0.37).sin()).collect::<Vec<_>>();
            let (a, b) = (wave(m * k), wave(n * k));
            let on = |count| {
                threads::with_threads(count, || {
                    let mut c = vec![0.0; m * n];
                    gemm(&mut c, Mat::rows(&a, m, k), Mat::rows(&b, n, k).t(), false);
                    c.into_iter().map(f32::to_bits).collect::<Vec<_>>()
                })
            };
            let alone = on(1);
            assert!([2, 3, 4].into_iter().all(|count| on(count) == alone), "{m} rows");
        }
    }
}
