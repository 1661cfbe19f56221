//! The assistant that ships, with an understanding by a few words. No tests.

use super::{Place, Served};
use rushlight_assistant::definition::{Definition, STARTER};
use rushlight_assistant::memory::Store;
use rushlight_assistant::{Assistant, AssistantError, Understanding, Understood};
use rushlight_serve::{Hosted, Settings};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Knows two intents by a word each, and takes its time over one word.
struct Words;

impl Understanding for Words {
    fn understand(&self, text: &str) -> Result<Understood, AssistantError> {
        if text.contains("slowly") {
            std::thread::sleep(Duration::from_millis(100));
        }
        let known = [("table", "book_table"), ("menu", "menu")];
        let ranked: Vec<_> =
            known.iter().filter(|(word, _)| text.contains(word)).map(|(_, name)| ((*name).to_owned(), 0.9)).collect();
        Ok(Understood { is_outside: ranked.is_empty(), ranked, slots: Vec::new() })
    }

    fn intents(&self) -> Vec<String> {
        definition().intents.into_iter().map(|intent| intent.name).collect()
    }
}

fn definition() -> Definition {
    Definition::parse(STARTER[0].text, STARTER[0].name).unwrap()
}

impl Place {
    /// Settings of a server with the assistant alone, whose store is in this folder.
    pub(crate) fn with_olive(&self) -> Settings {
        let assistant = Assistant::new(definition(), Some(Box::new(Words))).unwrap();
        let store = Store::open(&self.path("olive.db")).unwrap();
        Settings { assistant: Some(Arc::new(Hosted::new(assistant, store, 0))), ..self.settings(&[]) }
    }
}

impl Served {
    /// Begins a conversation; its path.
    pub(crate) fn begin(&self, user: &str) -> String {
        let begun = self.post(&format!("/v1/conversations?user={user}"), &json!({}));
        assert_eq!(begun.status, 200, "{}", begun.text);
        format!("/v1/conversations/{}", begun.json["id"].as_str().unwrap())
    }

    /// Says something as `you`; the reply.
    pub(crate) fn say(&self, conversation: &str, text: &str) -> Value {
        let said = self.post(&format!("{conversation}/messages"), &json!({"text": text}));
        assert_eq!(said.status, 200, "{}", said.text);
        said.json
    }
}
