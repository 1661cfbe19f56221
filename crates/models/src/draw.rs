//! Drawing: several sequences side by side, each going on by chance from a stream of its own; written once for every
//! [`Decoder`]. Knows ids, not text.
//!
//! How a token is chosen is `decode.rs`; a sequence becomes in company what it becomes alone.

use crate::beam::Hypothesis;
use crate::decode::{Strategy, choose, log_probability};
use crate::{Decoder, Memory};
use rushlight_engine::{Ids, Rng, Tensor, no_grad};
use rushlight_nn::Context;

/// How sequences go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Draw {
    /// How a token is chosen.
    pub strategy: Strategy,
    /// The most tokens that are written, the end aside.
    pub most: usize,
    /// The tokens that end a sequence.
    pub ends: Vec<u32>,
}

/// A sequence that still goes on.
struct Live {
    /// Its place among all.
    place: usize,
    rng: Rng,
    tokens: Vec<u32>,
    log_probability: f64,
}

impl Draw {
    /// Goes on from what `memory` has read, with `logits` [B, V] for the next token, a row and a stream for each sequence. Ends
    /// where an end is drawn, at the most tokens, or where the model's window is full. The score of each is its
    /// log-probability, by the plain softmax of the logits.
    ///
    /// # Panics
    /// When logits, memory and streams are not as many.
    pub fn go_on(&self, model: &dyn Decoder, logits: Tensor, memory: Memory, streams: Vec<Rng>) -> Vec<Hypothesis> {
        let count = streams.len();
        assert_eq!((memory.rows(), logits.count()), (count, count * logits.width()), "draw: a row for each sequence");
        let mut done = vec![Hypothesis { tokens: Vec::new(), log_probability: 0.0, score: 0.0 }; count];
        let begin = |(place, rng)| Live { place, rng, tokens: Vec::new(), log_probability: 0.0 };
        let mut live: Vec<Live> = streams.into_iter().enumerate().map(begin).collect();
        let (mut next, mut memory) = (logits, memory);
        while !live.is_empty() {
            let rows = next.data().chunks_exact(next.width());
            let goes_on: Vec<bool> = live.iter_mut().zip(rows).map(|(one, row)| self.step(one, row)).collect();
            let has_room = |row: usize| model.window().is_none_or(|window| memory.positions()[row] < window);
            let kept: Vec<usize> = (0..live.len()).filter(|&row| goes_on[row] && has_room(row)).collect();
            let mut row = 0;
            live.retain(|one| {
                let stays = kept.contains(&row);
                row += 1;
                if !stays {
                    let (tokens, log_probability) = (one.tokens.clone(), one.log_probability);
                    done[one.place] = Hypothesis { tokens, log_probability, score: log_probability };
                }
                stays
            });
            if live.is_empty() {
                break;
            }
            if kept.len() < memory.rows() {
                memory = memory.select(&kept);
            }
            let last = live.iter().filter_map(|one| one.tokens.last().copied()).collect::<Vec<_>>();
            let read = no_grad(|| model.read_last(&mut Context::evaluate(), &Ids::new(&[live.len(), 1], last), memory));
            (next, memory) = read;
        }
        done
    }

    /// The next token of a sequence; whether another one follows.
    fn step(&self, one: &mut Live, logits: &[f32]) -> bool {
        let token = choose(&mut logits.to_vec(), &one.tokens, &self.strategy, &mut one.rng);
        one.log_probability += log_probability(logits, token);
        if self.ends.contains(&token) {
            return false;
        }
        one.tokens.push(token);
        one.tokens.len() < self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::beam::Beam;
    use crate::{Generator, lstm};

    fn model() -> lstm::Lstm {
        let config = lstm::Config { embed: 5, hidden: 7, ..lstm::Config::default() };
        lstm::Lstm::new(&config, 9, 3)
    }

    /// Each prompt of one token, gone on from by these streams.
    fn drawn(strategy: &Strategy, prompts: &[u32], streams: &[u64]) -> Vec<Hypothesis> {
        let model = model();
        let draw = Draw { strategy: strategy.clone(), most: 8, ends: vec![0] };
        let ids = Ids::new(&[prompts.len(), 1], prompts);
        let (logits, memory) = no_grad(|| model.read(&mut Context::evaluate(), &ids, model.begin(prompts.len())));
        draw.go_on(&model, logits, memory, streams.iter().map(|&seed| Rng::new(seed)).collect())
    }

    #[test]
    fn a_sequence_becomes_in_company_what_it_becomes_alone() {
        let together = drawn(&Strategy::SAMPLE, &[1, 2, 3, 1], &[5, 6, 7, 8]);
        for (row, one) in together.iter().enumerate() {
            let alone = drawn(&Strategy::SAMPLE, &[[1, 2, 3, 1][row]], &[5 + row as u64]);
            assert_eq!(alone[0].tokens, one.tokens);
            assert!((alone[0].log_probability - one.log_probability).abs() < 1e-4);
        }
        let lengths: Vec<usize> = together.iter().map(|one| one.tokens.len()).collect();
        assert!(lengths.iter().any(|&length| length != lengths[0]), "{lengths:?}: some end before others");
    }

    #[test]
    fn the_likeliest_token_each_time_is_a_beam_of_one() {
        let model = model();
        let ids = Ids::new(&[1, 1], [4]);
        let best = Beam::new(1, 8, Some(0)).search(&model, &ids, model.begin(1)).remove(0).remove(0);
        let one = drawn(&Strategy::GREEDY, &[4], &[1]).remove(0);
        assert_eq!(one.tokens, best.tokens);
        // A beam must end where it has its most tokens, and that end counts.
        let is_whole = one.tokens.len() < 8;
        assert!(!is_whole || (one.log_probability - best.log_probability).abs() < 1e-5);
    }
}
