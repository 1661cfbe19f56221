//! `completions`: a script that lets a shell complete commands and flags.

use super::Answer;
use crate::Cli;
use anyhow::Result;
use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::json;

/// The flags of `completions`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// The shell; bash reads the script by `source <(rushlight completions bash)`.
    #[arg(value_enum)]
    shell: Shell,
}

/// Makes the script.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    let mut bytes = Vec::new();
    clap_complete::generate(flags.shell, &mut Cli::command(), "rushlight", &mut bytes);
    let script = String::from_utf8(bytes)?;
    let json = json!({"shell": flags.shell.to_string(), "script": script});
    Ok(Answer::new(script, json))
}
