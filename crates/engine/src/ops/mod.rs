//! The operations, a file each: forward, hand-derived backward, the equation in the header. They know shapes and the
//! record; the numbers are the kernels' affair.

pub(crate) mod additive_attention;
pub(crate) mod arithmetic;
pub(crate) mod attention;
pub(crate) mod cross_entropy;
pub(crate) mod dropout;
pub(crate) mod elementwise;
pub(crate) mod embedding;
pub(crate) mod gru;
pub(crate) mod layer_norm;
pub(crate) mod linear;
pub(crate) mod lstm;
pub(crate) mod matmul;
pub(crate) mod reductions;
pub(crate) mod rnn;
pub(crate) mod shaping;
pub(crate) mod softmax;
pub(crate) mod sweep;
pub(crate) mod time;
