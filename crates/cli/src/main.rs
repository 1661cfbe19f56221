//! The command line: a file a command; all printing and all exit codes.
//!
//! Human text goes to stderr, results to stdout; with `--format json` the last line of stdout is one object. Exit codes:
//! 0 good, 1 a check failed, 2 the command could not be carried out.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this crate is the one that speaks")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod attending;
mod commands;
mod lines;
mod log;
mod opening;
mod page;
mod progress;
mod recipes;
mod terminal;

use clap::{Parser, ValueEnum};
use commands::Command;
use std::process::ExitCode;

/// Trains, explains and compares neural sequence models, from bigram counts to the Transformer.
///
/// Begin with `rushlight ladder`: it trains every rung on one text and leaves a page that shows what each one gained.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
    /// How results are printed.
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Says more of what happens; twice, everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// How many threads share the work; all cores unless told otherwise.
    #[arg(long, global = true)]
    threads: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for people.
    Human,
    /// One object, on the last line of stdout.
    Json,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    log::begin(cli.verbose);
    let told = carry_out(&cli).and_then(|answer| {
        match cli.format {
            Format::Human => terminal::print(&answer.text)?,
            Format::Json => terminal::print(&format!("{}\n", answer.json))?,
        }
        Ok(answer.code)
    });
    match told {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            terminal::complain(&error);
            ExitCode::from(2)
        }
    }
}

fn carry_out(cli: &Cli) -> anyhow::Result<commands::Answer> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = cli.threads.unwrap_or(cores);
    anyhow::ensure!(
        (1..=1024).contains(&threads),
        "`--threads {threads}` is not possible; give 1 to 1024, or leave it out to use all {cores} cores"
    );
    rushlight_engine::with_threads(threads, || cli.command.run())
}
