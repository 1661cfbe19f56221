//! Beam search: the likeliest ways to go on, kept side by side, for several sequences at once; written once for every
//! [`Decoder`]. Knows ids, not text.
//!
//! Follows  Sutskever, Vinyals, Le 2014, section 3.2 (left to right, the likeliest partial sequences); Wu et al. 2016,
//!          <https://arxiv.org/abs/1609.08144>, section 7, equation (14) (the length penalty); Paulus, Xiong, Socher 2018,
//!          section 2.5 (no run twice)
//!
//!     score = log p(tokens) / ((5 + length) / 6)^α      length counts the end too

use crate::decode::would_repeat;
use crate::{Decoder, Memory};
use rushlight_engine::{Ids, Tensor, at_once, no_grad};
use rushlight_nn::Context;

/// How a beam searches.
#[derive(Clone, Debug, PartialEq)]
pub struct Beam {
    /// How many hypotheses of a sequence go on side by side; 1 is greedy.
    pub width: usize,
    /// How many of the best are given back, at most `width`.
    pub best: usize,
    /// α, from 0 on: 0 compares plain probabilities, which favours what is short.
    pub length_penalty: f32,
    /// No run of so many tokens is written twice; 0 lets it.
    pub no_repeat: usize,
    /// The end is not written before so many tokens.
    pub min_length: usize,
    /// The most tokens that are written, the end aside; where a hypothesis has so many, it has to end.
    pub max_length: usize,
    /// The token that ends a sequence; without one, all have `max_length`.
    pub end: Option<u32>,
}

/// A way to go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Hypothesis {
    /// What is written, without the end.
    pub tokens: Vec<u32>,
    /// The logarithm of its probability, in nats, that of the end included where it was written.
    pub log_probability: f64,
    /// What it is ranked by.
    pub score: f64,
}

impl Beam {
    /// The likeliest token each time.
    pub fn greedy() -> Self {
        Self::new(1, usize::MAX, None)
    }

    /// A beam of `width` that gives back the best, of at most `max_length` tokens.
    pub fn new(width: usize, max_length: usize, end: Option<u32>) -> Self {
        Self { width, best: 1, length_penalty: 0.0, no_repeat: 0, min_length: 0, max_length, end }
    }

    /// Goes on from `prompts` [B, P], read after `memory`, a row for each sequence. For each the best hypotheses, best first;
    /// of several that are equally good the one found first.
    ///
    /// # Panics
    /// When the prompts do not fit into the model's window or are no row for each of the memory's, or nothing is searched for.
    pub fn search(&self, model: &dyn Decoder, prompts: &Ids, memory: Memory) -> Vec<Vec<Hypothesis>> {
        self.search_within(model, prompts, memory, &vec![self.max_length; prompts.shape()[0]])
    }

    /// The same with a greatest length for each sequence, in the place of [`Beam::max_length`].
    ///
    /// # Panics
    /// As [`Beam::search`], and when there are not as many.
    pub fn search_within(
        &self,
        model: &dyn Decoder,
        prompts: &Ids,
        memory: Memory,
        most: &[usize],
    ) -> Vec<Vec<Hypothesis>> {
        assert!(self.width > 0 && (1..=self.width).contains(&self.best), "beam: {} of {}", self.best, self.width);
        let read = |ids: &Ids, memory| no_grad(|| model.read(&mut Context::evaluate(), ids, memory));
        assert!(self.length_penalty >= 0.0, "beam: a length penalty of {}", self.length_penalty);
        let times = prompts.shape().width();
        assert!(times > 0 && prompts.shape()[0] == memory.rows(), "beam: prompts {:?}", prompts.shape());
        let held = memory.positions().iter().max().map_or(times, |read| read + times);
        let room = model.window().map_or(usize::MAX, |window| {
            assert!(held <= window, "beam: a prompt of {held} tokens in a window of {window}");
            window - held
        });
        assert_eq!(most.len(), memory.rows(), "beam: a greatest length for each sequence");
        let search =
            |(row, &most): (usize, &usize)| Search::new(self, most.min(room), &prompts.data()[row * times..][..times]);
        let mut searches: Vec<Search> = most.iter().enumerate().map(search).collect();
        let longest = searches.iter().map(|search| search.longest).max().unwrap_or(0);
        let (logits, mut memory) = read(prompts, memory);
        let mut next = last(logits);
        for length in 0..=longest {
            let sums = no_grad(|| next.log_sum_exp());
            let (mut logits, mut totals) = (next.data(), sums.data());
            let work = searches.iter_mut().map(|search| {
                let count = search.live.len();
                let logits = logits.split_off(..count * next.width()).unwrap_or_default();
                (Next { logits, totals: totals.split_off(..count).unwrap_or_default() }, search, count)
            });
            let counts = at_once(work.collect(), |(of_search, search, count)| {
                search.step(of_search, length);
                count
            });
            let (mut rows, mut tokens, mut first) = (Vec::new(), Vec::new(), 0);
            for (search, count) in searches.iter().zip(counts) {
                for live in &search.live {
                    rows.push(first + live.before);
                    tokens.extend(live.tokens.last());
                }
                first += count;
            }
            if rows.is_empty() {
                break;
            }
            let is_same = rows.len() == memory.rows() && rows.iter().enumerate().all(|(place, &row)| place == row);
            let chosen = if is_same { memory } else { memory.select(&rows) };
            let (logits, read) = read(&Ids::new(&[rows.len(), 1], tokens), chosen);
            (next, memory) = (last(logits), read);
        }
        searches.into_iter().map(Search::result).collect()
    }

    fn score(&self, log_probability: f64, length: f64) -> f64 {
        log_probability / ((5.0 + length) / 6.0).powf(f64::from(self.length_penalty))
    }
}

/// The logits after the last token: [B, T, V] to [B, V].
fn last(logits: Tensor) -> Tensor {
    let (rows, times, width) = (logits.shape()[0], logits.shape()[1], logits.width());
    let last = if times == 1 { logits } else { no_grad(|| logits.narrow(1, times - 1, 1)) };
    last.reshape(&[rows, width])
}

/// What may follow each of some hypotheses.
#[derive(Clone, Copy)]
struct Next<'a> {
    /// A row for each.
    logits: &'a [f32],
    /// ln Σ exp of each row: a logit less this is the logarithm of a probability.
    totals: &'a [f32],
}

/// A hypothesis that goes on.
struct Live {
    /// Which of the hypotheses of the step before it goes on from.
    before: usize,
    tokens: Vec<u32>,
    log_probability: f64,
}

/// The search for one sequence.
struct Search<'a> {
    beam: &'a Beam,
    /// The most tokens.
    longest: usize,
    prompt: &'a [u32],
    live: Vec<Live>,
    ended: Vec<Hypothesis>,
}

/// A hypothesis with one more token.
#[derive(Clone, Copy)]
struct Candidate {
    before: usize,
    token: u32,
    log_probability: f64,
}

/// The likeliest of many candidates; of several alike those that come first.
struct Best {
    places: usize,
    found: Vec<Candidate>,
    /// What is no likelier has no place.
    least: f64,
}

impl Best {
    fn new(places: usize) -> Self {
        let least = if places > 0 { f64::NEG_INFINITY } else { f64::INFINITY };
        Self { places, found: Vec::with_capacity(2 * places), least }
    }

    /// Takes one that is likelier than the least.
    fn see(&mut self, candidate: Candidate) {
        self.found.push(candidate);
        if self.found.len() >= 2 * self.places {
            self.thin();
        }
    }

    fn thin(&mut self) {
        self.found.sort_unstable_by(|a, b| {
            b.log_probability.total_cmp(&a.log_probability).then((a.before, a.token).cmp(&(b.before, b.token)))
        });
        self.found.truncate(self.places);
        if self.found.len() == self.places {
            self.least = self.found.last().map_or(self.least, |last| last.log_probability);
        }
    }

    fn finish(mut self) -> Vec<Candidate> {
        self.thin();
        self.found
    }
}

impl<'a> Search<'a> {
    fn new(beam: &'a Beam, longest: usize, prompt: &'a [u32]) -> Self {
        let live = vec![Live { before: 0, tokens: Vec::new(), log_probability: 0.0 }];
        Self { beam, longest, prompt, live, ended: Vec::new() }
    }

    /// Goes on from all that live, of `length` tokens each.
    fn step(&mut self, next: Next, length: usize) {
        if self.live.is_empty() {
            return;
        }
        let beam = self.beam;
        // What has ended keeps its place, so that fewer go on: with a width of one, none.
        let places = beam.width.saturating_sub(self.ended.len());
        let (candidates, goes_on) = self.candidates(next, length, places);
        let before = std::mem::take(&mut self.live);
        for (live, _) in before.iter().zip(goes_on).filter(|(_, goes_on)| !goes_on) {
            // Nothing may follow: it has no end to write, or every token would repeat a run.
            self.end(live.tokens.clone(), live.log_probability, length);
        }
        for Candidate { before: index, token, log_probability } in candidates {
            let tokens = &before[index].tokens;
            if Some(token) == beam.end {
                self.end(tokens.clone(), log_probability, length + 1);
            } else {
                let tokens = tokens.iter().copied().chain([token]).collect();
                self.live.push(Live { before: index, tokens, log_probability });
            }
        }
        if beam.end.is_none() && length + 1 >= self.longest {
            for live in std::mem::take(&mut self.live) {
                self.end(live.tokens, live.log_probability, length + 1);
            }
        }
        if self.is_over() {
            self.live.clear();
        }
    }

    /// The likeliest hypotheses with one more token, best first, and for each hypothesis whether any token may follow it.
    fn candidates(&self, next: Next, length: usize, places: usize) -> (Vec<Candidate>, Vec<bool>) {
        /// So many are held against the line in a few vectors.
        const TOGETHER: usize = 64;
        let width = next.logits.len() / self.live.len();
        let must_end = length >= self.longest;
        let may_end = length >= self.beam.min_length || must_end;
        let mut best = Best::new(places);
        let mut goes_on = vec![false; self.live.len()];
        let rows = next.logits.chunks_exact(width).zip(next.totals);
        for (before, (live, (logits, total))) in self.live.iter().zip(rows).enumerate() {
            // The logarithm of a hypothesis' probability with one more token is this and the token's logit.
            let base = live.log_probability - f64::from(*total);
            let written: Vec<u32> = match self.beam.no_repeat {
                0 => Vec::new(),
                _ => self.prompt.iter().chain(&live.tokens).copied().collect(),
            };
            let blocked = would_repeat(&written, self.beam.no_repeat);
            let may = |token: u32| {
                let allowed =
                    if Some(token) == self.beam.end { may_end } else { !must_end && !blocked.contains(&token) };
                allowed && (base + f64::from(logits[token as usize])).is_finite()
            };
            for (first, chunk) in (0..).step_by(TOGETHER).zip(logits.chunks(TOGETHER)) {
                // Nearly all are less likely than what is found already, and are asked nothing more. The line is drawn a
                // little lower than rounding may have put it.
                let least = (best.least - base) as f32;
                let line = least - least.abs() * f32::EPSILON;
                if !chunk.iter().fold(false, |any, &logit| any | (logit > line)) {
                    continue;
                }
                for (token, &logit) in (first..).zip(chunk) {
                    let log_probability = base + f64::from(logit);
                    if log_probability > best.least && may(token) {
                        best.see(Candidate { before, token, log_probability });
                    }
                }
            }
            goes_on[before] = (0..width as u32).any(may);
        }
        (best.finish(), goes_on)
    }

    fn end(&mut self, tokens: Vec<u32>, log_probability: f64, length: usize) {
        let score = self.beam.score(log_probability, length as f64);
        let place = self.ended.partition_point(|other| other.score >= score);
        self.ended.insert(place, Hypothesis { tokens, log_probability, score });
    }

    /// Whether no one that lives can become better than those that count.
    fn is_over(&self) -> bool {
        // At best, what is still to come is certain, and as long as can be.
        let hope = self.live.first().map(|live| self.beam.score(live.log_probability, self.longest as f64 + 1.0));
        let least = self.ended.get(self.beam.best - 1);
        least.zip(hope).is_some_and(|(least, hope)| hope < least.score)
    }

    fn result(mut self) -> Vec<Hypothesis> {
        self.ended.truncate(self.beam.best);
        self.ended
    }
}
