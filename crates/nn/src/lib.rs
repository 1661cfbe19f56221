//! Parameters, layers, initialisers, losses, optimizers and schedules. Knows no text and no runs.

pub mod clip;
mod context;
pub mod init;
pub mod layers;
pub mod losses;
pub mod optimizers;
mod param;
pub mod schedules;
pub mod weights;

pub use context::{Context, Mode, Observer, SiteKind};
pub use param::{Builder, Param, Params, Role};
