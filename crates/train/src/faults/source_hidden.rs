//! # source-hidden: the decoder translates without having seen what
//!
//! Every token of every source becomes the same vector before the encoder reads it, as if the sentence were a buffer that
//! nobody filled: what goes over to the decoder says how long the sentence is, and nothing else.
//!
//!     P(y | x) = P(y | length of x)
//!
//! The decoder is left with what it has written itself, and becomes a language model. The loss falls, for much of a
//! sentence can be guessed from its beginning, and then stops where that of a language model does; every source of one
//! length is translated as the same fluent sentence.
//!
//! Cure  Follow the encoder's output into the decoder. Exchange the source, and look whether the logits move.

use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::{Mode, SiteKind};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "source-hidden",
    about: "every source reads alike",
    source: include_str!("source_hidden.rs"),
    component: Component::Attention,
    suits: suits::translates,
    build: |_| Arc::new(SourceHidden),
};

struct SourceHidden;

impl Fault for SourceHidden {
    fn visit(&self, _: Mode, site: &str, _: SiteKind, tensor: Tensor) -> Tensor {
        if site == "encoder.embed" { blank(&tensor) } else { tensor }
    }
}

/// The same at every place: of mean 0 and deviation 1 as an embedding is, so that its scale is not what is wrong with it.
fn blank(x: &Tensor) -> Tensor {
    let one = |column: usize| if column.is_multiple_of(2) { 1.0 } else { -1.0 };
    Tensor::new(x.shape(), (0..x.count()).map(|index| one(index % x.width())).collect::<Vec<f32>>())
}
