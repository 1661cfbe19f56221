//! Multi-head attention: queries, keys and values by one linear map, K heads side by side, and a map back.
//!
//! Follows  Vaswani et al., Attention Is All You Need, 2017, section 3.2

use super::Linear;
use crate::init::Init;
use crate::{Builder, Context, SiteKind};
use rushlight_engine::{AttentionMask, Tensor, attention_step, self_attention};

/// Self-attention in which no place sees a later one.
#[derive(Clone)]
pub struct MultiHeadAttention {
    /// Queries, keys and values: [3D, D].
    pub qkv: Linear,
    /// Back: [D, D].
    pub proj: Linear,
    /// How many heads share the width.
    pub heads: usize,
}

/// The keys and values of what was read, [B, W, D] each, and how much of them each row has filled.
#[derive(Clone)]
pub struct Past {
    /// Keys [B, W, D].
    pub keys: Tensor,
    /// Values [B, W, D].
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

    /// `x` [B, T, D] to the same shape. With a `past` the places before `x` are seen too, and those of `x` are added to it.
    pub fn apply(&self, cx: &mut Context, x: &Tensor, past: Option<Past>) -> (Tensor, Option<Past>) {
        let qkv = cx.site("qkv", SiteKind::Inner, self.qkv.apply(x)); // [B, T, 3D]
        let (mixed, past) = match past {
            None => (self_attention(&qkv, self.heads, AttentionMask { causal: true, key_lengths: None }), None),
            Some(Past { keys, values, lengths }) => {
                let (mixed, keys, values) = attention_step(&qkv, keys, values, &lengths, self.heads);
                (mixed, Some(Past { keys, values, lengths }))
            }
        };
        let mixed = cx.site("mixed", SiteKind::Inner, mixed);
        (self.proj.apply(&mixed), past)
    }
}
