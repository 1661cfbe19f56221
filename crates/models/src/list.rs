//! The list of all models, in the order of history. Names in errors, docs and tests are made from it.

use crate::{
    Entry, bahdanau, bigram, encoder, encoder_decoder, feed_forward, gated_conv, gpt, gru, gru_tagger, kneser_ney,
    lstm, mlp, rnn, seq2seq, text_cnn, transformer,
};

/// Every model.
pub const ALL: &[Entry] = &[
    bigram::ENTRY,
    feed_forward::ENTRY,
    kneser_ney::ENTRY,
    mlp::ENTRY,
    rnn::ENTRY,
    lstm::ENTRY,
    gru::ENTRY,
    encoder_decoder::ENTRY,
    seq2seq::ENTRY,
    text_cnn::ENTRY,
    bahdanau::ENTRY,
    gru_tagger::ENTRY,
    gated_conv::ENTRY,
    transformer::ENTRY,
    encoder::ENTRY,
    gpt::ENTRY,
];

impl Entry {
    /// Its place in the list, from 0: that of history.
    ///
    /// # Panics
    /// When it is not in the list.
    pub fn order(&self) -> usize {
        ALL.iter().position(|entry| entry.name == self.name).expect("the list has every model")
    }
}
