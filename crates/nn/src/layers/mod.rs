//! Layers: parameters with the function that uses them. Each is made by a [`Builder`](crate::Builder), which names its
//! parameters; none remembers a call.

mod activation;
mod asked;
mod attention;
mod batch_norm;
mod dropout;
mod embedding;
mod layer_norm;
mod linear;
pub mod masks;
mod recurrent;

pub use activation::Activation;
pub use asked::Asked;
pub use attention::{CrossAttention, MultiHeadAttention, Past};
pub use batch_norm::BatchNorm1d;
pub use dropout::dropout;
pub use embedding::Embedding;
pub use layer_norm::LayerNorm;
pub use linear::Linear;
pub use recurrent::{RecurrentCell, last_time};
