//! Whole conversations by script, over an understanding of a few rules. The assistant is the one that `init` writes.

#![allow(clippy::unwrap_used, reason = "a test that meets an error it did not expect should stop there")]

mod doubles;
mod edges;
mod replies;
mod script;
