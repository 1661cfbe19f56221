//! One head of one row of the batch, backward. The weights are computed again from the scores and their `lse`.
//!
//!     P = e^(scale q kᵀ - lse)      dP = dy vᵀ      dS = scale P (dP - Δ)   with Δ = Σ dy y, of each query
//!     dv = Pᵀ dy                    dq = dS k       dk = dSᵀ q
//!
//! As on the way forward, P and dS stand with keys downward and queries side by side.

use super::{Heads, LANES, Room, from_row, hide_before, load};
use crate::kernels::dots::dots;
use crate::kernels::math::{exp, fma};
use crate::kernels::pack::{Layout, Pack, packed_len, panel_width};
use crate::kernels::product::{Product, Rows, RowsMut, Start};
use crate::kernels::simd::{Simd, WithSimd};

/// Queries of a block, and the distance of its rows.
const QUERIES: usize = 64;
const STRIDE: usize = QUERIES + LANES;
/// Keys of a block: P and dS of a block stay in the first-level cache.
const KEYS: usize = 64;
/// Rows that go through a product together; a causal mask cuts each such strip to its own length.
const STRIP: usize = 16;

pub(super) struct Backward<'a, Q, K, V> {
    pub(super) room: &'a mut Room,
    pub(super) heads: Heads,
    /// How many keys are real.
    pub(super) keys: usize,
    pub(super) q: Rows<'a>,
    pub(super) k: Rows<'a>,
    pub(super) v: Rows<'a>,
    pub(super) y: Rows<'a>,
    pub(super) dy: Rows<'a>,
    pub(super) lse: &'a [f32],
    /// Takes the gradient of one query.
    pub(super) write_dq: Q,
    pub(super) write_dk: K,
    pub(super) write_dv: V,
}

impl<Q: Fn(usize, &[f32]), K: Fn(usize, &[f32]), V: Fn(usize, &[f32])> WithSimd for Backward<'_, Q, K, V> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { room, heads, keys, q, k, v, y, dy, lse, write_dq, write_dk, write_dv } = self;
        let Heads { queries, head_width: depth, .. } = heads;
        let scale = heads.scale();
        let seen = if queries == 0 { 0 } else { heads.seen(queries - 1, keys) };
        let panel = panel_width::<S>();
        let wide = depth.next_multiple_of(panel);
        let padded = queries.next_multiple_of(LANES);
        let (across, upright, keys_upright) =
            (packed_len::<S>(depth, queries), packed_len::<S>(queries, depth), packed_len::<S>(seen, depth));
        let places = [across, across, upright, upright, keys_upright, padded, padded, queries * wide];
        let mut rest = room.scratch(places.iter().sum::<usize>() + 2 * KEYS * (STRIDE + wide));
        let mut place = |len: usize| {
            let (place, further) = std::mem::take(&mut rest).split_at_mut(len);
            rest = further;
            place
        };
        let [q_across, dy_across, q_panels, dy_panels, k_panels, shift, delta, dq] = places.map(&mut place);
        let [p, ds, dk, dv] = [KEYS * STRIDE, KEYS * STRIDE, KEYS * wide, KEYS * wide].map(&mut place);
        for (source, layout, depth, width, panels) in [
            (q, Layout::Transposed(q.row_stride), depth, queries, &mut *q_across),
            (dy, Layout::Transposed(dy.row_stride), depth, queries, &mut *dy_across),
            (q, Layout::AsIs(q.row_stride), queries, depth, &mut *q_panels),
            (dy, Layout::AsIs(dy.row_stride), queries, depth, &mut *dy_panels),
            (k, Layout::AsIs(k.row_stride), seen, depth, &mut *k_panels),
        ] {
            simd.vectorize(Pack { source: source.data, layout, depth, width, panels });
        }
        for query in 0..queries {
            // With nothing seen, minus infinity less itself would be NaN.
            shift[query] = if lse[query] == f32::NEG_INFINITY { 0.0 } else { lse[query] };
            let (y, dy) = (&y.data[query * y.row_stride..][..depth], &dy.data[query * dy.row_stride..][..depth]);
            delta[query] = dots::<S, 1>(simd, y, dy, 0)[0];
        }
        shift[queries..].fill(0.0);
        delta[queries..].fill(0.0);
        dq.fill(0.0);
        for from_key in (0..seen).step_by(KEYS) {
            let block_keys = KEYS.min(seen - from_key);
            dk.fill(0.0);
            dv.fill(0.0);
            // Whole blocks before the first query that sees any of these keys are passed over.
            let first = heads.first_seeing(from_key) / QUERIES * QUERIES;
            for from_query in (first..queries).step_by(QUERIES) {
                let block_queries = QUERIES.min(queries - from_query);
                let skipped = |key: usize| heads.first_seeing(from_key + key).saturating_sub(from_query);
                for strip in (0..block_keys).step_by(STRIP) {
                    let rows = STRIP.min(block_keys - strip);
                    let skip = skipped(strip) / panel.max(LANES) * panel.max(LANES);
                    if skip >= block_queries {
                        continue;
                    }
                    let place = strip * STRIDE + skip;
                    for (a, panels, c) in [(k, &q_across, &mut *p), (v, &dy_across, &mut *ds)] {
                        simd.vectorize(Product {
                            a: from_row(a, from_key + strip),
                            rows,
                            panels: &panels[(from_query + skip) * depth..],
                            panel_stride: panel * depth,
                            depth,
                            width: (block_queries - skip).next_multiple_of(panel),
                            c: RowsMut { data: &mut c[place..], stride: STRIDE },
                            start: Start::Zero,
                        });
                    }
                    for row in 0..rows {
                        let lanes = (block_queries - skip).next_multiple_of(LANES);
                        let (p, ds) =
                            (&mut p[place + row * STRIDE..][..lanes], &mut ds[place + row * STRIDE..][..lanes]);
                        let hidden = skipped(strip + row).saturating_sub(skip);
                        if hidden > 0 {
                            hide_before(simd, p, hidden, f32::NEG_INFINITY);
                            hide_before(simd, ds, hidden, 0.0);
                        }
                        weights::<S>(
                            p,
                            ds,
                            scale,
                            &shift[from_query + skip..][..lanes],
                            &delta[from_query + skip..][..lanes],
                        );
                    }
                    let skip = skipped(strip);
                    if skip >= block_queries {
                        continue;
                    }
                    for (weights, panels, c) in [(&*p, &dy_panels, &mut *dv), (&*ds, &q_panels, &mut *dk)] {
                        simd.vectorize(Product {
                            a: Rows::apart(&weights[strip * STRIDE + skip..], STRIDE),
                            rows,
                            panels: &panels[(from_query + skip) * panel..],
                            panel_stride: panel * queries,
                            depth: block_queries - skip,
                            width: wide,
                            c: RowsMut { data: &mut c[strip * wide..], stride: wide },
                            start: Start::Itself,
                        });
                    }
                }
                for strip in (0..block_queries).step_by(STRIP) {
                    let (query, rows) = (from_query + strip, STRIP.min(block_queries - strip));
                    simd.vectorize(Product {
                        a: Rows { data: &ds[strip..], row_stride: 1, depth_stride: STRIDE },
                        rows,
                        panels: &k_panels[from_key * panel..],
                        panel_stride: panel * seen,
                        depth: heads.seen(query + rows - 1, keys).saturating_sub(from_key).min(block_keys),
                        width: wide,
                        c: RowsMut { data: &mut dq[query * wide..], stride: wide },
                        start: Start::Itself,
                    });
                }
            }
            for key in 0..block_keys {
                write_dk(from_key + key, &dk[key * wide..][..depth]);
                write_dv(from_key + key, &dv[key * wide..][..depth]);
            }
        }
        for query in 0..queries {
            write_dq(query, &dq[query * wide..][..depth]);
        }
        dk.fill(0.0);
        for key in seen..heads.keys {
            write_dk(key, &dk[..depth]);
            write_dv(key, &dk[..depth]);
        }
    }
}

/// One key's row of a block: `p` from scores into weights, `ds` from dP into the gradient of the scores.
#[inline(always)]
fn weights<S: Simd>(p: &mut [f32], ds: &mut [f32], scale: f32, shift: &[f32], delta: &[f32]) {
    for from in (0..p.len()).step_by(LANES) {
        let (mut weights, mut slopes): ([f32; LANES], [f32; LANES]) = (load(p, from), load(ds, from));
        let (shift, delta): ([f32; LANES], [f32; LANES]) = (load(shift, from), load(delta, from));
        for j in 0..LANES {
            weights[j] = exp::<S>(fma::<S>(weights[j], scale, -shift[j]));
            slopes[j] = scale * weights[j] * (slopes[j] - delta[j]);
        }
        p[from..][..LANES].copy_from_slice(&weights);
        ds[from..][..LANES].copy_from_slice(&slopes);
    }
}
