//! # utterances: sentences, what each wants and what its words are
//!
//! A line is a sentence, a TAB and its intent; a second TAB and a tag for each word, cut at spaces, may follow (`B-city`
//! begins a city, `I-city` goes on, `O` is nothing). Or it is a CSV file whose first two columns are sentence and intent,
//! under a header; a JSON file as CLINC150 has it, lists of `[sentence, intent]` whose names end in `train`, `val` and
//! `test`; or a folder of three folders `train`, `valid` and `test` with the files `seq.in`, `seq.out` and `label` in each, as
//! ATIS and SNIPS come.
//!
//! What has no parts of its own is shuffled and cut into them. Sentences of the intent `out_of_scope` are learnt like the
//! others, but stand for all that is asked of nobody: they are counted apart.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rushlight_text::{Spelling, Tokenizer};
use serde::{Deserialize, Serialize};

use super::Entry;
use crate::corpus::{Corpus, Making, Part};
use crate::error::listed;
use crate::files::{self, Loaded};
use crate::kept::beside;
use crate::labelled;
use crate::leaks::leaks;
use crate::other_values::with_values;
use crate::splits::shuffled;
use crate::utterances::Reading;
use crate::{Batching, DataError, Fractions, Kept, Labels, LeftOut, Source, Tokenizers, Utterance, Utterances};

/// The settings of utterances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// A built-in data set; this or `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// A file or folder of yours; this or `dataset`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// Whether the tags of words are learnt, where the data have any.
    pub slots: bool,
    /// The intent of sentences that are none of the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_of_scope: Option<String>,
    /// The share for validation, or a file of its own in the same folder. What comes in parts keeps them.
    pub validation: Kept,
    /// The share for testing, or a file of its own.
    pub test: Kept,
    /// A file of more sentences to train on, in the same folder: corrections of a model that runs. It may be empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<PathBuf>,
    /// What of a word's letters a model sees.
    pub spelling: Spelling,
    /// How many sentences are made of each training sentence that has slots, with the values of other sentences in them.
    pub values: usize,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            dataset: None,
            path: None,
            slots: true,
            out_of_scope: None,
            validation: Kept::Share(0.1),
            test: Kept::Share(0.1),
            more: None,
            spelling: Spelling::default(),
            values: 0,
        }
    }
}

/// This kind's line.
pub const ENTRY: Entry = Entry {
    name: "utterances",
    about: "sentences, what each wants and what its words are",
    source: include_str!("utterances.rs"),
};

/// The first file of a folder in parts.
const FIRST_OF_FOLDER: &str = "train/seq.in";

/// Sentences as they stand in files.
struct Written {
    parts: [Vec<Utterance>; 3],
    sources: Vec<Source>,
}

pub(super) fn open(config: &Config, making: Making<'_>, seed: u64) -> Result<Corpus, DataError> {
    config.check()?;
    let Written { mut parts, mut sources } = config.written(seed)?;
    if let Some(more) = &config.more {
        let path = beside(config.path.as_deref().unwrap_or(Path::new("")), more);
        // Where nobody has corrected anything yet, it is empty.
        if !std::fs::metadata(&path).is_ok_and(|file| file.len() == 0) {
            let Loaded { source, text, .. } = files::load(None, Some(&path))?;
            parts[0].extend(labelled::read(&path, &text)?.into_iter().flatten());
            sources.push(source);
        }
    }
    let texts = parts.each_ref().map(|part| part.iter().map(|utterance| utterance.text.as_str()).collect::<Vec<_>>());
    let tokenizer = making.tokenizer(false, texts.iter().flatten().copied(), texts[0].iter().copied())?;
    if tokenizer.words_in("").is_none() {
        return Err(DataError::NotWords);
    }
    let leaks = leaks(texts.each_ref().map(Vec::as_slice));
    let name = sources.first().map_or("", |source| source.name.as_str());
    let [train, validation, test] = parts;
    let train = with_values(train, config.values, seed);
    let parts =
        [tagged(train, &tokenizer, name)?, tagged(validation, &tokenizer, name)?, tagged(test, &tokenizer, name)?];
    let labels = Arc::new(Labels::of(parts.iter().flatten(), config.slots, config.out_of_scope.clone()));
    config.check_labels(&labels)?;
    let reading = Reading { tokenizer: &tokenizer, spelling: config.spelling };
    let [train, validation, test] =
        parts.map(|part| Utterances::new(part, &labels, reading, name).map(|part| Part::Utterances(Arc::new(part))));
    Ok(Corpus {
        vocabulary: labels.intents.len(),
        source_vocabulary: tokenizer.vocab_size(),
        tokenizer: Some(tokenizer),
        source_tokenizer: None,
        train: train?,
        validation: validation?,
        test: test?,
        batching: Batching::Utterances { tags: labels.kinds() },
        sources,
        leaks,
        left_out: LeftOut::default(),
        swapped: Vec::new(),
    })
}

/// All sentences of another file, with the labels of the run.
pub(super) fn open_file(
    config: &Config,
    path: &Path,
    tokenizers: &Tokenizers,
    labels: &Arc<Labels>,
) -> Result<Part, DataError> {
    let text = files::read(path)?;
    let utterances = labelled::read(path, &text)?.into_iter().flatten().collect();
    let utterances = tagged(utterances, &tokenizers.target, &path.display().to_string())?;
    let reading = Reading { tokenizer: &tokenizers.target, spelling: config.spelling };
    Ok(Part::Utterances(Arc::new(Utterances::new(utterances, labels, reading, &path.display().to_string())?)))
}

/// Sentences with a tag for each word that the tokenizer cuts.
fn tagged(all: Vec<Utterance>, tokenizer: &Tokenizer, name: &str) -> Result<Vec<Utterance>, DataError> {
    let one = |utterance: Utterance| {
        let line = utterance.line;
        let wrong = |what| DataError::Utterance { name: name.to_owned(), line, what };
        utterance.with_tags_of_words(tokenizer).map_err(wrong)
    };
    all.into_iter().map(one).collect()
}

impl Config {
    fn check_labels(&self, labels: &Labels) -> Result<(), DataError> {
        if labels.intents.len() < 2 {
            let rule =
                format!("there must be two intents or more to tell apart, and there is {}", labels.intents.len());
            return Err(DataError::Setting { key: "kind", value: "utterances".into(), rule });
        }
        if let Some(name) = self.out_of_scope.as_ref().filter(|name| !labels.intents.contains(name)) {
            let rule = format!("no sentence has that intent; there are {}", listed(&labels.intents));
            return Err(DataError::Setting { key: "out_of_scope", value: format!("{name:?}"), rule });
        }
        Ok(())
    }

    pub(super) fn first_file(&self) -> Option<PathBuf> {
        let path = self.path.as_ref()?;
        Some(if path.is_dir() { path.join(FIRST_OF_FOLDER) } else { path.clone() })
    }

    pub(super) fn move_to(&mut self, first_file: &Path) {
        let folder = first_file.ends_with(FIRST_OF_FOLDER).then(|| first_file.ancestors().nth(2)).flatten();
        self.path = Some(folder.unwrap_or(first_file).to_path_buf());
    }

    fn check(&self) -> Result<(), DataError> {
        self.spelling.check().map_err(|(key, value, rule)| DataError::Setting { key, value: value.to_string(), rule })
    }

    fn written(&self, seed: u64) -> Result<Written, DataError> {
        if let Some(folder) = self.path.as_deref().filter(|path| path.is_dir()) {
            return in_folder(folder);
        }
        let Loaded { source, text, parts } = files::load(self.dataset.as_deref(), self.path.as_deref())?;
        let name = PathBuf::from(&source.name);
        if let Some(given) = parts {
            let [train, validation, test] = given.map(|part| labelled::lines(&source.name, part));
            return Ok(Written { parts: [train?, validation?, test?], sources: vec![source] });
        }
        let mut written = Written { parts: labelled::read(&name, &text)?, sources: vec![source] };
        let in_parts = written.parts[1..].iter().any(|part| !part.is_empty());
        if !in_parts {
            let fractions = Fractions { validation: self.validation.share(), test: self.test.share() }.check()?;
            let all = std::mem::take(&mut written.parts[0]);
            written.parts = fractions.cut(shuffled(all, seed), "sentences")?;
        }
        for (part, kept) in std::iter::zip(&mut written.parts[1..], [&self.validation, &self.test]) {
            if let Some(path) = kept.file(&name) {
                let Loaded { source, text, .. } = files::load(None, Some(&path))?;
                *part = labelled::read(&path, &text)?.into_iter().flatten().collect();
                written.sources.push(source);
            }
        }
        Ok(written)
    }
}

/// The three folders of ATIS and SNIPS.
fn in_folder(folder: &Path) -> Result<Written, DataError> {
    let mut sources = Vec::new();
    let mut part = |name: &str| -> Result<Vec<Utterance>, DataError> {
        let paths = ["seq.in", "seq.out", "label"].map(|file| folder.join(name).join(file));
        for path in &paths {
            sources.push(files::load(None, Some(path))?.source);
        }
        let columns = files::aligned(&paths)?;
        Ok((0..columns[0].len())
            .map(|line| Utterance {
                text: columns[0][line].trim().to_owned(),
                intent: columns[2][line].trim().to_owned(),
                tags: columns[1][line].split_whitespace().map(str::to_owned).collect(),
                line: line + 1,
            })
            .collect())
    };
    let parts = [part("train")?, part("valid")?, part("test")?];
    Ok(Written { parts, sources })
}
