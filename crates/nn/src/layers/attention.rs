//! Multi-head attention: queries, keys and values by one linear map, K heads side by side, and a map back.
//!
//! Follows  Vaswani et al., Attention Is All You Need, 2017, section 3.2

use super::{Asked, Linear};
use crate::init::Init;
use crate::{Builder, Context, SiteKind};
use rushlight_engine::{
    AttentionMask, Sources, Tensor, attention_step, attention_weights, cross_attention, self_attention,
};

/// Self-attention: of a decoder, in which no place sees a later one, or of an encoder, in which all see all.
#[derive(Clone)]
pub struct MultiHeadAttention {
    /// Queries, keys and values: [3D, D].
    pub qkv: Linear,
    /// Back: [D, D].
    pub proj: Linear,
    /// How many heads share the width.
    pub heads: usize,
}

/// The keys and values of what was read, [B, K, W, d] each, d the width of a head, and how much of them each row has filled.
#[derive(Clone)]
pub struct Past {
    /// Keys [B, K, W, d].
    pub keys: Tensor,
    /// Values [B, K, W, d].
    pub values: Tensor,
    /// For each row, how many places are filled.
    pub lengths: Vec<usize>,
}

impl MultiHeadAttention {
    /// Weights started by `init`, the way back by `back`; biases at zero.
    ///
    /// # Panics
    /// When `heads` does not divide `width`.
    pub fn new(build: &mut Builder, name: &str, width: usize, heads: usize, init: &Init, back: &Init) -> Self {
        assert_eq!(width % heads, 0, "attention: {heads} heads in a width of {width}");
        build.within(name, |build| Self {
            qkv: Linear::with_init(build, "qkv", [width, 3 * width], init, Some(&Init::Zeros)),
            proj: Linear::with_init(build, "proj", [width, width], back, Some(&Init::Zeros)),
            heads,
        })
    }

    /// `x` [B, T, D] to the same shape; no place sees a later one. With a `past` the places before `x` are seen too, and those of `x` are added to it.
    pub fn causal(&self, cx: &mut Context, x: &Tensor, past: Option<Past>) -> (Tensor, Option<Past>) {
        let qkv = cx.site("qkv", SiteKind::Inner, self.qkv.apply(x)); // [B, T, 3D]
        let (mixed, past) = match past {
            None => {
                let other = cx.attend(|| Asked::itself(&qkv, self.heads, None));
                let mask = AttentionMask { causal: true, key_lengths: None };
                (other.unwrap_or_else(|| self_attention(&qkv, self.heads, mask)), None)
            }
            Some(Past { keys, values, lengths }) => {
                let (mixed, keys, values) = attention_step(&qkv, keys, values, &lengths);
                let other = cx.attend(|| Asked::past(&qkv, [&keys, &values], &lengths));
                (other.unwrap_or(mixed), Some(Past { keys, values, lengths }))
            }
        };
        let mixed = cx.site("mixed", SiteKind::Inner, mixed);
        (self.proj.apply(&mixed), past)
    }

    /// `x` [B, T, D] to the same shape; every place sees all that are real, `lengths` of each row.
    pub fn bidirectional(&self, cx: &mut Context, x: &Tensor, lengths: &[usize]) -> Tensor {
        let qkv = cx.site("qkv", SiteKind::Inner, self.qkv.apply(x)); // [B, T, 3D]
        let mask = AttentionMask { causal: false, key_lengths: Some(lengths) };
        if cx.is_watched() {
            let [q, k, _] = qkv.detach().split();
            let weights = attention_weights(&q, &k, self.heads, mask);
            cx.site("weights", SiteKind::Attention, weights); // [B, K, T, T], to look at
        }
        let other = cx.attend(|| Asked::itself(&qkv, self.heads, Some(lengths)));
        let mixed = other.unwrap_or_else(|| self_attention(&qkv, self.heads, mask));
        self.proj.apply(&cx.site("mixed", SiteKind::Inner, mixed))
    }
}

/// Attention of one sequence over another.
#[derive(Clone)]
pub struct CrossAttention {
    /// Queries: [D, D].
    pub q: Linear,
    /// Keys and values of what is looked at: [2D, D].
    pub kv: Linear,
    /// Back: [D, D].
    pub proj: Linear,
    /// How many heads share the width.
    pub heads: usize,
}

impl CrossAttention {
    /// Weights started by `init`; biases at zero.
    ///
    /// # Panics
    /// When `heads` does not divide `width`.
    pub fn new(build: &mut Builder, name: &str, width: usize, heads: usize, init: &Init) -> Self {
        assert_eq!(width % heads, 0, "attention: {heads} heads in a width of {width}");
        let linear = |build: &mut Builder, name, outputs| {
            Linear::with_init(build, name, [width, outputs], init, Some(&Init::Zeros))
        };
        build.within(name, |build| Self {
            q: linear(build, "q", width),
            kv: linear(build, "kv", 2 * width),
            proj: linear(build, "proj", width),
            heads,
        })
    }

    /// `x` [R, T, D] looks at the keys and values `kv` [N, S, 2D] of its sources: [R, T, D].
    pub fn apply(&self, cx: &mut Context, x: &Tensor, kv: &Tensor, sources: Sources) -> Tensor {
        let q = cx.site("q", SiteKind::Inner, self.q.apply(x));
        if cx.is_watched() {
            let lengths: Vec<usize> = sources.of.iter().map(|&source| sources.lengths[source]).collect();
            let [k, _] = kv.detach().select(sources.of).split();
            let mask = AttentionMask { causal: false, key_lengths: Some(&lengths) };
            let weights = attention_weights(&q.detach(), &k, self.heads, mask);
            cx.site("weights", SiteKind::Attention, weights); // [R, K, T, S], to look at
        }
        let other = cx.attend(|| Asked::sources(&q, kv, self.heads, sources));
        let mixed = other.unwrap_or_else(|| cross_attention(&q, kv, self.heads, sources));
        self.proj.apply(&cx.site("mixed", SiteKind::Inner, mixed))
    }
}
