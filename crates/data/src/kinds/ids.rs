//! # ids: text that was made into ids before
//!
//! A file of ids, as `rushlight tokenizer encode --out` writes it and as nanoGPT's `train.bin` is: little-endian numbers
//! one after the other, without a header. It may be larger than memory: a batch reads its own places and no more. When
//! it is opened it is gone through once, for its checksum and to see that every id is one of the vocabulary.
//!
//! The parts are those of a `text`, or files of their own. There are no lines, so nothing is said about leaks.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rushlight_text::Tokenizer;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::Entry;
use super::text::Batching;
use crate::corpus::{Corpus, Making, Part};
use crate::id_file::{IdFile, Width};
use crate::kept::{Kept, beside};
use crate::{DataError, Fractions, IdStream, LeftOut, PartName, Source};

/// The settings of a file of ids.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The file.
    pub path: PathBuf,
    /// How many bits an id has in it: 16 or 32.
    #[serde(default)]
    pub width: Width,
    /// The tokenizer.json that made it, as seen from its folder; or, where that is not known, how many ids there are.
    #[serde(default)]
    pub vocabulary: Vocabulary,
    /// The share for validation, or a file of its own, as seen from the same folder.
    #[serde(default = "a_hundredth")]
    pub validation: Kept,
    /// The share at the very end for testing, or a file of its own.
    #[serde(default = "nothing")]
    pub test: Kept,
    /// How it is batched.
    #[serde(default)]
    pub batching: Batching,
}

/// What the ids mean.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Vocabulary {
    /// So many ids, of a text that is not known.
    Size(u32),
    /// The tokens of this tokenizer.json.
    File(PathBuf),
}

impl Default for Vocabulary {
    fn default() -> Self {
        Vocabulary::File("tokenizer.json".into())
    }
}

/// Of a file that is larger than memory, a hundredth is much.
fn a_hundredth() -> Kept {
    Kept::Share(0.01)
}

fn nothing() -> Kept {
    Kept::Share(0.0)
}

impl<'de> Deserialize<'de> for Vocabulary {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Size(u32),
            File(PathBuf),
        }
        match Written::deserialize(from) {
            Ok(Written::Size(size)) if size > 0 => Ok(Vocabulary::Size(size)),
            Ok(Written::File(path)) => Ok(Vocabulary::File(path)),
            _ => Err(D::Error::custom(
                "it is the name of a tokenizer.json, in quotes, or how many ids there are, 1 or more",
            )),
        }
    }
}

/// This kind's line.
pub const ENTRY: Entry =
    Entry { name: "ids", about: "text made into ids before, larger than memory", source: include_str!("ids.rs") };

pub(super) fn open(config: &Config, making: Making<'_>) -> Result<Corpus, DataError> {
    let fractions = Fractions { validation: config.validation.share(), test: config.test.share() }.check()?;
    let tokenizer = config.tokenizer(making.existing.map(|existing| existing.target))?;
    let vocabulary = config.size(tokenizer.as_ref());
    config.fits(vocabulary)?;
    let (file, source) = config.file(&config.path, vocabulary)?;
    let [train, validation, _] = fractions.sizes(file.len(), "ids")?;
    let within = |places: Range<usize>| IdStream::of_file(file.clone(), places);
    let mut sources = vec![source];
    let mut kept = |how: &Kept, name: PartName, places: Range<usize>| {
        let Some(path) = how.file(&config.path) else { return Ok(Part::Stream(within(places))) };
        let (file, source) = config.file(&path, vocabulary)?;
        sources.push(source);
        match file.len() {
            0 => Err(DataError::EmptyPart { part: name.name(), count: 0, unit: "ids" }),
            count => Ok(Part::Stream(IdStream::of_file(file, 0..count))),
        }
    };
    let cut = train + validation;
    let validation = kept(&config.validation, PartName::Validation, train..cut)?;
    let test = kept(&config.test, PartName::Test, cut..file.len())?;
    Ok(Corpus {
        tokenizer,
        vocabulary,
        source_tokenizer: None,
        source_vocabulary: 0,
        train: Part::Stream(within(0..train)),
        validation,
        test,
        batching: config.batching.into(),
        sources,
        leaks: Vec::new(),
        left_out: LeftOut::default(),
        swapped: Vec::new(),
    })
}

pub(super) fn open_file(config: &Config, path: &Path, tokenizer: Option<&Tokenizer>) -> Result<Part, DataError> {
    let (file, _) = config.file(path, config.size(tokenizer))?;
    let count = file.len();
    Ok(Part::Stream(IdStream::of_file(file, 0..count)))
}

impl Config {
    /// The tokenizer that a run has already, or the one that made the ids, if it is known.
    fn tokenizer(&self, existing: Option<Tokenizer>) -> Result<Option<Tokenizer>, DataError> {
        match &self.vocabulary {
            Vocabulary::Size(_) => Ok(None),
            Vocabulary::File(_) if existing.is_some() => Ok(existing),
            Vocabulary::File(path) => {
                let path = beside(&self.path, path);
                if !path.exists() {
                    return Err(DataError::NoVocabulary { path, data: self.path.clone() });
                }
                Ok(Some(Tokenizer::load(&path)?))
            }
        }
    }

    fn size(&self, tokenizer: Option<&Tokenizer>) -> usize {
        match (&self.vocabulary, tokenizer) {
            (Vocabulary::Size(size), _) => *size as usize,
            (Vocabulary::File(_), tokenizer) => tokenizer.expect("ids that have a tokenizer come with it").vocab_size(),
        }
    }

    /// Refuses ids that cannot have the width they are said to have.
    fn fits(&self, vocabulary: usize) -> Result<(), DataError> {
        let needed = Width::of_vocabulary(vocabulary).bits();
        if needed <= self.width.bits() {
            return Ok(());
        }
        let rule = format!("a vocabulary of {vocabulary} ids needs `width = {needed}`");
        Err(DataError::Setting { key: "width", value: self.width.bits().to_string(), rule })
    }

    fn file(&self, path: &Path, vocabulary: usize) -> Result<(Arc<IdFile>, Source), DataError> {
        let (file, source) = IdFile::open(path, self.width, vocabulary)?;
        Ok((Arc::new(file), source))
    }
}
