//! A reply: what is said, who made it, how sure it is, and what was understood. Plain values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::recognise::Entity;
use crate::recognise::sentence::SentenceKind;

/// Who made a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A template with its values, or one of our own sentences.
    Template,
    /// A known answer.
    Retrieval,
    /// A trained model wrote it.
    Generator,
}

/// What a reply does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// It answers.
    Answer,
    /// It asks for a value that is missing.
    Ask,
    /// It asks whether something was understood rightly.
    Confirm,
    /// It asks which of two things was meant.
    Clarify,
    /// It tells that something was left.
    Cancel,
    /// It speaks of what is known of the user.
    Profile,
    /// It says that nothing fits.
    Fallback,
    /// It refuses.
    Refuse,
}

/// A reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// What is said.
    pub text: String,
    /// What it does.
    pub act: Act,
    /// Who made it.
    pub source: Source,
    /// How sure it is, 0 to 1: the probability of the intent, the score of the known answer, the mean probability of a token.
    pub confidence: f64,
    /// The intent that was acted upon.
    pub intent: Option<String>,
    /// The intents that were considered, the likeliest first.
    pub ranked: Vec<(String, f64)>,
    /// What was found in the message.
    pub entities: Vec<Entity>,
    /// What the message does.
    pub sentence: SentenceKind,
    /// The reply before its values were filled in, by which it is judged.
    pub key: String,
    /// The known question that was nearest, of a known answer.
    pub question: Option<String>,
    /// What is now known completely, and can be carried out.
    pub finished: Option<Finished>,
}

/// Something that a user wants, with all that must be known for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finished {
    /// What.
    pub intent: String,
    /// Its slots, in normal form.
    pub slots: BTreeMap<String, String>,
}
