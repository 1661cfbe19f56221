//! Tasks, the loop, evaluation and probes: every measurement, no judgement.
//!
//! | to | use |
//! | --- | --- |
//! | read what a training shall be | [`recipe`] |
//! | train, evaluate and go on where a run stopped | [`Session`], [`Run`] |
//! | know how long a step takes here | [`step_seconds`] |
//! | measure what a trained model can and cannot do | [`probe`] |
//! | try what must hold of any training | [`check`] |
//! | know how a language model reads a conversation | [`turns`] |

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod adapt;
mod card;
pub mod check;
mod checkpoint;
mod counting;
mod error;
mod evaluate;
pub mod faults;
mod feed;
mod fitting;
mod forcing;
mod harm;
mod init;
mod listen;
mod opening;
mod pace;
pub mod probe;
mod progress;
pub mod recipe;
mod replying;
mod run;
mod safety;
mod samples;
mod session;
mod shard;
mod step;
mod stepping;
mod task;
mod translating;
pub mod turns;
mod understanding;
mod watch;
mod writing;

pub use adapt::evaluate_adapting;
pub use error::TrainError;
pub use evaluate::{Score, evaluate, unless_broken};
pub use fitting::entry;
pub use forcing::Forcing;
pub use harm::WAYS;
pub use pace::step_seconds;
pub use progress::Progress;
pub use replying::{Reply, Replying, Search};
pub use run::{Ending, Reason, Run, evaluation};
pub use safety::Judge;
pub use session::Session;
pub use step::{StepReport, StepSettings, take_step};
pub use task::{GoesOn, Labels, Prepared, Targets, Task};
pub use translating::{Held, Translated, Translation};
pub use understanding::{Slot, Sureness, UnderstandingScore, Understood};
pub use watch::Watch;
