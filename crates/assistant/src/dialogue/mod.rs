//! A conversation: a message, the state and the profile go in; a reply, the state and the profile come out. Knows no store and no
//! clock, and what it cannot answer it says so: nothing is made up.
//!
//! A message is looked at in this order, and the first that it belongs to replies:
//!
//! | is it | then |
//! | --- | --- |
//! | toxic | it is refused |
//! | "never mind", with something begun | that is left |
//! | an answer to "this or that?" | the one is begun |
//! | a value, a yes, a correction, with something being filled in | the form goes on (`filling.rs`) |
//! | a correction of what was just finished | it is opened again |
//! | about the user ("call me Ada", "what is my name?") | it is noted, or told |
//! | an intent, a known question, or something to chat about | the best reply is chosen (`choosing.rs`) |

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::definition::{Definition, Thresholds};
use crate::message::message;
use crate::profile::Profile;
use crate::recognise::sentence::sentence_kind;
use crate::recognise::{Entity, Finder, WordList, recognise};
use crate::reply::{Act, Finished, Reply, Source};
use crate::retrieve::Answers;
use crate::tastes::Tastes;
use crate::{AssistantError, Date, Generates, Judges, Now, Role, Understanding, Understood};

mod choosing;
mod filling;
mod form;
mod state;
mod talk;
mod wording;

pub use state::{Asked, Choice, Form, State, Value};
use talk::Talk;
use wording::Spoken;

/// An assistant, ready to talk with anybody.
pub struct Assistant {
    definition: Definition,
    lists: Vec<WordList>,
    answers: Answers,
    understanding: Option<Box<dyn Understanding>>,
    generator: Option<Box<dyn Generates>>,
    judge: Option<Box<dyn Judges>>,
    corrections: Option<PathBuf>,
    refused: [AtomicU64; 2],
}

/// A message with all that is known when it comes.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'t> {
    /// The message.
    pub text: &'t str,
    /// Where the conversation stands.
    pub state: &'t State,
    /// What is known of the user.
    pub profile: &'t Profile,
    /// What the user thought of earlier replies.
    pub tastes: &'t Tastes,
    /// Which moment it is for the user.
    pub now: Now,
}

/// What comes of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What is said.
    pub reply: Reply,
    /// Where the conversation stands now.
    pub state: State,
    /// What is known of the user now.
    pub profile: Profile,
}

/// How often something was refused since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// Messages.
    pub input: u64,
    /// Replies of ours.
    pub output: u64,
}

/// A message as it was understood.
struct Hearing {
    text: String,
    spoken: Spoken,
    entities: Vec<Entity>,
    understood: Understood,
    today: Date,
}

/// A reply before what was understood is added.
struct Draft {
    text: String,
    act: Act,
    source: Source,
    confidence: f64,
    intent: Option<String>,
    key: String,
    question: Option<String>,
    finished: Option<Finished>,
}

impl Draft {
    /// A sentence of our own.
    fn own(act: Act, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            key: text.clone(),
            text,
            act,
            source: Source::Template,
            confidence: 1.0,
            intent: None,
            question: None,
            finished: None,
        }
    }
}

impl Assistant {
    /// An assistant that understands by `understanding`, where there is one.
    ///
    /// # Errors
    /// A model that lacks intents of the definition.
    pub fn new(definition: Definition, understanding: Option<Box<dyn Understanding>>) -> Result<Self, AssistantError> {
        if let Some(understanding) = &understanding {
            let known = understanding.intents();
            let lacking: Vec<String> = definition
                .intents
                .iter()
                .filter(|intent| !known.contains(&intent.name))
                .map(|intent| format!("`{}`", intent.name))
                .collect();
            if !lacking.is_empty() {
                return Err(AssistantError::Unfit(format!(
                    "the trained model does not know the intents {} of the definition; write the lines anew \
                     (`rushlight assistant lines DIR`) and train it again",
                    lacking.join(", ")
                )));
            }
        }
        let (lists, answers) = (definition.word_lists(), Answers::new(definition.questions()));
        Ok(Self {
            definition,
            lists,
            answers,
            understanding,
            generator: None,
            judge: None,
            corrections: None,
            refused: Default::default(),
        })
    }

    /// The same with a model that writes replies where nothing else fits.
    #[must_use]
    pub fn with_generator(self, generator: Box<dyn Generates>) -> Self {
        Self { generator: Some(generator), ..self }
    }

    /// The same with a judge of what comes in and goes out.
    #[must_use]
    pub fn with_judge(self, judge: Box<dyn Judges>) -> Self {
        Self { judge: Some(judge), ..self }
    }

    /// The same whose users' corrections stand in that file, once somebody has written them down to learn from.
    #[must_use]
    pub fn with_corrections(self, path: PathBuf) -> Self {
        Self { corrections: Some(path), ..self }
    }

    /// Where its users' corrections stand.
    pub(crate) fn corrections(&self) -> Option<&Path> {
        self.corrections.as_deref()
    }

    /// What the assistant is.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// How often something was refused.
    pub fn refused(&self) -> Refused {
        let [input, output] = &self.refused;
        Refused { input: input.load(Ordering::Relaxed), output: output.load(Ordering::Relaxed) }
    }

    /// Replies to a message.
    ///
    /// # Errors
    /// A message that is empty or too long, or a model that fails.
    pub fn turn(&self, turn: Turn<'_>) -> Result<Outcome, AssistantError> {
        let text = message(turn.text.as_bytes(), self.definition.limits.message_bytes)?;
        let mut state = turn.state.clone();
        state.messages += 1;
        let is_refused = self.is_toxic(&text)?;
        let asked = self.asked_kind(&state);
        let understood = match &self.understanding {
            Some(understanding) if !is_refused => understanding.understand(&text)?,
            _ => Understood { is_outside: true, ..Understood::default() },
        };
        let hearing = Hearing {
            spoken: Spoken::of(&text),
            entities: self.entities(&text, turn.now, asked.as_deref(), &understood),
            understood,
            text,
            today: turn.now.date,
        };
        let sentence = sentence_kind(&hearing.text);
        let (draft, mut state, profile) = if is_refused {
            self.refused[0].fetch_add(1, Ordering::Relaxed);
            // What is refused is not kept as context either.
            (Draft::own(Act::Refuse, &self.definition.safety.refusal), state, turn.profile.clone())
        } else {
            state.say(Role::User, &hearing.text);
            let mut talk =
                Talk { assistant: self, hearing: &hearing, state, profile: turn.profile.clone(), tastes: turn.tastes };
            let draft = talk.reply()?;
            (draft, talk.state, talk.profile)
        };
        let draft = self.permitted(draft)?;
        if draft.act != Act::Refuse {
            state.say(Role::Assistant, &draft.text);
        }
        let Draft { text, act, source, confidence, intent, key, question, finished } = draft;
        let Hearing { entities, understood: Understood { ranked, .. }, .. } = hearing;
        let ranked = ranked.into_iter().take(3).collect();
        let reply =
            Reply { text, act, source, confidence, intent, ranked, entities, sentence, key, question, finished };
        Ok(Outcome { reply, state, profile })
    }

    /// All that is found in a text.
    fn entities(&self, text: &str, now: Now, asked: Option<&str>, understood: &Understood) -> Vec<Entity> {
        let mut entities = recognise(text, now, &self.lists, asked);
        let learnt = understood.slots.iter().filter_map(|slot| {
            let words = text.get(slot.place.clone()).filter(|words| !words.is_empty())?.to_owned();
            let (kind, place, value) = (slot.name.clone(), slot.place.clone(), words.clone());
            Some(Entity { kind, place, text: words, value, sure: 1.0, by: Finder::Learnt })
        });
        entities.extend(learnt);
        entities.sort_by_key(|entity| (entity.place.start, entity.place.end));
        entities
    }

    /// The kind of the slot that the user was asked for.
    fn asked_kind(&self, state: &State) -> Option<String> {
        let form = state.forms.last()?;
        Some(self.definition.intent(&form.intent)?.slot(form.asked_slot()?)?.kind.clone())
    }

    fn is_toxic(&self, text: &str) -> Result<bool, AssistantError> {
        let Some(judge) = &self.judge else { return Ok(false) };
        Ok(judge.toxicity(text)? >= self.thresholds().toxic)
    }

    /// The reply, or a refusal in its place.
    fn permitted(&self, draft: Draft) -> Result<Draft, AssistantError> {
        if draft.act == Act::Refuse || !self.is_toxic(&draft.text)? {
            return Ok(draft);
        }
        self.refused[1].fetch_add(1, Ordering::Relaxed);
        Ok(Draft::own(Act::Refuse, &self.definition.safety.refusal))
    }

    fn thresholds(&self) -> &Thresholds {
        &self.definition.thresholds
    }
}
