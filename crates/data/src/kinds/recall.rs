//! # recall: a symbol to be remembered
//!
//! A line such as `Bfaceg?B`: a symbol (capital), then distractors (small letters), then the cue `?`, then the symbol
//! again. Only that last symbol counts as a target. How long a model can carry it is how far its memory reaches; a model
//! that has forgotten guesses and loses ln(symbols) nats.
//!
//! The distance is the number of distractors: how many steps lie between the symbol and the cue.

use rushlight_text::Tokenizer;
use serde::{Deserialize, Serialize};

use super::Entry;
use crate::corpus::{Corpus, Making};
use crate::made_up::{Line, Task, within};
use crate::{Chance, DataError, Rows};

/// The settings of the recall task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How many symbols there are to be remembered, 2 to 26.
    pub symbols: usize,
    /// How many distractors there are to choose from, 1 to 26.
    pub distractors: usize,
    /// The shortest distance.
    pub shortest: usize,
    /// The longest distance; each from shortest to longest is drawn as often.
    pub longest: usize,
    /// Lines to train on.
    pub train: usize,
    /// Lines to choose by.
    pub validation: usize,
    /// Lines to judge by.
    pub test: usize,
}

impl Default for Config {
    fn default() -> Self {
        Config { symbols: 8, distractors: 8, shortest: 5, longest: 100, train: 20_000, validation: 1000, test: 1000 }
    }
}

/// This kind's line.
pub const ENTRY: Entry =
    Entry { name: "recall", about: "a symbol to be repeated after 5 to 100 steps", source: include_str!("recall.rs") };

const CUE: char = '?';

pub(super) fn open(config: &Config, making: Making<'_>, seed: u64) -> Result<Corpus, DataError> {
    within("symbols", config.symbols, 2..=26)?;
    within("distractors", config.distractors, 1..=26)?;
    within("longest", config.longest, config.shortest..=100_000)?;
    let draw = |chance: Chance| {
        let choices = (config.longest - config.shortest + 1) as u64;
        line(config, config.shortest + chance.below(0, choices) as usize, chance)
    };
    task(config, &draw).corpus([config.train, config.validation, config.test], making, seed)
}

/// `count` different lines of one distance, for measuring how far memory reaches.
///
/// # Errors
/// If there are not so many, or the tokenizer is another task's.
pub fn at_distance(
    config: &Config,
    distance: usize,
    count: usize,
    tokenizer: &Tokenizer,
    seed: u64,
) -> Result<Rows, DataError> {
    let draw = |chance: Chance| line(config, distance, chance);
    let task = task(config, &draw);
    task.rows(&task.lines(count, seed)?, tokenizer)
}

fn task<'a>(config: &Config, draw: &'a dyn Fn(Chance) -> Line) -> Task<'a> {
    let symbols = (0..config.symbols as u8).map(symbol);
    let distractors = (0..config.distractors as u8).map(distractor);
    let alphabet = symbols.chain(distractors).chain([CUE]).collect();
    Task { kind: ENTRY.name, alphabet, longest: config.longest + 3, draw, bar: None }
}

/// Number 0 of `chance` is kept for the distance.
fn line(config: &Config, distance: usize, chance: Chance) -> Line {
    let shown = symbol(chance.below(1, config.symbols as u64) as u8);
    let mut text = String::from(shown);
    text.extend((0..distance as u64).map(|step| distractor(chance.below(2 + step, config.distractors as u64) as u8)));
    text.extend([CUE, shown]);
    Line { counted: distance + 2..distance + 3, text }
}

fn symbol(number: u8) -> char {
    char::from(b'A' + number)
}

fn distractor(number: u8) -> char {
    char::from(b'a' + number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_symbol_behind_the_cue_counts() {
        for distance in [0, 1, 7] {
            let Line { text, counted } = line(&Config::default(), distance, Chance::new(1, "test"));
            assert_eq!(text.len(), distance + 3);
            assert_eq!(text[counted.clone()], text[..1]);
            assert_eq!(&text[counted.start - 1..counted.start], "?");
            assert!(text[1..=distance].chars().all(|c| c.is_ascii_lowercase()));
        }
    }
}
