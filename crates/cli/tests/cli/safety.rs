//! `[train.safety]` and `generate --judge`: what is toxic is left out, and the share of it that a run writes is told.

use super::{good, object, refused, run};
use std::path::Path;

const RUDE: [&str; 3] = ["you rotten swine", "what a rotten lot", "a swine says that"];
const KIND: [&str; 3] = ["you lovely friend", "what a lovely lot", "a friend says that"];

/// A classifier of rude lines in `judge`, a recipe that writes such lines in `lines.toml`.
fn place(folder: &Path) {
    let write = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
    write("said.tsv", (0..60).map(|i| format!("{}\tToxic\n{}\tFine\n", RUDE[i % 3], KIND[i % 3])).collect());
    write("lines.txt", (0..60).map(|i| format!("{}\n{}\n", RUDE[i % 3], KIND[i % 3])).collect());
    let judge = "[data]\nkind = \"utterances\"\npath = \"said.tsv\"\n[model]\nkind = \"text_cnn\"\nwidth = 8\nchannels = 6\n\
                 [train]\nepochs = 30\nbatch = 8\nlr = 1e-2\n";
    write("judge.toml", judge.to_owned());
    let lines = "[data]\nkind = \"lines\"\npath = \"lines.txt\"\n[tokenizer]\nkind = \"word\"\nmin_frequency = 1\n[model]\nkind = \"gru\"\nembed = 8\nhidden = 24\n\
                 [train]\nepochs = 40\nbatch = 8\nlr = 1e-2\nevaluate = { samples = 0 }\n";
    write("lines.toml", lines.to_owned());
    good(folder, &["train", "judge.toml", "--out", "judge"]);
}

#[test]
fn who_learns_nothing_toxic_writes_nothing_toxic() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    place(folder);
    good(folder, &["train", "lines.toml", "--out", "all"]);
    let safe = run(folder, &["train", "lines.toml", "--set", "train.safety.judge=judge", "--out", "safe"], b"", 0);
    assert!(
        safe.stderr.contains("safe: left out ") && safe.stderr.contains(" lines held for toxic"),
        "{}",
        safe.stderr
    );
    let share = |run: &str| {
        let written = object(folder, &["generate", run, "--count", "100", "--judge", "judge"]);
        assert_eq!(written["toxic"]["probabilities"].as_array().unwrap().len(), 100);
        written["toxic"]["share"].as_f64().unwrap()
    };
    assert!(share("all") > 0.2, "{}", share("all"));
    assert!(share("safe") < 0.1, "{}", share("safe"));
    let told = good(folder, &["generate", "safe", "--count", "100", "--judge", "judge"]).stdout;
    assert!(told.trim_end().lines().last().unwrap().contains(" of 100 held for toxic ("), "{told}");
}

#[test]
fn what_cannot_judge_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    place(folder);
    good(folder, &["train", "lines.toml", "--epochs", "1", "--out", "all"]);
    refused(folder, &["generate", "all", "--judge", "all"], &["does not understand requests"]);
    refused(
        folder,
        &["generate", "all", "--judge", "judge", "--toxic", "rude"],
        &["no label `rude`", "`Fine`, `Toxic`"],
    );
    refused(folder, &["generate", "all", "--judge", "judge", "--threshold", "2"], &["is a probability, from 0 to 1"]);
    let sets = ["--set", "train.safety.judge=judge", "--set", "train.safety.threshold=1.5"];
    refused(
        folder,
        &[&["train", "lines.toml", "--out", "x"], &sets[..]].concat(),
        &["must be a probability, from 0 to 1"],
    );
}
