//! Tensors, automatic differentiation and kernels: the only crate with `unsafe`. Knows no layers, no text, no files.
//!
//! [`Tensor`] is f32, contiguous, row-major and cheap to clone. Operations record themselves as they run; from a scalar,
//! [`Tensor::backward`] gives the gradient of every leaf (a parameter) and of every tapped inner tensor.
//!
//! ```
//! use rushlight_engine::Tensor;
//!
//! let w = Tensor::leaf(&[2], vec![3.0, -1.0]);
//! let loss = (&w * &w).sum();
//! let grads = loss.backward();
//! assert_eq!(grads.of(&w).expect("w took part").data(), [6.0, -2.0]);
//! ```
//!
//! Shape errors are bugs of the caller and panic with the operation, the shapes and the caller's line.

// A test that meets an error it did not expect should stop there.
#![cfg_attr(test, allow(clippy::unwrap_used))]
#![allow(rustdoc::invalid_rust_codeblocks, reason = "headers hold equations, set off by indentation")]

mod buffer;
mod graph;
mod ids;
#[allow(unsafe_code, reason = "kernels are where unsafe code lives, each block with its reason")]
pub mod kernels;
mod ops;
mod rng;
mod shape;
mod tensor;

pub use buffer::pool;
pub use graph::{Grads, no_grad, recording};
pub use ids::Ids;
pub use kernels::simd::instruction_set;
pub use kernels::threads::{at_once, threads, with_threads};
pub use ops::additive_attention::{AdditiveAttention, Sources, additive_attention, additive_attention_plain};
pub use ops::attention::{
    AttentionMask, attention, attention_plain, attention_step, attention_weights, cross_attention, self_attention,
};
pub use ops::cross_entropy::{CrossEntropy, Reduction, cross_entropy};
pub use ops::dropout::dropout;
pub use ops::embedding::{Bags, embedding, embedding_bag};
pub use ops::gru::{GruReset, GruSweep, gru};
pub use ops::layer_norm::layer_norm;
pub use ops::linear::{keep_packed, linear, rows_alike};
pub use ops::lstm::{LstmSweep, lstm};
pub use ops::rnn::{RnnActivation, rnn, rnn_sums};
pub use ops::shaping::{cat, stack};
pub use ops::time::{max_over_time, windows};
pub use rng::Rng;
pub use shape::Shape;
pub use tensor::Tensor;
