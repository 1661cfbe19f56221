//! The program as people meet it: every command from outside, on small data, with what it prints and how it ends.

#![allow(clippy::unwrap_used, reason = "a test that meets an error it did not expect should stop there")]
#![allow(clippy::print_stdout, reason = "long runs of a test tell what they tried")]

mod absurd;
mod assistant;
mod bad_files;
mod bad_recipes;
mod bad_runs;
mod compare;
mod crash;
mod doctor;
mod explain;
mod full_disk;
mod growth;
mod history;
mod journey;
mod ladder;
mod left;
mod runs;
mod safety;
mod score;
#[path = "../../../train/tests/common/timeless.rs"]
mod timeless;
mod tokenizer;
mod train;
mod translate;

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// What a command printed.
struct Printed {
    stdout: String,
    stderr: String,
}

/// The program, to be started in `folder`.
fn program(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("rushlight").unwrap();
    command.current_dir(folder).env("RUST_BACKTRACE", "1").timeout(std::time::Duration::from_secs(120));
    command
}

fn run(folder: &Path, args: &[&str], stdin: &[u8], code: i32) -> Printed {
    let output = program(folder).args(args).write_stdin(stdin).output().unwrap();
    let printed = Printed {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{}\n{}", printed.stdout, printed.stderr);
    assert!(!printed.stderr.contains("panicked"), "{args:?}\n{}", printed.stderr);
    printed
}

/// Carries a command out, which must go well.
fn good(folder: &Path, args: &[&str]) -> Printed {
    run(folder, args, b"", 0)
}

/// The object on the last line of stdout.
fn object(folder: &Path, args: &[&str]) -> Value {
    let printed = good(folder, &[args, &["--format", "json"]].concat());
    serde_json::from_str(printed.stdout.lines().last().unwrap()).unwrap()
}

/// Holds that a command is refused with all of `words` in its message, and that nothing else happens.
fn refused(folder: &Path, args: &[&str], words: &[&str]) {
    let before = everything_in(folder);
    let Printed { stdout, stderr } = run(folder, args, b"", 2);
    assert_eq!(stdout, "", "{args:?}");
    assert!(stderr.contains("error: ") && !stderr.contains("stack backtrace"), "{args:?}\n{stderr}");
    for word in words {
        assert!(stderr.contains(word), "{args:?}: no `{word}` in\n{stderr}");
    }
    assert_eq!(everything_in(folder), before, "{args:?} changed files");
}

/// Every file with its bytes, so that a test can hold that nothing changed.
fn everything_in(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(everything_in(&path));
        } else {
            files.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    files.sort();
    files
}

/// The data: the first names of the set that ships.
fn names(count: usize) -> String {
    let text = rushlight_data::datasets::Dataset::named("names").unwrap().text();
    text.lines().take(count).map(|name| format!("{name}\n")).collect()
}

const MLP: &str = r#"
[data]
kind = "lines"
path = "names.txt"
batching = "contexts"
[model]
kind = "mlp"
embed = 4
hidden = 16
[train]
steps = 40
batch = 16
window = 3
lr = 0.05
[train.evaluate]
every_steps = 100
samples = 1
sample_tokens = 8
"#;

const LSTM: &str = r#"
[data]
kind = "lines"
path = "names.txt"
[model]
kind = "lstm"
embed = 6
hidden = 8
[train]
steps = 10
batch = 8
window = 16
[train.evaluate]
samples = 1
sample_tokens = 8
"#;

const TABLE: &str = r#"
[data]
kind = "table"
path = "table.csv"
targets = ["y"]
[model]
kind = "feed_forward"
hidden = [8]
[train]
steps = 30
batch = 8
[train.optimizer]
kind = "sgd"
"#;

/// A folder with data and recipes.
fn bare() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("names.txt", &names(300));
    // y is x1 - 2 x2: a line that any run can learn.
    let rows =
        (0..60).map(|i| (f64::from(i % 7), f64::from(i % 11))).map(|(a, b)| format!("{a},{b},{}\n", a - 2.0 * b));
    write("table.csv", &format!("x1,x2,y\n{}", rows.collect::<String>()));
    write("mlp.toml", MLP);
    write("lstm.toml", LSTM);
    write("table.toml", TABLE);
    folder
}

/// A copy of a folder in which three small models are trained already: `runs/mlp`, `runs/lstm` and `runs/table`.
fn trained() -> TempDir {
    static TRAINED: OnceLock<TempDir> = OnceLock::new();
    let original = TRAINED.get_or_init(|| {
        let folder = bare();
        for name in ["mlp", "lstm", "table"] {
            good(folder.path(), &["train", &format!("{name}.toml")]);
        }
        folder
    });
    let copy = tempfile::tempdir().unwrap();
    for (path, bytes) in everything_in(original.path()) {
        let place = copy.path().join(path.strip_prefix(original.path()).unwrap());
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
    }
    copy
}
