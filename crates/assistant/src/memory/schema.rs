//! The tables, and how a file of an older program becomes one of this: numbered migrations, each in its own transaction. The number
//! of the last one is the file's `user_version`.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::in_words;
use crate::MemoryError;

/// All migrations, oldest first; one that was released is never changed, a new one is added behind it.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE users (
        name TEXT PRIMARY KEY,
        profile TEXT NOT NULL,
        changed INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE conversations (
        id TEXT PRIMARY KEY,
        user TEXT NOT NULL REFERENCES users(name) ON DELETE CASCADE,
        state TEXT NOT NULL,
        messages INTEGER NOT NULL,
        begun INTEGER NOT NULL,
        changed INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX conversations_of_user ON conversations(user, changed);

    CREATE TABLE messages (
        conversation TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        role TEXT NOT NULL,
        text TEXT NOT NULL,
        reply TEXT,
        at INTEGER NOT NULL,
        PRIMARY KEY (conversation, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE feedback (
        id INTEGER PRIMARY KEY,
        conversation TEXT NOT NULL,
        number INTEGER NOT NULL,
        thumb INTEGER,
        reply TEXT,
        intent TEXT,
        at INTEGER NOT NULL,
        FOREIGN KEY (conversation, number) REFERENCES messages(conversation, number) ON DELETE CASCADE
    ) STRICT;
    CREATE INDEX feedback_of_message ON feedback(conversation, number);
    ",
    "
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        event TEXT NOT NULL,
        conversation TEXT,
        details TEXT NOT NULL,
        text TEXT
    ) STRICT;
    CREATE INDEX audit_of_conversation ON audit(conversation);
    ",
];

/// Refuses a file that this program is too old for, before anything of it is changed.
pub(super) fn refuse_newer(connection: &Connection, path: &Path) -> Result<(), MemoryError> {
    let found = version(connection).map_err(|error| in_words(path, error))?;
    let known = MIGRATIONS.len() as i64;
    if found > known {
        return Err(MemoryError::Newer { path: path.to_owned(), found, known });
    }
    Ok(())
}

/// Sets how the file is written, and brings its tables up to date.
pub(super) fn set_up(connection: &mut Connection) -> rusqlite::Result<()> {
    let may_write = !connection.is_readonly(rusqlite::MAIN_DB)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    if !may_write {
        return Ok(());
    }
    // In memory there is no WAL, and the answer says so.
    connection.query_row("PRAGMA journal_mode=WAL", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", true)?;
    while version(connection)? < MIGRATIONS.len() as i64 {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another program may have been faster.
        let at = version(&transaction)?;
        if let Some(migration) = usize::try_from(at).ok().and_then(|at| MIGRATIONS.get(at)) {
            transaction.execute_batch(migration)?;
            transaction.pragma_update(None, "user_version", at + 1)?;
        }
        transaction.commit()?;
    }
    Ok(())
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_file_is_brought_up_to_date_and_keeps_what_it_has() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(MIGRATIONS[0]).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        connection.execute("INSERT INTO users VALUES ('ada', '{}', 1)", []).unwrap();
        set_up(&mut connection).unwrap();
        assert_eq!(version(&connection).unwrap(), MIGRATIONS.len() as i64);
        let users: i64 = connection
            .query_row("SELECT count(*) FROM users, (SELECT count(*) FROM audit)", [], |row| row.get(0))
            .unwrap();
        assert_eq!(users, 1);
    }
}
