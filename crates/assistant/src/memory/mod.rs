//! What is remembered: conversations, profiles, feedback and an audit log, in one SQLite file. Knows no models, no clock and no
//! network: who writes says when it is.
//!
//! What was acknowledged is there after a kill or a power cut: WAL with `synchronous=FULL`, and each call is one transaction. A
//! store is used from several threads, and a file by several programs: writers wait for each other, and the numbers of messages
//! never clash. What is erased is overwritten in the file.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use crate::MemoryError;

mod audit;
mod conversations;
mod feedback;
mod people;
mod schema;

pub use audit::{Event, Logged};
pub use conversations::{Conversation, Message, NewMessage};
pub use feedback::{Feedback, FeedbackRow};
pub use people::Erased;

/// How long a writer waits for another one.
const PATIENCE_SECONDS: u64 = 10;

/// The store of one assistant.
pub struct Store {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens a store, or begins one.
    ///
    /// # Errors
    /// A file that is no store, of a newer program, or that may not be written.
    pub fn open(path: &Path) -> Result<Self, MemoryError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::open_with(path, flags, PATIENCE_SECONDS)
    }

    fn open_with(path: &Path, flags: OpenFlags, patience_seconds: u64) -> Result<Self, MemoryError> {
        let told = |error| in_words(path, error);
        let mut connection = Connection::open_with_flags(path, flags).map_err(told)?;
        connection.busy_timeout(Duration::from_secs(patience_seconds)).map_err(told)?;
        schema::refuse_newer(&connection, path)?;
        schema::set_up(&mut connection).map_err(told)?;
        Ok(Self { path: path.to_owned(), connection: Mutex::new(connection) })
    }

    /// A store that lasts as long as the program.
    ///
    /// # Errors
    /// No memory.
    pub fn in_memory() -> Result<Self, MemoryError> {
        Self::open(Path::new(":memory:"))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// One transaction: all of it happens, or nothing. It begins as a writer, so that nobody writes between what it reads and
    /// what it writes.
    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, Failure>) -> Result<T, MemoryError> {
        let mut connection = self.connection();
        let done = (|| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        })();
        done.map_err(|failure: Failure| failure.in_words(&self.path))
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, MemoryError> {
        work(&self.connection()).map_err(|failure| failure.in_words(&self.path))
    }

    /// A thread that panicked has left no half transaction: it was rolled back.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What can stop a piece of work: the database, or a rule of ours.
enum Failure {
    Database(rusqlite::Error),
    Ours(MemoryError),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<MemoryError> for Failure {
    fn from(error: MemoryError) -> Self {
        Self::Ours(error)
    }
}

impl Failure {
    fn in_words(self, path: &Path) -> MemoryError {
        match self {
            Self::Database(error) => in_words(path, error),
            Self::Ours(MemoryError::Damaged { what, why, .. }) => {
                MemoryError::Damaged { path: path.to_owned(), what, why }
            }
            Self::Ours(error) => error,
        }
    }
}

/// What the database says, with what to do.
fn in_words(path: &Path, error: rusqlite::Error) -> MemoryError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => MemoryError::ReadOnly { path },
        Some(ErrorCode::DiskFull) => MemoryError::Full { path },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            MemoryError::Busy { path, seconds: PATIENCE_SECONDS }
        }
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            MemoryError::NoStore { path, what: "its bytes are no SQLite database".into() }
        }
        Some(ErrorCode::CannotOpen) => {
            let what = if path.is_dir() {
                "it is a folder"
            } else {
                "it cannot be opened: is its folder there, and may it be written?"
            };
            MemoryError::NoStore { path, what: what.into() }
        }
        _ => MemoryError::Database { path, source: error },
    }
}

/// A value that was kept as JSON.
fn from_json<T: serde::de::DeserializeOwned>(what: &str, text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| {
        Failure::Ours(MemoryError::Damaged { path: PathBuf::new(), what: what.to_owned(), why: error.to_string() })
    })
}

/// A value as JSON.
fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("plain values have no keys that JSON lacks")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Role, State};

    /// A message of a user.
    pub(super) fn message(text: &str) -> NewMessage {
        NewMessage { role: Role::User, text: text.into(), reply: None }
    }

    #[test]
    fn a_store_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        {
            let store = Store::open(&path).unwrap();
            store.begin("c", "ada", 1).unwrap();
            store.append("c", &[message("hello")], &State::default(), None, 2).unwrap();
        }
        let store = Store::open(&path).unwrap();
        assert_eq!(store.messages("c", 0, 10).unwrap()[0].text, "hello");
    }

    #[test]
    fn what_is_no_store_is_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        std::fs::write(&path, "this is a text of more than a hundred bytes".repeat(10)).unwrap();
        let error = Store::open(&path).err().unwrap().to_string();
        assert!(error.contains("is no store of conversations") && error.contains("move it away"), "{error}");
        let error = Store::open(folder.path()).err().unwrap().to_string();
        assert!(error.contains("it is a folder"), "{error}");
        assert!(
            Store::open(&folder.path().join("not/there.db")).err().unwrap().to_string().contains("is its folder there")
        );
    }

    #[test]
    fn a_newer_store_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        drop(Store::open(&path).unwrap());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 999).unwrap();
        let error = Store::open(&path).err().unwrap().to_string();
        assert!(error.contains("written by a newer program: its form is number 999"), "{error}");
    }

    #[test]
    fn a_store_that_may_only_be_read_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        drop(Store::open(&path).unwrap());
        let store = Store::open_with(&path, OpenFlags::SQLITE_OPEN_READ_ONLY, 1).unwrap();
        let error = store.begin("c", "ada", 1).unwrap_err().to_string();
        assert!(error.contains("may only be read; give the program the right to write it"), "{error}");
    }

    #[test]
    fn a_full_store_says_so_and_keeps_what_it_has() {
        let store = Store::in_memory().unwrap();
        store.begin("c", "ada", 1).unwrap();
        store.append("c", &[message("hello")], &State::default(), None, 2).unwrap();
        let pages: i64 = store.connection().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        store.connection().pragma_update(None, "max_page_count", pages + 1).unwrap();
        let large = message(&"x".repeat(100_000));
        let error = store.append("c", &[message("small"), large], &State::default(), None, 3).unwrap_err().to_string();
        assert!(error.contains("no room is left") && error.contains("nothing of this message was kept"), "{error}");
        assert_eq!(store.messages("c", 0, 10).unwrap().len(), 1);
        store.append("c", &[message("again")], &State::default(), None, 4).unwrap();
    }

    #[test]
    fn who_waits_too_long_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        drop(Store::open(&path).unwrap());
        let mut other = Connection::open(&path).unwrap();
        let held = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let store = Store::open_with(&path, flags, 0).unwrap();
        let error = store.begin("c", "ada", 1).unwrap_err().to_string();
        assert!(error.contains("is being written by another program"), "{error}");
        drop(held);
        store.begin("c", "ada", 1).unwrap();
    }
}
