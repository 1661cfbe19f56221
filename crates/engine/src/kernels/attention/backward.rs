//! One head of one row of the batch, backward. The weights are computed again from the scores and their `lse`.
//!
//!     P = e^(scale q kᵀ - lse)      dP = dy vᵀ      dS = scale P (dP - Δ)   with Δ = Σ dy y, of each query
//!     dv = Pᵀ dy                    dq = dS k       dk = dSᵀ q

use super::{Heads, LANES, from_row};
use crate::buffer::Buffer;
use crate::kernels::math::{exp, fma};
use crate::kernels::recurrent::product::{Layout, Pack, Product, Rows, RowsMut, dots, packed_len, panel_width};
use crate::kernels::simd::{Simd, WithSimd};

/// Queries and keys of a block: two blocks of weights, P and dS, fill the first-level cache.
const BLOCK: usize = 64;
/// Rows of a block that go through a product together; a causal mask cuts each such strip to its own length.
const STRIP: usize = 16;
/// The distance of rows of a block of weights.
const STRIDE: usize = BLOCK + LANES;

pub(super) struct Backward<'a, Q, K, V> {
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
        let Self { heads, keys, q, k, v, y, dy, lse, write_dq, write_dk, write_dv } = self;
        let Heads { queries, head_width: depth, .. } = heads;
        let seen = if queries == 0 { 0 } else { heads.seen(queries - 1, keys) };
        let panel = panel_width::<S>();
        let wide = depth.next_multiple_of(panel);
        let operands = Operands {
            k_across: packed(simd, k, Layout::Transposed(k.row_stride), depth, seen),
            v_across: packed(simd, v, Layout::Transposed(v.row_stride), depth, seen),
            k: packed(simd, k, Layout::AsIs(k.row_stride), seen, depth),
            q: packed(simd, q, Layout::AsIs(q.row_stride), queries, depth),
            dy: packed(simd, dy, Layout::AsIs(dy.row_stride), queries, depth),
        };
        let mut delta = Buffer::scratch(queries);
        for (i, delta) in delta.iter_mut().enumerate() {
            *delta = dots::<S, 1>(simd, &y.data[i * y.row_stride..][..depth], &dy.data[i * dy.row_stride..], 0)[0];
        }
        let mut p = Buffer::scratch(BLOCK * STRIDE);
        let mut ds = Buffer::scratch(BLOCK * STRIDE);
        let mut dq = Buffer::zeros(queries * wide);
        let mut dk = Buffer::scratch(BLOCK * wide);
        let mut dv = Buffer::scratch(BLOCK * wide);
        for from_key in (0..seen).step_by(BLOCK) {
            let block_keys = BLOCK.min(seen - from_key);
            dk.fill(0.0);
            dv.fill(0.0);
            // Whole blocks before the first query that sees any of these keys are passed over.
            let first = heads.first_seeing(from_key) / BLOCK * BLOCK;
            for from_query in (first..queries).step_by(BLOCK) {
                let block_queries = BLOCK.min(queries - from_query);
                for strip in (0..block_queries).step_by(STRIP) {
                    let query = from_query + strip;
                    let rows = STRIP.min(block_queries - strip);
                    let count = heads.seen(query + rows - 1, keys).saturating_sub(from_key).min(block_keys);
                    if count == 0 {
                        continue;
                    }
                    let (p, ds) = (&mut p[strip * STRIDE..], &mut ds[strip * STRIDE..]);
                    for (a, panels, c) in [(q, &operands.k_across, &mut *p), (dy, &operands.v_across, &mut *ds)] {
                        simd.vectorize(Product {
                            a: from_row(a, query),
                            rows,
                            panels: &panels[from_key * depth..],
                            panel_stride: panel * depth,
                            depth,
                            width: count.next_multiple_of(panel),
                            c: RowsMut { data: c, stride: STRIDE },
                            add: false,
                        });
                    }
                    for r in 0..rows {
                        let own = heads.seen(query + r, keys).saturating_sub(from_key).min(count);
                        let (p, ds) = (&mut p[r * STRIDE..][..STRIDE], &mut ds[r * STRIDE..][..STRIDE]);
                        weights::<S>(p, ds, own, heads.scale(), lse[query + r], delta[query + r]);
                    }
                    simd.vectorize(Product {
                        a: Rows::apart(ds, STRIDE),
                        rows,
                        panels: &operands.k[from_key * panel..],
                        panel_stride: panel * seen,
                        depth: count,
                        width: wide,
                        c: RowsMut { data: &mut dq[query * wide..], stride: wide },
                        add: true,
                    });
                }
                for strip in (0..block_keys).step_by(STRIP) {
                    let rows = STRIP.min(block_keys - strip);
                    let skip = heads.first_seeing(from_key + strip).saturating_sub(from_query);
                    if skip >= block_queries {
                        continue;
                    }
                    for (weights, panels, c) in [(&p, &operands.dy, &mut dv), (&ds, &operands.q, &mut dk)] {
                        simd.vectorize(Product {
                            a: Rows { data: &weights[skip * STRIDE + strip..], row_stride: 1, depth_stride: STRIDE },
                            rows,
                            panels: &panels[(from_query + skip) * panel..],
                            panel_stride: panel * queries,
                            depth: block_queries - skip,
                            width: wide,
                            c: RowsMut { data: &mut c[strip * wide..], stride: wide },
                            add: true,
                        });
                    }
                }
            }
            for key in 0..block_keys {
                write_dk(from_key + key, &dk[key * wide..][..depth]);
                write_dv(from_key + key, &dv[key * wide..][..depth]);
            }
        }
        let unseen = Buffer::zeros(depth);
        for key in seen..heads.keys {
            write_dk(key, &unseen);
            write_dv(key, &unseen);
        }
        for query in 0..queries {
            write_dq(query, &dq[query * wide..][..depth]);
        }
    }
}

/// What the five products read, packed.
struct Operands {
    /// kᵀ and vᵀ, [d, Tk].
    k_across: Buffer,
    v_across: Buffer,
    /// [Tk, d].
    k: Buffer,
    /// [Tq, d].
    q: Buffer,
    dy: Buffer,
}

#[inline(always)]
fn packed<S: Simd>(simd: S, source: Rows, layout: Layout, depth: usize, width: usize) -> Buffer {
    let mut panels = Buffer::scratch(packed_len::<S>(depth, width));
    simd.vectorize(Pack { source: source.data, layout, depth, width, panels: &mut panels });
    panels
}

/// One query's row of a block: `p` from scores into weights, `ds` from dP into the gradient of the scores; zeros from
/// `own` on, where it sees nothing.
#[inline(always)]
fn weights<S: Simd>(p: &mut [f32], ds: &mut [f32], own: usize, scale: f32, lse: f32, delta: f32) {
    p[own..].fill(f32::NEG_INFINITY);
    ds[own..].fill(0.0);
    // With nothing seen, minus infinity less itself would be NaN.
    let lse = if lse == f32::NEG_INFINITY { 0.0 } else { lse };
    for (p, ds) in p.as_chunks_mut::<LANES>().0.iter_mut().zip(ds.as_chunks_mut::<LANES>().0) {
        let (mut weights, mut slopes) = (*p, *ds);
        for j in 0..LANES {
            weights[j] = exp::<S>(fma::<S>(weights[j], scale, -lse));
            slopes[j] = scale * weights[j] * (slopes[j] - delta);
        }
        (*p, *ds) = (weights, slopes);
    }
}
