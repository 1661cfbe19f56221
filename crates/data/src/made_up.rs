//! Made-up lines: each different, drawn from the seed, with only some targets that count. Knows not what they say.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use rushlight_text::{NormalizerConfig, Tokenizer, TokenizerConfig};

use crate::batching::{Batching, rows};
use crate::corpus::{Corpus, Making, Part};
use crate::{Chance, DataError, Rows, Source};

/// A made-up line. Target `j` is character `j`; the boundary is the one behind the last.
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) counted: Range<usize>,
}

/// A task made of single characters.
pub(crate) struct Task<'a> {
    pub(crate) kind: &'static str,
    /// Every character that may come.
    pub(crate) alphabet: String,
    /// The characters of the longest line.
    pub(crate) longest: usize,
    pub(crate) draw: &'a dyn Fn(Chance) -> Line,
}

/// How many draws a wanted line may take.
const PATIENCE: usize = 20;

impl Task<'_> {
    /// A corpus with so many lines to train on, to choose by and to judge by; no line comes twice.
    pub(crate) fn corpus(&self, counts: [usize; 3], making: Making<'_>, seed: u64) -> Result<Corpus, DataError> {
        if !matches!(making.config, TokenizerConfig::Character(_)) {
            return Err(DataError::NotCharacters { kind: self.kind });
        }
        // A line is held three times: as text, to see whether it came before, and as ids of four bytes.
        worth_their_memory("train", &counts, 6.0 * self.longest as f64 + 100.0)?;
        // The alphabet is ours and needs no normaliser; one that lowered letters would make two symbols one.
        let plain = TokenizerConfig::Character(Default::default());
        let making = Making { config: &plain, normalizer: NormalizerConfig::default(), existing: making.existing };
        let alphabet = || std::iter::once(self.alphabet.as_str());
        let tokenizer = making.tokenizer(true, alphabet(), alphabet())?;
        let lines = self.lines(counts.iter().sum(), seed)?;
        let mut rest = lines.as_slice();
        let mut parts = Vec::new();
        for count in counts {
            let (part, after) = rest.split_at(count);
            parts.push(Part::Rows(Arc::new(self.rows(part, &tokenizer)?)));
            rest = after;
        }
        let [train, validation, test] = parts.try_into().expect("three parts stay three");
        let text: String = lines.iter().map(|line| line.text.clone() + "\n").collect();
        Ok(Corpus {
            vocabulary: tokenizer.vocab_size(),
            tokenizer: Some(tokenizer),
            train,
            validation,
            test,
            batching: Batching::Rows(rows::Padding::default()),
            sources: vec![Source::of(self.kind, &text)],
            leaks: Vec::new(),
        })
    }

    /// So many different lines.
    pub(crate) fn lines(&self, count: usize, seed: u64) -> Result<Vec<Line>, DataError> {
        let chance = Chance::new(seed, self.kind);
        let mut seen = HashSet::new();
        let tried = count.saturating_mul(PATIENCE);
        let drawn = (0..tried as u64).map(|number| (self.draw)(chance.branch(number)));
        let lines: Vec<Line> = drawn.filter(|line| seen.insert(line.text.clone())).take(count).collect();
        match lines.len() == count {
            true => Ok(lines),
            false => Err(DataError::NotEnoughRows { asked: count, found: lines.len(), tried }),
        }
    }

    /// The lines as ids.
    pub(crate) fn rows(&self, lines: &[Line], tokenizer: &Tokenizer) -> Result<Rows, DataError> {
        let mut rows = Rows::new(tokenizer.boundary().ok_or(DataError::NoBoundary)?);
        for line in lines {
            let encoded = tokenizer.try_encode(&line.text);
            let ids =
                encoded.map_err(|source| DataError::UnknownText { name: self.kind.to_string(), line: 1, source })?;
            rows.push_counting(&ids, line.counted.clone());
        }
        Ok(rows)
    }
}

/// Refuses so many made-up rows that they would fill more memory than they are worth; `key` says how many.
pub(crate) fn worth_their_memory(key: &'static str, counts: &[usize], bytes_a_row: f64) -> Result<(), DataError> {
    const MOST_GIGABYTES: f64 = 2.0;
    let gigabytes = counts.iter().map(|&count| count as f64).sum::<f64>() * bytes_a_row / 1e9;
    match gigabytes <= MOST_GIGABYTES {
        true => Ok(()),
        false => {
            let rule = format!(
                "the rows of all parts would need {} GB, and made-up rows may take {MOST_GIGABYTES}; ask for fewer or \
                 shorter ones",
                gigabytes.ceil()
            );
            Err(DataError::Setting { key, value: counts[0].to_string(), rule })
        }
    }
}

/// A setting that has to lie in a range.
pub(crate) fn within(
    key: &'static str,
    value: usize,
    range: std::ops::RangeInclusive<usize>,
) -> Result<usize, DataError> {
    match range.contains(&value) {
        true => Ok(value),
        false => {
            let rule = format!("it goes from {} to {}", range.start(), range.end());
            Err(DataError::Setting { key, value: value.to_string(), rule })
        }
    }
}
