//! # reverse: digits backwards
//!
//! A line such as `12345|54321`. What stands behind the bar counts as a target, with the line's end: a model that reads
//! from left to right has to hold all digits at the bar. Every length from the shortest to the longest is drawn as often.
//!
//! With `pairs = true` there is no bar: the digits are a source, and the digits backwards its target, for models that
//! translate.

use serde::{Deserialize, Serialize};

use super::Entry;
use crate::corpus::{Corpus, Making};
use crate::made_up::{Line, Task, within};
use crate::{Chance, DataError};

/// The settings of the reverse task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The fewest digits.
    pub shortest: usize,
    /// The most digits.
    pub longest: usize,
    /// Lines to train on.
    pub train: usize,
    /// Lines to choose by.
    pub validation: usize,
    /// Lines to judge by.
    pub test: usize,
    /// Whether a line is a source and its target.
    pub pairs: bool,
}

impl Default for Config {
    fn default() -> Self {
        Config { shortest: 5, longest: 15, train: 50_000, validation: 1000, test: 1000, pairs: false }
    }
}

/// This kind's line.
pub const ENTRY: Entry = Entry { name: "reverse", about: "digits backwards", source: include_str!("reverse.rs") };

const BAR: char = '|';

pub(super) fn open(config: &Config, making: Making<'_>, seed: u64) -> Result<Corpus, DataError> {
    within("shortest", config.shortest, 1..=100_000)?;
    within("longest", config.longest, config.shortest..=100_000)?;
    let draw = |chance: Chance| {
        let choices = (config.longest - config.shortest + 1) as u64;
        line(config.shortest + chance.below(0, choices) as usize, chance)
    };
    let (alphabet, bar) = if config.pairs { ("0123456789", Some(BAR)) } else { ("0123456789|", None) };
    let longest = 2 * config.longest + 1;
    let task = Task { kind: ENTRY.name, alphabet: alphabet.to_string(), longest, draw: &draw, bar };
    task.corpus([config.train, config.validation, config.test], making, seed)
}

/// Number 0 of `chance` is kept for the length.
fn line(length: usize, chance: Chance) -> Line {
    let digits: String = (1..=length as u64).map(|place| char::from(b'0' + chance.below(place, 10) as u8)).collect();
    let backwards: String = digits.chars().rev().collect();
    Line { text: format!("{digits}{BAR}{backwards}"), counted: length + 1..2 * length + 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_behind_the_bar_counts_and_the_end_too() {
        let Line { text, counted } = line(4, Chance::new(1, "test"));
        let (front, back) = text.split_once(BAR).unwrap();
        assert_eq!(front.chars().rev().collect::<String>(), back);
        assert_eq!(&text[counted.start..], back);
        assert_eq!(counted.end, text.len() + 1); // the boundary stands one place behind the text
    }
}
