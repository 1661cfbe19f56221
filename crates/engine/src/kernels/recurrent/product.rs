//! Products with one matrix that is packed once and used many times, a few rows at each time: what recurrence and
//! attention are made of. Large single products are `gemm`'s, which would pack its operands at every call.
//!
//! C += A P, with P [depth, width] cut into panels of two vectors' width. A tile of up to fourteen rows of A by one
//! panel is summed up in registers: for each row of the panel, two loads and as many broadcasts as there are rows.
//! A panel streams from the second-level cache at the speed of the multiplications, so nothing is blocked over depth,
//! and every element of C is one sum in the order of depth: the same bits however rows are grouped.

use crate::buffer::Buffer;
use crate::kernels::simd::{Simd, WithSimd, dispatch};
use crate::kernels::threads;

/// Vectors in the width of a panel.
const VECTORS: usize = 2;

/// Columns of a panel.
#[inline(always)]
pub(crate) const fn panel_width<S: Simd>() -> usize {
    VECTORS * S::F32_LANES
}

/// How many floats the panels of a [depth, width] matrix take.
#[inline(always)]
pub(crate) const fn packed_len<S: Simd>(depth: usize, width: usize) -> usize {
    width.next_multiple_of(panel_width::<S>()) * depth
}

/// The most rows of a tile: two accumulators a row, two vectors of the panel and one broadcast must fit into the
/// registers.
#[inline(always)]
const fn tile_rows<S: Simd>() -> usize {
    if S::REGISTER_COUNT >= 32 { 14 } else { 6 }
}

/// How a matrix [depth, width] that is to be packed lies in memory.
#[derive(Clone, Copy)]
pub(crate) enum Layout {
    /// Element (k, n) at `k * stride + n`.
    AsIs(usize),
    /// Element (k, n) at `n * stride + k`: what lies there is the transposed matrix.
    Transposed(usize),
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

    /// `c = a P`, or `c += a P` when `add`, for `rows` rows.
    #[inline(always)]
    pub(crate) fn product<S: Simd>(&self, simd: S, a: Rows, rows: usize, c: RowsMut, add: bool) {
        let panel_stride = self.depth * panel_width::<S>();
        let (depth, width) = (self.depth, self.width);
        simd.vectorize(Product { a, rows, panels: &self.panels, panel_stride, depth, width, c, add });
    }
}

/// `out += a Wᵀ` for `rows` rows, W [outputs, depth] as it lies: a dot product for every output.
pub(crate) struct Dots<'a> {
    pub(crate) a: Rows<'a>,
    pub(crate) rows: usize,
    pub(crate) w: Rows<'a>,
    pub(crate) outputs: usize,
    pub(crate) depth: usize,
    pub(crate) out: RowsMut<'a>,
}

impl WithSimd for Dots<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        const GROUP: usize = 4; // as many sums at once hide the latency of an addition
        let Self { a, rows, w, outputs, depth, out } = self;
        for first in (0..outputs).step_by(GROUP) {
            let group = GROUP.min(outputs - first);
            for r in 0..rows {
                let a = &a.data[r * a.row_stride..][..depth];
                let out = &mut out.data[r * out.stride + first..][..group];
                let (w, stride) = (&w.data[first * w.row_stride..], w.row_stride);
                if group == GROUP {
                    for (out, sum) in out.iter_mut().zip(dots::<S, GROUP>(simd, a, w, stride)) {
                        *out += sum;
                    }
                } else {
                    for (n, out) in out.iter_mut().enumerate() {
                        *out += dots::<S, 1>(simd, a, &w[n * stride..], stride)[0];
                    }
                }
            }
        }
    }
}

/// The products of `a` with each of `N` rows of `w`, `stride` apart.
#[inline(always)]
pub(crate) fn dots<S: Simd, const N: usize>(simd: S, a: &[f32], w: &[f32], stride: usize) -> [f32; N] {
    let depth = a.len();
    let (a_vectors, a_rest) = S::as_simd_f32s(a);
    // Plain loops: the closures of `array::map` would stay behind as functions of their own, without vectors.
    let mut sums = [simd.splat_f32s(0.0); N];
    let mut rows = [a_vectors; N];
    let a_rest = simd.partial_load_f32s(a_rest);
    for n in 0..N {
        let (vectors, rest) = S::as_simd_f32s(&w[n * stride..][..depth]);
        rows[n] = &vectors[..a_vectors.len()];
        sums[n] = simd.mul_f32s(a_rest, simd.partial_load_f32s(rest));
    }
    for (v, a) in a_vectors.iter().enumerate() {
        for n in 0..N {
            sums[n] = simd.mul_add_e_f32s(*a, rows[n][v], sums[n]);
        }
    }
    let mut products = [0.0; N];
    for n in 0..N {
        products[n] = simd.reduce_sum_f32s(sums[n]);
    }
    products
}

/// Packs `source` into `panels`, which it fills.
pub(crate) struct Pack<'a> {
    pub(crate) source: &'a [f32],
    pub(crate) layout: Layout,
    pub(crate) depth: usize,
    pub(crate) width: usize,
    pub(crate) panels: &'a mut [f32],
}

impl WithSimd for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        if self.depth == 0 {
            return;
        }
        let panel_width = panel_width::<S>();
        for (index, panel) in self.panels.chunks_exact_mut(panel_width * self.depth).enumerate() {
            let first = index * panel_width;
            let columns = panel_width.min(self.width - first);
            match self.layout {
                Layout::AsIs(stride) => {
                    for (k, row) in panel.chunks_exact_mut(panel_width).enumerate() {
                        row[..columns].copy_from_slice(&self.source[k * stride + first..][..columns]);
                        row[columns..].fill(0.0);
                    }
                }
                Layout::Transposed(stride) => {
                    transpose(&self.source[first * stride..], stride, columns, panel, panel_width)
                }
            }
        }
    }
}

/// `panel` [depth, panel_width] becomes the transpose of `source` [columns, depth], with zeros in the further columns.
#[inline(always)]
fn transpose(source: &[f32], stride: usize, columns: usize, panel: &mut [f32], panel_width: usize) {
    const SIDE: usize = 4;
    let depth = panel.len() / panel_width;
    if columns < panel_width {
        panel.fill(0.0);
    }
    let (whole_columns, whole_depth) = (columns / SIDE * SIDE, depth / SIDE * SIDE);
    for n in (0..whole_columns).step_by(SIDE) {
        for k in (0..whole_depth).step_by(SIDE) {
            // Four by four, so that the compiler can turn the block round in registers.
            let mut block = [[0.0; SIDE]; SIDE];
            for (j, row) in block.iter_mut().enumerate() {
                row.copy_from_slice(&source[(n + j) * stride + k..][..SIDE]);
            }
            for i in 0..SIDE {
                let turned = [block[0][i], block[1][i], block[2][i], block[3][i]];
                panel[(k + i) * panel_width + n..][..SIDE].copy_from_slice(&turned);
            }
        }
    }
    for n in 0..columns {
        let from = if n < whole_columns { whole_depth } else { 0 };
        for k in from..depth {
            panel[k * panel_width + n] = source[n * stride + k];
        }
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

/// `c = a P`, or `c += a P` when `add`; panel p of P starts at `p * panel_stride`.
pub(crate) struct Product<'a> {
    pub(crate) a: Rows<'a>,
    pub(crate) rows: usize,
    pub(crate) panels: &'a [f32],
    pub(crate) panel_stride: usize,
    pub(crate) depth: usize,
    pub(crate) width: usize,
    pub(crate) c: RowsMut<'a>,
    pub(crate) add: bool,
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            a: Rows { data: a, row_stride, depth_stride },
            rows,
            panels,
            panel_stride,
            depth,
            width,
            c: RowsMut { data: c, stride: c_stride },
            add,
        } = self;
        if rows == 0 || width == 0 {
            return;
        }
        let panel_width = panel_width::<S>();
        let last_a = (rows - 1) * row_stride + depth.saturating_sub(1) * depth_stride;
        assert!(depth == 0 || last_a < a.len(), "product: the left operand does not fit");
        // Rows in tiles of as equal a height as can be.
        let tiles = rows.div_ceil(tile_rows::<S>());
        for (index, first) in (0..width).step_by(panel_width).enumerate() {
            let panel = &panels[index * panel_stride..][..depth * panel_width];
            let columns = panel_width.min(width - first);
            for part in 0..tiles {
                let (top, bottom) = (part * rows / tiles, (part + 1) * rows / tiles);
                let c = &mut c[top * c_stride + first..][..(bottom - top - 1) * c_stride + columns];
                let a = &a[top * row_stride..];
                macro_rules! tile {
                    ($($height:literal)*) => {
                        match bottom - top {
                            // SAFETY: rows top to bottom of `a` lie within it, by the assertion above.
                            $($height if $height <= tile_rows::<S>() => unsafe {
                                tile::<S, $height>(simd, a, row_stride, depth_stride, panel, c, c_stride, columns, add);
                            })*
                            _ => unreachable!("product: a tile has 1 to {} rows", tile_rows::<S>()),
                        }
                    };
                }
                tile!(1 2 3 4 5 6 7 8 9 10 11 12 13 14);
            }
        }
    }
}

/// One tile: `R` rows by one panel.
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
    columns: usize,
    add: bool,
) {
    let (panel, _) = S::as_simd_f32s(panel);
    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; R];
    for (k, vectors) in panel.chunks_exact(VECTORS).enumerate() {
        for (r, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's promise. A check here would cost as much as the multiplications.
            let a = simd.splat_f32s(unsafe { *a.get_unchecked(r * row_stride + k * depth_stride) });
            for (sum, vector) in sums.iter_mut().zip(vectors) {
                *sum = simd.mul_add_e_f32s(a, *vector, *sum);
            }
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        let c = &mut c[r * c_stride..][..columns];
        if columns == panel_width::<S>() {
            for (c, sum) in S::as_mut_simd_f32s(c).0.iter_mut().zip(sums) {
                *c = if add { simd.add_f32s(*c, *sum) } else { *sum };
            }
        } else {
            for (c, sum) in c.chunks_mut(S::F32_LANES).zip(sums) {
                let total = if add { simd.add_f32s(simd.partial_load_f32s(c), *sum) } else { *sum };
                simd.partial_store_f32s(c, total);
            }
        }
    }
}
