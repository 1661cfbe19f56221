//! Metrics as pure functions. Knows no tensors and no files.
//!
//! Everything is in nats unless its name says bits, and per token unless its name says otherwise.

// A test that meets an error it did not expect should stop there.
#![cfg_attr(test, allow(clippy::unwrap_used))]
#![allow(rustdoc::invalid_rust_codeblocks, reason = "headers hold equations, set off by indentation")]

mod bleu_tokens;
pub mod bootstrap;
mod calibration;
mod diversity;
mod entropy;
mod loss;
pub mod metrics;
mod rank;
mod runs;
mod seeds;
mod spans;

pub use bleu_tokens::BleuTokens;
pub use calibration::{calibration_error, fit_temperature};
pub use diversity::{Diversity, GENERIC, distinct_n, diversity};
pub use entropy::{bigram_entropy_nats, unigram_entropy_nats};
pub use loss::{bits, perplexity};
pub use rank::{accuracy, is_in_top, rank};
pub use seeds::{Spread, spread};
pub use spans::{Span, SpanCounts, SpanScore, spans};
