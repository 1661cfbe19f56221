//! One head of one row of the batch, forward.
//!
//! The scores are made as k qᵀ, keys downward and queries side by side: so greatest values, weights and sums are those
//! of sixteen queries in a vector, and nothing is ever added up across one.

use super::{Heads, LANES, Room, from_row, hide_before, load};
use crate::kernels::dots::Dots;
use crate::kernels::math::{exp, fma};
use crate::kernels::pack::{Layout, Pack, packed_len, panel_width};
use crate::kernels::product::{Product, Rows, RowsMut, Start};
use crate::kernels::simd::{Simd, WithSimd};

/// Queries that go through the keys together.
const QUERIES: usize = 2 * LANES;
/// Keys between two looks at the running maximum: their scores stay in the first-level cache.
const KEYS: usize = 256;
/// Up to so many queries, packing the keys would cost more than it gives.
const FEW: usize = 2;

pub(super) struct Forward<'a, Y, L> {
    pub(super) room: &'a mut Room,
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
        let Self { room, heads, keys, q, k, v, write_y, write_lse } = self;
        let (depth, scale, panel) = (heads.head_width, heads.scale(), panel_width::<S>());
        let wide = depth.next_multiple_of(panel);
        let memory = room.scratch(packed_len::<S>(keys, depth) + QUERIES * (depth + KEYS + wide));
        let (v_panels, rest) = memory.split_at_mut(packed_len::<S>(keys, depth));
        let (q_across, rest) = rest.split_at_mut(QUERIES * depth);
        let (scores, sums) = rest.split_at_mut(QUERIES * KEYS);
        simd.vectorize(Pack {
            source: v.data,
            layout: Layout::AsIs(v.row_stride),
            depth: keys,
            width: depth,
            panels: v_panels,
        });
        for first in (0..heads.queries).step_by(QUERIES) {
            let rows = QUERIES.min(heads.queries - first);
            let seen = heads.seen(first + rows - 1, keys);
            let source = from_row(q, first).data;
            simd.vectorize(Pack {
                source,
                layout: Layout::Transposed(q.row_stride),
                depth,
                width: rows,
                panels: q_across,
            });
            let mut shares = [Shares::NONE; QUERIES / LANES];
            for from in (0..seen).step_by(KEYS) {
                let count = KEYS.min(seen - from);
                simd.vectorize(Product {
                    a: from_row(k, from),
                    rows: count,
                    panels: q_across,
                    panel_stride: panel * depth,
                    depth,
                    width: QUERIES,
                    c: RowsMut { data: scores, stride: QUERIES },
                    start: Start::Zero,
                });
                for (key, scores) in scores.chunks_exact_mut(QUERIES).enumerate().take(count) {
                    let first_seeing = heads.first_seeing(from + key);
                    if first_seeing > first {
                        hide_before(simd, scores, first_seeing - first, f32::NEG_INFINITY);
                    }
                }
                for (part, shares) in shares.iter_mut().enumerate() {
                    let faded = shares.take::<S>(&mut scores[part * LANES..], count, scale);
                    if from > 0 {
                        for (sums, faded) in sums[part * LANES * wide..].chunks_exact_mut(wide).zip(faded) {
                            for sum in sums {
                                *sum *= faded;
                            }
                        }
                    }
                }
                for strip in (0..rows).step_by(LANES) {
                    let strip_rows = LANES.min(rows - strip);
                    let depth = heads.seen(first + strip + strip_rows - 1, keys).saturating_sub(from).min(count);
                    simd.vectorize(Product {
                        a: Rows { data: &scores[strip..], row_stride: 1, depth_stride: QUERIES },
                        rows: strip_rows,
                        panels: &v_panels[from * panel..],
                        panel_stride: panel * keys,
                        depth,
                        width: wide,
                        c: RowsMut { data: &mut sums[strip * wide..], stride: wide },
                        start: if from > 0 { Start::Itself } else { Start::Zero },
                    });
                }
            }
            if seen == 0 {
                sums.fill(0.0);
            }
            for (r, sums) in sums.chunks_exact_mut(wide).enumerate().take(rows) {
                let (greatest, sum) = shares[r / LANES].of(r % LANES);
                let part = if sum == 0.0 { 0.0 } else { 1.0 / sum };
                for sum in &mut *sums {
                    *sum *= part;
                }
                write_y(first + r, &sums[..depth]);
                write_lse(first + r, if sum == 0.0 { f32::NEG_INFINITY } else { greatest * scale + sum.ln() });
            }
        }
    }

    /// To generate: keys and values are read as they lie.
    #[inline(always)]
    fn one_by_one<S: Simd>(self, simd: S) {
        let Self { room, heads, keys, q, k, v, write_y, write_lse } = self;
        let (depth, scale, lanes) = (heads.head_width, heads.scale(), keys.next_multiple_of(LANES));
        let (scores, sums) = room.scratch(lanes + depth).split_at_mut(lanes);
        for query in 0..heads.queries {
            let seen = heads.seen(query, keys);
            let scores = &mut scores[..seen.next_multiple_of(LANES)];
            scores.fill(0.0);
            let out = RowsMut { data: &mut *scores, stride: seen };
            simd.vectorize(Dots { a: from_row(q, query), rows: 1, w: k, outputs: seen, depth, out });
            scores[seen..].fill(f32::NEG_INFINITY);
            let (greatest, sum) = soften(simd, scores, scale);
            mix(simd, &scores[..seen], v, sums);
            let part = if sum == 0.0 { 0.0 } else { 1.0 / sum };
            for sum in &mut *sums {
                *sum *= part;
            }
            write_y(query, sums);
            write_lse(query, if sum == 0.0 { f32::NEG_INFINITY } else { greatest * scale + sum.ln() });
        }
    }
}

/// What some queries side by side have seen so far: the greatest score and the sum of all e^(scale (score - greatest)).
#[derive(Clone, Copy)]
struct Shares {
    greatest: [f32; LANES],
    sum: [f32; LANES],
}

impl Shares {
    const NONE: Self = Self { greatest: [f32::NEG_INFINITY; LANES], sum: [0.0; LANES] };

    /// Takes in the scores of `count` keys, which it turns into the weights of these keys. Returns by what the weights
    /// of all keys before have faded.
    #[inline(always)]
    fn take<S: Simd>(&mut self, scores: &mut [f32], count: usize, scale: f32) -> [f32; LANES] {
        let mut greatest = self.greatest;
        for key in 0..count {
            let scores: [f32; LANES] = load(scores, key * QUERIES);
            for j in 0..LANES {
                greatest[j] = if scores[j] > greatest[j] { scores[j] } else { greatest[j] };
            }
        }
        let (mut shift, mut faded, mut sum) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        for j in 0..LANES {
            // With nothing seen, minus infinity less itself would be NaN.
            shift[j] = if greatest[j] == f32::NEG_INFINITY { 0.0 } else { greatest[j] * scale };
            faded[j] = exp::<S>(fma::<S>(self.greatest[j], scale, -shift[j]));
            sum[j] = self.sum[j] * faded[j];
        }
        for key in 0..count {
            let mut weights: [f32; LANES] = load(scores, key * QUERIES);
            for j in 0..LANES {
                weights[j] = exp::<S>(fma::<S>(weights[j], scale, -shift[j]));
                sum[j] += weights[j];
            }
            scores[key * QUERIES..][..LANES].copy_from_slice(&weights);
        }
        *self = Self { greatest, sum };
        faded
    }

    fn of(&self, query: usize) -> (f32, f32) {
        (self.greatest[query], self.sum[query])
    }
}

/// Turns the `scores` of one query, whole lanes of them, into weights; returns the greatest score and the weights' sum.
#[inline(always)]
fn soften<S: Simd>(simd: S, scores: &mut [f32], scale: f32) -> (f32, f32) {
    let mut most = simd.splat_f32s(f32::NEG_INFINITY);
    for score in S::as_simd_f32s(scores).0 {
        most = simd.max_f32s(*score, most);
    }
    let greatest = simd.reduce_max_f32s(most);
    for score in &mut *scores {
        *score = exp::<S>((*score - greatest) * scale);
    }
    let mut sum = simd.splat_f32s(0.0);
    for weight in S::as_simd_f32s(scores).0 {
        sum = simd.add_f32s(*weight, sum);
    }
    (greatest, simd.reduce_sum_f32s(sum))
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

/// The same for `N` vectors of columns; one alone may be cut short. Returns how many columns they are.
#[inline(always)]
fn mix_columns<S: Simd, const N: usize>(simd: S, weights: &[f32], v: Rows, from: usize, out: &mut [f32]) -> usize {
    let columns = out.len().min(N * S::F32_LANES);
    let mut sums = [simd.splat_f32s(0.0); N];
    for (j, weight) in weights.iter().enumerate() {
        let (vectors, rest) = S::as_simd_f32s(&v.data[j * v.row_stride + from..][..columns]);
        let weight = simd.splat_f32s(*weight);
        if rest.is_empty() {
            for n in 0..N {
                sums[n] = simd.mul_add_e_f32s(weight, vectors[n], sums[n]);
            }
        } else {
            sums[0] = simd.mul_add_e_f32s(weight, simd.partial_load_f32s(rest), sums[0]);
        }
    }
    for (out, sum) in out[..columns].chunks_mut(S::F32_LANES).zip(sums) {
        simd.partial_store_f32s(out, sum);
    }
    columns
}
