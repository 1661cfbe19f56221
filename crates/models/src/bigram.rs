//! # Bigram: the next token from the last one, and from nothing else
//!
//! Follows   Shannon, A Mathematical Theory of Communication, 1948, section 3 (the second-order approximation)
//! Before    nothing: the first rung.
//! New here  one table. It is counted, or learned by gradient: both find the same probabilities.
//!
//! Letters   B batch, T time, V vocabulary, N[a, b] how often b followed a, s smoothing
//!
//!     p(b | a) = (N[a, b] + s) / Σ_b (N[a, b] + s)     (1)  by counting
//!     logits   = table[a]                              (2)  one row of the table
//!     table[a, b] = ln (N[a, b] + s)                   (3)  the table that (1) and (2) share
//!
//! Parameters  VV
//! Departures  none. Without smoothing a pair never seen has the logit `NEVER` and not -∞, so that losses stay finite.

use crate::count::Count;
use crate::model::{Takes, require_from_zero};
use crate::{Counting, Decoder, Entry, Generator, Input, Memory, Model};
use rushlight_engine::{Ids, Tensor, embedding};
use rushlight_nn::init::Init;
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Builder, Context, Param, Params, SiteKind, settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::{Mutex, PoisonError};

/// The logit of a pair that never was: a probability of e^-50 beside any that was.
const NEVER: f32 = -50.0;

/// How the table is found.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Count pairs; otherwise learn the table by gradient.
    pub counts: bool,
    /// What is added to every count.
    pub smoothing: f32,
}

impl Default for Config {
    fn default() -> Self {
        Self { counts: true, smoothing: 1.0 }
    }
}

/// The table, and the counts behind it.
pub struct Bigram {
    config: Config,
    params: Params,
    table: Param,
    counts: Option<Param>,
    /// N since the last `finish`, [VV]; none where nothing was counted. In f32 a count would stop at 2^24.
    tally: Mutex<Vec<u64>>,
}

impl Bigram {
    /// A table that knows nothing: every next token is as likely.
    pub fn new(config: &Config, vocabulary: usize, seed: u64) -> Self {
        let mut build = Builder::new(seed);
        let shape = [vocabulary, vocabulary];
        let table = build.weight("table.weight", &shape, &Init::Zeros);
        let counts = config.counts.then(|| build.statistic("table.counts", &shape, 0.0));
        Self { config: config.clone(), params: build.finish(), table, counts, tally: Mutex::default() }
    }
}

impl Model for Bigram {
    fn params(&self) -> &Params {
        &self.params
    }

    fn forward(&self, cx: &mut Context, input: &Input) -> Tensor {
        let ids = match input {
            Input::Ids(ids) => ids.clone(),
            Input::Contexts(contexts) => last_of_each(contexts),
            Input::Rows(_) | Input::Pair(..) | Input::Sentences(..) => {
                panic!("bigram: reads tokens, [B, T] or windows")
            }
        };
        let logits = embedding(&self.table.value(), &ids); // (2) [.., V]
        cx.site("logits", SiteKind::Logits, logits)
    }

    fn generator(&self) -> Option<&dyn Generator> {
        Some(self)
    }

    fn counting(&self) -> Option<&dyn Counting> {
        self.config.counts.then_some(self)
    }
}

impl Decoder for Bigram {
    fn read(&self, cx: &mut Context, ids: &Ids, memory: Memory) -> (Tensor, Memory) {
        let (positions, tensors) = memory.open();
        (self.forward(cx, &Input::Ids(ids.clone())), Memory::advanced(positions, tensors, ids.shape().width()))
    }
}

impl Generator for Bigram {
    fn begin(&self, rows: usize) -> Memory {
        Memory::new(rows)
    }
}

impl Counting for Bigram {
    fn count(&self, inputs: &Ids, targets: &Ids, memory: Memory) -> Memory {
        assert!(self.counts.is_some(), "count: a table that is learned by gradient");
        let width = self.table.shape().width();
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.resize(self.table.count(), 0);
        for (&a, &b) in inputs.data().iter().zip(targets.data()) {
            if (b as usize) < width {
                tally[a as usize * width + b as usize] += 1;
            }
        }
        let (positions, tensors) = memory.open();
        Memory::advanced(positions, tensors, inputs.shape().width())
    }

    fn finish(&self) {
        let counts = self.counts.as_ref().expect("finish: a table that is counted");
        let mut tally = std::mem::take(&mut *self.tally.lock().unwrap_or_else(PoisonError::into_inner));
        tally.resize(self.table.count(), 0);
        let smoothing = f64::from(self.config.smoothing);
        counts.update(|counts| {
            self.table.update(|table| {
                for ((logit, stored), &new) in table.iter_mut().zip(counts).zip(&tally) {
                    let count = f64::from(*stored) + new as f64;
                    *stored = count as f32;
                    let weight = count + smoothing; // (1)
                    *logit = if weight > 0.0 { weight.ln() as f32 } else { NEVER }; // (3)
                }
            });
        });
    }
}

/// The last token of each window [N, C]: [N].
fn last_of_each(contexts: &Ids) -> Ids {
    let width = contexts.shape().width();
    let last: Vec<u32> = contexts.data().chunks_exact(width).map(|window| window[width - 1]).collect();
    Ids::new(&[last.len()], last)
}

const KEYS: &[&str] = &["counts", "smoothing"];

/// The settings, if they make sense.
fn read(config: &Value) -> Result<Config, SettingError> {
    let config: Config = settings::read(config, KEYS)?;
    require_from_zero("smoothing", config.smoothing)?;
    Ok(config)
}

/// This rung in the list.
pub const ENTRY: Entry = Entry {
    name: "bigram",
    label: "Bigram",
    year: 1948,
    paper: "Shannon",
    source: include_str!("bigram.rs"),
    keys: KEYS,
    takes: Takes::Ids,
    build: |config, sizes, seed| Ok(Box::new(Bigram::new(&read(config)?, sizes.vocabulary, seed))),
    parameters: |config, sizes| read(config).map(|_| (Count(sizes.vocabulary) * sizes.vocabulary).0),
};

#[cfg(test)]
mod tests {
    use super::*;

    fn count(model: &Bigram, inputs: &[u32], targets: &[u32]) {
        let row = |ids: &[u32]| Ids::new(&[1, ids.len()], ids);
        assert_eq!(model.count(&row(inputs), &row(targets), model.begin(1)).positions(), [inputs.len()]);
    }

    #[test]
    fn counts_become_probabilities() {
        let model = Bigram::new(&Config { counts: true, smoothing: 1.0 }, 3, 0);
        count(&model, &[0, 0, 0, 2], &[1, 1, 2, u32::MAX]);
        model.finish();
        let logits = model.forward(&mut Context::evaluate(), &Input::Ids(Ids::new(&[1, 1], vec![0])));
        // After 0 came 1 twice and 2 once: with one added to each, 1/6, 3/6, 2/6.
        let expected = [1.0 / 6.0, 3.0 / 6.0, 2.0 / 6.0];
        assert!(logits.softmax().data().iter().zip(expected).all(|(p, e)| (p - e).abs() < 1e-6));
    }

    #[test]
    fn a_count_goes_on_where_f32_would_stop() {
        let model = Bigram::new(&Config { counts: true, smoothing: 0.0 }, 2, 0);
        let (zeros, ones) = (vec![0; 1 << 20], vec![1; 1 << 20]);
        (0..18).for_each(|_| count(&model, &zeros, &zeros));
        (0..2).for_each(|_| count(&model, &zeros, &ones));
        model.finish();
        assert_eq!(model.counts.as_ref().expect("it counts").value().data()[0], 18_874_368.0); // 18 · 2^20, above 2^24
        let logits = model.forward(&mut Context::evaluate(), &Input::Ids(Ids::new(&[1, 1], vec![0])));
        assert!((logits.softmax().data()[0] - 0.9).abs() < 1e-6); // 18 of 20
    }

    #[test]
    fn what_was_counted_before_stays() {
        let model = Bigram::new(&Config { counts: true, smoothing: 0.0 }, 2, 0);
        count(&model, &[0], &[1]);
        model.finish();
        count(&model, &[0, 0], &[1, 0]);
        model.finish();
        model.finish();
        assert_eq!(model.counts.as_ref().expect("it counts").value().data(), [1.0, 2.0, 0.0, 0.0]);
    }

    #[test]
    fn a_pair_never_seen_is_nearly_impossible_without_smoothing() {
        let model = Bigram::new(&Config { counts: true, smoothing: 0.0 }, 2, 0);
        count(&model, &[0], &[1]);
        model.finish();
        assert_eq!(model.table.value().data(), [NEVER, 0.0, NEVER, NEVER]);
    }
}
