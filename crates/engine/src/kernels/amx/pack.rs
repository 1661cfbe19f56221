//! Operands as the matrix unit reads them: cut into tiles, each number in three parts of bf16.
//!
//! A tile's row of 64 bytes holds 16 pairs of numbers. In a tile of the left operand a row is one row of the matrix, in one
//! of the right operand it is one pair of depths for 16 columns. A pair is the depths p and p + 16 of the 32 of a step:
//! any order of depth gives the product, if both operands have it, and this one needs no shuffling.

use super::{CHUNK, STEP, TILE};
use crate::kernels::gemm::Mat;
use std::arch::x86_64::{
    __m512, __m512i, _mm512_add_epi32, _mm512_and_si512, _mm512_castpd_ps, _mm512_castps_pd, _mm512_castps_si512,
    _mm512_castsi512_ps, _mm512_maskz_loadu_ps, _mm512_or_si512, _mm512_set1_epi32, _mm512_setzero_ps,
    _mm512_shuffle_f32x4, _mm512_srli_epi32, _mm512_storeu_si512, _mm512_sub_ps, _mm512_unpackhi_pd,
    _mm512_unpackhi_ps, _mm512_unpacklo_pd, _mm512_unpacklo_ps,
};

/// Rows of a tile, pairs in a row, floats in a vector.
const SIDE: usize = 16;

/// Which operand is packed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Its lines are rows of the left operand.
    Left,
    /// Its lines are columns of the right operand.
    Right,
}

/// Packs `lines` [at most 32, depth] into chunks, one for each 32 of depth: the three parts of the first 16 lines and of
/// the others, greatest part first. What is beyond the last line or depth is zero.
pub(super) fn pack(lines: Mat, side: Side, chunks: &mut [u16]) {
    assert!(super::usable(), "amx: this processor has no matrix unit");
    // SAFETY: the unit is usable, so the vectors of 512 bits are there too.
    unsafe { pack_vectors(lines, side, chunks) }
}

#[target_feature(enable = "avx512f")]
fn pack_vectors(lines: Mat, side: Side, chunks: &mut [u16]) {
    assert_eq!(chunks.len(), lines.columns.div_ceil(STEP) * CHUNK, "amx: room for a packed operand");
    let upright = (side == Side::Left) == (lines.column_stride == 1);
    let (chunks, _) = chunks.as_chunks_mut::<CHUNK>();
    for (step, chunk) in chunks.iter_mut().enumerate() {
        for half in 0..2 {
            let square = |depth: usize| Square::of(lines, half * SIDE, step * STEP + depth);
            let (near, far) = (square(0), square(SIDE));
            if upright {
                for row in 0..SIDE {
                    store(three_parts(near.row(row), far.row(row)), chunk, half, row);
                }
            } else {
                let (near, far) = (near.turned(), far.turned());
                for row in 0..SIDE {
                    store(three_parts(near[row], far[row]), chunk, half, row);
                }
            }
        }
    }
}

/// Up to 16 x 16 numbers as they lie in memory, each row in one piece; all further ones are zero.
#[derive(Clone, Copy)]
struct Square<'a> {
    /// All rows, `stride` apart.
    data: &'a [f32],
    stride: usize,
    rows: usize,
    /// The numbers of a row that are there, a bit for each.
    columns: u16,
}

impl<'a> Square<'a> {
    #[inline]
    fn of(lines: Mat<'a>, line: usize, depth: usize) -> Self {
        let [count, depths] =
            [lines.rows.saturating_sub(line), lines.columns.saturating_sub(depth)].map(|n| n.min(SIDE));
        let (stride, rows, columns) = if lines.column_stride == 1 {
            (lines.row_stride, count, depths)
        } else {
            assert_eq!(lines.row_stride, 1, "amx: an operand without contiguous rows or columns");
            (lines.column_stride, depths, count)
        };
        if rows == 0 || columns == 0 {
            return Self { data: &[], stride, rows: 0, columns: 0 };
        }
        let start = line * lines.row_stride + depth * lines.column_stride;
        let data = &lines.data[start..][..(rows - 1) * stride + columns];
        Self { data, stride, rows, columns: u16::MAX >> (SIDE - columns) }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn row(self, row: usize) -> __m512 {
        if row >= self.rows {
            return _mm512_setzero_ps();
        }
        // SAFETY: `data` holds `rows` rows; of each only what is there is read.
        unsafe { _mm512_maskz_loadu_ps(self.columns, self.data.as_ptr().add(row * self.stride)) }
    }

    /// The columns, as rows.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn turned(self) -> [__m512; SIDE] {
        let mut rows = [_mm512_setzero_ps(); SIDE];
        for (at, row) in rows.iter_mut().enumerate() {
            *row = self.row(at);
        }
        // Fours of numbers are turned within fours of rows, then fours of fours.
        let mut fours = rows;
        for (fours, rows) in fours.chunks_exact_mut(4).zip(rows.chunks_exact(4)) {
            let pair = |a: __m512, b: __m512| {
                let [low, high] = [_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b)];
                [low, high].map(|x| _mm512_castps_pd(x))
            };
            let ([a, b], [c, d]) = (pair(rows[0], rows[1]), pair(rows[2], rows[3]));
            let four = [
                _mm512_unpacklo_pd(a, c),
                _mm512_unpackhi_pd(a, c),
                _mm512_unpacklo_pd(b, d),
                _mm512_unpackhi_pd(b, d),
            ];
            for (to, four) in fours.iter_mut().zip(four) {
                *to = _mm512_castpd_ps(four);
            }
        }
        for j in 0..4 {
            let (a, b, c, d) = (fours[j], fours[4 + j], fours[8 + j], fours[12 + j]);
            let even = [_mm512_shuffle_f32x4::<0x88>(a, b), _mm512_shuffle_f32x4::<0x88>(c, d)];
            let odd = [_mm512_shuffle_f32x4::<0xdd>(a, b), _mm512_shuffle_f32x4::<0xdd>(c, d)];
            rows[j] = _mm512_shuffle_f32x4::<0x88>(even[0], even[1]);
            rows[4 + j] = _mm512_shuffle_f32x4::<0x88>(odd[0], odd[1]);
            rows[8 + j] = _mm512_shuffle_f32x4::<0xdd>(even[0], even[1]);
            rows[12 + j] = _mm512_shuffle_f32x4::<0xdd>(odd[0], odd[1]);
        }
        rows
    }
}

/// The parts of pairs of numbers, the greatest first: in each vector 16 pairs of bf16, `near` in the lower halves.
#[inline]
#[target_feature(enable = "avx512f")]
fn three_parts(mut near: __m512, mut far: __m512) -> [__m512i; 3] {
    // The bits of a bf16 are the upper half of those of an f32.
    let (half, upper) = (_mm512_set1_epi32(0x8000), _mm512_set1_epi32(0xffff_0000_u32 as i32));
    let mut parts = [half; 3];
    for part in &mut parts {
        let near_part = _mm512_and_si512(_mm512_add_epi32(_mm512_castps_si512(near), half), upper);
        let far_part = _mm512_and_si512(_mm512_add_epi32(_mm512_castps_si512(far), half), upper);
        *part = _mm512_or_si512(_mm512_srli_epi32::<16>(near_part), far_part);
        near = _mm512_sub_ps(near, _mm512_castsi512_ps(near_part)); // exact
        far = _mm512_sub_ps(far, _mm512_castsi512_ps(far_part));
    }
    parts
}

/// Puts a row of each part's tile into its place.
#[inline]
#[target_feature(enable = "avx512f")]
fn store(parts: [__m512i; 3], chunk: &mut [u16; CHUNK], half: usize, row: usize) {
    for (part, vector) in parts.into_iter().enumerate() {
        let to = &mut chunk[(2 * part + half) * TILE + row * STEP..][..STEP];
        // SAFETY: 32 numbers of 2 bytes are the 64 that are written.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), vector) };
    }
}
