//! # Kneser-Ney: contexts of every length, and a word counts by how many others it followed
//!
//! Follows   Kneser, Ney, Improved Backing-Off for M-gram Language Modeling, 1995; interpolated and with three discounts
//!           as Chen, Goodman, An Empirical Study of Smoothing Techniques for Language Modeling, 1999, section 3
//! Before    `bigram.rs`: one token of context, for pairs never seen a guess. Longer contexts are seldom seen at all.
//! New here  every length of context has its say: what was seen after a long one counts less than it did, and what is
//!           taken off goes to the next shorter one. There a token counts by how many different tokens it followed:
//!           "Francisco" is frequent, and comes after "San" alone.
//!
//! Letters   B batch, T time, V vocabulary, N order, h the last n-1 tokens, h' h without its first, w a token, c how often,
//!           • any token, n_i how many different runs h w of this length have a(h w) = i
//!
//!     a(h w) = c(h w)                                   (1)  for n = N
//!     a(h w) = |{v: c(v h w) > 0}| + b(h w)             (2)  for n < N; b: how often h w began a sequence
//!     Y = n₁ / (n₁ + 2 n₂)                              (3)
//!     D_i = i - (i+1) Y n_{i+1} / n_i                   (4)  for a(h w) = 1, 2, and 3 or more; with one discount D = Y
//!     p(w|h) = (a(h w) - D) / a(h •) + γ(h) p(w|h')     (5)  where h was seen; else p(w|h) = p(w|h')
//!     γ(h) = Σ_w D / a(h •)                             (6)
//!     p(w) below all: 1 / V                             (7)
//!     logits = ln p(w|h)                                (8)
//!
//! Parameters  0: nothing is learned by gradient. What is kept is every different run of N tokens with its count.
//! Departures  D_i is i/2 where a text is too short for (4) to give a number above 0. Before N-1 tokens have been read h is
//!             what there is; the papers fill it with a sign for the start, which here is a token if the data have one.

use crate::model::{Takes, require_within};
use crate::ngrams::{NGrams, NOTHING};
use crate::{Counting, Decoder, Entry, Generator, Input, Memory, Model};
use rushlight_engine::{Ids, Tensor};
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Builder, Context, Param, Params, SiteKind, settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// How long contexts are, and what is taken off.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// N: a token is foretold from the N-1 before it.
    pub order: usize,
    /// What is taken off the counts.
    pub discounts: Discounts,
}

/// How many discounts each length has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Discounts {
    /// The same off every count (Kneser and Ney 1995).
    One,
    /// For counts of 1, of 2, and of 3 or more (Chen and Goodman 1999).
    Three,
}

impl Default for Config {
    fn default() -> Self {
        Self { order: 5, discounts: Discounts::Three }
    }
}

/// The runs that were counted, and the probabilities that follow from them.
pub struct KneserNey {
    config: Config,
    vocabulary: usize,
    params: Params,
    /// [runs, N + 1]: each different run in the order of reading, and its count. -1 is before the beginning of a sequence.
    ngrams: Param,
    /// The runs read since the last `finish`, one after the other.
    tally: Mutex<Vec<u32>>,
    /// What follows from a value of `ngrams`: made when it is first asked for.
    table: Mutex<Option<(Tensor, Arc<Table>)>>,
}

impl KneserNey {
    /// A model that has counted nothing: every next token is as likely.
    pub fn new(config: &Config, vocabulary: usize) -> Self {
        let mut build = Builder::new(0);
        let ngrams = build.counts("ngrams", config.order + 1);
        Self {
            config: config.clone(),
            vocabulary,
            params: build.finish(),
            ngrams,
            tally: Mutex::default(),
            table: Mutex::default(),
        }
    }

    /// How many tokens of context.
    fn context(&self) -> usize {
        self.config.order - 1
    }

    fn table(&self) -> Arc<Table> {
        let ngrams = self.ngrams.value();
        let mut made = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        match &*made {
            // The numbers themselves, and as they were: who changes a tensor that is held here changes a copy.
            Some((of, table)) if std::ptr::eq(of.data(), ngrams.data()) => Arc::clone(table),
            _ => {
                let table = Arc::new(Table::new(
                    &self.config,
                    self.vocabulary,
                    stored(&ngrams, self.config.order, self.vocabulary),
                ));
                *made = Some((ngrams, Arc::clone(&table)));
                table
            }
        }
    }

    /// What each row has read: what `memory` holds of it, and its inputs. The last of both is the new memory.
    fn histories(&self, inputs: &Ids, memory: Memory) -> (Vec<Vec<u32>>, Memory) {
        let (times, context) = (inputs.shape().width(), self.context());
        let (positions, mut tensors) = memory.open();
        let past = &mut tensors[0].1;
        let rows: Vec<Vec<u32>> = (0..positions.len())
            .map(|row| {
                let before = past.data()[row * context..][..context].iter().map(|&number| token(number));
                before.chain(inputs.data()[row * times..][..times].iter().copied()).collect()
            })
            .collect();
        let last: Vec<f32> = rows.iter().flat_map(|row| row[times..].iter().map(|&token| number(token))).collect();
        *past = Tensor::new(&[rows.len(), context], last);
        (rows, Memory::advanced(positions, tensors, times))
    }
}

/// What was counted, as the model that holds it reads it.
struct Table {
    /// By the length of the context, from 0 on.
    levels: Vec<Level>,
    /// p(w), where nothing is known of what came before, and its logarithm.
    lowest: Vec<(f64, f32)>,
}

/// What was seen after contexts of one length.
struct Level {
    ngrams: NGrams,
    /// (a(h w) - D) / a(h •) of each run.
    shares: Vec<f32>,
    /// Every context that is whole, in the order of the runs.
    contexts: Vec<Seen>,
}

/// A context.
struct Seen {
    /// Its runs.
    runs: Range<usize>,
    /// γ(h).
    rest: f64,
}

impl Table {
    fn new(config: &Config, vocabulary: usize, longest: NGrams) -> Self {
        let mut orders = vec![longest]; // (1)
        for _ in 1..config.order {
            orders.push(orders[orders.len() - 1].shorter()); // (2)
        }
        let levels: Vec<Level> = orders.into_iter().rev().map(|ngrams| Level::new(config.discounts, ngrams)).collect();
        let mut lowest = vec![1.0 / vocabulary as f64; vocabulary]; // (7)
        if let Some(seen) = levels[0].contexts.first() {
            lowest.iter_mut().for_each(|p| *p *= seen.rest);
            levels[0].words(seen).for_each(|(word, share)| lowest[word] += share); // (5)
        }
        Self { levels, lowest: lowest.into_iter().map(|p| (p, p.ln() as f32)).collect() }
    }

    /// ln p of every token after `context`, the nearest token first. `sum` [V] is all 0, and is left so.
    fn logits(&self, context: &[u32], sum: &mut [f64], logits: &mut [f32]) {
        let seen = self.levels[1..].iter().zip(1..=context.len());
        let seen: Vec<(&Level, &Seen)> =
            seen.map_while(|(level, length)| Some((level, level.find(&context[..length])?))).collect();
        let mut rest = 1.0;
        for (level, seen) in seen.iter().rev() {
            level.words(seen).for_each(|(word, share)| sum[word] += rest * share); // (5), from the longest context down
            rest *= seen.rest;
        }
        let ln_rest = rest.ln() as f32;
        logits.iter_mut().zip(&self.lowest).for_each(|(logit, (_, ln_p))| *logit = ln_rest + ln_p); // (8)
        // What was seen after a long context was seen after the shorter ones too.
        for (word, _) in seen.first().into_iter().flat_map(|(level, seen)| level.words(seen)) {
            let p = sum[word] + rest * self.lowest[word].0;
            logits[word] = p.ln() as f32; // (8)
            sum[word] = 0.0;
        }
    }
}

impl Level {
    fn new(discounts: Discounts, ngrams: NGrams) -> Self {
        let [one, two, more] = discounts.of(&ngrams);
        let discount = |a: u64| match a {
            0 => 0.0,
            1 => one,
            2 => two,
            _ => more,
        };
        let (mut shares, mut contexts) = (Vec::with_capacity(ngrams.len()), Vec::new());
        for runs in ngrams.by_context() {
            let a = &ngrams.counts()[runs.clone()];
            let all = a.iter().map(|&a| a as f64).sum::<f64>(); // a(h •)
            shares.extend(a.iter().map(|&a| ((a as f64 - discount(a)) / all) as f32));
            if !ngrams.is_cut(runs.start) {
                let rest = a.iter().map(|&a| discount(a)).sum::<f64>() / all; // (6)
                contexts.push(Seen { runs, rest });
            }
        }
        Self { ngrams, shares, contexts }
    }

    fn find(&self, context: &[u32]) -> Option<&Seen> {
        let place = self.contexts.binary_search_by(|seen| self.ngrams.context(seen.runs.start).cmp(context));
        place.ok().map(|place| &self.contexts[place])
    }

    /// The tokens that were seen after a context, each with its share.
    fn words(&self, seen: &Seen) -> impl Iterator<Item = (usize, f64)> {
        seen.runs.clone().map(|run| (self.ngrams.word(run) as usize, f64::from(self.shares[run])))
    }
}

impl Discounts {
    /// What is taken off runs that have 1, 2, and 3 or more.
    fn of(self, ngrams: &NGrams) -> [f64; 3] {
        let mut n = [0.0; 5];
        for run in (0..ngrams.len()).filter(|&run| !ngrams.is_cut(run)) {
            if let Some(n) = n.get_mut(ngrams.counts()[run] as usize) {
                *n += 1.0;
            }
        }
        let y = n[1] / (n[1] + 2.0 * n[2]); // (3)
        [1, 2, 3].map(|i| {
            let d = match self {
                Self::One => y,
                Self::Three => i as f64 - (i + 1) as f64 * y * n[i + 1] / n[i], // (4)
            };
            // What is no number is not above 0 either.
            if d > 0.0 { d } else { i as f64 / 2.0 }
        })
    }
}

/// The runs as they are kept: [runs, N + 1].
fn kept(ngrams: &NGrams, order: usize) -> Tensor {
    let mut rows = Vec::with_capacity(ngrams.len() * (order + 1));
    for run in 0..ngrams.len() {
        rows.extend(ngrams.context(run).iter().rev().map(|&token| number(token)));
        rows.extend([number(ngrams.word(run)), ngrams.counts()[run] as f32]);
    }
    Tensor::new(&[ngrams.len(), order + 1], rows)
}

/// The runs that are kept in a tensor. A row that no counting leaves, as in a damaged file, is none.
fn stored(rows: &Tensor, order: usize, vocabulary: usize) -> NGrams {
    /// Far beyond what any text has, and far from what its sums could not hold.
    const MOST: f32 = (1_u64 << 40) as f32;
    let is_token = |number: f32| number.fract() == 0.0 && (0.0..vocabulary as f32).contains(&number);
    let (mut tokens, mut counts) = (Vec::new(), Vec::new());
    for row in rows.data().chunks_exact(order + 1) {
        let (context, word, count) = (&row[..order - 1], row[order - 1], row[order]);
        // Where the context is cut, nothing stands before it either.
        let whole = context.iter().skip_while(|number| **number == self::number(NOTHING));
        if whole.copied().all(is_token) && is_token(word) && (1.0..=MOST).contains(&count) {
            tokens.extend(context.iter().rev().map(|&number| token(number)));
            tokens.push(token(word));
            counts.push(count as u64);
        }
    }
    NGrams::new(order, &tokens, &counts)
}

/// A token as a number of a tensor: f32 holds all below 2^24 exactly.
fn number(token: u32) -> f32 {
    if token == NOTHING { -1.0 } else { token as f32 }
}

fn token(number: f32) -> u32 {
    if number < 0.0 { NOTHING } else { number as u32 }
}

impl Model for KneserNey {
    fn params(&self) -> &Params {
        &self.params
    }

    fn forward(&self, cx: &mut Context, input: &Input) -> Tensor {
        let Input::Ids(ids) = input else { panic!("kneser_ney: reads tokens [B, T]") };
        self.read(cx, ids, self.begin(ids.shape()[0])).0
    }

    fn generator(&self) -> Option<&dyn Generator> {
        Some(self)
    }

    fn counting(&self) -> Option<&dyn Counting> {
        Some(self)
    }
}

impl Decoder for KneserNey {
    fn read(&self, cx: &mut Context, ids: &Ids, memory: Memory) -> (Tensor, Memory) {
        let (table, v, times) = (self.table(), self.vocabulary, ids.shape().width());
        let (histories, memory) = self.histories(ids, memory);
        let mut logits = Tensor::zeros(&[histories.len(), times, v]);
        let (mut rows, mut sum) = (logits.data_mut().chunks_exact_mut(v), vec![0.0; v]);
        for history in &histories {
            for time in 0..times {
                let context = history[time + 1..][..self.context()].iter().rev().copied();
                let context: Vec<u32> = context.take_while(|&token| token != NOTHING).collect();
                table.logits(&context, &mut sum, rows.next().expect("a row for each time"));
            }
        }
        (cx.site("logits", SiteKind::Logits, logits), memory)
    }
}

impl Generator for KneserNey {
    fn begin(&self, rows: usize) -> Memory {
        Memory::new(rows).with("context", Tensor::full(&[rows, self.context()], number(NOTHING)))
    }
}

impl Counting for KneserNey {
    fn count(&self, inputs: &Ids, targets: &Ids, memory: Memory) -> Memory {
        let times = inputs.shape().width();
        let (histories, memory) = self.histories(inputs, memory);
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        for (history, targets) in histories.iter().zip(targets.data().chunks_exact(times)) {
            for (time, &target) in
                targets.iter().enumerate().filter(|(_, target)| (**target as usize) < self.vocabulary)
            {
                tally.extend(history[time + 1..][..self.context()].iter().rev());
                tally.push(target);
            }
        }
        memory
    }

    fn bytes_a_token(&self) -> usize {
        // The run of each as it is tallied, with its count, and once more in order; its place, its context's and its share.
        const BESIDE: usize = 40;
        2 * 4 * self.config.order + BESIDE
    }

    fn finish(&self) {
        let (order, mut tokens) =
            (self.config.order, std::mem::take(&mut *self.tally.lock().unwrap_or_else(PoisonError::into_inner)));
        let before = stored(&self.ngrams.value(), order, self.vocabulary);
        let mut counts = vec![1; tokens.len() / order];
        for run in 0..before.len() {
            tokens.extend(before.context(run));
            tokens.push(before.word(run));
        }
        counts.extend(before.counts());
        self.ngrams.set(&kept(&NGrams::new(order, &tokens, &counts), order));
    }
}

/// The most tokens that a run may have.
const LONGEST: usize = 20;

const KEYS: &[&str] = &["order", "discounts"];

/// The settings, if they make sense.
fn read(config: &Value) -> Result<Config, SettingError> {
    let config: Config = settings::read(config, KEYS)?;
    require_within(1..=LONGEST, "order", config.order)?;
    Ok(config)
}

/// This rung in the list.
pub const ENTRY: Entry = Entry {
    name: "kneser_ney",
    label: "Kneser-Ney",
    year: 1995,
    paper: "Kneser, Ney",
    source: include_str!("kneser_ney.rs"),
    keys: KEYS,
    takes: Takes::Ids,
    build: |config, sizes, _| Ok(Box::new(KneserNey::new(&read(config)?, sizes.vocabulary))),
    parameters: |config, _| read(config).map(|_| 0),
};

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_engine::Rng;
    use std::collections::HashSet;

    const VOCABULARY: usize = 5;

    fn row(ids: &[u32]) -> Ids {
        Ids::new(&[1, ids.len()], ids)
    }

    /// A model that has counted some sequences: each token after those before it.
    fn counted(config: &Config, sequences: &[Vec<u32>]) -> KneserNey {
        let model = KneserNey::new(config, VOCABULARY);
        for sequence in sequences {
            let (inputs, targets) = (&sequence[..sequence.len() - 1], &sequence[1..]);
            model.count(&row(inputs), &row(targets), model.begin(1));
        }
        model.finish();
        model
    }

    /// The probabilities of all tokens after each place of `ids`.
    fn probabilities(model: &KneserNey, ids: &[u32]) -> Vec<Vec<f64>> {
        let logits = model.forward(&mut Context::evaluate(), &Input::Ids(row(ids)));
        logits
            .data()
            .chunks_exact(VOCABULARY)
            .map(|row| row.iter().map(|&logit| f64::from(logit).exp()).collect())
            .collect()
    }

    /// The equations as they stand, over and over again on the sequences themselves.
    struct Plain<'s> {
        config: &'s Config,
        sequences: &'s [Vec<u32>],
    }

    impl Plain<'_> {
        /// Every place in the sequences where a token is foretold: what is before it, and the token.
        fn places(&self) -> impl Iterator<Item = (&[u32], u32)> {
            self.sequences.iter().flat_map(|sequence| (1..sequence.len()).map(|at| (&sequence[..at], sequence[at])))
        }

        /// Equations (1) and (2).
        fn a(&self, h: &[u32], w: u32) -> usize {
            let here = self.places().filter(|(before, token)| before.ends_with(h) && *token == w);
            if h.len() + 1 == self.config.order {
                return here.count();
            }
            let (begins, goes_on): (Vec<_>, Vec<_>) = here.partition(|(before, _)| before.len() == h.len());
            let before: HashSet<u32> = goes_on.iter().map(|(before, _)| before[before.len() - h.len() - 1]).collect();
            before.len() + begins.len()
        }

        /// Equations (3) and (4), over all runs as long as h and one token.
        fn d(&self, length: usize, a: usize) -> f64 {
            let runs: HashSet<(&[u32], u32)> = self
                .places()
                .filter(|(before, _)| before.len() >= length)
                .map(|(before, token)| (&before[before.len() - length..], token))
                .collect();
            let counts: Vec<usize> = runs.iter().map(|(h, w)| self.a(h, *w)).collect();
            let n = |i: usize| counts.iter().filter(|&&a| a == i).count() as f64;
            let y = n(1) / (n(1) + 2.0 * n(2));
            let i = a.min(3);
            let d = match self.config.discounts {
                Discounts::One => y,
                Discounts::Three => i as f64 - (i + 1) as f64 * y * n(i + 1) / n(i),
            };
            if a == 0 {
                0.0
            } else if d > 0.0 {
                d
            } else {
                i as f64 / 2.0
            }
        }

        /// Equations (5) to (7).
        fn p(&self, w: u32, h: &[u32]) -> f64 {
            let shorter = || if h.is_empty() { 1.0 / VOCABULARY as f64 } else { self.p(w, &h[1..]) };
            let a: Vec<usize> = (0..VOCABULARY as u32).map(|w| self.a(h, w)).collect();
            let all = a.iter().sum::<usize>() as f64;
            if all == 0.0 {
                return shorter();
            }
            let share = (a[w as usize] as f64 - self.d(h.len(), a[w as usize])) / all;
            let rest = a.iter().map(|&a| self.d(h.len(), a)).sum::<f64>() / all;
            share + rest * shorter()
        }
    }

    /// Three sequences in which some tokens come more often than others.
    fn sequences(seed: u64) -> Vec<Vec<u32>> {
        let mut rng = Rng::new(seed);
        let mut token = || rng.below(VOCABULARY).min(rng.below(VOCABULARY)) as u32;
        [30, 2, 17].map(|length| (0..length).map(|_| token()).collect::<Vec<u32>>()).into()
    }

    #[test]
    fn tables_agree_with_the_equations() {
        for (seed, order) in [(1, 1), (2, 2), (3, 3), (4, 4)] {
            for discounts in [Discounts::One, Discounts::Three] {
                let (config, sequences) = (Config { order, discounts }, sequences(seed));
                let (model, plain) = (counted(&config, &sequences), Plain { config: &config, sequences: &sequences });
                let ids = &sequences[0][..12];
                for (time, row) in probabilities(&model, ids).iter().enumerate() {
                    let h = &ids[(time + 2).saturating_sub(order)..=time];
                    for (w, &p) in row.iter().enumerate() {
                        let expected = plain.p(w as u32, h);
                        assert!((p - expected).abs() < 1e-6, "{config:?}: p({w}|{h:?}) is {p}, not {expected}");
                    }
                }
            }
        }
    }

    #[test]
    fn probabilities_add_up_to_one_in_contexts_seen_and_not_seen() {
        let model = counted(&Config::default(), &sequences(5));
        let mut rng = Rng::new(6);
        let ids: Vec<u32> = (0..500).map(|_| rng.below(VOCABULARY) as u32).collect();
        for row in probabilities(&model, &ids) {
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-6 && row.iter().all(|&p| p > 0.0), "{row:?}");
        }
    }

    #[test]
    fn a_pair_by_hand() {
        // 0 1, 0 1, 0 1, 0 2 and 3 1, each a sequence: a(01) = 3, a(02) = 1, a(31) = 1. D = n₁ / (n₁ + 2 n₂) = 2/2 = 1.
        // One token: 1 follows 0 and 3, 2 follows 0: a(1) = 2, a(2) = 1. D = 1 / (1 + 2) = 1/3.
        let sequences: Vec<Vec<u32>> = [[0, 1], [0, 1], [0, 1], [0, 2], [3, 1]].map(Vec::from).into();
        let model = counted(&Config { order: 2, discounts: Discounts::One }, &sequences);
        // p(1) = (2 - 1/3)/3 + (2/3)/3 · 1/5 = 5/9 + 2/45 = 27/45, p(2) = (1 - 1/3)/3 + 2/45 = 12/45.
        // p(1|0) = (3 - 1)/4 + 2/4 p(1) = 0.5 + 0.3 = 0.8, p(2|0) = 0 + 0.5 p(2) = 6/45.
        let after = &probabilities(&model, &[0])[0];
        assert!((after[1] - 0.8).abs() < 1e-6 && (after[2] - 6.0 / 45.0).abs() < 1e-6, "{after:?}");
        // 2 was never read: what is known is p(1).
        assert!((probabilities(&model, &[2])[0][1] - 0.6).abs() < 1e-6);
    }

    #[test]
    fn pieces_of_a_stream_are_counted_as_the_whole() {
        let (config, sequence) = (Config::default(), &sequences(7)[..1]);
        let pieces = KneserNey::new(&config, VOCABULARY);
        let (mut memory, ids) = (pieces.begin(1), &sequence[0]);
        for start in (0..ids.len() - 1).step_by(4) {
            let end = (start + 4).min(ids.len() - 1);
            memory = pieces.count(&row(&ids[start..end]), &row(&ids[start + 1..=end]), memory);
            pieces.finish(); // what was counted before stays
        }
        assert_eq!(pieces.ngrams.value().data(), counted(&config, sequence).ngrams.value().data());
    }

    #[test]
    fn targets_that_do_not_count_are_not_counted() {
        let model = KneserNey::new(&Config { order: 2, discounts: Discounts::Three }, VOCABULARY);
        model.count(&row(&[0, 1, 2]), &row(&[1, u32::MAX, 3]), model.begin(1));
        model.finish();
        assert_eq!(model.ngrams.value().data(), [0.0, 1.0, 1.0, 2.0, 3.0, 1.0]);
    }
}
