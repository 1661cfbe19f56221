//! The assistant that is served, with the store of its conversations. Blocks while a model thinks and the disk writes, so it is asked
//! on threads that may wait. Knows no HTTP.

use rushlight_assistant::memory::{Conversation, Event, Feedback, Store};
use rushlight_assistant::{Assistant, AssistantError, Forgotten, Heard, Kept, MemoryError};
use serde_json::{Value, json};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Users are spread over so many locks.
const LOCKS: usize = 64;

/// An assistant, and where its conversations are kept.
pub struct Hosted {
    pub(crate) assistant: Assistant,
    pub(crate) store: Store,
    minutes_ahead: i32,
    locks: [Mutex<()>; LOCKS],
}

impl fmt::Debug for Hosted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hosted").field("name", &self.assistant.definition().name).finish_non_exhaustive()
    }
}

impl Hosted {
    /// An assistant whose users' clock is so many minutes ahead of Greenwich.
    pub fn new(assistant: Assistant, store: Store, minutes_ahead: i32) -> Self {
        Self { assistant, store, minutes_ahead, locks: std::array::from_fn(|_| Mutex::new(())) }
    }

    /// Begins a conversation.
    pub(crate) fn begin(&self, user: &str, id: &str) -> Result<Conversation, MemoryError> {
        let _alone = self.alone(user);
        self.store.begin(id, user, milliseconds())?;
        self.store.conversation(id)
    }

    /// A conversation of this user; those of others are not there.
    pub(crate) fn conversation(&self, user: &str, id: &str) -> Result<Conversation, MemoryError> {
        let help = "`GET /v1/conversations` lists yours, and `POST` begins one";
        let missing = || MemoryError::Missing { what: "conversation", name: id.escape_debug().to_string(), help };
        match self.store.conversation(id) {
            Ok(found) if found.user == user => Ok(found),
            Ok(_) | Err(MemoryError::Missing { .. }) => Err(missing()),
            Err(error) => Err(error),
        }
    }

    /// Replies to a message; both are on the disk when this returns.
    pub(crate) fn hear(&self, user: &str, id: &str, text: &str, after: Option<u64>) -> Result<Told, AssistantError> {
        let _alone = self.alone(user);
        self.conversation(user, id)?;
        let at = milliseconds();
        let (bytes, minutes_ahead) = (text.as_bytes(), self.minutes_ahead);
        let kept =
            self.assistant.hear(&self.store, Heard { conversation: id, user, bytes, after, at, minutes_ahead })?;
        Ok(Told { kept, at })
    }

    /// Keeps what a user thinks of a reply.
    pub(crate) fn judge(&self, user: &str, id: &str, number: u64, feedback: &Feedback) -> Result<(), MemoryError> {
        let _alone = self.alone(user);
        self.conversation(user, id)?;
        let at = milliseconds();
        self.store.feedback(id, number, feedback, at)?;
        self.note(Event::Judged, Some(id));
        Ok(())
    }

    /// Removes a conversation.
    pub(crate) fn remove(&self, user: &str, id: &str) -> Result<(), MemoryError> {
        let _alone = self.alone(user);
        self.conversation(user, id)?;
        self.store.remove(id)
    }

    /// All that is kept of a user.
    pub(crate) fn export(&self, user: &str) -> Result<Value, MemoryError> {
        let _alone = self.alone(user);
        let all = self.store.export(user)?;
        self.note(Event::Exported, None);
        Ok(all)
    }

    /// Erases all that is kept of a user.
    pub(crate) fn forget(&self, user: &str) -> Result<Forgotten, AssistantError> {
        let _alone = self.alone(user);
        self.assistant.forget(&self.store, user, milliseconds())
    }

    /// Writes into the audit log. What is done is done, also where that fails.
    fn note(&self, event: Event, id: Option<&str>) {
        if let Err(error) = self.store.log(event, id, &json!({}), None, milliseconds()) {
            tracing::warn!("the audit log could not be written: {error}");
        }
    }

    /// One piece of work at a time for each user: what was read of their profile and of a conversation must still be so when it is
    /// written.
    fn alone(&self, user: &str) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        user.hash(&mut hasher);
        self.locks[hasher.finish() as usize % LOCKS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reply, and when it was given, in milliseconds since 1970.
pub(crate) struct Told {
    pub(crate) kept: Kept,
    pub(crate) at: i64,
}

fn milliseconds() -> i64 {
    rushlight_trace::since_1970().as_millis() as i64
}
