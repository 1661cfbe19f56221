//! # order: it matters in which order earlier tokens stand
//!
//! Tried      a row of tokens, and the same with two of its earlier tokens exchanged
//! Measured   how much what the last place gets from its first layer that looks back moves
//! Reference  how much it moves when one of the two tokens is another one
//! Right      more than rounding: without positions, attention sees a bag of tokens. Only for attention; a recurrent net or
//!            a window cannot fail it

use super::{Entry, Measured, Subject};
use crate::watch::Watch;
use rushlight_engine::Ids;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "order",
    about: "it matters in which order earlier tokens stand",
    source: include_str!("order.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    let times = subject.times();
    if subject.decoder().is_none() || times < 4 {
        return Vec::new();
    }
    let row = subject.tokens(1, times, 2).data().to_vec();
    let (one, other) = (0, times / 2);
    let mut ids = row.repeat(3);
    // Different for certain, or their exchange would mean nothing.
    let vocabulary = subject.vocabulary().max(2) as u32;
    for row in 0..3 {
        ids[row * times + other] = (ids[row * times + one] + 1) % vocabulary;
    }
    ids.swap(times + one, times + other);
    ids[2 * times + one] = (ids[2 * times + one] + vocabulary / 2).max(1) % vocabulary;
    let mut watch = Watch::default();
    let input = subject.reading(&Ids::new(&[3, times], ids));
    subject.watched(&mut watch, |cx| subject.model().forward(cx, &input));
    // The first attention of the decoder; deeper ones know the order through the mask alone.
    let is_first = |site: &str| site.ends_with("attention.mixed") && !site.starts_with("encoder.");
    let Some((site, _, mixed)) = watch.sites().find(|(site, ..)| is_first(site)) else { return Vec::new() };
    let last = |row: usize| &mixed.data()[(row * times + times - 1) * mixed.width()..][..mixed.width()];
    let apart = |row: usize| super::subject::difference(last(row), last(0)).0;
    vec![Measured::at(site, apart(1), apart(2))]
}
