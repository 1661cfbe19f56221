//! Attention of heads side by side, without the T x T matrix in memory; the kernel computes it again on the way back.
//!
//! Follows  Vaswani et al., Attention Is All You Need, 2017, section 3.2; in blocks with a running maximum after Dao et al.,
//!          FlashAttention, 2022, algorithm 1
//!
//!     y = softmax(q kᵀ / √d) v        d the width of one head
//!
//! Plain twin: [`attention_plain`], from matrix products and softmax.

use crate::Tensor;

/// What queries may see.
#[derive(Clone, Copy, Debug, Default)]
pub struct AttentionMask<'a> {
    /// No query sees a key later than itself; the last query stands at the last key.
    pub causal: bool,
    /// For each row of the batch, how many keys are real; the rest is padding.
    pub key_lengths: Option<&'a [usize]>,
}

impl AttentionMask<'_> {
    fn sees(&self, row: usize, query: usize, key: usize, (queries, keys): (usize, usize)) -> bool {
        (!self.causal || key + queries <= query + keys) && self.key_lengths.is_none_or(|lengths| key < lengths[row])
    }
}

/// The weights softmax(q kᵀ / √d) themselves, [B, K, Tq, Tk], from `q` [B, Tq, D] and `k` [B, Tk, D]: to look at.
#[track_caller]
pub fn attention_weights(q: &Tensor, k: &Tensor, heads: usize, mask: AttentionMask) -> Tensor {
    let (batch, queries, keys, width) = (q.shape()[0], q.shape()[1], k.shape()[1], q.width());
    assert_eq!(width % heads, 0, "attention: {heads} heads in a width of {width}");
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
    let mixed = attention_weights(q, k, heads, mask).matmul(&by_head(v, heads)); // [B, K, Tq, d]
    mixed.swap(1, 2).reshape(q.shape())
}

/// [B, T, D] to [B, K, T, d].
fn by_head(x: &Tensor, heads: usize) -> Tensor {
    let shape = x.shape();
    x.reshape(&[shape[0], shape[1], heads, shape[2] / heads]).swap(1, 2)
}
/// TEMP
pub fn self_attention(qkv: &Tensor, heads: usize, causal: bool, key_lengths: Option<&[usize]>) -> Tensor {
    let [q, k, v] = qkv.split();
    attention_plain(&q, &k, &v, heads, AttentionMask { causal, key_lengths })
}
/// TEMP
pub fn attention_step(qkv: &Tensor, keys: Tensor, values: Tensor, lengths: &[usize], heads: usize) -> (Tensor, Tensor, Tensor) {
    let _ = lengths;
    (self_attention(qkv, heads, true, None), keys, values)
}
