//! The assistant.
#![cfg_attr(test, allow(clippy::unwrap_used))]
mod calendar;
pub mod recognise;
mod words;
pub use calendar::{Date, Now};
