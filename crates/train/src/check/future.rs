//! # future: no place sees a later one
//!
//! Tried      one row of tokens, and copies of it with another token at one place each
//! Measured   how much any value before the changed place moves; at each site, at the worst place
//! Reference  how much the values from the changed place on move
//! Right      0, to the last bit

use super::{Entry, Measured, Subject};
use crate::watch::Watch;
use rushlight_engine::{Ids, Tensor};

/// This probe in the list.
pub const ENTRY: Entry =
    Entry { name: "future", about: "no place sees a later one", source: include_str!("future.rs"), measure };

fn measure(subject: &Subject) -> Vec<Measured> {
    let Some(_) = subject.decoder() else { return Vec::new() };
    let times = subject.times();
    if times < 2 {
        return Vec::new();
    }
    // Row 0 is the row itself; row 1 + c has another token at place c.
    let row = subject.tokens(1, times, 1);
    let vocabulary = subject.vocabulary() as u32;
    let mut ids = row.data().repeat(1 + times);
    for changed in 0..times {
        let token = &mut ids[(1 + changed) * times + changed];
        *token = (*token + 1) % vocabulary.max(2);
    }
    let mut watch = Watch::default();
    let input = subject.reading(&Ids::new(&[1 + times, times], ids));
    let logits = subject.watched(&mut watch, |cx| subject.model().forward(cx, &input));
    let over_time = |tensor: &Tensor| tensor.shape().len() == 3 && tensor.shape()[..2] == [1 + times, times];
    let inside = watch.sites().filter(|(site, _, tensor)| over_time(tensor) && *site != "logits");
    let answer = std::iter::once(("logits", logits));
    let inside = inside.map(|(site, _, tensor)| (site, tensor.clone()));
    inside.chain(answer).map(|(site, tensor)| moved(site, &tensor, times)).collect()
}

/// How much values move before the changed place, and from it on.
fn moved(site: &str, tensor: &Tensor, times: usize) -> Measured {
    let width = tensor.width();
    let row = |row: usize| &tensor.data()[row * times * width..][..times * width];
    let (mut before, mut after) = (0.0, 0.0);
    for changed in 0..times {
        let apart = |from: usize, to: usize| {
            let pairs = row(0)[from * width..to * width].iter().zip(&row(1 + changed)[from * width..to * width]);
            pairs.fold(0.0, |most, (a, b)| super::subject::worst(most, f64::from(a - b).abs()))
        };
        before = super::subject::worst(before, apart(0, changed));
        after = super::subject::worst(after, apart(changed, times));
    }
    Measured::at(site, before, after)
}
