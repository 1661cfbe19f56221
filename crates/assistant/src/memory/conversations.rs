//! Conversations and their messages, numbered from 1 without gaps.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::people::profile_of;
use super::{Failure, Store, from_json, to_json};
use crate::reply::Reply;
use crate::{MemoryError, Profile, Role, State};

/// A conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its name.
    pub id: String,
    /// Who talks.
    pub user: String,
    /// How many messages it has.
    pub messages: u64,
    /// When it began, in the unit of who wrote (we use milliseconds since 1970).
    pub begun: i64,
    /// When something was said last.
    pub changed: i64,
}

/// A message that is to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct NewMessage {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub text: String,
    /// All about a reply of ours.
    pub reply: Option<Reply>,
}

/// A message that was kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its number in its conversation, from 1.
    pub number: u64,
    /// Who said it.
    pub role: Role,
    /// What was said.
    pub text: String,
    /// All about a reply of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
    /// When.
    pub at: i64,
}

impl Store {
    /// Begins a conversation of a user, who becomes known by it.
    ///
    /// # Errors
    /// A conversation of that name, or a store that cannot be written.
    pub fn begin(&self, id: &str, user: &str, at: i64) -> Result<(), MemoryError> {
        self.write(|transaction| {
            let is_there =
                transaction.query_row("SELECT 1 FROM conversations WHERE id = ?1", [id], |_| Ok(())).optional()?;
            if is_there.is_some() {
                return Err(MemoryError::There { what: "conversation", name: id.to_owned() }.into());
            }
            transaction.execute(
                "INSERT INTO users VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                params![user, to_json(&Profile::default()), at],
            )?;
            transaction.execute(
                "INSERT INTO conversations VALUES (?1, ?2, ?3, 0, ?4, ?4)",
                params![id, user, to_json(&State::default()), at],
            )?;
            Ok(())
        })
    }

    /// Adds messages to a conversation, with the state that it has behind them; gives their numbers. When it returns, they are on
    /// the disk. `after` is the number of the last message that the writer knew: where another one came meanwhile, nothing is
    /// written.
    ///
    /// # Errors
    /// A conversation that is not there or has gone on, or a store that cannot be written.
    pub fn append(
        &self,
        conversation: &str,
        messages: &[NewMessage],
        state: &State,
        after: Option<u64>,
        at: i64,
    ) -> Result<Vec<u64>, MemoryError> {
        self.append_all(conversation, messages, state, None, after, at)
    }

    /// As [`Store::append`], and the new profile of the user with it, who was `known` as the writer had read it: where another one
    /// has changed it meanwhile, nothing is written.
    ///
    /// # Errors
    /// As [`Store::append`], and a profile that has changed.
    pub fn append_with_profile(
        &self,
        conversation: &str,
        messages: &[NewMessage],
        state: &State,
        [known, profile]: [&Profile; 2],
        after: Option<u64>,
        at: i64,
    ) -> Result<Vec<u64>, MemoryError> {
        self.append_all(conversation, messages, state, Some([known, profile]), after, at)
    }

    fn append_all(
        &self,
        conversation: &str,
        messages: &[NewMessage],
        state: &State,
        profiles: Option<[&Profile; 2]>,
        after: Option<u64>,
        at: i64,
    ) -> Result<Vec<u64>, MemoryError> {
        self.write(|transaction| {
            let Conversation { messages: found, user, .. } = conversation_of(transaction, conversation)?;
            if let Some(expected) = after.filter(|expected| *expected != found) {
                return Err(MemoryError::Overtaken { conversation: conversation.to_owned(), expected, found }.into());
            }
            let changed = profiles.filter(|[known, profile]| known != profile);
            if let Some([known, _]) = changed
                && profile_of(transaction, &user)? != *known
            {
                return Err(MemoryError::Rewritten { user }.into());
            }
            let numbers: Vec<u64> = (1..=messages.len() as u64).map(|ahead| found + ahead).collect();
            let mut insert = transaction.prepare_cached("INSERT INTO messages VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
            for (number, NewMessage { role, text, reply }) in numbers.iter().zip(messages) {
                let reply = reply.as_ref().map(to_json);
                insert.execute(params![conversation, *number as i64, told(*role), text, reply, at])?;
            }
            let last = found + messages.len() as u64;
            transaction.execute(
                "UPDATE conversations SET state = ?2, messages = ?3, changed = ?4 WHERE id = ?1",
                params![conversation, to_json(state), last as i64, at],
            )?;
            if let Some([_, profile]) = changed {
                transaction.execute(
                    "UPDATE users SET profile = ?2, changed = ?3 WHERE name = ?1",
                    params![user, to_json(profile), at],
                )?;
            }
            Ok(numbers)
        })
    }

    /// A conversation.
    ///
    /// # Errors
    /// A conversation that is not there.
    pub fn conversation(&self, id: &str) -> Result<Conversation, MemoryError> {
        self.read(|connection| conversation_of(connection, id))
    }

    /// Where a conversation stands, and how many messages it had then.
    ///
    /// # Errors
    /// A conversation that is not there.
    pub fn state(&self, id: &str) -> Result<(State, u64), MemoryError> {
        self.read(|connection| {
            let found = connection
                .query_row("SELECT state, messages FROM conversations WHERE id = ?1", [id], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
                })
                .optional()?;
            let (state, messages) = found.ok_or_else(|| missing(id))?;
            Ok((from_json("the state of a conversation", &state)?, messages as u64))
        })
    }

    /// Up to `most` messages behind number `after`, in their order: a long conversation is read page by page.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn messages(&self, conversation: &str, after: u64, most: usize) -> Result<Vec<Message>, MemoryError> {
        self.read(|connection| messages_of(connection, conversation, after, most))
    }

    /// Up to `most` messages before number `before`, the last ones, in their order.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn messages_before(&self, conversation: &str, before: u64, most: usize) -> Result<Vec<Message>, MemoryError> {
        let after = before.saturating_sub(1).saturating_sub(most as u64);
        let most = before.saturating_sub(1).min(most as u64) as usize;
        self.messages(conversation, after, most)
    }

    /// Up to `most` conversations of a user, the newest first; those behind `before`, or of all.
    ///
    /// # Errors
    /// A conversation `before` that is not there, or a store that cannot be read.
    pub fn conversations(
        &self,
        user: &str,
        before: Option<&str>,
        most: usize,
    ) -> Result<Vec<Conversation>, MemoryError> {
        self.read(|connection| {
            let (changed, id) = match before {
                Some(before) => (conversation_of(connection, before)?.changed, before),
                None => (i64::MAX, ""),
            };
            let mut select = connection.prepare_cached(
                "SELECT id, user, messages, begun, changed FROM conversations
                 WHERE user = ?1 AND (changed < ?2 OR changed = ?2 AND id > ?3) ORDER BY changed DESC, id LIMIT ?4",
            )?;
            let found = select.query_map(params![user, changed, id, most as i64], conversation)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Removes a conversation with its messages, its feedback and what the log says of it.
    ///
    /// # Errors
    /// A conversation that is not there, or a store that cannot be written.
    pub fn remove(&self, conversation: &str) -> Result<(), MemoryError> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM audit WHERE conversation = ?1", [conversation])?;
            match transaction.execute("DELETE FROM conversations WHERE id = ?1", [conversation])? {
                0 => Err(missing(conversation)),
                _ => Ok(()),
            }
        })?;
        self.scrub()
    }
}

pub(super) fn messages_of(
    connection: &Connection,
    conversation: &str,
    after: u64,
    most: usize,
) -> Result<Vec<Message>, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT number, role, text, reply, at FROM messages WHERE conversation = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
    )?;
    let mut rows = select.query(params![conversation, after as i64, most as i64])?;
    let mut messages = Vec::new();
    while let Some(row) = rows.next()? {
        let reply: Option<String> = row.get(3)?;
        messages.push(Message {
            number: row.get::<_, i64>(0)? as u64,
            role: role(&row.get::<_, String>(1)?),
            text: row.get(2)?,
            reply: reply.map(|reply| from_json("a reply", &reply)).transpose()?,
            at: row.get(4)?,
        });
    }
    Ok(messages)
}

pub(super) fn conversation_of(connection: &Connection, id: &str) -> Result<Conversation, Failure> {
    let select = "SELECT id, user, messages, begun, changed FROM conversations WHERE id = ?1";
    connection.query_row(select, [id], conversation).optional()?.ok_or_else(|| missing(id))
}

fn conversation(row: &Row<'_>) -> rusqlite::Result<Conversation> {
    let messages: i64 = row.get(2)?;
    Ok(Conversation {
        id: row.get(0)?,
        user: row.get(1)?,
        messages: messages as u64,
        begun: row.get(3)?,
        changed: row.get(4)?,
    })
}

fn missing(id: &str) -> Failure {
    MemoryError::Missing { what: "conversation", name: id.to_owned(), help: "begin one, or list those of the user" }
        .into()
}

fn told(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

fn role(name: &str) -> Role {
    if name == "assistant" { Role::Assistant } else { Role::User }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::tests::message;
    use std::sync::Arc;

    fn said(store: &Store, text: &str, after: Option<u64>) -> Result<Vec<u64>, MemoryError> {
        store.append("c", &[message(text)], &State::default(), after, 5)
    }

    fn begun() -> Store {
        let store = Store::in_memory().unwrap();
        store.begin("c", "ada", 1).unwrap();
        store
    }

    #[test]
    fn messages_are_numbered_from_one_and_read_by_pages() {
        let store = begun();
        let all: Vec<NewMessage> = (1..=10_000).map(|n| message(&format!("message {n}"))).collect();
        assert_eq!(store.append("c", &all, &State::default(), Some(0), 2).unwrap().len(), 10_000);
        let numbers = |page: Vec<Message>| page.iter().map(|message| message.number).collect::<Vec<_>>();
        assert_eq!(numbers(store.messages("c", 5000, 3).unwrap()), [5001, 5002, 5003]);
        assert_eq!(numbers(store.messages("c", 9999, 50).unwrap()), [10_000]);
        assert_eq!(numbers(store.messages_before("c", 10_001, 2).unwrap()), [9999, 10_000]);
        assert_eq!(numbers(store.messages_before("c", 3, 50).unwrap()), [1, 2]);
        assert!(store.messages("c", 10_000, 50).unwrap().is_empty());
    }

    #[test]
    fn who_did_not_see_the_last_message_is_told() {
        let store = begun();
        assert_eq!(said(&store, "one", Some(0)).unwrap(), [1]);
        let error = said(&store, "two", Some(0)).unwrap_err().to_string();
        assert!(error.contains("has gone on: it has 1 messages, and this one was meant to follow number 0"), "{error}");
        assert_eq!(said(&store, "two", None).unwrap(), [2]);
    }

    #[test]
    fn writers_of_several_threads_and_stores_never_get_the_same_number() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let stores: Vec<Arc<Store>> = (0..2).map(|_| Arc::new(Store::open(&path).unwrap())).collect();
        stores[0].begin("c", "ada", 1).unwrap();
        let threads: Vec<_> = (0..4)
            .map(|n| {
                let store = Arc::clone(&stores[n % 2]);
                std::thread::spawn(move || (0..25).flat_map(|_| said(&store, "hi", None).unwrap()).collect::<Vec<_>>())
            })
            .collect();
        let mut numbers: Vec<u64> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=100).collect::<Vec<_>>());
        assert_eq!(stores[0].messages("c", 0, 1000).unwrap().len(), 100);
    }

    #[test]
    fn a_state_and_a_profile_come_back() {
        let store = begun();
        let profile = Profile { name: Some("Ada".into()), ..Profile::default() };
        let mut state = State { messages: 3, ..State::default() };
        state.turns.push(crate::Said { role: Role::User, text: "{\"a\": '🎉'\u{0}}".into() });
        store.append_with_profile("c", &[message("x")], &state, [&Profile::default(), &profile], None, 2).unwrap();
        assert_eq!(store.state("c").unwrap(), (state.clone(), 1));
        assert_eq!(store.profile("ada").unwrap(), profile);
        // Who knew an earlier one writes nothing, unless there is nothing new in it.
        let write = |profiles| store.append_with_profile("c", &[message("y")], &state, profiles, None, 3);
        let (nobody, other) = (Profile::default(), Profile { name: Some("Bob".into()), ..Profile::default() });
        let error = write([&nobody, &other]).unwrap_err().to_string();
        assert!(error.contains("another program has changed the profile of `ada`"), "{error}");
        assert_eq!(store.conversation("c").unwrap().messages, 1);
        assert_eq!(write([&nobody, &nobody]).unwrap(), [2]);
        assert_eq!(store.profile("ada").unwrap(), profile);
    }

    #[test]
    fn what_is_not_there_is_named() {
        let store = begun();
        assert!(store.begin("c", "bob", 1).unwrap_err().to_string().contains("there is a conversation `c` already"));
        for error in [store.state("x").err(), store.conversation("x").err(), store.remove("x").err()] {
            assert!(error.unwrap().to_string().contains("there is no conversation `x`"));
        }
    }

    #[test]
    fn the_newest_conversation_comes_first() {
        let store = begun();
        store.begin("d", "ada", 2).unwrap();
        store.begin("e", "bob", 3).unwrap();
        said(&store, "x", None).unwrap();
        let ids = |found: Vec<Conversation>| found.into_iter().map(|one| one.id).collect::<Vec<_>>();
        assert_eq!(ids(store.conversations("ada", None, 10).unwrap()), ["c", "d"]);
        assert_eq!(ids(store.conversations("ada", Some("c"), 10).unwrap()), ["d"]);
    }
}
