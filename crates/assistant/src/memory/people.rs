//! Users: their profiles, all that is kept of them as one JSON value, and its erasure.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use super::conversations::messages_of;
use super::{Failure, Store, from_json, to_json};
use crate::{MemoryError, Profile};

/// How much was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Conversations.
    pub conversations: u64,
    /// Messages.
    pub messages: u64,
}

impl Store {
    /// What is known of a user; of a stranger nothing.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn profile(&self, user: &str) -> Result<Profile, MemoryError> {
        self.read(|connection| profile_of(connection, user))
    }

    /// Puts a profile in the place of what was known.
    ///
    /// # Errors
    /// A store that cannot be written.
    pub fn set_profile(&self, user: &str, profile: &Profile, at: i64) -> Result<(), MemoryError> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO users VALUES (?1, ?2, ?3)
                 ON CONFLICT (name) DO UPDATE SET profile = excluded.profile, changed = excluded.changed",
                params![user, to_json(profile), at],
            )?;
            Ok(())
        })
    }

    /// All that is kept of a user.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn export(&self, user: &str) -> Result<Value, MemoryError> {
        let profile = self.profile(user)?;
        let conversations = self.conversations(user, None, i64::MAX as usize)?;
        let feedback = self.feedback_of(user)?;
        self.read(|connection| {
            let mut all = Vec::new();
            for conversation in &conversations {
                let messages = messages_of(connection, &conversation.id, 0, i64::MAX as usize)?;
                all.push(json!({"conversation": conversation, "messages": messages}));
            }
            Ok(json!({"user": user, "profile": profile, "conversations": all, "feedback": feedback}))
        })
    }

    /// Erases all that is kept of a user, the log of their conversations too, and overwrites it in the file.
    ///
    /// # Errors
    /// A store that cannot be written.
    pub fn erase(&self, user: &str) -> Result<Erased, MemoryError> {
        let erased = self.write(|transaction| {
            let count = |of: &str| transaction.query_row(of, [user], |row| row.get::<_, i64>(0));
            let erased = Erased {
                conversations: count("SELECT count(*) FROM conversations WHERE user = ?1")? as u64,
                messages: count("SELECT coalesce(sum(messages), 0) FROM conversations WHERE user = ?1")? as u64,
            };
            transaction.execute(
                "DELETE FROM audit WHERE conversation IN (SELECT id FROM conversations WHERE user = ?1)",
                [user],
            )?;
            transaction.execute("DELETE FROM users WHERE name = ?1", [user])?;
            Ok(erased)
        })?;
        self.scrub()?;
        Ok(erased)
    }

    /// Takes what was removed out of the write-ahead log too.
    pub(super) fn scrub(&self) -> Result<(), MemoryError> {
        // Where a reader holds the log, it goes with the next checkpoint.
        self.read(|connection| Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?))
    }
}

/// What is known of a user; of a stranger nothing.
pub(super) fn profile_of(connection: &Connection, user: &str) -> Result<Profile, Failure> {
    let found: Option<String> =
        connection.query_row("SELECT profile FROM users WHERE name = ?1", [user], |row| row.get(0)).optional()?;
    found.map_or(Ok(Profile::default()), |profile| from_json("a profile", &profile))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::tests::message;
    use crate::memory::{Event, Feedback};
    use crate::{Fact, State};

    #[test]
    fn what_is_erased_is_in_no_byte_of_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let store = Store::open(&path).unwrap();
        for (conversation, user) in [("c", "ada"), ("d", "bob")] {
            store.begin(conversation, user, 1).unwrap();
            let secret = format!("the secret of {user} is plumbum");
            let mut profile = Profile::default();
            profile.note(Fact { key: "likes".into(), value: secret.clone(), said: secret.clone() });
            let state = State {
                turns: vec![crate::Said { role: crate::Role::User, text: secret.clone() }],
                ..State::default()
            };
            store
                .append_with_profile(
                    conversation,
                    &[message(&secret)],
                    &state,
                    [&Profile::default(), &profile],
                    None,
                    2,
                )
                .unwrap();
            store.log(Event::Refused, Some(conversation), &json!({}), Some(&secret), 3).unwrap();
            store.feedback(conversation, 1, &Feedback::Reply(secret), 4).unwrap();
        }
        let holds = |words: &str| {
            let files =
                std::fs::read_dir(folder.path()).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
            files.into_iter().any(|bytes| bytes.windows(words.len()).any(|window| window == words.as_bytes()))
        };
        assert!(holds("secret of ada"));
        assert_eq!(store.erase("ada").unwrap(), Erased { conversations: 1, messages: 1 });
        assert!(!holds("secret of ada") && holds("secret of bob"));
        assert_eq!(store.profile("ada").unwrap(), Profile::default());
        assert!(store.messages("c", 0, 10).unwrap().is_empty());
        assert_eq!(store.erase("ada").unwrap(), Erased::default());
        assert_eq!(store.feedback_of("bob").unwrap().len(), 1);
    }

    #[test]
    fn an_export_has_everything() {
        let store = Store::in_memory().unwrap();
        store.begin("c", "ada", 1).unwrap();
        store.append("c", &[message("hello"), message("again")], &State::default(), None, 2).unwrap();
        store.feedback("c", 2, &Feedback::Thumb(true), 3).unwrap();
        let export = store.export("ada").unwrap();
        assert_eq!(export["conversations"][0]["messages"][1]["text"], "again");
        assert_eq!(export["feedback"][0]["thumb"], true);
        assert_eq!(store.export("nobody").unwrap()["conversations"], json!([]));
    }
}
