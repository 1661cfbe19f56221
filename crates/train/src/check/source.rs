//! # source: another source is translated in another way
//!
//! Tried      the sentences of the batch, and the same with another sentence of the same length in place of each source
//! Measured   how much the logits move, as a root of the mean square
//! Reference  how much they move when what was written so far is another sentence
//! Right      more than rounding before training, and not much less than the reference behind it: who writes the same
//!            whatever the source says is no translator, but a language model

use super::{Entry, Measured, Subject};
use crate::Targets;
use rushlight_data::IGNORE;
use rushlight_engine::{Ids, Tensor};
use rushlight_models::{Input, Source};
use std::ops::Range;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "source",
    about: "another source is translated in another way",
    source: include_str!("source.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    let (Input::Pair(source, written), Targets::Classes(targets)) = (&subject.raw.input, &subject.raw.targets) else {
        return Vec::new();
    };
    let counted = |row: &[u32]| row.iter().filter(|&&target| target != IGNORE).count().max(1);
    let lengths: Vec<usize> = targets.data().chunks_exact(targets.shape().width()).map(counted).collect();
    // The end of a source and the beginning of a target are alike in all sentences, and stay.
    let of_source: Vec<Range<usize>> = source.lengths.iter().map(|&length| 0..length - 1).collect();
    let of_written: Vec<Range<usize>> = lengths.iter().map(|&length| 1..length).collect();
    let answers = |sources: &Ids, written: &Ids| {
        let source = Source { ids: sources.clone(), lengths: source.lengths.clone() };
        subject.answers(&Input::Pair(source, written.clone()))
    };
    let before = answers(&source.ids, written);
    let other_source = answers(&exchanged(&source.ids, &of_source, subject.session.sizes.source), written);
    let other_written = answers(&source.ids, &exchanged(written, &of_written, subject.vocabulary()));
    let moved = |after: &Tensor| {
        let width = before.width();
        let places = before.data().chunks_exact(width).zip(after.data().chunks_exact(width)).zip(targets.data());
        let counts = places.filter(|(_, target)| **target != IGNORE).map(|(answers, _)| answers);
        let squares = counts.flat_map(|(one, other)| one.iter().zip(other)).map(|(a, b)| f64::from(a - b).powi(2));
        (squares.sum::<f64>() / (targets.data().len() * width) as f64).sqrt()
    };
    Measured::whole(moved(&other_source), moved(&other_written))
}

/// In each row these places filled with what the next row has there, again and again where that has fewer; with another token
/// wherever it would be the same.
fn exchanged(ids: &Ids, real: &[Range<usize>], vocabulary: usize) -> Ids {
    let (width, vocabulary) = (ids.shape().width(), vocabulary.max(2) as u32);
    let mut other = ids.data().to_vec();
    for (row, places) in real.iter().enumerate() {
        let next = (row + 1) % real.len();
        let tokens = &ids.data()[next * width..][real[next].clone()];
        for (number, place) in places.clone().enumerate() {
            let old = ids.data()[row * width + place];
            let new = tokens.get(number % tokens.len().max(1)).copied().filter(|&new| new != old);
            other[row * width + place] = new.unwrap_or((old + 1) % vocabulary);
        }
    }
    Ids::new(ids.shape(), other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_real_token_becomes_another_one_and_the_rest_stays() {
        // Row 0 reads 7 7 7 from the row behind it, of which one stood there already; row 1 reads 4 7, and so did one of it.
        let ids = Ids::new(&[2, 4], vec![4, 7, 5, 0, 7, 7, 0, 9]);
        let other = exchanged(&ids, &[0..3, 0..2], 9);
        assert_eq!(other.data(), [7, 8, 7, 0, 4, 8, 0, 9]);
        // Beside an empty row every token becomes the one behind it.
        let beside_nothing = exchanged(&Ids::new(&[2, 2], vec![8, 3, 1, 1]), &[0..2, 0..0], 9);
        assert_eq!(beside_nothing.data(), [0, 4, 1, 1]);
    }
}
