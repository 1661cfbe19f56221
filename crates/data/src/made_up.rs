//! Made-up lines: each different, drawn from the seed, with only some targets that count, or each a source and its
//! target. Knows not what they say.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use rushlight_text::{NormalizerConfig, Tokenizer, TokenizerConfig};

use crate::batching::{Batching, pairs::Gather, rows};
use crate::corpus::{Corpus, Making, Part};
use crate::{Chance, DataError, LeftOut, Pairs, Rows, Source};

/// A made-up line. Target `j` is character `j`; the boundary is the one behind the last. Of a pair, all targets count.
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
    /// What stands between a source and its target, where a line is a pair; it is not read.
    pub(crate) bar: Option<char>,
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
            parts.push(self.part(part, &tokenizer)?);
            rest = after;
        }
        let [train, validation, test] = parts.try_into().expect("three parts stay three");
        let text: String = lines.iter().map(|line| line.text.clone() + "\n").collect();
        let (batching, source_vocabulary) = match self.bar {
            Some(_) => (Batching::Pairs(Gather::Sentences), tokenizer.vocab_size()),
            None => (Batching::Rows(rows::Padding::default()), 0),
        };
        Ok(Corpus {
            vocabulary: tokenizer.vocab_size(),
            tokenizer: Some(tokenizer),
            source_tokenizer: None,
            source_vocabulary,
            train,
            validation,
            test,
            batching,
            sources: vec![Source::of(self.kind, &text)],
            leaks: Vec::new(),
            left_out: LeftOut::default(),
            swapped: Vec::new(),
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

    fn part(&self, lines: &[Line], tokenizer: &Tokenizer) -> Result<Part, DataError> {
        let Some(bar) = self.bar else { return Ok(Part::Rows(Arc::new(self.rows(lines, tokenizer)?))) };
        let boundary = tokenizer.boundary().ok_or(DataError::NoBoundary)?;
        let (mut sources, mut targets) = (Rows::new(boundary), Rows::new(boundary));
        let sides = |line: &Line| {
            let (source, target) = line.text.split_once(bar).expect("a pair has a bar");
            [source.to_owned(), target.to_owned()]
        };
        let sides: Vec<[String; 2]> = lines.iter().map(sides).collect();
        for [source, target] in &sides {
            sources.push(&self.ids(source, tokenizer)?);
            targets.push(&self.ids(target, tokenizer)?);
        }
        Ok(Part::Pairs(Arc::new(Pairs::new(sources, targets).with_lines(sides))))
    }

    /// The lines as ids.
    pub(crate) fn rows(&self, lines: &[Line], tokenizer: &Tokenizer) -> Result<Rows, DataError> {
        let mut rows = Rows::new(tokenizer.boundary().ok_or(DataError::NoBoundary)?);
        for line in lines {
            rows.push_counting(&self.ids(&line.text, tokenizer)?, line.counted.clone());
        }
        Ok(rows)
    }

    fn ids(&self, text: &str, tokenizer: &Tokenizer) -> Result<Vec<u32>, DataError> {
        let unknown = |source| DataError::UnknownText { name: self.kind.to_string(), line: 1, source };
        tokenizer.try_encode(text).map_err(unknown)
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
