//! What the engine is asked to write, and what it gives back.

use super::Places;
use rushlight_engine::Rng;
use rushlight_models::decode::{Strategy, choose, likeliest};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Instant;
use tokio::sync::mpsc::UnboundedSender;

/// What stands before what is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Prompt {
    /// Tokens to go on from, at least one.
    After(Vec<u32>),
    /// A sentence to answer or to translate, with its end.
    Of(Vec<u32>),
}

/// One text to write.
pub(crate) struct Job {
    /// Which of its request's texts it is.
    pub(crate) index: usize,
    pub(crate) prompt: Prompt,
    pub(crate) sampling: Sampling,
    pub(crate) rng: Rng,
    /// The most tokens, at least one.
    pub(crate) most: usize,
    /// Whether somebody waits for each token, not only for the last.
    pub(crate) streams: bool,
    /// Set by the one who asked, who has enough.
    pub(crate) enough: Arc<AtomicBool>,
    pub(crate) to: UnboundedSender<Piece>,
    pub(crate) begun: Instant,
    pub(crate) deadline: Instant,
    /// Its place in the queue, until it is read.
    pub(crate) place: Option<Places>,
}

/// Lets go who waits no more.
pub(super) fn keep_wanted(waiting: &mut VecDeque<Job>) {
    let now = Instant::now();
    waiting.retain(|job| job.is_wanted(now, &mut Vec::new()));
}

impl Job {
    /// Whether somebody waits for it, and there is time; where there is none, that is told with the tokens that are `left`.
    pub(crate) fn is_wanted(&self, now: Instant, left: &mut Vec<Token>) -> bool {
        if self.to.is_closed() || self.enough.load(Relaxed) {
            return false;
        }
        let is_late = now >= self.deadline;
        if is_late {
            let tokens = std::mem::take(left);
            // Who has gone away meanwhile hears nothing.
            let _ = self.to.send(Piece { index: self.index, tokens, finish: Some(Finish::TooLong) });
        }
        !is_late
    }
}

/// How tokens are chosen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sampling {
    pub(crate) strategy: Strategy,
    /// Taken off the logit of a token for each time that it was written.
    pub(crate) frequency: f32,
    /// Taken off the logit of each token that was written.
    pub(crate) presence: f32,
    /// Added to logits.
    pub(crate) bias: Vec<(u32, f32)>,
    /// How many of the likeliest tokens are told with each; none tells no probabilities at all.
    pub(crate) tells: Option<usize>,
}

/// A token that was written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) id: u32,
    pub(crate) likely: Option<Box<Likely>>,
}

/// How likely a token was, and which were likelier.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Likely {
    pub(crate) log_probability: f32,
    /// The likeliest tokens with the logarithms of their probabilities, likeliest first.
    pub(crate) top: Vec<(u32, f32)>,
}

/// Some tokens of a text, and whether they are its last.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Piece {
    pub(crate) index: usize,
    pub(crate) tokens: Vec<Token>,
    pub(crate) finish: Option<Finish>,
}

/// Why a text ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    /// The model wrote its end, or a stop string came.
    Stop,
    /// It has as many tokens as it may.
    Length,
    /// It took too long.
    TooLong,
}

impl Sampling {
    /// Chooses a token from `logits` after `prompt` and `written`, which stand one after the other in `all`.
    pub(crate) fn choose(&self, logits: &mut [f32], all: &[u32], prompt: usize, rng: &mut Rng) -> Token {
        let plain = self.tells.map(|top| (top, logits.to_vec()));
        for &(token, bias) in &self.bias {
            logits[token as usize] += bias;
        }
        if self.frequency != 0.0 || self.presence != 0.0 {
            let mut counts: HashMap<u32, f32> = HashMap::new();
            all[prompt..].iter().for_each(|&token| *counts.entry(token).or_default() += 1.0);
            for (token, count) in counts {
                logits[token as usize] -= self.frequency * count + self.presence;
            }
        }
        let id = choose(logits, all, &self.strategy, rng);
        Token { id, likely: plain.map(|(top, plain)| Box::new(Likely::of(&plain, id, top))) }
    }
}

impl Likely {
    fn of(logits: &[f32], token: u32, top: usize) -> Self {
        let high = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = logits.iter().map(|logit| f64::from(logit - high).exp()).sum();
        let log_probability = |token: u32| (f64::from(logits[token as usize] - high) - sum.ln()) as f32;
        let mut rest = logits.to_vec();
        let mut likeliest_left = || {
            let token = likeliest(&rest);
            rest[token as usize] = f32::NEG_INFINITY;
            (token, log_probability(token))
        };
        let top = (0..top.min(logits.len())).map(|_| likeliest_left()).collect();
        Self { log_probability: log_probability(token), top }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Sampling =
        Sampling { strategy: Strategy::GREEDY, frequency: 0.0, presence: 0.0, bias: Vec::new(), tells: None };

    fn chosen(sampling: &Sampling, written: &[u32]) -> Token {
        sampling.choose(&mut [1.0, 3.0, 2.0, 0.0], written, 0, &mut Rng::new(1))
    }

    #[test]
    fn penalties_and_bias_change_what_is_likeliest() {
        assert_eq!(chosen(&PLAIN, &[]).id, 1);
        // 3 - 2 * 0.6 is below 2.
        assert_eq!(chosen(&Sampling { frequency: 0.6, ..PLAIN }, &[1, 1]).id, 2);
        assert_eq!(chosen(&Sampling { frequency: 0.6, ..PLAIN }, &[1]).id, 1);
        assert_eq!(chosen(&Sampling { presence: 1.5, ..PLAIN }, &[1]).id, 2);
        assert_eq!(chosen(&Sampling { bias: vec![(3, 100.0)], ..PLAIN }, &[]).id, 3);
    }

    #[test]
    fn probabilities_are_those_of_the_model_before_anything_is_changed() {
        let token = chosen(&Sampling { bias: vec![(3, 100.0)], tells: Some(2), ..PLAIN }, &[]);
        let likely = token.likely.unwrap();
        // e^0 / (e + e^3 + e^2 + 1) = 0.0321, e^3 / .. = 0.6439, e^2 / .. = 0.2369
        assert!((likely.log_probability.exp() - 0.0321).abs() < 1e-4, "{likely:?}");
        assert_eq!(likely.top.iter().map(|(token, _)| *token).collect::<Vec<_>>(), [1, 2]);
        assert!((likely.top[0].1.exp() - 0.6439).abs() < 1e-4 && (likely.top[1].1.exp() - 0.2369).abs() < 1e-4);
    }
}
