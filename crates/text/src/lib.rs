//! Text to ids and back: normalisers, tokenizers, vocabularies. Knows no tensors and no runs.
//!
//! A [`Tokenizer`] normalises text, cuts it into tokens and gives each its id. It is trained by one member of the
//! family in [`tokenizers`], saved as a Hugging Face `tokenizer.json`, and the same in training and in later use.

// A test that meets an error it did not expect should stop there.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod error;
mod file;
mod learning;
mod limit;
mod normalizer;
mod pieces;
mod printable;
mod spelling;
mod tokenizer;
pub mod tokenizers;
mod vocabulary;

pub use error::TextError;
pub use learning::Learning;
pub use limit::Limit;
pub use normalizer::{NormalizerConfig, Unicode};
pub use spelling::Spelling;
pub use tokenizer::{Tokenizer, Word};
pub use tokenizers::TokenizerConfig;
pub use vocabulary::BOUNDARY;
