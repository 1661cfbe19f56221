//! Writing sequences: greedy and sampled, once for every [`Generator`]. Knows ids, not text.
//!
//! Follows  Fan, Lewis, Dauphin 2018 (top-k); Holtzman et al. 2020, section 3.1 (top-p, the nucleus); Keskar et al.
//!          2019, section 4.1 (the repetition penalty)

use crate::{Generator, Memory};
use rushlight_engine::{Ids, Rng, no_grad};
use rushlight_nn::Context;

/// How the next token is chosen from the logits.
#[derive(Clone, Debug, PartialEq)]
pub struct Strategy {
    /// Logits are divided by it; 0 takes the likeliest token (greedy).
    pub temperature: f32,
    /// Only the `top_k` likeliest tokens; 0 keeps all.
    pub top_k: usize,
    /// Only the likeliest tokens that together hold this probability; 1 keeps all.
    pub top_p: f32,
    /// Logits of tokens written before are made less likely by this factor; 1 leaves them.
    pub repetition_penalty: f32,
    /// No run of this many tokens is written twice; 0 lets it.
    pub no_repeat: usize,
}

impl Strategy {
    /// The likeliest token, always.
    pub const GREEDY: Self = Self { temperature: 0.0, top_k: 0, top_p: 1.0, repetition_penalty: 1.0, no_repeat: 0 };
    /// A token by its probability.
    pub const SAMPLE: Self = Self { temperature: 1.0, ..Self::GREEDY };
}

/// How many tokens a model whose window is full reads again, so that there is room to go on: a quarter of it. Half of it would have
/// as many read again as are written; a quarter has a third, and costs a small GPT of characters 0.010 nats a token (1.857
/// for 1.847).
pub fn kept(window: usize) -> usize {
    (window / 4).max(1)
}

/// How many tokens count of a prompt of `tokens`: all, where the window holds them, else the last half window.
pub fn counting(tokens: usize, window: Option<usize>) -> usize {
    window.filter(|&window| tokens > window).map_or(tokens, |window| (window / 2).max(1))
}

/// Writes one sequence, token after token.
pub struct Writer<'m> {
    model: &'m dyn Generator,
    kept: usize,
    strategy: Strategy,
    rng: Rng,
    memory: Option<Memory>,
    logits: Vec<f32>,
    written: Vec<u32>,
}

impl<'m> Writer<'m> {
    /// Reads `prompt` and stands ready to go on from it. Of a prompt longer than the model's window the last half
    /// window counts.
    ///
    /// # Panics
    /// When `prompt` is empty: a sequence begins with some token.
    pub fn new(model: &'m dyn Generator, prompt: &[u32], strategy: Strategy, rng: Rng) -> Self {
        assert!(!prompt.is_empty(), "a prompt has at least one token");
        let (kept, written) = (kept(model.window().unwrap_or(usize::MAX)), prompt.to_vec());
        let mut writer = Self { model, kept, strategy, rng, memory: None, logits: Vec::new(), written };
        writer.start_afresh(counting(prompt.len(), model.window()));
        writer
    }

    /// The same, but when its window is full it reads the last `kept` tokens again.
    #[must_use]
    pub fn keeping(self, kept: usize) -> Self {
        Self { kept, ..self }
    }

    /// The prompt and all that was written.
    pub fn written(&self) -> &[u32] {
        &self.written
    }

    /// The logits for the next token.
    pub fn logits(&self) -> &[f32] {
        &self.logits
    }

    /// Chooses the next token and reads it.
    pub fn write(&mut self) -> u32 {
        let mut logits = std::mem::take(&mut self.logits);
        let token = choose(&mut logits, &self.written, &self.strategy, &mut self.rng);
        self.written.push(token);
        match self.memory.take() {
            Some(memory) if self.model.window().is_none_or(|window| memory.positions()[0] < window) => {
                self.read(&[token], memory)
            }
            _ => self.start_afresh(self.kept),
        }
        token
    }

    /// Reads the last `count` tokens into an empty memory.
    fn start_afresh(&mut self, count: usize) {
        let recent = self.written[self.written.len() - count..].to_vec();
        self.read(&recent, self.model.begin(1));
    }

    fn read(&mut self, tokens: &[u32], memory: Memory) {
        let ids = Ids::new(&[1, tokens.len()], tokens);
        let (logits, memory) = no_grad(|| self.model.read_last(&mut Context::evaluate(), &ids, memory));
        self.logits = logits.data().to_vec();
        self.memory = Some(memory);
    }
}

/// The token with the greatest logit; of several alike the first.
///
/// # Panics
/// When there is no token.
pub fn likeliest(logits: &[f32]) -> u32 {
    (0..logits.len() as u32).min_by(|&a, &b| likelier(logits, a, b)).expect("a vocabulary has tokens")
}

/// The likelier token first; of two alike the one with the smaller id.
fn likelier(logits: &[f32], a: u32, b: u32) -> std::cmp::Ordering {
    logits[b as usize].total_cmp(&logits[a as usize]).then(a.cmp(&b))
}

/// The logarithm of the probability of a token by the softmax of logits, in nats.
pub fn log_probability(logits: &[f32], token: u32) -> f64 {
    let high = logits.iter().fold(f64::NEG_INFINITY, |high, &x| high.max(f64::from(x)));
    let total: f64 = logits.iter().map(|&x| (f64::from(x) - high).exp()).sum();
    f64::from(logits[token as usize]) - high - total.ln()
}

/// A token from the logits of the whole vocabulary, after `written`.
pub fn choose(logits: &mut [f32], written: &[u32], strategy: &Strategy, rng: &mut Rng) -> u32 {
    if strategy.repetition_penalty != 1.0 {
        let mut seen = written.to_vec();
        seen.sort_unstable();
        seen.dedup();
        for token in seen {
            let logit = &mut logits[token as usize];
            let penalized =
                if *logit > 0.0 { *logit / strategy.repetition_penalty } else { *logit * strategy.repetition_penalty };
            // Two infinities would have no difference.
            *logit = penalized.clamp(f32::MIN, f32::MAX);
        }
    }
    let mut blocked = would_repeat(written, strategy.no_repeat);
    blocked.sort_unstable();
    blocked.dedup();
    // Where every token would repeat, one has to.
    if blocked.len() < logits.len() {
        blocked.iter().for_each(|&token| logits[token as usize] = f32::NEG_INFINITY);
    }
    if strategy.temperature <= 0.0 {
        return likeliest(logits);
    }
    let mut order: Vec<u32> = (0..logits.len() as u32).collect();
    let likelier = |a: &u32, b: &u32| likelier(logits, *a, *b);
    if strategy.top_k > 0 || strategy.top_p < 1.0 {
        order.sort_unstable_by(likelier);
    }
    if strategy.top_k > 0 {
        order.truncate(strategy.top_k);
    }
    let high = order.iter().map(|&token| logits[token as usize]).fold(f32::NEG_INFINITY, f32::max);
    let weight = |token: u32| (f64::from(logits[token as usize] - high) / f64::from(strategy.temperature)).exp();
    let mut weights: Vec<f64> = order.iter().map(|&token| weight(token)).collect();
    if strategy.top_p < 1.0 {
        let nucleus = f64::from(strategy.top_p) * weights.iter().sum::<f64>();
        let held = weights.iter().scan(0.0, |held, weight| Some(std::mem::replace(held, *held + weight)));
        let count = held.take_while(|&held| held < nucleus).count();
        weights.truncate(count.max(1));
    }
    let mut place = f64::from(rng.uniform()) * weights.iter().sum::<f64>();
    let chosen = weights.iter().position(|weight| {
        place -= weight;
        place < 0.0
    });
    order[chosen.unwrap_or(weights.len() - 1)]
}

/// The tokens that would complete a run of `length` tokens for the second time.
pub(crate) fn would_repeat(written: &[u32], length: usize) -> Vec<u32> {
    if length == 0 || written.len() < length {
        return Vec::new();
    }
    let last = &written[written.len() - (length - 1)..];
    written.windows(length).filter(|run| run[..length - 1] == *last).map(|run| run[length - 1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGITS: [f32; 4] = [1.0, 3.0, 2.0, 0.0];

    /// Which tokens ever come up in 500 draws.
    fn drawn(strategy: &Strategy, written: &[u32]) -> Vec<u32> {
        let mut rng = Rng::new(3);
        let mut seen: Vec<u32> = (0..500).map(|_| choose(&mut LOGITS.to_vec(), written, strategy, &mut rng)).collect();
        seen.sort_unstable();
        seen.dedup();
        seen
    }

    #[test]
    fn greedy_takes_the_likeliest() {
        assert_eq!(drawn(&Strategy::GREEDY, &[]), [1]);
    }

    #[test]
    fn sampling_reaches_every_token() {
        assert_eq!(drawn(&Strategy::SAMPLE, &[]), [0, 1, 2, 3]);
    }

    #[test]
    fn top_k_keeps_the_k_likeliest() {
        assert_eq!(drawn(&Strategy { top_k: 2, ..Strategy::SAMPLE }, &[]), [1, 2]);
    }

    #[test]
    fn top_p_keeps_the_smallest_nucleus() {
        // Probabilities 0.087, 0.644, 0.237, 0.032: 0.644 is short of 0.8, and 0.644 + 0.237 is not.
        assert_eq!(drawn(&Strategy { top_p: 0.8, ..Strategy::SAMPLE }, &[]), [1, 2]);
    }

    #[test]
    fn top_p_of_nothing_is_greedy() {
        assert_eq!(drawn(&Strategy { top_p: 0.0, ..Strategy::SAMPLE }, &[]), [1]);
    }

    #[test]
    fn no_run_is_written_twice() {
        // After 1 2 .. 1 the token 2 would make the pair (1, 2) a second time.
        assert_eq!(drawn(&Strategy { no_repeat: 2, ..Strategy::SAMPLE }, &[1, 2, 0, 1]), [0, 1, 3]);
    }

    #[test]
    fn where_every_run_was_written_one_is_written_again() {
        assert_eq!(drawn(&Strategy { no_repeat: 1, ..Strategy::SAMPLE }, &[3, 2, 1, 0]), [0, 1, 2, 3]);
    }

    #[test]
    fn a_penalty_makes_written_tokens_less_likely() {
        // 3 / 2 falls below the 2 of token 2.
        assert_eq!(drawn(&Strategy { repetition_penalty: 2.0, ..Strategy::GREEDY }, &[1]), [2]);
    }

    #[test]
    fn a_penalty_that_leaves_no_room_for_others_still_counts() {
        // 2 / 1e-45 is beyond f32.
        assert_eq!(drawn(&Strategy { repetition_penalty: 1e-45, ..Strategy::SAMPLE }, &[2]), [2]);
    }

    // ln(e^2 / (e^2 + e^0 + e^0)) = 2 - ln(9.389056) = -0.239545.
    #[test]
    fn a_log_probability_is_that_of_the_token() {
        assert!((log_probability(&[2.0, 0.0, 0.0], 0) + 0.239_545).abs() < 1e-6);
    }

    #[test]
    fn samples_have_their_probabilities() {
        let mut rng = Rng::new(11);
        let draws = 20_000;
        let ones = (0..draws).filter(|_| choose(&mut LOGITS.to_vec(), &[], &Strategy::SAMPLE, &mut rng) == 1).count();
        // e^3 / (e + e^3 + e^2 + 1) = 0.6439, standard error 0.0034
        assert!((ones as f64 / f64::from(draws) - 0.6439).abs() < 0.014, "{ones}");
    }
}
