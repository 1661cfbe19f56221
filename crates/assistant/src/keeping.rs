//! A message in a conversation that is kept: from the store to the assistant and back. Knows no clock.

use serde_json::json;

use rushlight_trace::write_atomic;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

use crate::learn::lessons;
use crate::memory::{Erased, Event, NewMessage, Store};
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

/// What is gone of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgotten {
    /// Of the store.
    pub erased: Erased,
    /// How many of their corrections stood among the lines to learn from.
    pub corrections: usize,
}

impl Assistant {
    /// Replies to a message, and keeps both: when this returns, they are on the disk.
    ///
    /// # Errors
    /// A message that is not read, a conversation that is not there or has gone on, a profile that other programs change again and
    /// again, a model that fails, or a store that cannot be written.
    pub fn hear(&self, store: &Store, heard: Heard<'_>) -> Result<Kept, AssistantError> {
        /// How often it is thought about anew, where another program writes of the same user at the same moment.
        const TRIES: usize = 4;
        for _ in 0..TRIES {
            match self.hear_once(store, heard) {
                Err(AssistantError::Memory(MemoryError::Rewritten { .. })) => {}
                done => return done,
            }
        }
        Err(MemoryError::Rewritten { user: heard.user.to_owned() }.into())
    }

    fn hear_once(&self, store: &Store, heard: Heard<'_>) -> Result<Kept, AssistantError> {
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
        store.append_with_profile(
            conversation,
            &said,
            &outcome.state,
            [&profile, &outcome.profile],
            Some(found),
            at,
        )?;
        let event = if reply.act == Act::Refuse { Event::Refused } else { Event::Replied };
        // Both are kept: who is told otherwise would say it again.
        let _ =
            store.log(event, Some(conversation), &json!({"source": reply.source, "intent": reply.intent}), None, at);
        Ok(Kept { number: found + said.len() as u64, reply })
    }

    /// Erases all that is kept of a user, and takes their corrections out of the lines to learn from. What a model has learnt from
    /// them stays in its weights until it is trained anew.
    ///
    /// # Errors
    /// A store or a file that cannot be written.
    pub fn forget(&self, store: &Store, user: &str, at: i64) -> Result<Forgotten, AssistantError> {
        let erased = store.erase(user)?;
        let corrections = self.corrections().map_or(Ok(0), |path| self.without_erased(store, path))?;
        // It is gone, also where that fails.
        let _ = store.log(Event::Erased, None, &json!({}), None, at);
        Ok(Forgotten { erased, corrections })
    }

    /// Writes the lines to learn from as the store has them now, where there are any; how many are gone.
    fn without_erased(&self, store: &Store, path: &Path) -> Result<usize, AssistantError> {
        let Ok(before) = fs::read_to_string(path) else { return Ok(0) };
        let left = lessons(self.definition(), &store.all_feedback()?).lines;
        let left: HashSet<&str> = left.lines().collect();
        let kept: String =
            before.split_inclusive('\n').filter(|line| left.contains(line.trim_end_matches('\n'))).collect();
        if kept != before {
            write_atomic(path, kept.as_bytes())?;
        }
        Ok(before.lines().count() - kept.lines().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::{Definition, STARTER};
    use crate::memory::Feedback;
    use crate::{Fact, Understanding, Understood};
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    fn heard(text: &str, after: Option<u64>) -> Heard<'_> {
        Heard { conversation: "c", user: "ada", bytes: text.as_bytes(), after, at: 1, minutes_ahead: 0 }
    }

    #[test]
    fn who_is_forgotten_is_in_no_line_to_learn_from() {
        let definition = Definition::parse(STARTER[0].text, STARTER[0].name).unwrap();
        let (folder, store) = (tempfile::tempdir().unwrap(), Store::in_memory().unwrap());
        let path = folder.path().join("corrections.tsv");
        let assistant = Assistant::new(definition, None).unwrap().with_corrections(path.clone());
        for (conversation, user, text) in [("c", "ada", "a seat by the sea"), ("d", "bob", "room for all of us")] {
            store.begin(conversation, user, 1).unwrap();
            let heard = Heard { conversation, user, ..heard(text, None) };
            let number = assistant.hear(&store, heard).unwrap().number;
            store.feedback(conversation, number, &Feedback::Intent("book_table".into()), 2).unwrap();
        }
        let both = lessons(assistant.definition(), &store.all_feedback().unwrap()).lines;
        assert!(both.lines().count() == 2 && both.contains("sea") && both.contains("room"), "{both}");
        fs::write(&path, both).unwrap();
        let gone = assistant.forget(&store, "ada", 3).unwrap();
        assert_eq!(gone, Forgotten { erased: Erased { conversations: 1, messages: 2 }, corrections: 1 });
        let left = fs::read_to_string(&path).unwrap();
        assert!(!left.contains("sea") && left.contains("room"), "{left}");
        fs::remove_file(&path).unwrap();
        assert_eq!(assistant.forget(&store, "bob", 3).unwrap().corrections, 0);
        assert!(!path.exists());
    }

    /// Another program, which notes something of the user at the very moment when a message is understood, so many times.
    struct Meddling {
        store: Store,
        left: AtomicUsize,
    }

    impl Understanding for Meddling {
        fn understand(&self, _: &str) -> Result<Understood, AssistantError> {
            let left = self.left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
            if let Ok(left) = left {
                let mut profile = self.store.profile("ada")?;
                profile.note(Fact { key: "note".into(), value: format!("number {left}"), said: String::new() });
                self.store.set_profile("ada", &profile, 1)?;
            }
            Ok(Understood { is_outside: true, ..Understood::default() })
        }

        fn intents(&self) -> Vec<String> {
            let definition = Definition::parse(STARTER[0].text, STARTER[0].name).unwrap();
            definition.intents.into_iter().map(|intent| intent.name).collect()
        }
    }

    #[test]
    fn what_two_programs_hear_of_a_user_at_the_same_moment_is_all_known() {
        for (meddles, is_kept) in [(1, true), (2, true), (1000, false)] {
            let folder = tempfile::tempdir().unwrap();
            let open = || Store::open(&folder.path().join("a.db")).unwrap();
            let (store, left) = (open(), AtomicUsize::new(meddles));
            let definition = Definition::parse(STARTER[0].text, STARTER[0].name).unwrap();
            let understanding = Box::new(Meddling { store: open(), left });
            let assistant = Assistant::new(definition, Some(understanding)).unwrap();
            store.begin("c", "ada", 1).unwrap();
            match assistant.hear(&store, heard("I like plums", None)) {
                Ok(kept) => assert!(is_kept && kept.number == 2),
                Err(error) => assert!(!is_kept && error.to_string().contains("another program"), "{error}"),
            }
            let known = store.profile("ada").unwrap().facts;
            assert_eq!(known.iter().any(|fact| fact.value == "plums"), is_kept, "{known:?}");
            assert!(known.iter().any(|fact| fact.value == format!("number {meddles}")), "{known:?}");
            assert_eq!(store.messages("c", 0, 10).unwrap().len(), if is_kept { 2 } else { 0 });
        }
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
