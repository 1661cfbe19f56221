//! The assistant: what a chatbot understands, how it goes on, what it replies and what it remembers. No HTTP, no printing.
//!
//! | to | use |
//! | --- | --- |
//! | read what an assistant is | [`definition::Definition`] |
//! | talk | [`Assistant::turn`] |
//! | talk in a conversation that is kept | [`Assistant::hear`] |
//! | find dates, times, numbers, addresses and words of lists | [`recognise::recognise`] |
//! | find known answers | [`retrieve::Answers`] |
//! | remember | [`memory::Store`] |
//! | learn from feedback | [`lessons`] |
//! | plug in a model, or a double of one | [`Understanding`], [`Generates`], [`Judges`] |

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod calendar;
pub mod definition;
mod dialogue;
mod error;
mod keeping;
mod learn;
pub mod memory;
mod message;
mod personal;
mod profile;
pub mod recognise;
mod reply;
pub mod retrieve;
mod seams;
mod tastes;
mod template;
mod trained;
mod words;

pub use calendar::{Date, Now};
pub use dialogue::{Asked, Assistant, Choice, Form, Outcome, Refused, State, Turn, Value};
pub use error::{AssistantError, DefinitionError, MemoryError};
pub use keeping::{Forgotten, Heard, Kept};
pub use learn::{CORRECTIONS, Lessons, Mistaken, lessons};
pub use message::message;
pub use profile::{Fact, Profile};
pub use reply::{Act, Finished, Reply, Source};
pub use seams::{Candidate, Generates, Judges, LearntSlot, Role, Said, Understanding, Understood, within_window};
pub use tastes::{Judged, Tastes};
pub use trained::{TrainedJudge, TrainedReplier, TrainedUnderstanding, TrainedWriter};
