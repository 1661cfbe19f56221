//! What an assistant is: its intents with examples and replies, its slots, known answers, lists and thresholds, as a person wrote them
//! down in `assistant.toml`. Knows no model and no conversation.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::recognise::WordList;
use crate::words::nearest;
use crate::{AssistantError, Date};

mod checking;
mod example;
mod lines;
mod reading;
mod starter;

pub use example::Example;
pub use lines::{OUT_OF_SCOPE, line};
pub use starter::{STARTER, StarterFile};

/// An assistant as it was written down.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// How it is called; `{assistant}` in replies.
    pub name: String,
    /// What it says first.
    #[serde(default = "greeting")]
    pub greeting: String,
    /// From where on it is sure of something.
    #[serde(default)]
    pub thresholds: Thresholds,
    /// What it says where nothing fits.
    #[serde(default)]
    pub fallback: Fallback,
    /// What it says to what is toxic.
    #[serde(default)]
    pub safety: Safety,
    /// How much is read.
    #[serde(default)]
    pub limits: Limits,
    /// Lists of words, by name.
    #[serde(default)]
    pub lists: BTreeMap<String, Vec<Member>>,
    /// What people may want.
    #[serde(default, rename = "intent")]
    pub intents: Vec<Intent>,
    /// Questions whose answers are known.
    #[serde(default, rename = "answer")]
    pub answers: Vec<Answer>,
}

/// From where on the assistant is sure of something; all are 0 to 1.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Thresholds {
    /// An intent of this probability is acted upon.
    pub sure: f64,
    /// Two intents whose probabilities are nearer than this are asked about.
    pub close: f64,
    /// A known answer whose question is so near is given.
    pub answer: f64,
    /// A value that is less sure is asked about.
    pub slot: f64,
    /// A generated reply of this probability a token is given.
    pub generated: f64,
    /// A text that is toxic with this probability is refused.
    pub toxic: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { sure: 0.6, close: 0.2, answer: 0.6, slot: 0.7, generated: 0.2, toxic: 0.7 }
    }
}

/// What is said where nothing fits.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fallback {
    /// What is said, in turns.
    pub replies: Vec<String>,
    /// Sentences that are none of the intents, to learn from.
    pub examples: Vec<String>,
}

impl Default for Fallback {
    fn default() -> Self {
        Self {
            replies: vec!["I am not sure what you mean. Could you say it in other words?".into()],
            examples: Vec::new(),
        }
    }
}

/// What is said to what is toxic.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Safety {
    /// In place of a reply.
    pub refusal: String,
}

impl Default for Safety {
    fn default() -> Self {
        Self { refusal: "I would rather not talk like that. Is there something else that I can help you with?".into() }
    }
}

/// How much is read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The longest message, in bytes.
    pub message_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { message_bytes: 8000 }
    }
}

/// A member of a list: a word, or a word and the other ways to write it.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Member {
    /// Written in one way.
    One(String),
    /// Written in several ways, of which the first is the normal form.
    Ways(Vec<String>),
}

impl Member {
    /// All ways to write it.
    pub fn ways(&self) -> &[String] {
        match self {
            Self::One(word) => std::slice::from_ref(word),
            Self::Ways(ways) => ways,
        }
    }
}

/// Something that people may want.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// Its name.
    pub name: String,
    /// How it is told when it is asked about, such as "book a table"; its name unless given.
    #[serde(default)]
    pub about: String,
    /// How people say it; slots are marked as in `for [four](people)`.
    pub examples: Vec<String>,
    /// What is replied, with `{slot}` and `{name}` filled in.
    pub replies: Vec<String>,
    /// What is asked before it is done, with `{slot}` filled in; nothing is asked where it is empty.
    #[serde(default)]
    pub confirm: String,
    /// What must be known for it.
    #[serde(default, rename = "slot")]
    pub slots: Vec<Slot>,
}

/// Something that must be known.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// Its name.
    pub name: String,
    /// Who finds it: a recogniser, a list, or `learnt`.
    pub kind: String,
    /// How it is asked for.
    #[serde(default)]
    pub ask: String,
    /// Whether it is asked for where it is missing.
    #[serde(default = "yes")]
    pub required: bool,
    /// Whether it is always confirmed.
    #[serde(default)]
    pub confirm: bool,
    /// The least number that is possible.
    #[serde(default)]
    pub least: Option<f64>,
    /// The greatest number that is possible.
    #[serde(default)]
    pub most: Option<f64>,
    /// Whether a date before today is not possible.
    #[serde(default)]
    pub future: bool,
}

/// The kind of a slot that only examples teach.
pub const LEARNT: &str = "learnt";

/// A question whose answer is known.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// How it is asked, in one way or several.
    pub question: Member,
    /// What is answered; `{name}` may be in it.
    pub answer: String,
}

impl Definition {
    /// What has no intents and no answers: a model that writes says everything, however unsure it is.
    pub fn of_a_generator() -> Self {
        Self {
            name: "Rushlight".into(),
            greeting: "Say something.".into(),
            thresholds: Thresholds { generated: 0.0, ..Thresholds::default() },
            fallback: Fallback { replies: vec!["I have nothing to say to that.".into()], examples: Vec::new() },
            safety: Safety::default(),
            limits: Limits::default(),
            lists: BTreeMap::new(),
            intents: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// The intent of a name.
    pub fn intent(&self, name: &str) -> Option<&Intent> {
        self.intents.iter().find(|intent| intent.name == name)
    }

    /// Refuses a name of no intent, with those that there are; what is out of scope is an intent too.
    ///
    /// # Errors
    /// A name of no intent.
    pub fn require_intent(&self, name: &str) -> Result<(), AssistantError> {
        let names: Vec<&str> = self.intents.iter().map(|intent| intent.name.as_str()).chain([OUT_OF_SCOPE]).collect();
        if names.contains(&name) {
            return Ok(());
        }
        let meant = nearest(name, names.iter().copied()).map(|name| format!(". Did you mean `{name}`?"));
        let (asked, known, meant) = (name.escape_debug(), names.join(", "), meant.unwrap_or_default());
        Err(AssistantError::Message(format!("there is no intent `{asked}`; there are {known}{meant}")))
    }

    /// The lists, ready to be found in messages.
    pub fn word_lists(&self) -> Vec<WordList> {
        self.lists.iter().map(|(name, members)| WordList::new(name, members.iter().map(Member::ways))).collect()
    }

    /// Every known question with the number of its answer.
    pub fn questions(&self) -> impl Iterator<Item = (&str, usize)> {
        let all = self.answers.iter().enumerate();
        all.flat_map(|(number, answer)| answer.question.ways().iter().map(move |way| (way.as_str(), number)))
    }
}

impl Intent {
    /// How it is told when it is asked about.
    pub fn told(&self) -> String {
        if self.about.is_empty() { self.name.replace('_', " ") } else { self.about.clone() }
    }

    /// The slot of a name.
    pub fn slot(&self, name: &str) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.name == name)
    }
}

impl Slot {
    /// Why a value of its kind is not possible, to be said; none where it is.
    pub fn refusal(&self, value: &str, today: Date) -> Option<String> {
        let is_within =
            |number: f64| self.least.is_none_or(|least| number >= least) && self.most.is_none_or(|most| number <= most);
        if value.parse().is_ok_and(|number| !is_within(number)) {
            let bounds = [("least", self.least), ("most", self.most)];
            let told = bounds.iter().filter_map(|(word, bound)| Some(format!("at {word} {}", (*bound)?)));
            let told = told.collect::<Vec<_>>().join(" and ");
            return Some(format!("The {} must be {told}, and {value} is not.", self.name.replace('_', " ")));
        }
        let date = Date::parse(value).filter(|date| self.future && *date < today)?;
        Some(format!("{} is over already.", date.in_words()))
    }

    /// How it is asked for.
    pub fn question(&self) -> String {
        if self.ask.is_empty() { format!("What is the {}?", self.name.replace('_', " ")) } else { self.ask.clone() }
    }
}

fn greeting() -> String {
    "Hello! How can I help you?".into()
}

fn yes() -> bool {
    true
}
