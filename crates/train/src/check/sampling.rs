//! # sampling: what is drawn comes up as often as the model says
//!
//! Tried      a thousand next tokens after one prompt, each drawn as in writing at temperature 1
//! Measured   by which share of the draws they are others than softmax of the logits says, over at most 16 groups of tokens of
//!            about the same probability each: the total variation
//! Reference  what chance alone makes of it, on the average
//! Right      about the reference: with another random stream it would be 0.1 above it once in 500 million times

use super::{Entry, Measured, Subject};
use crate::writing::drawn;
use rushlight_engine::{Rng, no_grad};
use rushlight_nn::Context;
use std::f64::consts::PI;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "sampling",
    about: "what is drawn comes up as often as the model says",
    source: include_str!("sampling.rs"),
    measure,
};

const DRAWS: usize = 1000;
const GROUPS: usize = 16;

fn measure(subject: &Subject) -> Vec<Measured> {
    let (Some(generator), Some(_), true) = (subject.model().generator(), subject.decoder(), subject.learns()) else {
        return Vec::new();
    };
    let prompt = subject.tokens(1, subject.times(), 6);
    let logits = no_grad(|| generator.read(&mut Context::evaluate(), &prompt, generator.begin(1)).0);
    let last = &logits.data()[logits.count() - logits.width()..];
    if !last.iter().all(|logit| logit.is_finite()) {
        return Vec::new();
    }
    let tokens = drawn(generator, subject.fault(), prompt.data(), DRAWS, Rng::new(7));
    let (groups, shares) = groups(last);
    let mut counts = vec![0.0; shares.len()];
    tokens.iter().for_each(|&token| counts[groups[token as usize]] += 1.0);
    let draws = DRAWS as f64;
    let apart = counts.iter().zip(&shares).map(|(count, share)| (count / draws - share).abs()).sum::<f64>() / 2.0;
    // The mean of what is normal without its sign, √(2/π) of its deviation.
    let by_chance = shares.iter().map(|share| (2.0 * share * (1.0 - share) / (PI * draws)).sqrt()).sum::<f64>() / 2.0;
    Measured::whole(apart, by_chance)
}

/// The group of each token, likelier tokens first, and the probability of each group.
fn groups(logits: &[f32]) -> (Vec<usize>, Vec<f64>) {
    let largest = logits.iter().fold(f64::NEG_INFINITY, |most, &x| most.max(f64::from(x)));
    let weights: Vec<f64> = logits.iter().map(|&x| (f64::from(x) - largest).exp()).collect();
    let sum: f64 = weights.iter().sum();
    let mut order: Vec<usize> = (0..logits.len()).collect();
    order.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]));
    let (mut of, mut shares, mut before) = (vec![0; logits.len()], Vec::<f64>::new(), 0.0);
    let mut last = usize::MAX;
    for token in order {
        let share = weights[token] / sum;
        let group = (before * GROUPS as f64) as usize;
        if group != last {
            shares.push(0.0);
            last = group;
        }
        of[token] = shares.len() - 1;
        *shares.last_mut().expect("a group was just begun") += share;
        before += share;
    }
    (of, shares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_like_probability_make_groups_of_a_sixteenth() {
        let (of, shares) = groups(&[0.0; 32]);
        assert_eq!((shares.len(), of[0], of[31]), (16, 0, 15));
        assert!(shares.iter().all(|share| (share - 1.0 / 16.0).abs() < 1e-9), "{shares:?}");
    }

    #[test]
    fn a_token_that_is_nearly_sure_has_a_group_of_its_own() {
        let (of, shares) = groups(&[0.0, 9.0, 0.0]);
        assert_eq!(of, [1, 0, 1]);
        assert!(shares[0] > 0.999 && (shares[0] + shares[1] - 1.0).abs() < 1e-9, "{shares:?}");
    }
}
