//! What can go wrong that is not our fault, with what to do about it. A mistake of ours is a panic.

use std::path::PathBuf;

/// Why the assistant could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum AssistantError {
    /// In the definition.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    /// A message that is not read.
    #[error("{0}")]
    Message(String),
    /// In the trained models.
    #[error(transparent)]
    Train(#[from] rushlight_train::TrainError),
    /// In the memory.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// In the files beside the definition.
    #[error(transparent)]
    Files(#[from] rushlight_trace::TraceError),
    /// Models and a definition that do not go together.
    #[error("{0}")]
    Unfit(String),
}

/// What is wrong with a definition, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} in {file}{}; {help}", line.map_or(String::new(), |line| format!(", line {line}")))]
pub struct DefinitionError {
    /// What is wrong.
    pub what: String,
    /// The file, as it was asked for.
    pub file: String,
    /// The line, from 1, where it stands on one.
    pub line: Option<usize>,
    /// What is possible, and what to do.
    pub help: String,
}

/// Why the store could not keep or give something.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// A file of a later program.
    #[error(
        "`{}` was written by a newer program: its form is number {found}, and this one knows up to {known}; use the newer \
         program, or begin another file", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The number of its form.
        found: i64,
        /// The last number that is known here.
        known: i64,
    },
    /// A file that may not be written.
    #[error("`{}` may only be read; give the program the right to write it and its folder, or begin another file", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// No room.
    #[error("no room is left for `{}`; nothing of this message was kept; free some space on that disk and say it again", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Somebody else writes.
    #[error("`{}` is being written by another program, and has been for {seconds} seconds; try again", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
        /// How long was waited.
        seconds: u64,
    },
    /// No store.
    #[error("`{}` is no store of conversations ({what}); move it away, and a new one is begun", path.display())]
    NoStore {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        what: String,
    },
    /// A conversation that went on meanwhile.
    #[error(
        "conversation `{conversation}` has gone on: it has {found} messages, and this one was meant to follow number \
         {expected}; read the new ones and say it again"
    )]
    Overtaken {
        /// The conversation.
        conversation: String,
        /// How many messages the writer knew.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// A profile that another program has changed meanwhile.
    #[error("another program has changed the profile of `{user}` meanwhile; nothing was kept, so say it again")]
    Rewritten {
        /// Whose it is.
        user: String,
    },
    /// Something that is not there.
    #[error("there is no {what} `{name}`; {help}")]
    Missing {
        /// What kind of thing.
        what: &'static str,
        /// Its name.
        name: String,
        /// What to do.
        help: &'static str,
    },
    /// Something that is there already.
    #[error("there is a {what} `{name}` already; give the new one another name")]
    There {
        /// What kind of thing.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// Something that was kept and cannot be read.
    #[error("{what} in `{}` cannot be read ({why}); restore the file from a copy", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What.
        what: String,
        /// Why not.
        why: String,
    },
    /// Anything else that the database refuses.
    #[error("`{}`: {source}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// As it says.
        source: rusqlite::Error,
    },
}
