//! The family of data: a file a kind. This page lists them; nothing else does.

use std::path::{Path, PathBuf};

use rushlight_text::Spelling;
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};

use crate::corpus::Making;
use crate::error::listed;
use crate::{Corpus, DataError, Part, Tokenizers};

pub mod dialogues;
pub mod ids;
pub mod lines;
pub mod noise;
pub mod parallel;
pub mod recall;
pub mod reverse;
pub mod table;
pub mod text;
pub mod utterances;

/// Every kind: first those that read files, then those that are made up.
pub const ALL: &[Entry] = &[
    text::ENTRY,
    lines::ENTRY,
    parallel::ENTRY,
    utterances::ENTRY,
    dialogues::ENTRY,
    ids::ENTRY,
    table::ENTRY,
    recall::ENTRY,
    reverse::ENTRY,
    noise::ENTRY,
];

/// What `[data]` of a recipe says; `kind` chooses the member.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum DataConfig {
    /// One long text.
    Text(text::Config),
    /// A line an example.
    Lines(lines::Config),
    /// Sentences and their translations.
    Parallel(parallel::Config),
    /// Sentences, what each wants and what its words are.
    Utterances(utterances::Config),
    /// Turns that answer each other.
    Dialogues(dialogues::Config),
    /// A file of ids.
    Ids(ids::Config),
    /// A CSV file.
    Table(table::Config),
    /// A symbol to be remembered.
    Recall(recall::Config),
    /// Digits backwards.
    Reverse(reverse::Config),
    /// Nothing to be learned.
    Noise(noise::Config),
}

/// A line on the contents page.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name in recipes.
    pub name: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// Its file, whose header explains it.
    pub source: &'static str,
}

impl DataConfig {
    /// The settings of the member called `kind`; `rest` is the table without its `kind`.
    ///
    /// # Errors
    /// An unknown member, and whatever the member's own settings refuse.
    pub fn of_kind<'de, D: Deserializer<'de>>(kind: &str, rest: D) -> Result<Self, D::Error> {
        match kind {
            "text" => Deserialize::deserialize(rest).map(DataConfig::Text),
            "lines" => Deserialize::deserialize(rest).map(DataConfig::Lines),
            "parallel" => Deserialize::deserialize(rest).map(DataConfig::Parallel),
            "utterances" => Deserialize::deserialize(rest).map(DataConfig::Utterances),
            "dialogues" => Deserialize::deserialize(rest).map(DataConfig::Dialogues),
            "ids" => Deserialize::deserialize(rest).map(DataConfig::Ids),
            "table" => Deserialize::deserialize(rest).map(DataConfig::Table),
            "recall" => Deserialize::deserialize(rest).map(DataConfig::Recall),
            "reverse" => Deserialize::deserialize(rest).map(DataConfig::Reverse),
            "noise" => Deserialize::deserialize(rest).map(DataConfig::Noise),
            _ => {
                let known = listed(ALL.iter().map(|entry| entry.name));
                Err(D::Error::custom(DataError::UnknownKind { asked: kind.to_string(), known }))
            }
        }
    }

    /// The file that it reads, or what the names of two files begin with, if they are files of the user's; parts of their
    /// own lie beside it.
    pub fn path_mut(&mut self) -> Option<&mut PathBuf> {
        match self {
            DataConfig::Text(config) => config.path.as_mut(),
            DataConfig::Lines(config) => config.path.as_mut(),
            DataConfig::Parallel(config) => config.path.as_mut(),
            DataConfig::Utterances(config) => config.path.as_mut(),
            DataConfig::Dialogues(config) => Some(&mut config.path),
            DataConfig::Ids(config) => Some(&mut config.path),
            DataConfig::Table(config) => Some(&mut config.path),
            DataConfig::Recall(_) | DataConfig::Reverse(_) | DataConfig::Noise(_) => None,
        }
    }

    /// The first file that it reads, if it is a file of the user's; the first of the corpus's sources.
    pub fn first_file(&self) -> Option<PathBuf> {
        match self {
            DataConfig::Parallel(config) => config.first_file(),
            DataConfig::Utterances(config) => config.first_file(),
            _ => self.clone().path_mut().cloned(),
        }
    }

    /// Reads its files from where the first of them stands now.
    pub fn move_to(&mut self, first_file: &Path) {
        match self {
            DataConfig::Parallel(config) => config.move_to(first_file),
            DataConfig::Utterances(config) => config.move_to(first_file),
            _ => self.path_mut().into_iter().for_each(|path| *path = first_file.to_path_buf()),
        }
    }

    /// What of a word's letters a model sees; nothing where sentences are not understood.
    pub fn spelling(&self) -> Spelling {
        match self {
            DataConfig::Utterances(config) => config.spelling,
            _ => Spelling { buckets: 0, ..Spelling::default() },
        }
    }

    /// Whether examples are rows of numbers; all others are ids.
    pub fn has_vectors(&self) -> bool {
        matches!(self, DataConfig::Table(_) | DataConfig::Noise(_))
    }

    /// Whether `[tokenizer]` says how its text becomes ids; else there is no text, or it has become ids already.
    pub fn has_text(&self) -> bool {
        !self.has_vectors() && !matches!(self, DataConfig::Ids(_))
    }

    /// Whether it is read by words, and no other token will do.
    pub fn is_of_words(&self) -> bool {
        matches!(self, DataConfig::Utterances(_))
    }

    pub(crate) fn open(&self, making: Making<'_>, seed: u64) -> Result<Corpus, DataError> {
        match self {
            DataConfig::Text(config) => text::open(config, making),
            DataConfig::Lines(config) => lines::open(config, making, seed),
            DataConfig::Parallel(config) => parallel::open(config, making, seed),
            DataConfig::Utterances(config) => utterances::open(config, making, seed),
            DataConfig::Dialogues(config) => dialogues::open(config, making, seed),
            DataConfig::Ids(config) => ids::open(config, making),
            DataConfig::Table(config) => table::open(config, seed),
            DataConfig::Recall(config) => recall::open(config, making, seed),
            DataConfig::Reverse(config) => reverse::open(config, making, seed),
            DataConfig::Noise(config) => noise::open(config, seed),
        }
    }

    pub(crate) fn open_file(
        &self,
        path: &Path,
        tokenizers: Option<&Tokenizers>,
        like: Option<&Part>,
    ) -> Result<Part, DataError> {
        let both = || tokenizers.expect("text from elsewhere comes with the run's tokenizers");
        let needed = || &both().target;
        match self {
            DataConfig::Text(config) => text::open_file(config, path, needed()),
            DataConfig::Parallel(config) => parallel::open_file(config, path, both()),
            DataConfig::Dialogues(config) => dialogues::open_file(config, path, both()),
            DataConfig::Ids(config) => ids::open_file(config, path, tokenizers.map(|both| &both.target)),
            DataConfig::Table(config) => match like {
                Some(Part::Table(table)) => table::open_file(config, path, &table.layout),
                _ => panic!("a table from elsewhere is read like a table of the run"),
            },
            DataConfig::Utterances(config) => match like {
                Some(Part::Utterances(known)) => utterances::open_file(config, path, both(), &known.labels),
                _ => panic!("utterances from elsewhere are read like those of the run"),
            },
            DataConfig::Reverse(config) if config.pairs => parallel::open_file(&Default::default(), path, both()),
            DataConfig::Lines(_) | DataConfig::Recall(_) | DataConfig::Reverse(_) => lines::open_file(path, needed()),
            DataConfig::Noise(_) => Err(DataError::Setting {
                key: "kind",
                value: "noise".to_string(),
                rule: "noise is made up and no file holds it".to_string(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kept;

    fn read(kind: &str, json: &str) -> Result<DataConfig, String> {
        let mut from = serde_json::Deserializer::from_str(json);
        DataConfig::of_kind(kind, &mut from).map_err(|error| error.to_string())
    }

    #[test]
    fn every_kind_writes_its_name_and_reads_what_it_wrote() {
        for entry in ALL {
            let least = match entry.name {
                "table" => r#"{"path": "x.csv", "targets": ["y"]}"#,
                "ids" => r#"{"path": "x.bin"}"#,
                "dialogues" => r#"{"path": "x.txt"}"#,
                _ => "{}",
            };
            let config = read(entry.name, least).unwrap();
            let mut written = serde_json::to_value(&config).unwrap();
            assert_eq!(written.as_object_mut().unwrap().remove("kind").unwrap(), entry.name);
            assert_eq!(read(entry.name, &written.to_string()).unwrap(), config);
        }
    }

    #[test]
    fn an_unknown_kind_is_answered_with_the_known_ones() {
        let error = read("txt", "{}").unwrap_err();
        assert!(
            error.starts_with(
                "there is no data kind `txt`; there are: `text`, `lines`, `parallel`, `utterances`, `dialogues`, `ids`, `table`,"
            ),
            "{error}"
        );
    }

    #[test]
    fn an_unknown_key_is_refused() {
        for entry in ALL {
            let error = read(entry.name, r#"{"pth": "x"}"#).unwrap_err();
            assert!(error.contains("unknown field `pth`"), "{error}");
        }
    }

    #[test]
    fn batching_is_only_what_suits_the_kind() {
        assert!(read("text", r#"{"batching": "rows"}"#).is_err());
        assert!(read("lines", r#"{"batching": "windows"}"#).is_err());
        assert!(read("parallel", r#"{"batching": "rows"}"#).is_err());
    }

    #[test]
    fn of_ids_a_part_is_a_share_or_a_file_and_the_vocabulary_a_file_or_a_size() {
        let keys = r#""vocabulary": 300, "validation": "val.bin", "test": 0, "width": 32"#;
        let DataConfig::Ids(config) = read("ids", &format!("{{\"path\": \"x.bin\", {keys}}}")).unwrap() else {
            panic!()
        };
        assert_eq!(config.vocabulary, ids::Vocabulary::Size(300));
        assert_eq!((config.validation, config.test), (Kept::File("val.bin".into()), Kept::Share(0.0)));
        let refused = |keys: &str| read("ids", &format!("{{\"path\": \"x.bin\", {keys}}}")).unwrap_err();
        assert!(refused(r#""vocabulary": 0"#).contains("how many ids there are, 1 or more"));
        assert!(refused(r#""width": 8"#).contains("16 or 32 bits in a file, not 8"));
        assert!(refused(r#""validation": true"#).contains("a share, such as 0.01, or the name of a file"));
    }
}
