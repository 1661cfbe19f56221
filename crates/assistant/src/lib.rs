//! The assistant: what a chatbot understands, how it goes on, what it replies and what it remembers. No HTTP, no printing.
//!
//! | to | use |
//! | --- | --- |
//! | read what an assistant is | [`definition::Definition`] |
//! | find dates, times, numbers, addresses and words of lists | [`recognise::recognise`] |
//! | plug in a model, or a double of one | [`Understanding`], [`Generates`], [`Judges`] |

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod calendar;
pub mod definition;
mod error;
pub mod recognise;
pub mod retrieve;
mod seams;
mod template;
mod words;

pub use calendar::{Date, Now};
pub use error::{AssistantError, DefinitionError, MemoryError};
pub use seams::{Candidate, Generates, Judges, LearntSlot, Role, Said, Understanding, Understood, within_window};
