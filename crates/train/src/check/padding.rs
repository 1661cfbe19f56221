//! # padding: what fills up a sentence is not seen
//!
//! Tried      the sentences of the batch, and the same with other tokens in their padding and with three places more of it
//! Measured   how much the logits move
//! Reference  the largest logit
//! Right      nothing but rounding

use super::subject::difference;
use super::{Entry, Measured, Subject};
use rushlight_engine::Ids;
use rushlight_models::{Input, Source};

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "padding",
    about: "what fills up a sentence is not seen",
    source: include_str!("padding.rs"),
    measure,
};

const MORE: usize = 3;

fn measure(subject: &Subject) -> Vec<Measured> {
    let Input::Pair(source, ids) = &subject.batch.input else { return Vec::new() };
    let (rows, places) = (source.rows(), source.places() + MORE);
    if places > subject.session.sizes.window.max(source.places()) {
        return Vec::new();
    }
    let filled = |with: u32| {
        let padded = (0..rows * places).map(|i| match (i / places, i % places) {
            (row, place) if place < source.lengths[row] => source.ids.data()[row * source.places() + place],
            _ => with,
        });
        let ids_of_source = Ids::new(&[rows, places], padded.collect::<Vec<_>>());
        Input::Pair(Source { ids: ids_of_source, lengths: source.lengths.clone() }, ids.clone())
    };
    let last = (subject.session.sizes.source.max(2) - 1) as u32;
    let (before, after) = (subject.answers(&subject.batch.input), subject.answers(&filled(last)));
    let (apart, largest) = difference(after.data(), before.data());
    Measured::whole(apart, largest)
}
