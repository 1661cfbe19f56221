//! `resume`: goes on with a run exactly where it stopped.

use super::{Answer, train};
use crate::log;
use crate::terminal::say;
use anyhow::Result;
use rushlight_train::Run;
use std::path::PathBuf;

/// The flags of `resume`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// The run's folder.
    run: PathBuf,
}

/// Goes on.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    let run = Run::resume(&flags.run)?;
    log::into_file(&run.folder().log_path());
    let (step, total) = (run.session.progress.step, run.session.total_steps());
    if step >= total && total > 0 {
        say(&format!("{} has taken all its {total} steps already; evaluating it again", run.folder().name()));
    } else {
        say(&format!("{} goes on after step {step} of {total}", run.folder().name()));
    }
    train::carry_on(run)
}
