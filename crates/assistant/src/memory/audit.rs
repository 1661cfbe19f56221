//! The audit log: what happened and when, without what was said unless whoever logs asks for that.

use rusqlite::params;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Store, from_json};
use crate::MemoryError;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Somebody was replied to.
    Replied,
    /// A message or a reply was refused.
    Refused,
    /// A reply was judged.
    Judged,
    /// A user's data were exported.
    Exported,
    /// A user's data were erased.
    Erased,
    /// A model was trained from feedback.
    Learnt,
    /// Something failed.
    Failed,
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Logged {
    /// When.
    pub at: i64,
    /// What.
    pub event: Event,
    /// In which conversation.
    pub conversation: Option<String>,
    /// More of it, without what was said.
    pub details: Value,
    /// What was said, where that is kept.
    pub text: Option<String>,
}

impl Store {
    /// Notes that something happened. `text` is what was said: leave it out unless the operator asked to keep it.
    ///
    /// # Errors
    /// A store that cannot be written.
    pub fn log(
        &self,
        event: Event,
        conversation: Option<&str>,
        details: &Value,
        text: Option<&str>,
        at: i64,
    ) -> Result<(), MemoryError> {
        let name = serde_json::to_value(event).ok().and_then(|name| name.as_str().map(str::to_owned));
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO audit (at, event, conversation, details, text) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![at, name.unwrap_or_default(), conversation, details.to_string(), text],
            )?;
            Ok(())
        })
    }

    /// The last `most` entries of the log, the newest first.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn logged(&self, most: usize) -> Result<Vec<Logged>, MemoryError> {
        self.read(|connection| {
            let mut select = connection
                .prepare_cached("SELECT at, event, conversation, details, text FROM audit ORDER BY id DESC LIMIT ?1")?;
            let mut rows = select.query([most as i64])?;
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                let event: String = row.get(1)?;
                all.push(Logged {
                    at: row.get(0)?,
                    event: from_json("an event of the log", &format!("\"{event}\""))?,
                    conversation: row.get(2)?,
                    details: from_json("an entry of the log", &row.get::<_, String>(3)?)?,
                    text: row.get(4)?,
                });
            }
            Ok(all)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_newest_entry_comes_first_and_texts_only_where_asked() {
        let store = Store::in_memory().unwrap();
        store.log(Event::Replied, Some("c"), &json!({"source": "template"}), None, 1).unwrap();
        store.log(Event::Refused, None, &json!({}), Some("what was said"), 2).unwrap();
        let logged = store.logged(10).unwrap();
        assert_eq!(logged.iter().map(|one| one.event).collect::<Vec<_>>(), [Event::Refused, Event::Replied]);
        assert_eq!((logged[1].text.as_deref(), &logged[1].details["source"]), (None, &json!("template")));
    }
}
