//! What users thought of replies: thumbs, what should have been replied, what was meant.

use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::{Failure, Store, from_json};
use crate::MemoryError;
use crate::reply::Reply;
use crate::tastes::{Judged, Tastes};

/// What somebody thinks of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Feedback {
    /// Good or bad.
    Thumb(bool),
    /// What should have been replied.
    Reply(String),
    /// The intent that was meant.
    Intent(String),
}

/// Feedback with the message that it is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeedbackRow {
    /// The conversation.
    pub conversation: String,
    /// The number of the reply.
    pub number: u64,
    /// What the user had said before it.
    pub said: String,
    /// The reply.
    pub reply: Option<Reply>,
    /// Good or bad.
    pub thumb: Option<bool>,
    /// What should have been replied.
    pub better: Option<String>,
    /// The intent that was meant.
    pub intent: Option<String>,
    /// When.
    pub at: i64,
}

impl Store {
    /// Keeps what a user thinks of message `number`, most often a reply of ours. A later thumb takes the place of an earlier one.
    ///
    /// # Errors
    /// A message that is not there, or a store that cannot be written.
    pub fn feedback(&self, conversation: &str, number: u64, feedback: &Feedback, at: i64) -> Result<(), MemoryError> {
        let (thumb, reply, intent) = match feedback {
            Feedback::Thumb(is_good) => (Some(*is_good), None, None),
            Feedback::Reply(reply) => (None, Some(reply), None),
            Feedback::Intent(intent) => (None, None, Some(intent)),
        };
        self.write(|transaction| {
            let key = params![conversation, number as i64];
            let is_there = transaction.query_row(
                "SELECT 1 FROM messages WHERE conversation = ?1 AND number = ?2",
                key,
                |_| Ok(()),
            );
            if is_there.optional()?.is_none() {
                let name = format!("{conversation}/{number}");
                return Err(MemoryError::Missing { what: "message", name, help: "messages are numbered from 1" }.into());
            }
            let column = if thumb.is_some() {
                "thumb"
            } else if reply.is_some() {
                "reply"
            } else {
                "intent"
            };
            transaction.execute(
                &format!("DELETE FROM feedback WHERE conversation = ?1 AND number = ?2 AND {column} IS NOT NULL"),
                key,
            )?;
            transaction.execute(
                "INSERT INTO feedback (conversation, number, thumb, reply, intent, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![conversation, number as i64, thumb, reply, intent, at],
            )?;
            Ok(())
        })
    }

    /// All feedback of a user, the oldest first.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn feedback_of(&self, user: &str) -> Result<Vec<FeedbackRow>, MemoryError> {
        self.rows("WHERE c.user = ?1", user)
    }

    /// All feedback in a conversation, the oldest first.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn feedback_in(&self, conversation: &str) -> Result<Vec<FeedbackRow>, MemoryError> {
        self.rows("WHERE c.id = ?1", conversation)
    }

    /// All feedback, the oldest first.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn all_feedback(&self) -> Result<Vec<FeedbackRow>, MemoryError> {
        self.rows("WHERE ?1 = ''", "")
    }

    /// What a user likes, by all that they said of replies.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn tastes(&self, user: &str) -> Result<Tastes, MemoryError> {
        let mut tastes = Tastes::default();
        for row in self.feedback_of(user)? {
            if let (Some(is_good), Some(reply)) = (row.thumb, row.reply) {
                // A known answer is the same whatever intent was thought of.
                let intent = reply.intent;
                tastes.add(&Judged { intent, source: reply.source, key: reply.key, is_good });
            }
            if let Some(better) = row.better {
                tastes.corrected.push((row.said, better));
            }
        }
        Ok(tastes)
    }

    fn rows(&self, only: &str, user: &str) -> Result<Vec<FeedbackRow>, MemoryError> {
        let select = format!(
            "SELECT f.conversation, f.number, f.thumb, f.reply, f.intent, f.at, m.text, m.reply, m.role,
                (SELECT b.text FROM messages b WHERE b.conversation = f.conversation AND b.number < f.number
                 AND b.role = 'user' ORDER BY b.number DESC LIMIT 1)
             FROM feedback f
             JOIN messages m ON m.conversation = f.conversation AND m.number = f.number
             JOIN conversations c ON c.id = f.conversation
             {only} ORDER BY f.id"
        );
        self.read(|connection| {
            let mut select = connection.prepare_cached(&select)?;
            let mut rows = select.query([user])?;
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                let (text, reply, role): (String, Option<String>, String) = (row.get(6)?, row.get(7)?, row.get(8)?);
                let before: Option<String> = row.get(9)?;
                let own = role == "user";
                all.push(FeedbackRow {
                    conversation: row.get(0)?,
                    number: row.get::<_, i64>(1)? as u64,
                    thumb: row.get(2)?,
                    better: row.get(3)?,
                    intent: row.get(4)?,
                    at: row.get(5)?,
                    said: if own { text } else { before.unwrap_or_default() },
                    reply: reply.map(|reply| from_json("a reply", &reply)).transpose()?,
                });
            }
            Ok::<_, Failure>(all)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::NewMessage;
    use crate::memory::tests::message;
    use crate::recognise::sentence::SentenceKind;
    use crate::{Act, Role, Source, State};

    /// A reply of ours for an intent.
    fn reply(text: &str) -> NewMessage {
        let reply = Reply {
            text: text.into(),
            act: Act::Answer,
            source: Source::Template,
            confidence: 0.9,
            intent: Some("menu".into()),
            ranked: vec![("menu".into(), 0.9)],
            entities: Vec::new(),
            sentence: SentenceKind::Question,
            key: text.into(),
            question: None,
            finished: None,
        };
        NewMessage { role: Role::Assistant, text: text.into(), reply: Some(reply) }
    }

    fn talked() -> Store {
        let store = Store::in_memory().unwrap();
        store.begin("c", "ada", 1).unwrap();
        store.append("c", &[message("what is there"), reply("Soup.")], &State::default(), None, 2).unwrap();
        store
    }

    #[test]
    fn a_thumb_becomes_a_taste_and_a_later_one_takes_its_place() {
        let store = talked();
        store.feedback("c", 2, &Feedback::Thumb(false), 3).unwrap();
        assert!(store.tastes("ada").unwrap().bonus(Some("menu"), Source::Template, "Soup.") < 0.0);
        store.feedback("c", 2, &Feedback::Thumb(true), 4).unwrap();
        assert_eq!(store.tastes("ada").unwrap().bonus(Some("menu"), Source::Template, "Soup."), 0.2);
        assert_eq!(store.tastes("bob").unwrap(), Tastes::default());
    }

    #[test]
    fn corrections_know_what_was_said() {
        let store = talked();
        store.feedback("c", 2, &Feedback::Reply("Fish.".into()), 3).unwrap();
        store.feedback("c", 2, &Feedback::Intent("place".into()), 4).unwrap();
        let rows = store.all_feedback().unwrap();
        assert_eq!(rows.iter().map(|row| row.said.as_str()).collect::<Vec<_>>(), ["what is there"; 2]);
        assert_eq!((rows[0].better.as_deref(), rows[1].intent.as_deref()), (Some("Fish."), Some("place")));
        assert_eq!(store.tastes("ada").unwrap().corrected, [("what is there".to_owned(), "Fish.".to_owned())]);
    }

    #[test]
    fn feedback_on_nothing_is_refused() {
        let error = talked().feedback("c", 7, &Feedback::Thumb(true), 3).unwrap_err().to_string();
        assert!(error.contains("there is no message `c/7`"), "{error}");
    }
}
