//! # text: one long text
//!
//! A text is read from front to back. Its parts are contiguous: the beginning is trained on, the end is kept for
//! validation and test. Shares count characters, as everyone who cuts tiny Shakespeare does. A part that is a file of
//! its own takes nothing from the text, as where a data set comes in three files. All is held in memory; what is too
//! long for that is made into `ids` first.

use std::path::{Path, PathBuf};

use rushlight_text::Tokenizer;
use serde::{Deserialize, Serialize};

use super::Entry;
use crate::corpus::{Corpus, Making, Part};
use crate::encoding::located;
use crate::files::{self, Loaded};
use crate::kept::Kept;
use crate::leaks::leaks;
use crate::{DataError, Fractions, LeftOut};

/// The settings of a long text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// A built-in data set; this or `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// A file of yours; this or `dataset`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// The share for validation, or a file of its own, as seen from the folder of `path`.
    pub validation: Kept,
    /// The share at the very end for testing, or a file of its own.
    pub test: Kept,
    /// How it is batched.
    pub batching: Batching,
    /// Whether each part starts and ends with the boundary token.
    pub boundary: bool,
}

/// The ways to batch a long text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Batching {
    /// Random pieces.
    #[default]
    Windows,
    /// Parallel streams that carry their state.
    Stream,
    /// Single targets with the ids before them.
    Contexts,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            dataset: None,
            path: None,
            validation: Kept::Share(0.1),
            test: Kept::Share(0.0),
            batching: Batching::Windows,
            boundary: false,
        }
    }
}

/// This kind's line.
pub const ENTRY: Entry =
    Entry { name: "text", about: "one long text, read from front to back", source: include_str!("text.rs") };

/// A part as text, and where it stands.
struct Piece<'t> {
    text: &'t str,
    name: &'t str,
    first_line: usize,
}

pub(super) fn open(config: &Config, making: Making<'_>) -> Result<Corpus, DataError> {
    let whole = files::load(config.dataset.as_deref(), config.path.as_deref())?;
    let fractions = Fractions { validation: config.validation.share(), test: config.test.share() }.check()?;
    for (key, kept) in [("validation", &config.validation), ("test", &config.test)] {
        if let (Some(_), Kept::File(file)) = (&config.dataset, kept) {
            let rule = "a file of its own lies beside `path`, but `[data]` has a `dataset`; give a share, such as 0.1";
            return Err(DataError::Setting { key, value: file.display().to_string(), rule: rule.to_owned() });
        }
    }
    let folder_of = config.path.as_deref().unwrap_or(Path::new(""));
    let own = |kept: &Kept| kept.file(folder_of).map(|path| files::load(None, Some(&path))).transpose();
    let own = [None, own(&config.validation)?, own(&config.test)?];
    let mut first_line = 1;
    let pieces = std::iter::zip(cut(&whole.text, fractions)?, &own).map(|(text, own)| {
        let of_whole = Piece { text, name: &whole.source.name, first_line };
        first_line += text.matches('\n').count();
        own.as_ref().map_or(of_whole, |own| Piece { text: &own.text, name: &own.source.name, first_line: 1 })
    });
    let pieces: Vec<Piece<'_>> = pieces.collect();
    let texts = || pieces.iter().map(|piece| piece.text);
    let tokenizer = making.tokenizer(config.boundary, texts(), texts().take(1))?;
    let encoded = |piece: &Piece<'_>| encode(piece, config.boundary, &tokenizer);
    let (train, validation, test) = (encoded(&pieces[0])?, encoded(&pieces[1])?, encoded(&pieces[2])?);
    let lines: Vec<Vec<&str>> = texts().map(|text| text.lines().collect()).collect();
    let leaks = leaks([&lines[0], &lines[1], &lines[2]]);
    let sources = [&whole].into_iter().chain(own.iter().flatten()).map(|loaded| loaded.source.clone()).collect();
    Ok(Corpus {
        vocabulary: tokenizer.vocab_size(),
        tokenizer: Some(tokenizer),
        source_tokenizer: None,
        source_vocabulary: 0,
        train,
        validation,
        test,
        batching: config.batching.into(),
        sources,
        leaks,
        left_out: LeftOut::default(),
        swapped: Vec::new(),
    })
}

pub(super) fn open_file(config: &Config, path: &Path, tokenizer: &Tokenizer) -> Result<Part, DataError> {
    let Loaded { source, text, .. } = files::load(None, Some(path))?;
    encode(&Piece { text: &text, name: &source.name, first_line: 1 }, config.boundary, tokenizer)
}

/// The text in three, by characters.
fn cut(text: &str, fractions: Fractions) -> Result<[&str; 3], DataError> {
    let [train, validation, _] = fractions.sizes(text.chars().count(), "characters")?;
    let byte = |character: usize| match text.is_ascii() {
        true => character,
        false => text.char_indices().nth(character).map_or(text.len(), |(byte, _)| byte),
    };
    let (train, validation) = (byte(train), byte(train + validation));
    Ok([&text[..train], &text[train..validation], &text[validation..]])
}

fn encode(piece: &Piece<'_>, boundary: bool, tokenizer: &Tokenizer) -> Result<Part, DataError> {
    let ids = tokenizer
        .try_encode(piece.text)
        .map_err(|error| located(error, piece.text, tokenizer, piece.name, piece.first_line))?;
    let framed = match (boundary && !piece.text.is_empty(), tokenizer.boundary()) {
        (false, _) => ids,
        (true, Some(end)) => [vec![end], ids, vec![end]].concat(),
        (true, None) => return Err(DataError::NoBoundary),
    };
    Ok(Part::Stream(framed.into()))
}

impl From<Batching> for crate::Batching {
    fn from(batching: Batching) -> Self {
        match batching {
            Batching::Windows => crate::Batching::Windows,
            Batching::Stream => crate::Batching::Stream,
            Batching::Contexts => crate::Batching::Contexts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, validation: f64, test: f64, expected: [&str; 3]) {
        assert_eq!(cut(text, Fractions { validation, test }).unwrap(), expected);
    }

    #[test]
    fn the_end_is_kept_for_validation_and_test() {
        check("abcdefghij", 0.2, 0.1, ["abcdefg", "hi", "j"]);
    }

    #[test]
    fn a_part_may_be_left_off() {
        check("abcd", 0.0, 0.0, ["abcd", "", ""]);
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        check("äöüäöüäöüx", 0.1, 0.1, ["äöüäöüäö", "ü", "x"]);
    }

    #[test]
    fn a_share_of_less_than_a_character_is_refused() {
        let error = cut("abc", Fractions { validation: 0.8, test: 0.0 }).unwrap_err().to_string();
        assert!(error.starts_with("the train part is empty: its share of 3 characters"), "{error}");
    }
}
