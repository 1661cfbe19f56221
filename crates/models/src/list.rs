//! The list of all models, in the order of history. Names in errors, docs and tests are made from it.

use crate::{Entry, bigram, feed_forward, gpt, gru, kneser_ney, lstm, mlp, rnn};

/// Every model.
pub const ALL: &[Entry] = &[
    bigram::ENTRY,
    feed_forward::ENTRY,
    kneser_ney::ENTRY,
    mlp::ENTRY,
    rnn::ENTRY,
    lstm::ENTRY,
    gru::ENTRY,
    gpt::ENTRY,
];
