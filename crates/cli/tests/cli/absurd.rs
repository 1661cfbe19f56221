//! Values that nobody means: sizes beyond any machine, nothing at all, two processes where one may be. Each is refused in
//! words, or does what it says.

use super::{bare, good, names, refused, trained};
use std::fs;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A recipe of a model on data, with what both need besides.
fn recipe(data: &str, model: &str) -> String {
    format!("[data]\n{data}\n[model]\n{model}\n[train]\nsteps = 2\nbatch = 8\nwindow = 4\n")
}

/// A folder with a recipe for each kind of model and made-up data.
fn folder() -> TempDir {
    let folder = bare();
    for (name, data, model) in [
        ("mlp", "kind = \"lines\"\npath = \"names.txt\"\nbatching = \"contexts\"", "kind = \"mlp\""),
        ("rnn", "kind = \"text\"\npath = \"names.txt\"", "kind = \"rnn\""),
        ("lstm", "kind = \"text\"\npath = \"names.txt\"", "kind = \"lstm\""),
        ("gru", "kind = \"text\"\npath = \"names.txt\"", "kind = \"gru\""),
        ("gpt", "kind = \"text\"\npath = \"names.txt\"", "kind = \"gpt\""),
        ("counts", "kind = \"lines\"\npath = \"names.txt\"", "kind = \"kneser_ney\""),
        ("noise", "kind = \"noise\"", "kind = \"feed_forward\""),
        ("recall", "kind = \"recall\"", "kind = \"gru\""),
        ("reverse", "kind = \"reverse\"", "kind = \"gru\""),
    ] {
        fs::write(folder.path().join(format!("{name}.toml")), recipe(data, model)).unwrap();
    }
    folder
}

/// That each recipe with this setting is refused with these words.
fn check(all: &[(&str, &str, &[&str])]) {
    let folder = folder();
    for (recipe, set, words) in all {
        refused(folder.path(), &["train", &format!("{recipe}.toml"), "--set", set, "--out", "new"], words);
    }
}

#[test]
fn sizes_of_a_billion_are_refused_with_the_memory_that_they_would_need() {
    const MODEL: &[&str] = &["parameters and would need", " GB", "make the sizes in [model] smaller"];
    const BATCH: &[&str] = &["batches of", "would need", " GB", "make `batch`, `window` or `accumulate`"];
    check(&[
        ("mlp", "model.hidden=1000000000", MODEL),
        ("mlp", "model.embed=1000000000", MODEL),
        ("mlp", "train.window=1000000000", MODEL),
        ("rnn", "model.hidden=1000000000", MODEL),
        ("lstm", "model.hidden=1000000000", MODEL),
        ("lstm", "model.embed=1000000000", MODEL),
        ("gru", "model.hidden=1000000000", MODEL),
        ("gpt", "model.width=1000000000", MODEL),
        ("gpt", "model.inner=1000000000", MODEL),
        ("gpt", "train.window=1000000000", MODEL),
        ("noise", "model.hidden=[1000000000]", MODEL),
        ("noise", "model.hidden=[1000000000, 1000000000]", MODEL),
        ("mlp", "train.batch=1000000000", BATCH),
        ("lstm", "train.batch=1000000000", BATCH),
        ("lstm", "train.window=1000000000", BATCH),
        ("lstm", "train.accumulate=1000000000", BATCH),
        ("lstm", "train.batch=9223372036854775807", BATCH),
    ]);
}

#[test]
fn made_up_data_beyond_all_use_are_refused_with_the_memory_that_they_would_need() {
    const ROWS: &[&str] = &["the rows of all parts would need", " GB", "ask for fewer or shorter ones"];
    check(&[
        ("noise", "data.validation=9223372036854775807", ROWS),
        ("noise", "data.inputs=10000000", ROWS),
        ("noise", "data.samples=1000000000", &["`samples = 1000000000` cannot be", "1 to 10000000"]),
        ("recall", "data.train=1000000000", ROWS),
        ("recall", "data.test=9223372036854775807", ROWS),
        ("recall", "data.longest=1000000000", &["`longest = 1000000000` cannot be", "100000"]),
        ("reverse", "data.validation=9223372036854775807", ROWS),
    ]);
}

#[test]
fn counts_without_a_size_have_an_end_too() {
    check(&[
        ("gpt", "model.layers=1000000000", &["`layers`", "at most 1024"]),
        ("gpt", "model.heads=1000000000", &["`width`", "multiple of the 1000000000 `heads`"]),
        ("counts", "model.order=1000000000", &["`order`", "at most 20"]),
        ("lstm", "model.hidden=9223372036854775807", &["`hidden`", "9223372036854775807", "at most"]),
        ("lstm", "model.hidden=9223372036854775808", &["whole numbers go up to 9223372036854775807"]),
        ("lstm", "train.steps=1e9", &["`steps`", "a whole number"]),
    ]);
}

#[test]
fn nothing_is_no_training() {
    check(&[
        ("lstm", "train.steps=0", &["`steps` in [train]", "is 0", "at least 1"]),
        ("lstm", "train.epochs=0", &["`epochs` in [train]", "is 0", "at least 1"]),
        ("lstm", "train.batch=0", &["`batch`", "at least 1"]),
        ("lstm", "train.window=0", &["`window`", "at least 1"]),
        ("lstm", "train.accumulate=0", &["`accumulate`", "at least 1"]),
        ("lstm", "train.checkpoint.keep=0", &["`keep`", "so that the run can be resumed"]),
        ("lstm", "train.lr=0", &["`lr`", "above 0"]),
        ("noise", "data.samples=0", &["`samples = 0` cannot be"]),
        ("noise", "model.hidden=[0]", &["`hidden`", "at least 1"]),
    ]);
    let folder = trained();
    for (args, words) in [
        (&["train", "lstm.toml", "--steps", "0"][..], &["`steps`", "--set train.steps=0", "at least 1"][..]),
        (&["models", "--threads", "0"], &["`--threads 0`", "1 to 1024"]),
        (&["models", "--threads", "1000000000"], &["`--threads 1000000000`", "1 to 1024"]),
        (&["ladder", "--tokens", "0", "--out", "new"], &["`--tokens 0`", "at least 1000"]),
        (&["sweep", "lstm.toml", "--vary", "train.lr=0.1", "--seeds", "0"], &["`--seeds 0`", "1 or more"]),
        (&["generate", "runs/lstm", "--count", "0"], &["`--count 0`", "1 or more"]),
        (&["journey", "runs/lstm", "--text", ""], &["`--text` has no token", "a longer text"]),
    ] {
        refused(folder.path(), args, words);
    }
}

#[test]
fn no_temperature_and_no_nucleus_are_greedy() {
    let folder = trained();
    let written = |flags: &[&str]| {
        let args = ["generate", "runs/lstm", "--prompt", "em"];
        good(folder.path(), &[&args, flags].concat()).stdout
    };
    let greedy = written(&["--strategy", "greedy"]);
    for flags in [["--temperature", "0"], ["--top-p", "0"], ["--temperature", "1e-45"], ["--top-k", "1"]] {
        assert_eq!(written(&flags), greedy, "{flags:?}");
    }
    assert!(written(&["--top-k", "18446744073709551615"]).starts_with("em"));
    assert_eq!(written(&["--max-tokens", "0"]), "em\n");
}

#[test]
fn a_prompt_may_be_longer_than_the_window() {
    let folder = folder();
    good(
        folder.path(),
        &["train", "gpt.toml", "--set", "model.layers=1", "--set", "model.width=8", "--set", "model.heads=2"],
    );
    let prompt = names(40); // of a window of 4
    let args = ["generate", "runs/gpt", "--prompt", &prompt, "--max-tokens", "20"];
    let written = good(folder.path(), &args).stdout;
    assert!(written.starts_with(&prompt), "{written}");
    assert_eq!(written.chars().count(), prompt.len() + 20 + 1);
    assert_eq!(good(folder.path(), &args).stdout, written);
    // A model of lines never saw the end of one inside.
    let folder = trained();
    refused(folder.path(), &["generate", "runs/lstm", "--prompt", &prompt], &["`--prompt`", "`\\n`", "without"]);
}

#[test]
fn what_is_no_number_in_a_table_is_named_with_its_place() {
    let folder = trained();
    for cell in ["nan", "NaN", "inf", "-inf", "1e400", "-Infinity"] {
        fs::write(folder.path().join("bad.csv"), format!("x1,x2,y\n1,2,3\n1,{cell},3\n")).unwrap();
        let words = [&format!("`{cell}` is no finite number")[..], "`bad.csv`, line 3, column `x2`"];
        refused(folder.path(), &["train", "table.toml", "--set", "data.path=bad.csv", "--out", "new"], &words);
        refused(folder.path(), &["eval", "runs/table", "--on", "bad.csv"], &words);
    }
}

#[test]
fn of_two_processes_that_begin_one_run_the_second_is_refused() {
    let folder = bare();
    for number in 0..5 {
        let out = format!("run-{number}");
        let started = [(); 2].map(|()| {
            let mut command = Command::new(assert_cmd::cargo::cargo_bin("rushlight"));
            command.current_dir(folder.path()).args(["train", "lstm.toml", "--out", &out]);
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        });
        let ended = started.map(|child| child.wait_with_output().unwrap());
        let mut codes = ended.each_ref().map(|output| output.status.code());
        codes.sort_unstable();
        assert_eq!(codes, [Some(0), Some(2)], "{ended:?}");
        let refused = ended.iter().find(|output| !output.status.success()).unwrap();
        let stderr = String::from_utf8_lossy(&refused.stderr);
        assert!(stderr.contains("is being written by") || stderr.contains("holds a run already"), "{stderr}");
        good(folder.path(), &["eval", &out]);
    }
}

#[test]
fn an_answer_that_cannot_be_written_is_no_success() {
    let folder = trained();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("rushlight"));
    let output = command.current_dir(folder.path()).args(["generate", "runs/lstm"]).stdout(full).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("could not write the answer to stdout") && stderr.contains("free some space"), "{stderr}");
    // Whoever closes a pipe has read enough.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("rushlight"));
    let output = command.current_dir(folder.path()).args(["generate", "runs/lstm"]).stdout(writer).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}
