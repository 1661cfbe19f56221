//! The command line: a file a command; all printing and all exit codes.
#![allow(clippy::print_stdout, clippy::print_stderr)]
mod commands;
use clap::Parser;
#[derive(Parser)]
struct Cli { #[command(subcommand)] command: Command, #[arg(long, global = true, default_value = "human")] format: String }
#[derive(clap::Subcommand)]
enum Command { Bench(commands::bench::Flags) }
fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let Command::Bench(flags) = cli.command;
    println!("{}", commands::bench::run(&flags)?);
    Ok(())
}
