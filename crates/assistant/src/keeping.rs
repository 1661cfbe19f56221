//! A message in a conversation that is kept: from the store to the assistant and back. Knows no clock.

use serde_json::json;

use crate::memory::{Event, NewMessage, Store};
use crate::message::message;
use crate::{Act, Assistant, AssistantError, MemoryError, Now, Reply, Role, Turn};

/// A message that somebody writes into a conversation.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'t> {
    /// The conversation.
    pub conversation: &'t str,
    /// Who writes.
    pub user: &'t str,
    /// The message, as it came.
    pub bytes: &'t [u8],
    /// How many messages the writer has seen; where others came meanwhile, nothing is written.
    pub after: Option<u64>,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// How many minutes the writer's clock is ahead of Greenwich.
    pub minutes_ahead: i32,
}

/// A reply that was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Its number in the conversation.
    pub number: u64,
    /// The reply.
    pub reply: Reply,
}

impl Assistant {
    /// Replies to a message, and keeps both: when this returns, they are on the disk.
    ///
    /// # Errors
    /// A message that is not read, a conversation that is not there or has gone on, a model that fails, or a store that cannot be
    /// written.
    pub fn hear(&self, store: &Store, heard: Heard<'_>) -> Result<Kept, AssistantError> {
        let Heard { conversation, user, bytes, after, at, minutes_ahead } = heard;
        let text = message(bytes, self.definition().limits.message_bytes)?;
        let (state, found) = store.state(conversation)?;
        if let Some(expected) = after.filter(|expected| *expected != found) {
            let conversation = conversation.to_owned();
            return Err(MemoryError::Overtaken { conversation, expected, found }.into());
        }
        let (profile, tastes) = (store.profile(user)?, store.tastes(user)?);
        let now = Now::of_unix(at.div_euclid(1000), minutes_ahead);
        let outcome = self.turn(Turn { text: &text, state: &state, profile: &profile, tastes: &tastes, now })?;
        let reply = outcome.reply;
        let said = [
            NewMessage { role: Role::User, text, reply: None },
            NewMessage { role: Role::Assistant, text: reply.text.clone(), reply: Some(reply.clone()) },
        ];
        store.append_with_profile(conversation, &said, &outcome.state, &outcome.profile, Some(found), at)?;
        let event = if reply.act == Act::Refuse { Event::Refused } else { Event::Replied };
        // Both are kept: who is told otherwise would say it again.
        let _ =
            store.log(event, Some(conversation), &json!({"source": reply.source, "intent": reply.intent}), None, at);
        Ok(Kept { number: found + said.len() as u64, reply })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::{Definition, STARTER};

    fn heard(text: &str, after: Option<u64>) -> Heard<'_> {
        Heard { conversation: "c", user: "ada", bytes: text.as_bytes(), after, at: 1, minutes_ahead: 0 }
    }

    #[test]
    fn what_was_said_is_kept_with_what_it_changed() {
        let definition = Definition::parse(STARTER[0].text, STARTER[0].name).unwrap();
        let (assistant, store) = (Assistant::new(definition, None).unwrap(), Store::in_memory().unwrap());
        store.begin("c", "ada", 1).unwrap();
        let kept = assistant.hear(&store, heard("call me Ada", Some(0))).unwrap();
        assert_eq!((kept.number, kept.reply.act), (2, Act::Profile));
        assert_eq!(store.profile("ada").unwrap().name.as_deref(), Some("Ada"));
        let late = assistant.hear(&store, heard("what is my name?", Some(0))).unwrap_err().to_string();
        assert!(late.contains("has 2 messages"), "{late}");
        let kept = assistant.hear(&store, heard("what is my name?", None)).unwrap();
        assert_eq!((kept.number, kept.reply.text.as_str()), (4, "Your name is Ada."));
        assert!(assistant.hear(&store, heard(" \u{0}", None)).unwrap_err().to_string().contains("is empty"));
        assert_eq!(store.messages("c", 0, 10).unwrap().len(), 4);
        assert_eq!(store.logged(10).unwrap().len(), 2);
    }
}
