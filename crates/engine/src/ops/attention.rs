//! Attention of heads side by side, without the T x T matrix in memory; the kernel computes it again on the way back.
//!
//! Follows  Vaswani et al., Attention Is All You Need, 2017, section 3.2; in blocks with a running maximum after Dao et al.,
//!          FlashAttention, 2022, algorithm 1
//!
//!     y = softmax(q kᵀ / √d) v        d the width of one head
//!
//! Plain twin: [`attention_plain`], from matrix products and softmax.

use crate::buffer::Buffer;
use crate::graph::Node;
use crate::kernels::attention::{self as kernel, Heads};
use crate::kernels::columns::{Columns, ColumnsMut};
use crate::kernels::threads::at_once;
use crate::ops::additive_attention::Sources;
use crate::{Shape, Tensor};

/// What queries may see.
#[derive(Clone, Copy, Debug, Default)]
pub struct AttentionMask<'a> {
    /// No query sees a key later than itself; the last query stands at the last key.
    pub causal: bool,
    /// For each row of the batch, how many keys are real; the rest is padding.
    pub key_lengths: Option<&'a [usize]>,
}

impl AttentionMask<'_> {
    #[track_caller]
    fn check(&self, name: &str, batch: usize) {
        if let Some(lengths) = self.key_lengths {
            assert_eq!(lengths.len(), batch, "{name}: a key length for each row of the batch");
        }
    }

    fn sees(&self, row: usize, query: usize, key: usize, (queries, keys): (usize, usize)) -> bool {
        (!self.causal || key + queries <= query + keys) && self.key_lengths.is_none_or(|lengths| key < lengths[row])
    }
}

/// Attention of `q` [B, Tq, D] over `k`, `v` [B, Tk, D], `heads` side by side: [B, Tq, D]. A query with nothing to see
/// gives zeros.
///
/// # Panics
/// When the shapes do not fit.
#[track_caller]
pub fn attention(q: &Tensor, k: &Tensor, v: &Tensor, heads: usize, mask: AttentionMask) -> Tensor {
    let (queries, keys) = (q.shape(), k.shape());
    let fits = queries.len() == 3
        && keys.len() == 3
        && k.shape() == v.shape()
        && queries[0] == keys[0]
        && queries[2] == keys[2];
    assert!(
        fits && queries[2].is_multiple_of(heads),
        "attention: {heads} heads, q {queries:?}, k {keys:?}, v {:?}",
        v.shape()
    );
    mask.check("attention", queries[0]);
    let size = size(queries[0], queries[2], heads, [queries[1], keys[1]], mask.causal);
    let lengths = mask.key_lengths.map(<[usize]>::to_vec);
    let (mut y, mut lse) = (Buffer::scratch(q.count()), Buffer::scratch(queries[0] * heads * queries[1]));
    let whole = |x: &'_ Tensor| -> (usize, usize) { (x.shape()[1], x.width()) };
    let ((tq, d), (tk, _)) = (whole(q), whole(k));
    kernel::attention_forward(
        size,
        Columns::whole(q.data(), tq, d),
        Columns::whole(k.data(), tk, d),
        Columns::whole(v.data(), tk, d),
        lengths.as_deref(),
        &mut y,
        &mut lse,
    );
    let y = Tensor::from_buffer(*queries, y);
    let (out, kept) = (y.clone(), (q.clone(), k.clone(), v.clone()));
    let node = Node::result(&[q, k, v], move |dy, grads| {
        let Some(dy) = dy else { return };
        let (q, k, v) = kept;
        let (mut dq, mut dk, mut dv) =
            (Buffer::scratch(q.count()), Buffer::scratch(k.count()), Buffer::scratch(v.count()));
        {
            let [mut into_q] = ColumnsMut::split(&mut dq, tq, [d]);
            let [mut into_k] = ColumnsMut::split(&mut dk, tk, [d]);
            let [mut into_v] = ColumnsMut::split(&mut dv, tk, [d]);
            let (q, k, v) =
                (Columns::whole(q.data(), tq, d), Columns::whole(k.data(), tk, d), Columns::whole(v.data(), tk, d));
            kernel::attention_backward(
                size,
                q,
                k,
                v,
                lengths.as_deref(),
                out.data(),
                &lse,
                dy.data(),
                &mut into_q,
                &mut into_k,
                &mut into_v,
            );
        }
        for (x, dx) in [(&q, dq), (&k, dk), (&v, dv)] {
            grads.add(x, Tensor::from_buffer(*x.shape(), dx));
        }
    });
    y.with_node(node)
}

/// Attention of a sequence over itself, from queries, keys and values side by side in `qkv` [B, T, 3D]: [B, T, D].
///
/// # Panics
/// When `heads` does not divide D.
#[track_caller]
pub fn self_attention(qkv: &Tensor, heads: usize, mask: AttentionMask) -> Tensor {
    let (shape, width) = (*qkv.shape(), qkv.width() / 3);
    assert!(shape.len() == 3 && shape[2].is_multiple_of(3 * heads), "self_attention: {heads} heads in qkv {shape:?}");
    let (batch, times) = (shape[0], shape[1]);
    mask.check("self_attention", batch);
    let size = size(batch, width, heads, [times, times], mask.causal);
    let lengths = mask.key_lengths.map(<[usize]>::to_vec);
    let (mut y, mut lse) = (Buffer::scratch(batch * times * width), Buffer::scratch(batch * heads * times));
    let [q, k, v] = side_by_side(qkv.data(), times, width);
    kernel::attention_forward(size, q, k, v, lengths.as_deref(), &mut y, &mut lse);
    let y = Tensor::from_buffer(shape.with_width(width), y);
    let (out, kept) = (y.clone(), qkv.clone());
    let node = Node::result(&[qkv], move |dy, grads| {
        let Some(dy) = dy else { return };
        let mut dqkv = Buffer::scratch(kept.count());
        let [q, k, v] = side_by_side(kept.data(), times, width);
        let [mut dq, mut dk, mut dv] = ColumnsMut::split(&mut dqkv, times, [width; 3]);
        kernel::attention_backward(
            size,
            q,
            k,
            v,
            lengths.as_deref(),
            out.data(),
            &lse,
            dy.data(),
            &mut dq,
            &mut dk,
            &mut dv,
        );
        grads.add(&kept, Tensor::from_buffer(shape, dqkv));
    });
    y.with_node(node)
}

/// Attention of `q` [R, Tq, D] over the sources' keys and values side by side in `kv` [N, S, 2D], `heads` side by side:
/// [R, Tq, D].
///
/// # Panics
/// When the shapes do not fit, or a gradient would have to flow where rows share sources.
#[track_caller]
pub fn cross_attention(q: &Tensor, kv: &Tensor, heads: usize, sources: Sources) -> Tensor {
    let (queries, keys, width) = (*q.shape(), kv.shape(), q.width());
    let fits = queries.len() == 3 && keys.len() == 3 && keys[2] == 2 * width && width.is_multiple_of(heads);
    assert!(fits, "cross_attention: {heads} heads, q {queries:?}, keys and values {keys:?}");
    let (rows, tq, tk) = (queries[0], queries[1], keys[1]);
    sources.check("cross_attention", rows, keys[0], tk);
    let (mut y, mut lse) = (Buffer::scratch(q.count()), Buffer::scratch(rows * heads * tq));
    // Neighbours that look at one source are as many more queries of it.
    let (mut q_rest, mut y_rest, mut lse_rest) = (q.data(), &mut y[..], &mut lse[..]);
    let run = |(source, count)| {
        let (sources_at_once, each) = if sources.are_rows() { (rows, 1) } else { (1, count) };
        let rows = sources_at_once * each;
        let size = size(sources_at_once, width, heads, [each * tq, tk], false);
        let q = q_rest.split_off(..rows * tq * width).unwrap_or_default();
        let y = y_rest.split_off_mut(..rows * tq * width).unwrap_or_default();
        let lse = lse_rest.split_off_mut(..rows * heads * tq).unwrap_or_default();
        (source, size, Columns::whole(q, each * tq, width), y, lse)
    };
    let work = runs(sources).into_iter().map(run).collect();
    at_once(work, |(source, size, q, y, lse)| {
        let [k, v] = keys_and_values(&kv.data()[source * tk * 2 * width..], tk, width);
        kernel::attention_forward(size, q, k, v, Some(&sources.lengths[source..source + size.batch]), y, lse);
    });
    let y = Tensor::from_buffer(queries, y);
    let (out, kept) = (y.clone(), (q.clone(), kv.clone()));
    let (lengths, are_rows) = (sources.lengths.to_vec(), sources.are_rows());
    let node = Node::result(&[q, kv], move |dy, grads| {
        assert!(are_rows, "cross_attention: no gradient flows where rows share sources");
        let Some(dy) = dy else { return };
        let (q, kv) = kept;
        let (mut dq, mut dkv) = (Buffer::scratch(q.count()), Buffer::scratch(kv.count()));
        let [k, v] = keys_and_values(kv.data(), tk, width);
        {
            let [mut into_q] = ColumnsMut::split(&mut dq, tq, [width]);
            let [mut into_k, mut into_v] = ColumnsMut::split(&mut dkv, tk, [width; 2]);
            kernel::attention_backward(
                size(rows, width, heads, [tq, tk], false),
                Columns::whole(q.data(), tq, width),
                k,
                v,
                Some(&lengths),
                out.data(),
                &lse,
                dy.data(),
                &mut into_q,
                &mut into_k,
                &mut into_v,
            );
        }
        grads.add(&q, Tensor::from_buffer(*q.shape(), dq));
        grads.add(&kv, Tensor::from_buffer(*kv.shape(), dkv));
    });
    y.with_node(node)
}

/// Each source with how many neighbouring rows look at it; where row r looks at source r, one run stands for all.
fn runs(sources: Sources) -> Vec<(usize, usize)> {
    if sources.are_rows() {
        return sources.of.first().map(|&source| (source, 1)).into_iter().collect();
    }
    sources.of.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).collect()
}

fn keys_and_values(kv: &[f32], times: usize, width: usize) -> [Columns<'_>; 2] {
    [0, 1].map(|part| Columns::part(kv, times, 2 * width, part * width))
}

/// The next `T` places of sequences whose past is kept: `qkv` [B, T, 3D] after `lengths[b]` places of each row in `keys`
/// and `values` [B, K, W, d], of which a head's places lie together: one after the other they are read at each step. Gives
/// [B, T, D], and the past with these places added. Each place sees those before it and itself. No gradient flows through
/// the past; where all of it is empty, one flows through `qkv`.
///
/// # Panics
/// When the shapes do not fit, or a row has no more room.
#[track_caller]
pub fn attention_step(
    qkv: &Tensor,
    mut keys: Tensor,
    mut values: Tensor,
    lengths: &[usize],
) -> (Tensor, Tensor, Tensor) {
    let past = *keys.shape();
    assert_eq!(past.len(), 4, "attention_step: keys {past:?}");
    let (heads, room, head_width) = (past[1], past[2], past[3]);
    let (batch, times, width) = (qkv.shape()[0], qkv.shape()[1], heads * head_width);
    assert!(
        lengths.len() == batch && past[0] == batch && qkv.width() == 3 * width && values.shape() == &past,
        "attention_step: qkv {:?}, keys {:?}",
        qkv.shape(),
        past
    );
    for (row, &length) in lengths.iter().enumerate() {
        assert!(
            length + times <= room,
            "attention_step: row {row} has {length} of {room} places filled, {times} more do not fit"
        );
    }
    for (past, part) in [(&mut keys, 1), (&mut values, 2)] {
        let past = past.data_mut();
        for (row, &length) in lengths.iter().enumerate() {
            for time in 0..times {
                let new = &qkv.data()[(row * times + time) * 3 * width + part * width..][..width];
                for (head, new) in new.chunks_exact(head_width).enumerate() {
                    let at = (row * heads + head) * room + length + time;
                    past[at * head_width..][..head_width].copy_from_slice(new);
                }
            }
        }
    }
    if lengths.iter().all(|&length| length == 0) {
        return (self_attention(qkv, heads, AttentionMask { causal: true, key_lengths: None }), keys, values);
    }
    let mut y = Buffer::scratch(batch * times * width);
    let mut lse = Buffer::scratch(batch * heads * times);
    // Neighbours that have read as much go together.
    let mut first = 0;
    for run in lengths.chunk_by(|a, b| a == b) {
        let (rows, length) = (first..first + run.len(), run[0]);
        let size = size(run.len(), width, heads, [times, length + times], true);
        let of_rows = |per_row: usize| rows.start * per_row..rows.end * per_row;
        let [q, ..] = side_by_side(&qkv.data()[of_rows(times * 3 * width)], times, width);
        let (k, v) = (&keys.data()[of_rows(room * width)], &values.data()[of_rows(room * width)]);
        kernel::attention_forward(
            size,
            q,
            Columns::by_head(k, (heads, room, head_width)),
            Columns::by_head(v, (heads, room, head_width)),
            None,
            &mut y[of_rows(times * width)],
            &mut lse[of_rows(heads * times)],
        );
        first = rows.end;
    }
    (Tensor::from_buffer(Shape::new(&[batch, times, width]), y), keys, values)
}

fn side_by_side(qkv: &[f32], times: usize, width: usize) -> [Columns<'_>; 3] {
    [0, 1, 2].map(|part| Columns::part(qkv, times, 3 * width, part * width))
}

fn size(batch: usize, width: usize, heads: usize, [queries, keys]: [usize; 2], causal: bool) -> Heads {
    Heads { batch, heads, head_width: width / heads, queries, keys, causal }
}

/// The weights softmax(q kᵀ / √d) themselves, [B, K, Tq, Tk], from `q` [B, Tq, D] and `k` [B, Tk, D]: to look at.
#[track_caller]
pub fn attention_weights(q: &Tensor, k: &Tensor, heads: usize, mask: AttentionMask) -> Tensor {
    let fits = q.shape().len() == 3 && k.shape().len() == 3 && q.shape()[0] == k.shape()[0] && q.width() == k.width();
    assert!(fits, "attention_weights: q {:?}, k {:?}", q.shape(), k.shape());
    mask.check("attention_weights", q.shape()[0]);
    let (batch, queries, keys, width) = (q.shape()[0], q.shape()[1], k.shape()[1], q.width());
    assert_eq!(width % heads, 0, "attention_weights: {heads} heads in a width of {width}");
    let blocked: Vec<f32> = (0..batch * queries * keys)
        .map(|i| (i / (queries * keys), i / keys % queries, i % keys))
        .map(|(row, query, key)| if mask.sees(row, query, key, (queries, keys)) { 0.0 } else { -1e9 })
        .collect();
    let blocked = Tensor::new(&[batch, 1, queries, keys], blocked);
    let scores = by_head(q, heads).matmul(&by_head(k, heads).t()).scale(1.0 / ((width / heads) as f32).sqrt());
    (&scores + &blocked).softmax()
}

/// Attention by plain operations; it makes the whole matrix of weights.
#[track_caller]
pub fn attention_plain(q: &Tensor, k: &Tensor, v: &Tensor, heads: usize, mask: AttentionMask) -> Tensor {
    assert_eq!(k.shape(), v.shape(), "attention_plain: keys and values");
    let mixed = attention_weights(q, k, heads, mask).matmul(&by_head(v, heads)); // [B, K, Tq, d]
    mixed.swap(1, 2).reshape(q.shape())
}

/// [B, T, D] to [B, K, T, d].
fn by_head(x: &Tensor, heads: usize) -> Tensor {
    let shape = x.shape();
    x.reshape(&[shape[0], shape[1], heads, shape[2] / heads]).swap(1, 2)
}
