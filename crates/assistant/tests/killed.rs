//! A writer that is killed in the middle of its work: every message that it was told was kept is there again.

#![allow(clippy::unwrap_used, reason = "a test that meets an error it did not expect should stop there")]

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rushlight_assistant::memory::{Feedback, NewMessage, Store};
use rushlight_assistant::{Role, State};

/// Where the child writes; without it this is no child.
const FOLDER: &str = "RUSHLIGHT_TEST_WRITER";

/// The child: writes messages until it is killed, and notes behind each one that it was kept.
#[test]
fn a_writer() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let store = Store::open(&folder.join("a.db")).unwrap();
    let mut kept = OpenOptions::new().append(true).create(true).open(folder.join("kept")).unwrap();
    let mut state = State::default();
    for n in 0_u64.. {
        state.messages += 1;
        let message = NewMessage {
            role: Role::User,
            text: format!("message {n} {}", "x".repeat(n as usize % 5000)),
            reply: None,
        };
        let number = store.append("c", &[message], &state, None, n as i64).unwrap()[0];
        store.feedback("c", number, &Feedback::Thumb(n % 2 == 0), n as i64).unwrap();
        kept.write_all(format!("{number}\n").as_bytes()).unwrap();
    }
}

#[test]
fn every_acknowledged_message_is_there_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    Store::open(&path).unwrap().begin("c", "ada", 0).unwrap();
    let read = || std::fs::read_to_string(folder.path().join("kept")).unwrap_or_default();
    for round in 1..=3 {
        let before = read().lines().count();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["a_writer", "--exact", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while read().lines().count() < before + 20 * round && start.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(3));
        }
        // SIGKILL: no handler runs.
        child.kill().unwrap();
        child.wait().unwrap();
        let store = Store::open(&path).unwrap();
        let kept = read();
        // The last line may be cut: it was not told whole.
        let acknowledged: Vec<u64> =
            kept.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')?.parse().ok()).collect();
        assert!(acknowledged.len() > before, "the writer wrote nothing in time");
        let messages = store.messages("c", 0, usize::MAX >> 1).unwrap();
        let numbers: Vec<u64> = messages.iter().map(|message| message.number).collect();
        assert_eq!(numbers, (1..=messages.len() as u64).collect::<Vec<_>>(), "numbers have no gaps");
        assert!(acknowledged.iter().all(|number| numbers.contains(number)));
        let judged: Vec<u64> = store.all_feedback().unwrap().iter().map(|row| row.number).collect();
        assert!(acknowledged.iter().all(|number| judged.contains(number)));
        let (state, count) = store.state("c").unwrap();
        assert!(state.messages > 0 && count == messages.len() as u64);
    }
}
