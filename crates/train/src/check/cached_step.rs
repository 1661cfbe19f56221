//! # cached_step: reading token by token is reading at once
//!
//! Tried      rows of tokens, read at once, token by token, and token by token with rows that began at different times
//! Measured   how much the logits differ
//! Reference  the largest logit
//! Right      nothing but rounding

use super::subject::{difference, worst};
use super::{Entry, Measured, Subject};
use crate::step::token_by_token;
use rushlight_engine::{Ids, Tensor};
use rushlight_models::{Decoder, Memory};

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "cached_step",
    about: "reading token by token is reading at once",
    source: include_str!("cached_step.rs"),
    measure,
};

const ROWS: usize = 2;
/// How much the first row has read before the second one joins.
const AHEAD: usize = 3;

fn measure(subject: &Subject) -> Vec<Measured> {
    let Some(decoder) = subject.decoder() else { return Vec::new() };
    let times = subject.times().saturating_sub(AHEAD);
    if times < 2 {
        return Vec::new();
    }
    let ids = subject.tokens(ROWS, times, 3);
    let whole = subject.answers(&subject.reading(&ids));
    let stepped = subject.evaluate(|cx| {
        let memory = subject.begin(cx, ROWS);
        token_by_token(decoder, cx, &ids, memory, subject.fault())
    });
    let (apart, largest) = difference(stepped.data(), whole.data());
    vec![Measured::at("", apart, largest), joined(subject, decoder, times)]
}

/// Two rows of which one has read more than the other.
fn joined(subject: &Subject, decoder: &dyn Decoder, times: usize) -> Measured {
    let before = subject.tokens(1, AHEAD, 4);
    let ids = subject.tokens(ROWS, times, 5);
    let row = |row: usize| Ids::new(&[1, times], &ids.data()[row * times..][..times]);
    let read = |ids: &Ids, memory: Memory| subject.evaluate(|cx| decoder.read(cx, ids, memory));
    let fresh = || subject.evaluate(|cx| subject.begin(cx, 1));
    let ahead = || read(&before, fresh()).1;
    let alone: Vec<Tensor> = [read(&row(0), ahead()).0, read(&row(1), fresh()).0].to_vec();
    let memory = Memory::joined(&[ahead(), fresh()]);
    let stepped = subject.evaluate(|cx| token_by_token(decoder, cx, &ids, memory, subject.fault()));
    let width = times * stepped.width();
    let (mut most, mut scale) = (0.0, 0.0);
    for (row, alone) in alone.iter().enumerate() {
        let (apart, largest) = difference(&stepped.data()[row * width..][..width], alone.data());
        (most, scale) = (worst(most, apart), worst(scale, largest));
    }
    Measured::at("joined", most, scale)
}
