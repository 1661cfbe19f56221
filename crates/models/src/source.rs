//! Sentences to translate, padded on the right, and what recurrent encoders ask of them: sentences that all end at the last
//! place, and states that padding before them leaves at zero. Knows no encoder.

use rushlight_engine::{Ids, Tensor};
use std::ops::Range;

/// Sentences to translate, padded on the right.
#[derive(Clone, Debug)]
pub struct Source {
    /// The tokens [B, S], each sentence's end among them.
    pub ids: Ids,
    /// How many tokens of each sentence are real, at least one; what follows is padding.
    pub lengths: Vec<usize>,
}

impl Source {
    /// Sentences without padding, [B, S].
    pub fn whole(ids: Ids) -> Self {
        let shape = *ids.shape();
        Self { ids, lengths: vec![shape.width(); shape[0]] }
    }

    /// How many sentences.
    pub fn rows(&self) -> usize {
        self.lengths.len()
    }

    /// S, the places of the longest sentence.
    pub fn places(&self) -> usize {
        self.ids.shape().width()
    }

    /// The tokens with the padding before them, [B, S].
    pub(crate) fn at_the_end(&self) -> Ids {
        self.rearranged(|row, length| row.rotate_left(length))
    }

    /// The tokens from last to first, with the padding before them, [B, S].
    pub(crate) fn mirrored(&self) -> Ids {
        self.rearranged(|row, _| row.reverse())
    }

    fn rearranged(&self, change: impl Fn(&mut [u32], usize)) -> Ids {
        let mut ids = self.ids.data().to_vec();
        for (row, &length) in ids.chunks_exact_mut(self.places()).zip(&self.lengths) {
            change(row, length);
        }
        Ids::new(self.ids.shape(), ids)
    }

    /// `drive` [B, S, gates H] of tokens that stand behind their padding, with the columns `gate` at `value` where there is
    /// padding: far enough from 0, a gate is then shut or open for good, and a state of zero stays zero.
    pub(crate) fn held(&self, drive: Tensor, gate: Range<usize>, value: f32) -> Tensor {
        let (places, width) = (self.places(), drive.width());
        if self.lengths.iter().all(|&length| length == places) {
            return drive;
        }
        let mut hold = Tensor::zeros(drive.shape());
        for (row, &length) in hold.data_mut().chunks_exact_mut(places * width).zip(&self.lengths) {
            for place in row.chunks_exact_mut(width).take(places - length) {
                place[gate.clone()].fill(value);
            }
        }
        drive + hold
    }

    /// What stands at the last real place of each sentence: `x` [B, S, H] to [B, H].
    pub(crate) fn last(&self, x: &Tensor) -> Tensor {
        let places = self.places();
        let last: Vec<usize> =
            self.lengths.iter().enumerate().map(|(row, &length)| row * places + length - 1).collect();
        x.reshape(&[self.rows() * places, x.width()]).select(&last)
    }
}

/// The places of `x` [B, S, H] from last to first.
pub(crate) fn mirrored(x: &Tensor) -> Tensor {
    let (rows, places, width) = (x.shape()[0], x.shape()[1], x.width());
    let from: Vec<usize> = (0..rows).flat_map(|row| (row * places..(row + 1) * places).rev()).collect();
    x.reshape(&[rows * places, width]).select(&from).reshape(&[rows, places, width])
}
