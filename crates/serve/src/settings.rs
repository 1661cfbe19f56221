//! What is served, where, to whom, and how much of it at once.

use crate::Hosted;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What a server is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folders of runs; a folder of runs stands for all of them.
    pub runs: Vec<PathBuf>,
    /// Whom people can talk with.
    pub assistant: Option<Arc<Hosted>>,
    /// Where it listens; port 0 takes any that is free.
    pub address: SocketAddr,
    /// The file of keys; without one everybody on this machine may ask.
    pub keys: Option<PathBuf>,
    /// How many threads the kernels share.
    pub threads: usize,
    /// How much is done at once, and for how long.
    pub limits: Limits,
}

/// How much is done at once, and for how long.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The most texts that a model writes at the same time.
    pub batch: usize,
    /// The most texts that wait for their place; more are refused with 429.
    pub queue: usize,
    /// The most tokens that a request may ask for.
    pub tokens: usize,
    /// The most tokens of a prompt.
    pub prompt: usize,
    /// The most turns of a conversation that a request may hold.
    pub turns: usize,
    /// The most bytes of a request's body.
    pub body_bytes: usize,
    /// How long a request may take, waiting included.
    pub timeout: Duration,
    /// How long the head of a request may take to come.
    pub head: Duration,
    /// How long its body may take to come.
    pub body: Duration,
    /// How long a client may leave what was written for it lying.
    pub unread: Duration,
    /// How long what runs may take to finish after the server was told to stop.
    pub grace: Duration,
    /// The most connections at once.
    pub connections: usize,
    /// The most requests a minute of one key, or of one address where there are no keys; 0 for no limit.
    pub requests_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            batch: 64,
            queue: 256,
            tokens: 4096,
            prompt: 32 * 1024,
            turns: 16 * 1024,
            body_bytes: 1 << 20,
            timeout: Duration::from_secs(120),
            head: Duration::from_secs(10),
            body: Duration::from_secs(20),
            unread: Duration::from_secs(30),
            grace: Duration::from_secs(30),
            connections: 1024,
            requests_per_minute: 0,
        }
    }
}

impl Settings {
    /// These runs on this machine alone, at port 8080.
    pub fn new(runs: Vec<PathBuf>) -> Self {
        Self {
            runs,
            assistant: None,
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080),
            keys: None,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            limits: Limits::default(),
        }
    }
}
