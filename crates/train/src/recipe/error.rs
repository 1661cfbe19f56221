//! What is wrong with a recipe, and where: enough to draw it like a compiler's message. Reads nothing, prints nothing.

use std::fmt;
use std::ops::Range;

/// A mistake in a recipe, or in what the command line puts in its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct RecipeError {
    /// Where it stands.
    pub place: Place,
    /// What it is about: a key and its table.
    pub subject: String,
    /// What is wrong with that, such as "is a string"; empty where the subject says it.
    pub fault: String,
    /// What is possible, and what to do.
    pub help: String,
}

/// Where a mistake stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the file as a whole: something is missing.
    File {
        /// The recipe, as it was asked for.
        path: String,
    },
    /// In a piece of the file.
    Line {
        /// The recipe, as it was asked for.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The piece itself, in bytes from the start of the file.
        span: Range<usize>,
    },
    /// In a `--set` of the command line.
    Set {
        /// What stands behind `--set`.
        words: String,
    },
}

impl RecipeError {
    /// What is wrong, without the place: the title of a drawn message.
    pub fn message(&self) -> String {
        [self.subject.as_str(), self.fault.as_str()].join(" ").trim_end().to_string()
    }
}

impl fmt::Display for RecipeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, subject, fault, help } = self;
        let aside = if fault.is_empty() { "" } else { ", " };
        match place {
            Place::File { path } => write!(f, "{subject} of {path} {fault}")?,
            Place::Line { path, line, .. } => write!(f, "{subject} of {path}, line {line}{aside}{fault}")?,
            Place::Set { words } => write!(f, "{subject}, from `--set {words}`{aside}{fault}")?,
        }
        write!(f, "; {help}")
    }
}
