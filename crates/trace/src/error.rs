//! What can go wrong with a run's folder, in words for the person who asked. Not for our own
//! mistakes: those panic.

use std::io;
use std::path::{Path, PathBuf};

/// A run's folder could not be made, read or written.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The folder already holds a run.
    #[error(
        "`{}` holds a run already; go on with it (`rushlight resume {}`), or give the new run another folder",
        path.display(), path.display()
    )]
    RunExists {
        /// The folder asked for.
        path: PathBuf,
    },
    /// The folder holds something that is not ours.
    #[error("`{}` is not empty and is not a run; give the run a folder of its own", path.display())]
    FolderInUse {
        /// The folder asked for.
        path: PathBuf,
    },
    /// There is no `run.json`.
    #[error("`{}` is not a run: it has no `run.json`{}", path.display(), others(known))]
    NotARun {
        /// The folder asked for.
        path: PathBuf,
        /// Runs that lie beside it.
        known: Vec<String>,
    },
    /// Another process writes this run.
    #[error("`{}` is being written by {}; wait until it ends, or stop it first", path.display(), owner(*pid))]
    Locked {
        /// The run.
        path: PathBuf,
        /// The process, where its number could be read.
        pid: Option<u32>,
    },
    /// The checkpoint asked for is not there.
    #[error("`{}` has no checkpoint `{asked}`; {}", path.display(), steps(present))]
    NoCheckpoint {
        /// The run.
        path: PathBuf,
        /// What was asked for: `best`, `last` or `step-N`.
        asked: String,
        /// Steps at which there is one.
        present: Vec<u64>,
    },
    /// A file of the run says something that we cannot read.
    #[error("`{}`{} cannot be read: {why}", path.display(), at(*line))]
    BadFile {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1, in a file of lines.
        line: Option<usize>,
        /// What is wrong with it.
        why: String,
    },
    /// A log of another program in which nothing is called a loss.
    #[error(
        "`{}` has no loss that we know: its {kind} {}; looked for names such as `loss`, `train_loss`, `val_loss` or \
         `mse`: give the loss one of them",
        path.display(), are(named)
    )]
    NoLoss {
        /// The file or folder.
        path: PathBuf,
        /// What carries names in it: `columns`, `keys`, `tags`, `numbers`.
        kind: &'static str,
        /// The names that there are.
        named: Vec<String>,
    },
    /// A log of another program that holds no number yet.
    #[error(
        "`{}` {}; wait for the first losses of the training, or give another log",
        path.display(), if *has_header { "has no rows yet, only its header" } else { "is empty" }
    )]
    NothingYet {
        /// The file.
        path: PathBuf,
        /// Whether it says already what will stand in it.
        has_header: bool,
    },
    /// The operating system refused.
    #[error("could not {action} `{}`: {source}", path.display())]
    Io {
        /// What was being done, as a verb.
        action: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
}

impl TraceError {
    /// For `map_err`: names what was being done, and to what.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { action, path, source }
    }
}

fn others(known: &[String]) -> String {
    if known.is_empty() {
        return String::new();
    }
    let (names, more) = some_of(known);
    let more = if more == 0 { String::new() } else { format!(" and {more} more (`rushlight runs list` shows all)") };
    format!("; runs beside it: {names}{more}")
}

fn are(named: &[String]) -> String {
    let (names, more) = some_of(named);
    match (named.is_empty(), more) {
        (true, _) => "have no names".to_owned(),
        (false, 0) => format!("are called {names}"),
        (false, more) => format!("are called {names} and {more} or more others"),
    }
}

/// The first names, and how many there are besides.
fn some_of(names: &[String]) -> (String, usize) {
    const SHOWN: usize = 8;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    (shown.join(", "), names.len().saturating_sub(SHOWN))
}

fn owner(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

fn steps(present: &[u64]) -> String {
    if present.is_empty() {
        return "it has none yet".to_owned();
    }
    let names: Vec<String> = present.iter().map(|step| format!("`step-{step}`")).collect();
    format!("it has {}", names.join(", "))
}

fn at(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(", line {line},"))
}
