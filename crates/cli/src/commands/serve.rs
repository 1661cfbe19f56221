//! `serve`: answers over HTTP, for people and for programs.

use super::Answer;
use crate::opening::{self, Talking};
use crate::terminal::say;
use anyhow::{Result, bail, ensure};
use rushlight_serve::{Hosted, Limits, Server, Settings, keys};
use rushlight_trace::RunFolder;
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The flags of `serve`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// The runs' folders; a folder of runs stands for all of them. One may be the folder of an assistant, to which the runs that
    /// are named with it belong, as in `chat`.
    #[arg(required_unless_present = "new_key", value_name = "RUN|DIR")]
    paths: Vec<PathBuf>,
    /// The address to listen on; one that others can reach needs keys.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// The port; 0 takes any that is free.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The file of keys; without one everybody on this machine may ask.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Makes a key, adds its hash to the file, prints the key once, and serves nothing.
    #[arg(long, value_name = "FILE", conflicts_with = "paths")]
    new_key: Option<PathBuf>,
    /// Whose key it is.
    #[arg(long, value_name = "NAME", default_value = "default", requires = "new_key")]
    key_name: String,
    /// The most texts that a model writes at the same time.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1024))]
    max_batch: u16,
    /// The most texts that wait; more are refused with 429.
    #[arg(long, value_name = "N", default_value_t = 256)]
    queue: u16,
    /// The most tokens that a request may ask for.
    #[arg(long, value_name = "N", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..))]
    max_tokens: u32,
    /// The most kilobytes of a request.
    #[arg(long, value_name = "KB", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    max_body: u32,
    /// How many seconds a request may take, waiting included.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..))]
    timeout: u32,
    /// How many seconds what runs may take to finish when the server is told to stop.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    grace: u32,
    /// The most requests a minute of one key, or of one address; 600 with keys and no limit without, unless told otherwise.
    #[arg(long, value_name = "N")]
    rate: Option<u32>,
    #[command(flatten)]
    talking: Talking,
}

/// Serves until somebody stops it, or makes a key.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    if let Some(file) = &flags.new_key {
        let key = keys::new_key(file, &flags.key_name)?;
        say(&format!(
            "a key for `{}`, told this once; its hash is in `{}`. Serve with `--keys {}`",
            flags.key_name,
            file.display(),
            file.display()
        ));
        return Ok(Answer::new(format!("{key}\n"), json!({"key": key, "name": flags.key_name, "file": file})));
    }
    let server = Server::start(&flags.settings()?)?;
    server.stop_on_signals()?;
    let (models, runs, address) = (server.models(), server.runs(), server.address());
    let assistant = server.assistant();
    ensure!(!runs.is_empty() || assistant.is_some(), "there is no run to serve; give the folders of some");
    if let Some(name) = &assistant {
        say(&format!("talks as {name}"));
    }
    let shown = runs.iter().filter(|run| !models.contains(run)).cloned().collect::<Vec<_>>();
    if !models.is_empty() {
        say(&format!("serves {}", models.join(", ")));
    }
    if !shown.is_empty() {
        say(&format!("shows {}, which write nothing", shown.join(", ")));
    }
    say(&format!("listens on http://{address} ; Ctrl-C stops it"));
    server.run()?;
    say("stopped; what ran was finished");
    Ok(Answer::new("", json!({"address": address.to_string(), "assistant": assistant, "models": models, "runs": runs})))
}

impl Flags {
    /// The assistant, and the folders of runs that are shown with it.
    fn assistant(&self) -> Result<(Option<Arc<Hosted>>, Vec<PathBuf>)> {
        let Some(folder) = self.paths.iter().find(|path| opening::is_assistant(path)) else {
            return match self.talking.given() {
                Some(flag) => bail!(
                    "`{flag}` belongs to an assistant, and none of these is its folder; give one (`rushlight assistant init DIR` writes it)"
                ),
                None => Ok((None, self.paths.clone())),
            };
        };
        // A folder of runs is only shown.
        let is_part = |path: &&PathBuf| opening::is_assistant(path) || RunFolder::open(path).is_ok();
        let parts: Vec<PathBuf> = self.paths.iter().filter(is_part).cloned().collect();
        let opened = opening::open(&parts, &self.talking)?;
        let store = opened.store(&self.talking)?;
        let shown = self.paths.iter().filter(|path| !opening::is_assistant(path)).cloned();
        let shown = shown.chain(opening::own_run(folder)).collect();
        Ok((Some(Arc::new(Hosted::new(opened.assistant, store, self.talking.clock()))), shown))
    }

    fn settings(&self) -> Result<Settings> {
        let (assistant, runs) = self.assistant()?;
        let usual_rate = if self.keys.is_some() { 600 } else { 0 };
        let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds));
        Ok(Settings {
            runs,
            assistant,
            address: SocketAddr::new(self.host, self.port),
            keys: self.keys.clone(),
            threads: rushlight_engine::threads(),
            limits: Limits {
                batch: usize::from(self.max_batch),
                queue: usize::from(self.queue),
                tokens: self.max_tokens as usize,
                body_bytes: self.max_body as usize * 1024,
                timeout: seconds(self.timeout),
                grace: seconds(self.grace),
                requests_per_minute: self.rate.unwrap_or(usual_rate),
                ..Limits::default()
            },
        })
    }
}
