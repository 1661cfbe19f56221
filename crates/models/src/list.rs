//! The list of all models, in the order of history. Names in errors, docs and tests are made from it.

use crate::{Entry, bigram, gpt, lstm, mlp};

/// Every model.
pub const ALL: &[Entry] = &[bigram::ENTRY, mlp::ENTRY, lstm::ENTRY, gpt::ENTRY];
