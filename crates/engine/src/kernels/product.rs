//! Products with one matrix that is packed once and used many times: what recurrence and attention are made of, a few rows at
//! each time, and translating, whose weights stay as they are. Single products are `gemm`'s, which packs at every call.
//!
//! C += A P, with P [depth, width] cut into panels of two vectors' width. A tile of up to fourteen rows of A by one
//! panel is summed up in registers: for each row of the panel, two loads and as many broadcasts as there are rows.
//! A panel streams from the second-level cache at the speed of the multiplications, so nothing is blocked over depth,
//! and every element of C is one sum in the order of depth: the same bits however rows are grouped.

use crate::buffer::Buffer;
use crate::kernels::pack::{Layout, Pack, VECTORS, packed_len, panel_width};
use crate::kernels::simd::{Simd, WithSimd, dispatch, prefetch};
use crate::kernels::threads;

/// The most rows of a tile: two accumulators a row, two vectors of the panel and one broadcast must fit into the
/// registers.
#[inline(always)]
const fn tile_rows<S: Simd>() -> usize {
    if S::REGISTER_COUNT >= 32 { 14 } else { 6 }
}

/// The most elements of a tile.
const TILE_LEN: usize = 14 * VECTORS * 16;

/// What is added to a product.
#[derive(Clone, Copy)]
pub(crate) enum Start<'a> {
    Zero,
    /// What the place of the result holds.
    Itself,
    /// The same row for every row of the result.
    Row(&'a [f32]),
}

/// A matrix [depth, width] in panels: panel after panel, each row after row, zeros beyond the last column.
pub(crate) struct Packed {
    panels: Buffer,
    depth: usize,
    width: usize,
}

impl Packed {
    pub(crate) fn new(source: &[f32], layout: Layout, depth: usize, width: usize) -> Self {
        struct Sizes(usize, usize);
        impl WithSimd for Sizes {
            type Output = (usize, usize);
            #[inline(always)]
            fn with_simd<S: Simd>(self, _: S) -> (usize, usize) {
                (panel_width::<S>(), packed_len::<S>(self.0, self.1))
            }
        }
        let (panel_width, len) = dispatch(Sizes(depth, width));
        let mut panels = Buffer::scratch(len);
        // As many panels at a time as make a piece worth handing over.
        let piece = (threads::GRAIN / (panel_width * depth)).max(1);
        threads::for_pieces(&mut panels, piece * panel_width * depth, |index, panels| {
            let first = index * piece * panel_width;
            let columns = (panels.len() / depth).min(width - first);
            let start = match layout {
                Layout::AsIs(_) => first,
                Layout::Transposed(stride) => first * stride,
            };
            dispatch(Pack { source: &source[start..], layout, depth, width: columns, panels });
        });
        Self { panels, depth, width }
    }

    /// Whether it is a matrix of this depth and width.
    pub(crate) fn is_of(&self, depth: usize, width: usize) -> bool {
        (self.depth, self.width) == (depth, width)
    }

    /// `c = start + a P`, for rows of `a` one after the other, shared among the cores.
    pub(crate) fn times(&self, a: &[f32], start: Start, c: &mut [f32]) {
        /// Rows that go through the matrix together; so often is it read.
        const ROWS: usize = 48;
        /// Multiplications that are worth handing over.
        const LEAST: usize = 1 << 20;
        let (depth, width) = (self.depth, self.width);
        assert_eq!(a.len() * width, c.len() * depth, "product: rows of {depth} and of {width} numbers");
        if c.is_empty() {
            return;
        }
        // However the rows are cut, their bits are the same: so by the number of threads, and in whole tiles.
        let (rows, tile) = (c.len() / width, dispatch(TileRows));
        let parts = rows.div_ceil(ROWS).max(threads::threads());
        let worth = (LEAST / (depth * width).max(1)).max(tile);
        let even = rows.div_ceil(parts);
        let part = if even < 2 * tile { even } else { even.next_multiple_of(tile) }.max(worth);
        threads::for_pieces(c, part * width, |piece, c| {
            let rows = c.len() / width;
            let a = Rows::apart(&a[piece * part * depth..][..rows * depth], depth);
            let c = RowsMut { data: c, stride: width };
            dispatch(Times { packed: self, a, rows, c, start });
        });
    }

    /// `c = start + a P`, for `rows` rows.
    #[inline(always)]
    pub(crate) fn product<S: Simd>(&self, simd: S, a: Rows, rows: usize, c: RowsMut, start: Start) {
        let panel_stride = self.depth * panel_width::<S>();
        let (depth, width) = (self.depth, self.width);
        simd.vectorize(Product { a, rows, panels: &self.panels, panel_stride, depth, width, c, start });
    }
}

/// The most rows of a tile on this machine.
struct TileRows;

impl WithSimd for TileRows {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        tile_rows::<S>()
    }
}

/// [`Packed::product`], to be dispatched.
struct Times<'a> {
    packed: &'a Packed,
    a: Rows<'a>,
    rows: usize,
    c: RowsMut<'a>,
    start: Start<'a>,
}

impl WithSimd for Times<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.packed.product(simd, self.a, self.rows, self.c, self.start);
    }
}

/// The left operand: element (r, k) at `r * row_stride + k * depth_stride`.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) data: &'a [f32],
    pub(crate) row_stride: usize,
    pub(crate) depth_stride: usize,
}

impl<'a> Rows<'a> {
    /// Rows that lie `stride` apart, each in one piece.
    pub(crate) fn apart(data: &'a [f32], stride: usize) -> Self {
        Self { data, row_stride: stride, depth_stride: 1 }
    }
}

/// The result: row r starts at `r * stride` and lies in one piece.
pub(crate) struct RowsMut<'a> {
    pub(crate) data: &'a mut [f32],
    pub(crate) stride: usize,
}

/// `c = start + a P`; panel p of P starts at `p * panel_stride`.
pub(crate) struct Product<'a> {
    pub(crate) a: Rows<'a>,
    pub(crate) rows: usize,
    pub(crate) panels: &'a [f32],
    pub(crate) panel_stride: usize,
    pub(crate) depth: usize,
    pub(crate) width: usize,
    pub(crate) c: RowsMut<'a>,
    pub(crate) start: Start<'a>,
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { a: Rows { data: a, row_stride, depth_stride }, rows, panels, panel_stride, depth, width, c, start } =
            self;
        let RowsMut { data: c, stride: c_stride } = c;
        if rows == 0 || width == 0 {
            return;
        }
        let panel_width = panel_width::<S>();
        let last_a = (rows - 1) * row_stride + depth.saturating_sub(1) * depth_stride;
        assert!(depth == 0 || last_a < a.len(), "product: the left operand does not fit");
        assert!(!matches!(start, Start::Row(row) if row.len() != width), "product: the row to be added");
        let mut whole = [0.0; TILE_LEN];
        // Rows in tiles of as equal a height as can be.
        let tiles = rows.div_ceil(tile_rows::<S>());
        for (index, first) in (0..width).step_by(panel_width).enumerate() {
            let panel = &panels[index * panel_stride..][..depth * panel_width];
            let columns = panel_width.min(width - first);
            let start = if let Start::Row(row) = start { Start::Row(&row[first..][..columns]) } else { start };
            for part in 0..tiles {
                let (top, bottom) = (part * rows / tiles, (part + 1) * rows / tiles);
                let c = &mut c[top * c_stride + first..][..(bottom - top - 1) * c_stride + columns];
                let a = &a[top * row_stride..];
                // A last panel that sticks out goes to a place of its own first.
                let sticks_out = columns < panel_width;
                let (to, to_stride, tile_start) =
                    if sticks_out { (&mut whole[..], panel_width, Start::Zero) } else { (&mut *c, c_stride, start) };
                // SAFETY: rows top to bottom of `a` lie within it, by the assertion above.
                unsafe { any_tile(simd, a, row_stride, depth_stride, panel, to, to_stride, bottom - top, tile_start) };
                if sticks_out {
                    for (c, whole) in c.chunks_mut(c_stride).zip(whole.chunks(panel_width)) {
                        for (n, (c, whole)) in c[..columns].iter_mut().zip(whole).enumerate() {
                            *c = match start {
                                Start::Zero => *whole,
                                Start::Itself => *c + whole,
                                Start::Row(row) => row[n] + whole,
                            };
                        }
                    }
                }
            }
        }
    }
}

/// One tile of `rows` rows.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "a kernel's operands and their strides")]
unsafe fn any_tile<S: Simd>(
    simd: S,
    a: &[f32],
    row_stride: usize,
    depth_stride: usize,
    panel: &[f32],
    c: &mut [f32],
    c_stride: usize,
    rows: usize,
    start: Start,
) {
    macro_rules! tiles {
        ($($height:literal)*) => {
            match rows {
                // SAFETY: the caller's promise.
                $($height if $height <= tile_rows::<S>() => unsafe {
                    tile::<S, $height>(simd, a, row_stride, depth_stride, panel, c, c_stride, start);
                })*
                _ => unreachable!("product: a tile has 1 to {} rows", tile_rows::<S>()),
            }
        };
    }
    tiles!(1 2 3 4 5 6 7 8 9 10 11 12 13 14);
}

/// One tile: `R` rows by one panel. `c` has room for the panel's whole width.
///
/// # Safety
/// `r * row_stride + k * depth_stride` must be below `a.len()` for every r below `R` and k below the panel's depth.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "a kernel's operands and their strides")]
unsafe fn tile<S: Simd, const R: usize>(
    simd: S,
    a: &[f32],
    row_stride: usize,
    depth_stride: usize,
    panel: &[f32],
    c: &mut [f32],
    c_stride: usize,
    start: Start,
) {
    /// Rows of the panel to the one that is asked for: it may come from far, and the processor does not look over a page's edge.
    const AHEAD: usize = 16;
    let (panel, _) = S::as_simd_f32s(panel);
    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; R];
    for (k, vectors) in panel.chunks_exact(VECTORS).enumerate() {
        for vector in 0..VECTORS {
            prefetch(vectors.as_ptr().wrapping_add(AHEAD * VECTORS + vector).cast());
        }
        for (r, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's promise. A check here would cost as much as the multiplications.
            let a = simd.splat_f32s(unsafe { *a.get_unchecked(r * row_stride + k * depth_stride) });
            for (sum, vector) in sums.iter_mut().zip(vectors) {
                *sum = simd.mul_add_e_f32s(a, *vector, *sum);
            }
        }
    }
    // Short loops without a choice inside: unrolled, they leave the sums in their registers.
    match start {
        Start::Zero => {
            for r in 0..R {
                let (c, _) = S::as_mut_simd_f32s(&mut c[r * c_stride..][..panel_width::<S>()]);
                c[..VECTORS].copy_from_slice(&sums[r]);
            }
        }
        Start::Itself => {
            for r in 0..R {
                let (c, _) = S::as_mut_simd_f32s(&mut c[r * c_stride..][..panel_width::<S>()]);
                for v in 0..VECTORS {
                    c[v] = simd.add_f32s(c[v], sums[r][v]);
                }
            }
        }
        Start::Row(row) => {
            let (row, _) = S::as_simd_f32s(&row[..panel_width::<S>()]);
            for r in 0..R {
                let (c, _) = S::as_mut_simd_f32s(&mut c[r * c_stride..][..panel_width::<S>()]);
                for v in 0..VECTORS {
                    c[v] = simd.add_f32s(row[v], sums[r][v]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{close, noise, wide};

    /// The twin: C + A P for A [rows, depth] and P [depth, width].
    fn plain(a: &[f32], p: &[f32], c: &[f32], (rows, depth, width): (usize, usize, usize)) -> Vec<f64> {
        let (a, p) = (wide(a), wide(p));
        let mut c = wide(c);
        for r in 0..rows {
            for n in 0..width {
                c[r * width + n] += (0..depth).map(|k| a[r * depth + k] * p[k * width + n]).sum::<f64>();
            }
        }
        c
    }

    fn transposed(x: &[f32], rows: usize, columns: usize) -> Vec<f32> {
        (0..rows * columns).map(|i| x[i % rows * columns + i / rows]).collect()
    }

    fn product(packed: &Packed, a: Rows, rows: usize, c: &mut [f32], stride: usize, start: Start) {
        dispatch(Times { packed, a, rows, c: RowsMut { data: c, stride }, start });
    }

    /// Every height of a tile and two tiles; panels whole and cut short; enough of them to be packed by two cores.
    fn sizes() -> impl Iterator<Item = (usize, usize, usize)> {
        (1..=16).map(|rows| (rows, 5, 37)).chain([(3, 1, 1), (4, 64, 96), (2, 300, 700), (15, 33, 65)])
    }

    #[test]
    fn both_layouts_agree_with_plain() {
        for (rows, depth, width) in sizes() {
            let (a, p, c) = (noise(1, rows * depth, 1.0), noise(2, depth * width, 1.0), noise(3, rows * width, 1.0));
            let as_is = Packed::new(&p, Layout::AsIs(width), depth, width);
            let across = Packed::new(&transposed(&p, depth, width), Layout::Transposed(depth), depth, width);
            for packed in [as_is, across] {
                let mut sum = c.clone();
                product(&packed, Rows::apart(&a, depth), rows, &mut sum, width, Start::Itself);
                close(&sum, &plain(&a, &p, &c, (rows, depth, width)), 1e-5, "c + a p");
                let mut of_row = sum.clone();
                product(&packed, Rows::apart(&a, depth), rows, &mut of_row, width, Start::Row(&c[..width]));
                let repeated = c[..width].repeat(rows);
                close(&of_row, &plain(&a, &p, &repeated, (rows, depth, width)), 1e-5, "row + a p");
                product(&packed, Rows::apart(&a, depth), rows, &mut sum, width, Start::Zero);
                close(&sum, &plain(&a, &p, &vec![0.0; c.len()], (rows, depth, width)), 1e-5, "a p");
            }
        }
    }

    #[test]
    fn the_left_operand_may_stand_on_its_side_and_rows_apart() {
        let (rows, depth, width, gap) = (9, 21, 40, 3);
        let (a, p) = (noise(1, rows * depth, 1.0), noise(2, depth * width, 1.0));
        let packed = Packed::new(&p, Layout::AsIs(width), depth, width);
        let (upright, sideways) = (Rows::apart(&a, depth), transposed(&a, rows, depth));
        let sideways = Rows { data: &sideways, row_stride: 1, depth_stride: rows };
        let mut results = [(); 2].map(|()| vec![7.0; rows * (width + gap)]);
        for (c, a) in results.iter_mut().zip([upright, sideways]) {
            product(&packed, a, rows, c, width + gap, Start::Zero);
        }
        assert!(results[0] == results[1]);
        for row in results[0].chunks(width + gap) {
            assert_eq!(row[width..], [7.0; 3]); // between the rows nothing is touched
        }
    }

    #[test]
    fn the_same_bits_however_rows_are_grouped() {
        let (rows, depth, width) = (14, 50, 45);
        let (a, p) = (noise(1, rows * depth, 1.0), noise(2, depth * width, 1.0));
        let packed = Packed::new(&p, Layout::AsIs(width), depth, width);
        let [mut together, mut alone] = [(); 2].map(|()| vec![0.0; rows * width]);
        product(&packed, Rows::apart(&a, depth), rows, &mut together, width, Start::Zero);
        for (c, a) in alone.chunks_mut(width).zip(a.chunks(depth)) {
            product(&packed, Rows::apart(a, depth), 1, c, width, Start::Zero);
        }
        assert!(together == alone);
    }
}
