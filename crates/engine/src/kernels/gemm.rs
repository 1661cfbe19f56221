//! Products of two matrices: C = A B, or C += A B. Which way a matrix lies in memory is a pair of strides.
//!
//! B is packed into panels, and rows of A go through them in the tiles of `product`, shared among the cores.

use super::product::{Dots, Layout, Packed, Rows, RowsMut, tile_rows, transpose};
use super::simd::{Simd, WithSimd, dispatch};
use super::threads;
use crate::buffer::Buffer;

/// A matrix in a slice: element (row, column) stands at `row * row_stride + column * column_stride`.
#[derive(Clone, Copy)]
pub(crate) struct Mat<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
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

    /// `count` columns from `first` on, over the same memory.
    fn columns(self, first: usize, count: usize) -> Self {
        Self { data: &self.data[first * self.column_stride..], columns: count, ..self }
    }

    /// `count` rows from `first` on, over the same memory.
    fn rows_from(self, first: usize, count: usize) -> Self {
        Self { data: &self.data[first * self.row_stride..], rows: count, ..self }
    }

    fn packed(self) -> Packed {
        let layout = match self.column_stride {
            1 => Layout::AsIs(self.row_stride),
            stride => Layout::Transposed(stride),
        };
        Packed::new(self.data, layout, self.rows, self.columns)
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
}

/// How much of the depth is worked on at a time: a tile of A stays in the first-level cache.
const DEPTH: usize = 768;

/// Elements of B that are packed at a time: they stay in the second-level cache.
const PACKED: usize = 1 << 18;

/// Rows that are worth handing to another core: two tiles.
const PIECE_ROWS: usize = 28;

/// Pieces of a product: more would read the panels of B more often than they even out the cores.
const MOST_PIECES: usize = 16;

/// Products of fewer multiplications stay on one core.
const PARALLEL_FROM: usize = 1 << 21;

/// What parts of a width are multiples of: whole panels of the widest vectors.
const COLUMNS: usize = 32;

/// Up to so many rows, packing B would cost more than the product.
const FEW_ROWS: usize = 4;

/// `c = a b`, or `c += a b` when `add`; `c` is row after row.
///
/// Every element of C is summed up in the order of depth, block after block, however the rows are shared among cores.
pub(crate) fn gemm(c: &mut [f32], a: Mat, b: Mat, add: bool) {
    let (m, n, k) = (a.rows, b.columns, a.columns);
    assert_eq!(b.rows, k, "gemm: {m} x {k} times {} x {n}", b.rows);
    assert_eq!(c.len(), m * n, "gemm: the result is {m} x {n}");
    if c.is_empty() {
        return;
    }
    if k == 0 {
        if !add {
            c.fill(0.0);
        }
        return;
    }
    if m <= FEW_ROWS && a.column_stride == 1 && b.row_stride == 1 {
        return few_rows(c, a, b, add);
    }
    // An even number of pieces: as much for each of two cores.
    let pieces = if m * n * k < PARALLEL_FROM { 1 } else { (m / PIECE_ROWS).clamp(2, MOST_PIECES).next_multiple_of(2) };
    let piece_rows = m.div_ceil(pieces);
    for (start, depth) in equal_parts(k, DEPTH, 1) {
        for (first, width) in equal_parts(n, PACKED / depth, COLUMNS) {
            let (a, b) = (a.columns(start, depth), b.t().columns(start, depth).t().columns(first, width));
            let panels = &b.packed();
            let add = add || start > 0;
            threads::for_pieces(c, piece_rows * n, |index, c| {
                let a = a.rows_from(index * piece_rows, c.len() / n);
                dispatch(Piece { a, panels, c: RowsMut { data: &mut c[first..], stride: n }, add });
            });
        }
    }
}

/// Cuts `whole` into parts of equal length, `most` at most and multiples of `unit` but for the last: their starts and
/// lengths.
fn equal_parts(whole: usize, most: usize, unit: usize) -> impl Iterator<Item = (usize, usize)> {
    let part = whole.div_ceil(whole.div_ceil(most.max(unit))).next_multiple_of(unit);
    (0..whole).step_by(part).map(move |start| (start, part.min(whole - start)))
}

/// Some rows of a product with a packed matrix.
struct Piece<'a> {
    a: Mat<'a>,
    panels: &'a Packed,
    c: RowsMut<'a>,
    add: bool,
}

impl WithSimd for Piece<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        const WIDTH: usize = 16;
        let Self { a, panels, c: RowsMut { data: c, stride }, add } = self;
        let depth = a.columns;
        // Rows on their side would touch a page for every step of depth, and rows a power of two apart push each other out
        // of the cache: such tiles are copied.
        let copied = a.column_stride != 1 || a.row_stride.is_multiple_of(1024);
        let mut tile = Buffer::scratch(if copied { WIDTH * depth } else { 0 });
        let tiles = a.rows.div_ceil(tile_rows::<S>());
        for part in 0..tiles {
            let (top, bottom) = (part * a.rows / tiles, (part + 1) * a.rows / tiles);
            let (a, rows) = (a.rows_from(top, bottom - top), bottom - top);
            let left = if copied {
                copy_tile(a, &mut tile, WIDTH);
                Rows { data: &tile, row_stride: 1, depth_stride: WIDTH }
            } else {
                Rows::apart(a.data, a.row_stride)
            };
            panels.product(simd, left, rows, RowsMut { data: &mut c[top * stride..], stride }, add);
        }
    }
}

/// Copies a tile so that its rows lie side by side, `width` for each step of depth.
#[inline(always)]
fn copy_tile(a: Mat, tile: &mut [f32], width: usize) {
    if a.column_stride == 1 {
        return transpose(a.data, a.row_stride, a.rows, tile, width);
    }
    for (k, tile) in tile.chunks_exact_mut(width).enumerate() {
        let a = &a.data[k * a.column_stride..];
        match a.first_chunk::<16>() {
            Some(whole) => tile[..16].copy_from_slice(whole), // more than the tile's rows, but in one move
            None => tile[..a.len()].copy_from_slice(a),
        }
    }
}

/// A product of few rows with a matrix that lies transposed: dot products, without packing.
fn few_rows(c: &mut [f32], a: Mat, b: Mat, add: bool) {
    let (n, depth) = (b.columns, b.rows);
    let piece = (PARALLEL_FROM / depth).max(1);
    if !add {
        c.fill(0.0);
    }
    for (r, c) in c.chunks_exact_mut(n).enumerate() {
        threads::for_pieces(c, piece, |index, c| {
            let (a, w) = (a.rows_from(r, 1), b.t().rows_from(index * piece, c.len()));
            let (a, w) = (Rows::apart(a.data, a.row_stride), Rows::apart(w.data, w.row_stride));
            let outputs = c.len();
            dispatch(Dots { a, rows: 1, w, outputs, depth, out: RowsMut { data: c, stride: n } });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_equal_a_plain_loop_in_every_layout() {
        // Few rows; shared among cores; rows a power of two apart; several parts of the depth and of the width.
        let sizes = [(1, 1, 1), (2, 3, 5), (7, 1, 9), (33, 65, 17), (3, 900, 70), (130, 70, 200), (20, 40, 1024)];
        for (m, n, k) in sizes.into_iter().chain([(17, 35, 1700), (40, 1100, 300)]) {
            let a: Vec<f32> = (0..m * k).map(|i| ((i * 37 % 19) as f32 - 9.0) / 8.0).collect();
            let b: Vec<f32> = (0..k * n).map(|i| ((i * 53 % 23) as f32 - 11.0) / 8.0).collect();
            let at: Vec<f32> = (0..k * m).map(|i| a[i % m * k + i / m]).collect();
            let bt: Vec<f32> = (0..n * k).map(|i| b[i % k * n + i / k]).collect();
            // Sums of eighths times eighths are exact in f32 below 2^18, so equality is exact too.
            let plain: Vec<f32> =
                (0..m * n).map(|i| (0..k).map(|j| a[i / n * k + j] * b[j * n + i % n]).sum()).collect();
            let ways =
                [(Mat::rows(&a, m, k), Mat::rows(&b, k, n)), (Mat::rows(&at, k, m).t(), Mat::rows(&bt, n, k).t())];
            for (a, b) in ways {
                let mut c = vec![f32::NAN; m * n];
                gemm(&mut c, a, b, false);
                assert_eq!(c, plain, "{m} {n} {k}");
                gemm(&mut c, a, b, true);
                assert!(c.iter().zip(&plain).all(|(c, p)| *c == 2.0 * p), "{m} {n} {k} added");
            }
        }
    }
}
