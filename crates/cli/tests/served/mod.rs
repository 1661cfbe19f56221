//! An assistant that is served by the program, for tests that talk with it. No tests.
#![allow(dead_code, reason = "every test binary uses its own part")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A program that runs until the test is over.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that runs.
pub(crate) struct Served {
    _running: Running,
    pub(crate) url: String,
}

fn program(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rushlight"));
    command.current_dir(folder).args(args).stdin(Stdio::null());
    command
}

/// Carries a command out, which must go well.
pub(crate) fn carry_out(folder: &Path, args: &[&str]) {
    let output = program(folder, args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The assistant that `init` writes, trained as its page says.
pub(crate) fn make(folder: &Path) {
    let olive = folder.join("olive");
    carry_out(folder, &["assistant", "init", "olive"]);
    carry_out(&olive, &["train", "recipe.toml", "--out", "run"]);
}

/// Serves that assistant.
pub(crate) fn serve(folder: &Path, port: u16) -> Served {
    serve_run(folder, "olive", port)
}

/// Serves a run or an assistant; port 0 is any that is free.
pub(crate) fn serve_run(folder: &Path, run: &str, port: u16) -> Served {
    let args = ["serve", run, "--port", &port.to_string()];
    let child = program(folder, &args).stderr(Stdio::piped()).stdout(Stdio::null()).spawn();
    let mut child = child.unwrap();
    let stderr = child.stderr.take().unwrap();
    let running = Running(child);
    let url = word_behind(stderr, "listens on ").expect("the server names its address");
    Served { _running: running, url }
}

/// The word that stands behind some others in what a program prints; the rest is read and thrown away.
pub(crate) fn word_behind(printed: impl Read + Send + 'static, before: &str) -> Option<String> {
    let mut lines = BufReader::new(printed).lines().map_while(Result::ok);
    let found = lines.by_ref().find_map(|line| Some(line.split_once(before)?.1.split(' ').next()?.to_owned()));
    std::thread::spawn(move || lines.for_each(drop));
    found
}
