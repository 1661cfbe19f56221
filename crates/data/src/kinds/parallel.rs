//! # parallel: sentences and their translations
//!
//! A line is a source and its target, with a TAB between; what stands behind a second TAB is not read. Or there are two
//! files, and line N of the one belongs to line N of the other. Both sides of a pair are trimmed at their ends, and
//! nothing is changed within.
//!
//! Pairs are shuffled before they are cut into parts; a part that is a file of its own keeps its order. The tokenizer
//! learns from all of the training part. Pairs with an empty side, too long ones and badly matched ones are then left out
//! of it, and counted. In validation and test every pair stays. The leak check compares sources.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rushlight_text::{Limit, Tokenizer};
use serde::{Deserialize, Serialize};

use super::Entry;
use crate::batching::pairs::Gather;
use crate::corpus::{Corpus, Making, Part, Tokenizers};
use crate::files::{self, Loaded};
use crate::kept::Kept;
use crate::leaks::leaks;
use crate::splits::shuffled;
use crate::swapped::swapped;
use crate::{Batching, DataError, Fractions, Limits, Pairs, Ratio, Rows};

/// The settings of pairs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// A built-in data set; this or `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// A file of yours with a pair a line; or, with `source` and `target`, what the names of two files begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// The ending of the file with the sources, such as "de" of `train.de`; only for two files.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The ending of the file with the targets; only for two files.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// Whether the second column is translated into the first; only for one file.
    pub swap: bool,
    /// The share for validation, or, as `path`, files of its own in the same folder. A data set keeps its own parts.
    pub validation: Kept,
    /// The share for testing, or files of its own.
    pub test: Kept,
    /// Whether both sides have one vocabulary.
    pub vocabulary: Vocabulary,
    /// What `batch` in `[train]` counts.
    pub batching: Gather,
    /// How many tokens a side has at most, its boundary included; only of pairs to train on.
    pub max_length: Limit,
    /// How many times the tokens of the shorter side the longer one has at most; only of pairs to train on.
    pub max_ratio: Ratio,
}

/// Whether both sides have one vocabulary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vocabulary {
    /// One tokenizer, learned from both sides.
    #[default]
    Joint,
    /// A tokenizer for each side, with the same settings.
    Separate,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            dataset: None,
            path: None,
            source: String::new(),
            target: String::new(),
            swap: false,
            validation: Kept::Share(0.05),
            test: Kept::Share(0.05),
            vocabulary: Vocabulary::Joint,
            batching: Gather::Sentences,
            max_length: Limit::Never,
            max_ratio: Ratio::Never,
        }
    }
}

/// This kind's line.
pub const ENTRY: Entry =
    Entry { name: "parallel", about: "sentences and their translations", source: include_str!("parallel.rs") };

/// A pair of texts, and where it stands.
#[derive(Clone, Copy)]
struct Pair<'t> {
    /// The source and the target.
    sides: [&'t str; 2],
    /// The names of their files.
    files: [&'t str; 2],
    line: usize,
}

/// How pairs stand in files.
#[derive(Clone, Copy)]
enum Form<'c> {
    /// Two columns of one file.
    Columns { swap: bool },
    /// A file for each side, with these endings.
    Files([&'c str; 2]),
}

pub(super) fn open(config: &Config, making: Making<'_>, seed: u64) -> Result<Corpus, DataError> {
    let form = config.form()?;
    config.leaves_parts_alone()?;
    let fractions = Fractions { validation: config.validation.share(), test: config.test.share() }.check()?;
    let whole = form.load(config.dataset.as_deref(), config.path.as_deref())?;
    let folder_of = config.path.as_deref().unwrap_or(Path::new(""));
    let own = |kept: &Kept| kept.file(folder_of).map_or(Ok(Vec::new()), |path| form.load(None, Some(&path)));
    let own = [own(&config.validation)?, own(&config.test)?];
    let pairs = form.pairs(&whole)?;
    let mut parts = match whole[0].parts {
        Some(given) => {
            let mut rest = pairs.into_iter();
            given.map(|part| rest.by_ref().take(part.lines().count()).collect())
        }
        None => fractions.cut(shuffled(pairs, seed), "pairs")?,
    };
    for (part, files) in std::iter::zip(&mut parts[1..], &own) {
        if !files.is_empty() {
            *part = form.pairs(files)?;
        }
    }
    let tokenizers = config.tokenizers(making, &parts)?;
    let encoded = |part: &[Pair<'_>]| encode(part, &tokenizers);
    let (train, left_out) = config.limits().keep(&encoded(&parts[0])?);
    if train.is_empty() {
        return Err(DataError::AllLeftOut { left_out });
    }
    let validation = encoded(&parts[1])?.with_lines(lines(&parts[1]));
    let test = encoded(&parts[2])?.with_lines(lines(&parts[2]));
    let sources = parts.each_ref().map(|part| part.iter().map(|pair| pair.sides[0]).collect::<Vec<_>>());
    Ok(Corpus {
        vocabulary: tokenizers.target.vocab_size(),
        source_vocabulary: tokenizers.of_source().vocab_size(),
        tokenizer: Some(tokenizers.target),
        source_tokenizer: tokenizers.source,
        train: Part::Pairs(Arc::new(train)),
        validation: Part::Pairs(Arc::new(validation)),
        test: Part::Pairs(Arc::new(test)),
        batching: Batching::Pairs(config.batching),
        sources: [&whole, &own[0], &own[1]].into_iter().flatten().map(|file| file.source.clone()).collect(),
        leaks: leaks(sources.each_ref().map(Vec::as_slice)),
        left_out,
        swapped: swapped(&parts.each_ref().map(|part| part.iter().map(|pair| pair.sides).collect())),
    })
}

/// All pairs of other files, which stand there as those of the run do.
pub(super) fn open_file(config: &Config, path: &Path, tokenizers: &Tokenizers) -> Result<Part, DataError> {
    let form = config.form()?;
    let files = form.load(None, Some(path))?;
    let pairs = form.pairs(&files)?;
    Ok(Part::Pairs(Arc::new(encode(&pairs, tokenizers)?.with_lines(lines(&pairs)))))
}

impl Config {
    /// The file of a pair a line, or that of the sources.
    pub(super) fn first_file(&self) -> Option<PathBuf> {
        let path = self.path.as_ref()?;
        Some(if self.source.is_empty() { path.clone() } else { with_ending(path, &self.source) })
    }

    pub(super) fn move_to(&mut self, first_file: &Path) {
        let ending = if self.source.is_empty() { String::new() } else { format!(".{}", self.source) };
        let path = first_file.to_str().and_then(|file| file.strip_suffix(&ending));
        self.path = Some(path.map_or(first_file.into(), PathBuf::from));
    }

    fn form(&self) -> Result<Form<'_>, DataError> {
        let refuse = |key, value: &str, rule: &str| {
            Err(DataError::Setting { key, value: value.to_string(), rule: rule.to_string() })
        };
        const BOTH: &str = "two files have an ending each; give `source` and `target`, or neither for one file";
        let (source, target) = (self.source.as_str(), self.target.as_str());
        match (source, target) {
            ("", "") => Ok(Form::Columns { swap: self.swap }),
            (_, "") => refuse("target", "\"\"", BOTH),
            ("", _) => refuse("source", "\"\"", BOTH),
            _ if self.dataset.is_some() => {
                let rule = "it is the ending of a file, but `[data]` has a `dataset`; leave `source` and `target` out";
                refuse("source", &format!("{source:?}"), rule)
            }
            _ if source == target => {
                let rule = "`source` has the same ending, so both sides would be one file; name two";
                refuse("target", &format!("{target:?}"), rule)
            }
            _ if self.swap => refuse("swap", "true", "it is for one file; of two, swap `source` and `target`"),
            _ => Ok(Form::Files([source, target])),
        }
    }

    /// That nobody asks for parts where a data set brings its own.
    fn leaves_parts_alone(&self) -> Result<(), DataError> {
        let Some(dataset) = &self.dataset else { return Ok(()) };
        let usual = Config::default();
        let parts = [("validation", &self.validation, usual.validation), ("test", &self.test, usual.test)];
        for (key, kept, usual) in parts {
            if *kept != usual {
                let value = match kept {
                    Kept::Share(share) => share.to_string(),
                    Kept::File(file) => format!("{:?}", file.display().to_string()),
                };
                let rule = format!("`{dataset}` keeps the parts in which it comes; leave `{key}` out");
                return Err(DataError::Setting { key, value, rule });
            }
        }
        Ok(())
    }

    fn limits(&self) -> Limits {
        Limits { max_length: self.max_length, max_ratio: self.max_ratio }
    }

    /// The existing tokenizers, or new ones.
    fn tokenizers(&self, making: Making<'_>, parts: &[Vec<Pair<'_>>; 3]) -> Result<Tokenizers, DataError> {
        let Making { config, normalizer, existing } = making;
        let (target, source) = existing.map_or((None, None), |both| (Some(both.target), both.source));
        let made = |sides: &[usize], existing: Option<Tokenizer>| {
            let making = Making { config, normalizer, existing: existing.map(Tokenizers::from) };
            making.tokenizer(true, texts(parts, sides), texts(&parts[..1], sides))
        };
        let refuse = |value: &str, rule: &str| {
            Err(DataError::Setting { key: "vocabulary", value: value.to_string(), rule: rule.to_string() })
        };
        match self.vocabulary {
            Vocabulary::Joint if source.is_some() => {
                refuse("\"joint\"", "there is a tokenizer for each side already; say \"separate\"")
            }
            Vocabulary::Separate if target.is_some() && source.is_none() => {
                refuse("\"separate\"", "there is one tokenizer for both sides already; say \"joint\"")
            }
            Vocabulary::Joint => Ok(made(&[0, 1], target)?.into()),
            Vocabulary::Separate => Ok(Tokenizers { source: Some(made(&[0], source)?), target: made(&[1], target)? }),
        }
    }
}

impl Form<'_> {
    /// What is read: one file or data set, or the files of both sides.
    fn load(self, dataset: Option<&str>, path: Option<&Path>) -> Result<Vec<Loaded>, DataError> {
        let (Form::Files(endings), Some(path)) = (self, path) else { return Ok(vec![files::load(dataset, path)?]) };
        let paths = endings.map(|ending| with_ending(path, ending));
        if path.is_file() && !paths[0].exists() {
            let [source, target] = paths.each_ref().map(|path| path.display());
            let rule = format!(
                "with `source` and `target` it is what two names begin with, here `{source}` and `{target}`; leave its \
                 ending off, or, for one file with a TAB in each line, leave `source` and `target` out"
            );
            return Err(DataError::Setting { key: "path", value: path.display().to_string(), rule });
        }
        Ok(files::load_aligned(&paths)?.into())
    }

    /// The pairs in what was read.
    fn pairs<'t>(self, files: &'t [Loaded]) -> Result<Vec<Pair<'t>>, DataError> {
        // A byte order mark is no text.
        let lines = |file: &'t Loaded| file.text.strip_prefix('\u{feff}').unwrap_or(&file.text).lines();
        let name = |file: &'t Loaded| file.source.name.as_str();
        match self {
            Form::Columns { swap } => {
                let file = &files[0];
                let pair = |(place, text): (usize, &'t str)| {
                    let mut columns = text.split('\t').map(str::trim);
                    let (Some(first), Some(second)) = (columns.next(), columns.next()) else {
                        return Err(DataError::NoTab { name: name(file).to_string(), line: place + 1 });
                    };
                    let sides = if swap { [second, first] } else { [first, second] };
                    Ok(Pair { sides, files: [name(file); 2], line: place + 1 })
                };
                lines(file).enumerate().map(pair).collect()
            }
            Form::Files(_) => {
                let [source, target] = [&files[0], &files[1]];
                let files = [name(source), name(target)];
                let both = std::iter::zip(lines(source), lines(target)).enumerate();
                Ok(both.map(|(place, (s, t))| Pair { sides: [s.trim(), t.trim()], files, line: place + 1 }).collect())
            }
        }
    }
}

/// `path` with an ending more; it may have one already, which stays.
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(".");
    name.push(ending);
    name.into()
}

/// What stands on these sides of all pairs.
fn texts<'p>(parts: &'p [Vec<Pair<'_>>], sides: &'p [usize]) -> impl Iterator<Item = &'p str> {
    sides.iter().flat_map(move |&side| parts.iter().flatten().map(move |pair| pair.sides[side]))
}

fn lines(pairs: &[Pair<'_>]) -> Vec<[String; 2]> {
    pairs.iter().map(|pair| pair.sides.map(str::to_owned)).collect()
}

fn encode(pairs: &[Pair<'_>], tokenizers: &Tokenizers) -> Result<Pairs, DataError> {
    let (sources, targets) = (encode_side(pairs, 0, tokenizers.of_source()), encode_side(pairs, 1, &tokenizers.target));
    Ok(Pairs::new(sources?, targets?))
}

fn encode_side(pairs: &[Pair<'_>], side: usize, tokenizer: &Tokenizer) -> Result<Rows, DataError> {
    let mut rows = Rows::new(tokenizer.boundary().ok_or(DataError::NoBoundary)?);
    for pair in pairs {
        let unknown = |source| DataError::UnknownText { name: pair.files[side].to_string(), line: pair.line, source };
        rows.push(&tokenizer.try_encode(pair.sides[side]).map_err(unknown)?);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, path: &str, first_file: &str, moved: &str) {
        let mut config = Config { path: Some(path.into()), source: source.into(), ..Default::default() };
        assert_eq!(config.first_file(), Some(first_file.into()));
        config.move_to(&Path::new("/else").join(first_file));
        assert_eq!(config.path, Some(moved.into()));
    }

    #[test]
    fn files_are_found_again_by_the_first_of_them() {
        check("", "pairs.tsv", "pairs.tsv", "/else/pairs.tsv");
        check("de", "a/train", "a/train.de", "/else/a/train");
        check("de", "train.v2", "train.v2.de", "/else/train.v2");
        check("de.txt", "train", "train.de.txt", "/else/train");
    }
}
