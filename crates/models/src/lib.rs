//! One file a paper, in the order of history. Knows no strings of text, no files, no printing and no loss.
//!
//! A [`Model`] turns an [`Input`] into logits. A model that writes sequences is a [`Decoder`] too: one `read` serves
//! training, prompts and single steps, and what it must remember is a value, [`Memory`]. A [`Generator`]'s begins from
//! nothing, a [`Translator`]'s from what it translates. The list is [`ALL`].

#![allow(rustdoc::invalid_rust_codeblocks, reason = "headers hold equations, set off by indentation")]

mod cache;
mod count;
mod encoded;
mod memory;
mod model;
mod ngrams;
mod source;
mod understanding;

pub mod bahdanau;
pub mod beam;
pub mod bigram;
pub mod decode;
pub mod draw;
pub mod encoder;
pub mod encoder_decoder;
pub mod feed_forward;
pub mod gated_conv;
pub mod gpt;
pub mod gru;
pub mod gru_tagger;
pub mod kneser_ney;
pub mod list;
pub mod lstm;
pub mod mlp;
pub mod rnn;
pub mod seq2seq;
pub mod text_cnn;
pub mod transformer;

pub use encoded::Encoded;
pub use list::ALL;
pub use memory::Memory;
pub use model::{
    Build, Counting, Decoder, Entry, Generator, Input, LARGEST_SIZE, MOST_LAYERS, Model, Sizes, Takes, Translator,
};
pub use source::Source;
