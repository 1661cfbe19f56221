//! Parameters, layers, initialisers, losses, optimizers and schedules. Knows no text and no runs.

#![allow(rustdoc::invalid_rust_codeblocks, reason = "headers hold equations, set off by indentation")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod clip;
mod context;
pub mod init;
pub mod layers;
pub mod losses;
pub mod optimizers;
mod param;
pub mod schedules;
pub mod settings;
pub mod weights;

pub use context::{Context, Mode, Observer, SiteKind};
pub use param::{Builder, Constant, Param, Params, Role, without_start};
