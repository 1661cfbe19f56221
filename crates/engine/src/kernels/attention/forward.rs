//! One head of one row of the batch, forward.

use super::{Heads, LANES, from_row};
use crate::buffer::Buffer;
use crate::kernels::math::{exp, fma};
use crate::kernels::recurrent::product::{Dots, Layout, Pack, Product, Rows, RowsMut, packed_len, panel_width};
use crate::kernels::simd::{Simd, WithSimd};

/// Queries that go through the keys together.
const QUERIES: usize = 16;
/// Keys between two looks at the running maximum: their scores stay in the first-level cache.
const KEYS: usize = 256;
/// Up to so many queries, packing the keys would cost more than it gives.
const FEW: usize = 2;

pub(super) struct Forward<'a, Y, L> {
    pub(super) heads: Heads,
    /// How many keys are real.
    pub(super) keys: usize,
    pub(super) q: Rows<'a>,
    pub(super) k: Rows<'a>,
    pub(super) v: Rows<'a>,
    /// Takes the result of one query.
    pub(super) write_y: Y,
    pub(super) write_lse: L,
}

impl<Y: Fn(usize, &[f32]), L: Fn(usize, f32)> WithSimd for Forward<'_, Y, L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if self.heads.queries <= FEW { self.one_by_one(simd) } else { self.by_blocks(simd) }
    }
}

impl<Y: Fn(usize, &[f32]), L: Fn(usize, f32)> Forward<'_, Y, L> {
    #[inline(always)]
    fn by_blocks<S: Simd>(self, simd: S) {
        let Self { heads, keys, q, k, v, write_y, write_lse } = self;
        let (depth, scale, panel) = (heads.head_width, heads.scale(), panel_width::<S>());
        let score_stride = keys.min(KEYS).next_multiple_of(2 * LANES) + LANES;
        let wide = depth.next_multiple_of(panel);
        let mut k_panels = Buffer::scratch(packed_len::<S>(depth, keys));
        let mut v_panels = Buffer::scratch(packed_len::<S>(keys, depth));
        let mut scores = Buffer::scratch(QUERIES * score_stride);
        let mut sums = Buffer::scratch(QUERIES * wide);
        simd.vectorize(Pack {
            source: k.data,
            layout: Layout::Transposed(k.row_stride),
            depth,
            width: keys,
            panels: &mut k_panels,
        });
        simd.vectorize(Pack {
            source: v.data,
            layout: Layout::AsIs(v.row_stride),
            depth: keys,
            width: depth,
            panels: &mut v_panels,
        });
        for first in (0..heads.queries).step_by(QUERIES) {
            let rows = QUERIES.min(heads.queries - first);
            let seen = heads.seen(first + rows - 1, keys);
            let mut shares = [Share::NONE; QUERIES];
            for from in (0..seen).step_by(KEYS) {
                let count = KEYS.min(seen - from);
                simd.vectorize(Product {
                    a: from_row(q, first),
                    rows,
                    panels: &k_panels[from * depth..],
                    panel_stride: panel * depth,
                    depth,
                    width: count.next_multiple_of(panel),
                    c: RowsMut { data: &mut scores, stride: score_stride },
                    add: false,
                });
                for r in 0..rows {
                    let own = heads.seen(first + r, keys).saturating_sub(from).min(count);
                    let scores = &mut scores[r * score_stride..][..count.next_multiple_of(LANES)];
                    scores[own..].fill(f32::NEG_INFINITY);
                    let faded = shares[r].take::<S>(scores, scale);
                    if from > 0 {
                        for sum in &mut sums[r * wide..][..wide] {
                            *sum *= faded;
                        }
                    }
                }
                simd.vectorize(Product {
                    a: Rows::apart(&scores, score_stride),
                    rows,
                    panels: &v_panels[from * panel..],
                    panel_stride: panel * keys,
                    depth: count,
                    width: wide,
                    c: RowsMut { data: &mut sums, stride: wide },
                    add: from > 0,
                });
            }
            if seen == 0 {
                sums.fill(0.0);
            }
            for r in 0..rows {
                let part = shares[r].part();
                let sums = &mut sums[r * wide..][..depth];
                for sum in &mut *sums {
                    *sum *= part;
                }
                write_y(first + r, sums);
                write_lse(first + r, shares[r].lse(scale));
            }
        }
    }

    /// To generate: keys and values are read as they lie.
    #[inline(always)]
    fn one_by_one<S: Simd>(self, simd: S) {
        let Self { heads, keys, q, k, v, write_y, write_lse } = self;
        let depth = heads.head_width;
        let mut scores = Buffer::scratch(keys.next_multiple_of(LANES));
        let mut sums = Buffer::scratch(depth);
        for query in 0..heads.queries {
            let seen = heads.seen(query, keys);
            let scores = &mut scores[..seen.next_multiple_of(LANES)];
            scores.fill(0.0);
            let out = RowsMut { data: &mut *scores, stride: seen };
            simd.vectorize(Dots { a: from_row(q, query), rows: 1, w: k, outputs: seen, depth, out });
            scores[seen..].fill(f32::NEG_INFINITY);
            let mut share = Share::NONE;
            share.take::<S>(scores, heads.scale());
            mix(simd, &scores[..seen], v, &mut sums);
            let part = share.part();
            for sum in &mut *sums {
                *sum *= part;
            }
            write_y(query, &sums);
            write_lse(query, share.lse(heads.scale()));
        }
    }
}

/// What a query has seen so far: the greatest score and the sum of all e^(scale (score - greatest)).
#[derive(Clone, Copy)]
struct Share {
    greatest: f32,
    sum: f32,
}

impl Share {
    const NONE: Self = Self { greatest: f32::NEG_INFINITY, sum: 0.0 };

    /// Takes in `scores`, whole lanes of them, and turns them into the weights of their keys. Returns by what the
    /// weights of all keys before have faded.
    #[inline(always)]
    fn take<S: Simd>(&mut self, scores: &mut [f32], scale: f32) -> f32 {
        let (lanes, _) = scores.as_chunks_mut::<LANES>();
        let mut most = [self.greatest; LANES];
        for lane in &*lanes {
            for j in 0..LANES {
                most[j] = if lane[j] > most[j] { lane[j] } else { most[j] };
            }
        }
        let mut greatest = most[0];
        for most in most {
            greatest = if most > greatest { most } else { greatest };
        }
        // With nothing seen, minus infinity less itself would be NaN.
        let shift = if greatest == f32::NEG_INFINITY { 0.0 } else { greatest };
        let mut sums = [0.0; LANES];
        for lane in lanes {
            let mut weights = *lane;
            for j in 0..LANES {
                weights[j] = exp::<S>(fma::<S>(weights[j], scale, -shift * scale));
                sums[j] += weights[j];
            }
            *lane = weights;
        }
        let faded = exp::<S>((self.greatest - shift) * scale);
        self.greatest = greatest;
        self.sum = self.sum * faded + sums.iter().sum::<f32>();
        faded
    }

    /// What turns weights into shares of one.
    #[inline(always)]
    fn part(self) -> f32 {
        if self.sum == 0.0 { 0.0 } else { 1.0 / self.sum }
    }

    /// The logarithm of the sum of e^(scale score).
    #[inline(always)]
    fn lse(self, scale: f32) -> f32 {
        if self.sum == 0.0 { f32::NEG_INFINITY } else { self.greatest * scale + self.sum.ln() }
    }
}

/// `out` becomes the sum of the rows of `v`, weighted by `weights`.
#[inline(always)]
fn mix<S: Simd>(simd: S, weights: &[f32], v: Rows, out: &mut [f32]) {
    let mut from = 0;
    while from < out.len() {
        let left = out.len() - from;
        let columns = match left / S::F32_LANES {
            4.. => mix_columns::<S, 4>(simd, weights, v, from, &mut out[from..]),
            2.. => mix_columns::<S, 2>(simd, weights, v, from, &mut out[from..]),
            _ => mix_columns::<S, 1>(simd, weights, v, from, &mut out[from..]),
        };
        from += columns;
    }
}

/// The same for `N` vectors of columns, the last of which may be cut short. Returns how many columns they are.
#[inline(always)]
fn mix_columns<S: Simd, const N: usize>(simd: S, weights: &[f32], v: Rows, from: usize, out: &mut [f32]) -> usize {
    let columns = out.len().min(N * S::F32_LANES);
    let mut sums = [simd.splat_f32s(0.0); N];
    for (j, weight) in weights.iter().enumerate() {
        let row = &v.data[j * v.row_stride + from..][..columns];
        let weight = simd.splat_f32s(*weight);
        for n in 0..N {
            let row = &row[(n * S::F32_LANES).min(columns)..columns.min((n + 1) * S::F32_LANES)];
            sums[n] = simd.mul_add_e_f32s(weight, simd.partial_load_f32s(row), sums[n]);
        }
    }
    for (out, sum) in out[..columns].chunks_mut(S::F32_LANES).zip(sums) {
        simd.partial_store_f32s(out, sum);
    }
    columns
}
