//! # lines: a line an example
//!
//! Each line is a row of its own: the boundary, its ids, the boundary. Blank lines are left out. Lines are shuffled
//! before they are cut into parts, so that the parts are alike; the leak check says which lines stand in two of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rushlight_text::{Limit, Tokenizer};
use serde::{Deserialize, Serialize};

use super::Entry;
use crate::batching::rows;
use crate::corpus::{Corpus, Making, Part};
use crate::files::{self, Loaded};
use crate::leaks::leaks;
use crate::{DataError, Fractions, LeftOut, LineSplit, Rows};

/// The settings of lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// A built-in data set; this or `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// A file of yours; this or `dataset`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// How lines go to parts.
    pub split: LineSplit,
    /// The share for validation.
    pub validation: f64,
    /// The share for testing.
    pub test: f64,
    /// How they are batched.
    pub batching: Batching,
    /// How many inputs a row has at most, its boundary included; only with `batching = "rows"`.
    pub max_length: Limit,
    /// Whether rows of like length are batched together; only with `batching = "rows"`.
    pub buckets: bool,
}

/// The ways to batch lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Batching {
    /// Whole lines, padded.
    #[default]
    Rows,
    /// Single targets with the ids before them.
    Contexts,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            dataset: None,
            path: None,
            split: LineSplit::Lines,
            validation: 0.1,
            test: 0.1,
            batching: Batching::Rows,
            max_length: Limit::Never,
            buckets: false,
        }
    }
}

/// This kind's line.
pub const ENTRY: Entry = Entry { name: "lines", about: "a line an example", source: include_str!("lines.rs") };

pub(super) fn open(config: &Config, making: Making<'_>, seed: u64) -> Result<Corpus, DataError> {
    let fractions = Fractions { validation: config.validation, test: config.test }.check()?;
    let Loaded { source, text, parts: given } = files::load(config.dataset.as_deref(), config.path.as_deref())?;
    let parts = match (config.split, given) {
        (LineSplit::Given, Some(given)) => given.map(|part| written(part).collect()),
        (LineSplit::Given, None) => return Err(DataError::NotInParts { name: source.name }),
        (LineSplit::Makemore, _) if config.dataset.as_deref() != Some("names") => {
            return Err(DataError::NotMakemores { name: source.name });
        }
        (split, _) => split.split(written(&text).collect(), fractions, seed)?,
    };
    let tokenizer = making.tokenizer(true, written(&text), parts[0].iter().copied())?;
    let encoded = |part: &[&str]| encode(part, &text, &tokenizer, &source.name);
    let [train, validation, test] = [encoded(&parts[0])?, encoded(&parts[1])?, encoded(&parts[2])?];
    Ok(Corpus {
        vocabulary: tokenizer.vocab_size(),
        tokenizer: Some(tokenizer),
        source_tokenizer: None,
        source_vocabulary: 0,
        train,
        validation,
        test,
        batching: config.batching(),
        sources: vec![source],
        leaks: leaks(parts.each_ref().map(Vec::as_slice)),
        left_out: LeftOut::default(),
        swapped: Vec::new(),
    })
}

pub(super) fn open_file(path: &Path, tokenizer: &Tokenizer) -> Result<Part, DataError> {
    let Loaded { source, text, .. } = files::load(None, Some(path))?;
    encode(&written(&text).collect::<Vec<_>>(), &text, tokenizer, &source.name)
}

impl Config {
    fn batching(&self) -> crate::Batching {
        match self.batching {
            Batching::Rows => {
                crate::Batching::Rows(rows::Padding { max_length: self.max_length, buckets: self.buckets })
            }
            Batching::Contexts => crate::Batching::Contexts,
        }
    }
}

fn written(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim().is_empty())
}

fn encode(lines: &[&str], whole: &str, tokenizer: &Tokenizer, name: &str) -> Result<Part, DataError> {
    let mut rows = Rows::new(tokenizer.boundary().ok_or(DataError::NoBoundary)?);
    for line in lines {
        let ids = tokenizer.try_encode(line).map_err(|source| {
            let place = whole.lines().position(|other| other == *line).unwrap_or(0);
            DataError::UnknownText { name: name.to_string(), line: place + 1, source }
        })?;
        rows.push(&ids);
    }
    Ok(Part::Rows(Arc::new(rows)))
}
