//! A matrix cut into panels of two vectors' width, each row after row: the form in which a product reads it
//! (`product`), one stream from the first number to the last.

use crate::kernels::simd::{Simd, WithSimd};

/// Vectors in the width of a panel.
pub(crate) const VECTORS: usize = 2;

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

/// How a matrix [depth, width] that is to be packed lies in memory.
#[derive(Clone, Copy)]
pub(crate) enum Layout {
    /// Element (k, n) at `k * stride + n`.
    AsIs(usize),
    /// Element (k, n) at `n * stride + k`: what lies there is the transposed matrix.
    Transposed(usize),
}

/// Packs `source` into `panels`, which it fills, with zeros beyond its last column.
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
            let columns = self.width.saturating_sub(first).min(panel_width);
            if columns == 0 {
                panel.fill(0.0);
                continue;
            }
            match self.layout {
                Layout::AsIs(stride) => {
                    for (k, row) in panel.chunks_exact_mut(panel_width).enumerate() {
                        copy(&self.source[k * stride + first..][..columns], &mut row[..columns]);
                        if columns < panel_width {
                            row[columns..].fill(0.0);
                        }
                    }
                }
                Layout::Transposed(stride) => {
                    transpose(&self.source[first * stride..], stride, columns, panel, panel_width)
                }
            }
        }
    }
}

/// Copies a few values: by vectors, where a call of the library's `memcpy` would take as long as the copy.
#[inline(always)]
pub(crate) fn copy(from: &[f32], to: &mut [f32]) {
    let ((from, from_rest), (to, to_rest)) = (from.as_chunks::<16>(), to.as_chunks_mut::<16>());
    for (from, to) in from.iter().zip(to) {
        *to = *from;
    }
    to_rest.copy_from_slice(from_rest);
}

/// `panel` [depth, panel_width] becomes the transpose of `source` [columns, depth], with zeros in the further columns.
#[inline(always)]
pub(crate) fn transpose(source: &[f32], stride: usize, columns: usize, panel: &mut [f32], panel_width: usize) {
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
