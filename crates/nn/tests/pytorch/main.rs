//! Losses, optimizers, clipping, schedules and initialisers against what PyTorch says (`reference/`). Needs no Python:
//! reads the golden files alone.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod clipping;
mod golden;
mod initialisers;
mod losses;
mod optimizers;
mod schedules;
