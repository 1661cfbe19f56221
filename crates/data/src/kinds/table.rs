//! # table: rows of numbers from a CSV file
//!
//! Some columns are targets, all others are features, and every feature is a number. A cell that is not is an error
//! with its line and column: nothing is guessed and no row is dropped. Regression has one target or more, all numbers;
//! classification has one, any text, and its classes are the different values in it. Features are standardised by the
//! mean and deviation of the training part.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Entry;
use crate::corpus::{Corpus, Part};
use crate::error::listed;
use crate::files::{self, Source};
use crate::splits::shuffled;
use crate::{Batching, DataError, Fractions, Layout, LeftOut, Table, Targets, VectorBatch};

/// The settings of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The CSV file.
    pub path: PathBuf,
    /// The columns to be said; all others are features. Without a header the columns are called 1, 2, 3.
    pub targets: Vec<String>,
    /// What is said of a row.
    #[serde(default)]
    pub task: Task,
    /// Whether the first line holds the names of the columns.
    #[serde(default = "yes")]
    pub header: bool,
    /// Whether features are brought to mean 0 and deviation 1.
    #[serde(default = "yes")]
    pub standardise: bool,
    /// The share for validation.
    #[serde(default = "a_tenth")]
    pub validation: f64,
    /// The share for testing.
    #[serde(default = "a_tenth")]
    pub test: f64,
}

/// What is said of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Numbers.
    #[default]
    Regression,
    /// A class.
    Classification,
}

fn yes() -> bool {
    true
}

fn a_tenth() -> f64 {
    0.1
}

/// This kind's line.
pub const ENTRY: Entry =
    Entry { name: "table", about: "rows of numbers from a CSV file", source: include_str!("table.rs") };

pub(super) fn open(config: &Config, seed: u64) -> Result<Corpus, DataError> {
    let fractions = Fractions { validation: config.validation, test: config.test }.check()?;
    let text = files::read(&config.path)?;
    let cells = Cells::read(config, &text)?;
    let count = cells.rows.len();
    let classes = match config.task {
        Task::Regression => Vec::new(),
        Task::Classification => cells.classes()?,
    };
    let mut layout = Layout::plain(cells.feature_names(), config.targets.clone(), classes);
    // Read in the order of the file, so that the first wrong cell is the one that is named.
    let all = cells.numbers(&layout)?;
    let parts = fractions.cut(shuffled((0..count).collect::<Vec<usize>>(), seed), "rows")?;
    let [mut train, mut validation, mut test] = parts.map(|rows| all.pick(rows.into_iter()));
    if config.standardise {
        layout.fit(&train);
    }
    for part in [&mut train, &mut validation, &mut test] {
        layout.apply(part);
    }
    let part = |all| Part::Table(Arc::new(Table { all, layout: layout.clone() }));
    Ok(Corpus {
        tokenizer: None,
        vocabulary: 0,
        source_tokenizer: None,
        source_vocabulary: 0,
        train: part(train),
        validation: part(validation),
        test: part(test),
        batching: Batching::Vectors,
        sources: vec![Source::of(config.path.display().to_string(), &text)],
        leaks: Vec::new(),
        left_out: LeftOut::default(),
        swapped: Vec::new(),
    })
}

/// Another table with the same columns, standardised as the training part was.
pub(super) fn open_file(config: &Config, path: &Path, layout: &Layout) -> Result<Part, DataError> {
    let text = files::read(path)?;
    let config = Config { path: path.to_path_buf(), ..config.clone() };
    let cells = Cells::read(&config, &text)?;
    if cells.feature_names() != layout.features {
        return Err(cells.wrong_columns(format!("its features should be {}", listed(&layout.features))));
    }
    let mut all = cells.numbers(layout)?;
    layout.apply(&mut all);
    Ok(Part::Table(Arc::new(Table { all, layout: layout.clone() })))
}

/// The cells of a file, and which columns are what.
struct Cells<'a> {
    config: &'a Config,
    names: Vec<String>,
    features: Vec<usize>,
    targets: Vec<usize>,
    /// Each row with its line.
    rows: Vec<(u64, csv::StringRecord)>,
}

impl<'a> Cells<'a> {
    fn read(config: &'a Config, text: &str) -> Result<Self, DataError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let broken = |error: csv::Error| DataError::Csv { path: config.path.clone(), what: told(&error) };
        let mut reader =
            csv::ReaderBuilder::new().has_headers(config.header).trim(csv::Trim::All).from_reader(text.as_bytes());
        let first = reader.headers().map_err(broken)?.clone();
        let names: Vec<String> = match config.header {
            true => first.iter().map(String::from).collect(),
            false => (1..=first.len()).map(|column| column.to_string()).collect(),
        };
        let rows = reader
            .records()
            .map(|record| record.map(|cells| (cells.position().map_or(0, csv::Position::line), cells)))
            .collect::<Result<_, _>>()
            .map_err(broken)?;
        let mut cells = Cells { config, names, features: Vec::new(), targets: Vec::new(), rows };
        cells.find_columns()?;
        Ok(cells)
    }

    fn find_columns(&mut self) -> Result<(), DataError> {
        if let Some(name) = self.names.iter().enumerate().find(|(at, name)| self.names[..*at].contains(name)) {
            return Err(self.wrong_columns(format!("two columns are called `{}`", name.1)));
        }
        for target in &self.config.targets {
            match self.names.iter().position(|name| name == target) {
                Some(column) => self.targets.push(column),
                None => {
                    let numbers = self.config.header && self.names.iter().all(|name| name.parse::<f32>().is_ok());
                    let hint = if numbers { "; if the first line is no header, set `header = false`" } else { "" };
                    return Err(self.wrong_columns(format!("it has no column `{target}` to be a target{hint}")));
                }
            }
        }
        let wanted = match self.config.task {
            Task::Classification => self.targets.len() == 1,
            Task::Regression => !self.targets.is_empty(),
        };
        if !wanted {
            let rule = "classification has one target, regression one or more".to_string();
            return Err(DataError::Setting { key: "targets", value: format!("{:?}", self.config.targets), rule });
        }
        self.features = (0..self.names.len()).filter(|column| !self.targets.contains(column)).collect();
        if self.features.is_empty() {
            return Err(self.wrong_columns("every column is a target; a feature is needed to tell it from".to_string()));
        }
        Ok(())
    }

    fn wrong_columns(&self, what: String) -> DataError {
        DataError::Columns { path: self.config.path.clone(), what, columns: listed(&self.names) }
    }

    fn feature_names(&self) -> Vec<String> {
        self.features.iter().map(|&column| self.names[column].clone()).collect()
    }

    /// The different values of the target, numbers by size and other text by spelling.
    fn classes(&self) -> Result<Vec<String>, DataError> {
        let mut classes = Vec::new();
        for row in 0..self.rows.len() {
            match self.cell(row, self.targets[0]) {
                "" => return Err(self.wrong_cell(row, self.targets[0], "the class is missing".to_string())),
                class => classes.push(class.to_string()),
            }
        }
        classes.sort_unstable();
        classes.dedup();
        if classes.iter().all(|class| class.parse::<i64>().is_ok()) {
            classes.sort_by_key(|class| class.parse::<i64>().unwrap_or(0));
        }
        Ok(classes)
    }

    fn numbers(&self, layout: &Layout) -> Result<VectorBatch, DataError> {
        let (mut features, mut values, mut classes) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..self.rows.len() {
            for &column in &self.features {
                features.push(self.number(row, column)?);
            }
            for &column in &self.targets {
                match self.config.task {
                    Task::Regression => values.push(self.number(row, column)?),
                    Task::Classification => classes.push(self.class(row, layout)?),
                }
            }
        }
        let targets = match self.config.task {
            Task::Regression => Targets::Numbers { values, width: self.targets.len() },
            Task::Classification => Targets::Classes(classes),
        };
        Ok(VectorBatch { features, width: self.features.len(), targets })
    }

    fn number(&self, row: usize, column: usize) -> Result<f32, DataError> {
        let cell = self.cell(row, column);
        match cell.parse::<f32>() {
            Ok(number) if number.is_finite() => Ok(number),
            Ok(_) => Err(self.wrong_cell(row, column, format!("`{cell}` is no finite number"))),
            Err(_) if cell.is_empty() => Err(self.wrong_cell(row, column, "the cell is empty".to_string())),
            Err(_) => {
                let what = format!("`{cell}` is not a number; turn text into numbers first, or leave the column out");
                Err(self.wrong_cell(row, column, what))
            }
        }
    }

    fn class(&self, row: usize, layout: &Layout) -> Result<u32, DataError> {
        let cell = self.cell(row, self.targets[0]);
        let known = layout.classes.iter().position(|class| class == cell);
        known.map(|id| id as u32).ok_or_else(|| {
            self.wrong_cell(
                row,
                self.targets[0],
                format!("`{cell}` is not one of the classes {}", listed(&layout.classes)),
            )
        })
    }

    fn cell(&self, row: usize, column: usize) -> &str {
        self.rows[row].1.get(column).unwrap_or("")
    }

    fn wrong_cell(&self, row: usize, column: usize, what: String) -> DataError {
        let (path, column) = (self.config.path.clone(), self.names[column].clone());
        DataError::Cell { path, line: self.rows[row].0, column, what }
    }
}

fn told(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            format!("line {line} has {len} cells, and the lines before have {expected_len}")
        }
        _ => error.to_string(),
    }
}
