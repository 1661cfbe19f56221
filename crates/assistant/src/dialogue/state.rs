//! The state of a conversation: what was said last, what is being filled in, what was asked. A plain value that goes in and comes
//! out; a conversation of any length has a state of bounded size.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::recognise::Entity;
use crate::{Role, Said};

/// Where a conversation stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// How many messages the user has sent.
    pub messages: u64,
    /// What was said last, oldest first.
    pub turns: Vec<Said>,
    /// What is being filled in; the last is spoken of, those before wait.
    pub forms: Vec<Form>,
    /// What was finished last, and can still be corrected.
    pub finished: Option<Form>,
    /// What was asked to choose among.
    pub choice: Option<Choice>,
}

/// An intent whose slots are being filled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// The intent.
    pub intent: String,
    /// How probable it was.
    pub confidence: f64,
    /// What is known.
    pub slots: BTreeMap<String, Value>,
    /// What was asked.
    pub asked: Asked,
    /// Whether all of it was confirmed.
    pub confirmed: bool,
    /// How often the same was asked without an answer.
    pub misses: u32,
    /// Why values of the last message are not possible, to be said with what is asked next.
    #[serde(skip)]
    pub refused: Vec<String>,
}

/// What is known of a slot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Value {
    /// In normal form.
    pub value: String,
    /// The kind of what was found.
    pub kind: String,
    /// As it was written.
    pub text: String,
    /// How sure it is.
    pub sure: f64,
    /// Whether the user has confirmed it.
    pub confirmed: bool,
}

/// What the user was asked last about a form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Asked {
    /// Nothing.
    #[default]
    Nothing,
    /// The value of a slot.
    Slot(String),
    /// Whether the value of a slot is right.
    Value(String),
    /// Whether all is right.
    All,
    /// What is to be changed.
    Change,
}

/// Two intents, of which the user was asked which is meant, or one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// The intents with their probabilities.
    pub options: Vec<(String, f64)>,
    /// What was said when they were met.
    pub text: String,
    /// What was found in it.
    pub entities: Vec<Entity>,
}

/// How much of what was said is kept in a state; the store has all of it.
const MOST_TURNS: usize = 40;
const MOST_BYTES: usize = 16_000;

impl State {
    /// Adds what was said; the oldest goes where there is too much.
    pub(crate) fn say(&mut self, role: Role, text: &str) {
        self.turns.push(Said { role, text: text.to_owned() });
        let mut bytes = 0;
        let fits = |said: &Said| {
            bytes += said.text.len();
            bytes <= MOST_BYTES
        };
        let kept = self.turns.iter().rev().take(MOST_TURNS).map(fits).take_while(|fits| *fits).count();
        self.turns.drain(..self.turns.len() - kept.max(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_stays_small_however_long_one_talks() {
        let mut state = State::default();
        (0..10_000).for_each(|n| state.say(Role::User, &format!("message {n}")));
        assert_eq!((state.turns.len(), state.turns[MOST_TURNS - 1].text.as_str()), (MOST_TURNS, "message 9999"));
        state.say(Role::User, &"x".repeat(1 << 20));
        assert_eq!(state.turns.len(), 1);
    }
}
