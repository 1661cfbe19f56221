//! The HTTP server: an OpenAI-compatible API and a web page over one engine thread that writes for many at once. Knows how
//! text is asked for and handed out; nothing of how a model was trained.
//!
//! | to | use |
//! | --- | --- |
//! | say what is served, where and to whom | [`Settings`] |
//! | let people talk with an assistant | [`Hosted`] |
//! | serve until somebody stops it | [`Server::start`], [`Server::run`] |
//! | give somebody a key | [`keys::new_key`] |
//!
//! A request goes from `net` (connections and their time limits) through `guard` (keys, rates) to a file of `api`, which makes ids
//! of its text (`template`) and hands jobs to the `engine`. There a `Lane` for each model reads prompts, takes every
//! job as a row into its batch, and gives it up as soon as it is done or nobody listens any more. Tokens come back through a
//! channel and become text in `pieces`. A message to an assistant goes to `hosted` instead, on a thread that may wait.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod api;
mod catalogue;
mod engine;
mod error;
mod guard;
mod hosted;
pub mod keys;
mod metrics;
mod net;
mod page;
mod pieces;
mod rate;
mod server;
mod settings;
mod template;

pub use error::ServeError;
pub use hosted::Hosted;
pub use server::{Server, Stop};
pub use settings::{Limits, Settings};
