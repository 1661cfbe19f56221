//! Teacher forcing: what a decoder reads while it is trained, the reference or what it would have written itself.
//!
//! Follows  Williams, Zipser 1989 (teacher-forced learning); Bengio, Vinyals, Jaitly, Shazeer, Scheduled Sampling for
//!          Sequence Prediction with Recurrent Neural Networks, 2015, <https://arxiv.org/abs/1506.03099>, section 2.4: a coin
//!          for each token, and a share that falls linearly
//!
//! The model's own token is its likeliest one, read step by step without a gradient and without dropout; the step of training
//! then reads the mixture at once. So every translator can be trained that way, a Transformer too.

use crate::Prepared;
use rushlight_engine::{Ids, Rng, no_grad};
use rushlight_models::decode::likeliest;
use rushlight_models::{Input, Model};
use rushlight_nn::Context;

/// How much of what a decoder reads is the reference's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forcing {
    /// The share at the first step.
    pub start: f32,
    /// The share at the last step.
    pub end: f32,
    /// How many steps there are.
    pub steps: u64,
}

impl Forcing {
    /// The reference always.
    pub const ALWAYS: Self = Self { start: 1.0, end: 1.0, steps: 1 };

    /// The share at step number `step`, from 0.
    pub fn share(&self, step: u64) -> f32 {
        let done = step as f64 / self.steps.saturating_sub(1).max(1) as f64;
        (f64::from(self.start) + (f64::from(self.end) - f64::from(self.start)) * done.min(1.0)) as f32
    }
}

/// `batch` with only a share of the tokens that the decoder reads from the reference, as the coins of `rng` fall; the first
/// is always what begins a sentence. What is no translation stays as it is.
pub(crate) fn mixed(model: &dyn Model, batch: Prepared, share: f32, rng: &Rng) -> Prepared {
    let (Input::Pair(source, reference), Some(translator), true) = (&batch.input, model.translator(), share < 1.0)
    else {
        return batch;
    };
    let (rows, times) = (reference.shape()[0], reference.shape().width());
    let mut read = reference.data().to_vec();
    no_grad(|| {
        let cx = &mut Context::evaluate();
        let mut memory = translator.encode(cx, source);
        for time in 0..times.saturating_sub(1) {
            let now = Ids::new(&[rows, 1], (0..rows).map(|row| read[row * times + time]).collect::<Vec<_>>());
            let (logits, after) = translator.read(cx, &now, memory);
            memory = after;
            for (row, logits) in logits.data().chunks_exact(logits.width()).enumerate() {
                let place = row * times + time + 1;
                if rng.fork(place as u64).uniform() >= share {
                    read[place] = likeliest(logits);
                }
            }
        }
    });
    Prepared { input: Input::Pair(source.clone(), Ids::new(reference.shape(), read)), ..batch }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_falls_from_start_to_end() {
        let forcing = Forcing { start: 1.0, end: 0.5, steps: 11 };
        assert_eq!([0, 5, 10, 99].map(|step| forcing.share(step)), [1.0, 0.75, 0.5, 0.5]);
        assert_eq!(Forcing { steps: 1, ..forcing }.share(0), 1.0);
        assert_eq!(Forcing::ALWAYS.share(7), 1.0);
    }
}
