//! `train`, `resume`, `eval` and `generate`: what they print and leave behind.

use super::{bare, good, object, refused, run, trained};
use rushlight_trace::{RunFolder, Trace, Which};
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

#[test]
fn a_run_leaves_all_that_it_should() {
    let folder = bare();
    let summary = object(folder.path(), &["train", "mlp.toml", "--out", "made"]);
    for key in [
        "run",
        "model",
        "parameters",
        "steps",
        "tokens",
        "seconds",
        "waiting_share",
        "train.loss_nats_per_token",
        "validation.perplexity",
    ] {
        assert!(summary.get(key).is_some(), "{key} in {summary}");
    }
    // VD + H(CD + 1) + V(H + 1) with V the letters of the file and the boundary, D 4, H 16, C 3.
    let vocabulary = fs::read_to_string(folder.path().join("names.txt"))
        .unwrap()
        .chars()
        .filter(char::is_ascii_lowercase)
        .collect::<std::collections::BTreeSet<_>>()
        .len()
        + 1;
    assert_eq!(summary["parameters"], vocabulary * 4 + 16 * 13 + vocabulary * 17);
    assert_eq!((summary["steps"].as_u64(), summary["tokens"].as_u64()), (Some(40), Some(40 * 16)));
    let loss = summary["validation.loss_nats_per_token"].as_f64().unwrap();
    assert!((summary["validation.perplexity"].as_f64().unwrap() - loss.exp()).abs() < 1e-9);
    for file in [
        "recipe.toml",
        "run.json",
        "metrics.jsonl",
        "report.html",
        "tokenizer.json",
        "log.txt",
        "best",
        "last",
        "checkpoints/step-40/model.safetensors",
    ] {
        assert!(folder.path().join("made").join(file).is_file(), "{file}");
    }
}

#[test]
fn a_resolved_recipe_repeats_its_run() {
    let folder = trained();
    good(folder.path(), &["train", "runs/mlp/recipe.toml", "--out", "again"]);
    let weights = |run: &str| fs::read(folder.path().join(run).join("checkpoints/step-40/model.safetensors")).unwrap();
    assert_eq!(weights("again"), weights("runs/mlp"));
}

#[test]
fn settings_from_the_command_line_count() {
    let folder = bare();
    let summary = object(
        folder.path(),
        &["train", "mlp.toml", "--steps", "7", "--lr", "0.5", "--set", "model.hidden=5", "--out", "made"],
    );
    assert_eq!(summary["steps"], 7);
    let recipe = fs::read_to_string(folder.path().join("made/recipe.toml")).unwrap();
    assert!(recipe.contains("hidden = 5") && recipe.contains("lr = 0.5"), "{recipe}");
}

#[test]
fn watching_changes_no_bit_and_leaves_records_of_the_inside() {
    let folder = trained();
    good(folder.path(), &["train", "mlp.toml", "--watch", "--out", "watched"]);
    let weights = |run: &str| fs::read(folder.path().join(run).join("checkpoints/step-40/model.safetensors")).unwrap();
    assert_eq!(weights("watched"), weights("runs/mlp"));
    let trace = Trace::read(&RunFolder::open(&folder.path().join("watched")).unwrap()).unwrap();
    assert!(trace.layers().count() > 0 && trace.saturations().count() > 0 && trace.weights().count() > 0);
}

#[test]
fn a_finished_run_may_be_resumed_and_stays_as_it_is() {
    let folder = trained();
    let weights = folder.path().join("runs/mlp/checkpoints/step-40/model.safetensors");
    let before = fs::read(&weights).unwrap();
    let printed = good(folder.path(), &["resume", "runs/mlp"]);
    assert!(printed.stderr.contains("has taken all its 40 steps"), "{}", printed.stderr);
    assert_eq!(fs::read(&weights).unwrap(), before);
}

/// Waits until `done`, at most half a minute.
fn wait_until(done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(30), "waited too long");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A run of so many steps that it will not end by itself, begun and past its first records.
fn begun(folder: &Path) -> std::process::Child {
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("rushlight"));
    command.current_dir(folder).args([
        "train",
        "mlp.toml",
        "--steps",
        "1000000000",
        "--set",
        "train.evaluate.every_steps=500",
        "--out",
        "long",
    ]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until(|| folder.join("long/last").exists());
    child
}

fn signal(child: &std::process::Child, name: &str) {
    let status = std::process::Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn ctrl_c_saves_and_says_how_to_go_on_and_meanwhile_the_run_is_guarded() {
    let folder = bare();
    let child = begun(folder.path());
    let printed = run(folder.path(), &["resume", "long"], b"", 2);
    assert!(printed.stderr.contains(&format!("is being written by process {}", child.id())), "{}", printed.stderr);
    let printed = run(folder.path(), &["runs", "rm", "long", "--yes"], b"", 2);
    assert!(printed.stderr.contains("is being written by process"), "{}", printed.stderr);
    assert!(good(folder.path(), &["runs", "list", "--root", "."]).stdout.contains("being written"));

    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("rushlight resume long"), "{stderr}");

    let shown = object(folder.path(), &["runs", "show", "long"]);
    assert_eq!(shown["state"], "interrupted");
    assert!(shown["last"].as_u64().unwrap() >= 500, "{}", shown["last"]);
}

#[test]
fn a_killed_run_keeps_its_last_checkpoint() {
    let folder = bare();
    let mut child = begun(folder.path());
    signal(&child, "-KILL");
    child.wait().unwrap();
    let run = RunFolder::open(&folder.path().join("long")).unwrap();
    assert!(run.checkpoint(Which::Last).unwrap().step >= 500);
    good(folder.path(), &["eval", "long", "--split", "validation"]);
    assert!(good(folder.path(), &["runs", "list", "--root", "."]).stdout.contains("interrupted"));
}

#[test]
fn a_run_is_evaluated_on_its_parts_and_on_other_files() {
    let folder = trained();
    let test = object(folder.path(), &["eval", "runs/mlp"]);
    let loss = test["test.loss_nats_per_token"].as_f64().unwrap();
    assert!(loss > 1.0 && loss < 4.0, "{loss}");
    assert!((test["test.bits_per_token"].as_f64().unwrap() - loss / std::f64::consts::LN_2).abs() < 1e-9);
    fs::write(folder.path().join("other.txt"), "emma\nolivia\n").unwrap();
    let other = object(folder.path(), &["eval", "runs/mlp", "--on", "other.txt"]);
    // Every letter and every end of a line: 4 + 1 + 6 + 1.
    assert_eq!(other["file.counted"], 12);
}

#[test]
fn a_regression_is_evaluated_by_its_squared_error() {
    let folder = trained();
    let test = object(folder.path(), &["eval", "runs/table"]);
    assert!(
        test["test.mean_squared_error"].as_f64().unwrap() >= 0.0 && test.get("test.perplexity").is_none(),
        "{test}"
    );
}

#[test]
fn writing_follows_its_seed_and_its_strategy() {
    let folder = trained();
    let written = |args: &[&str]| {
        good(folder.path(), &[&["generate", "runs/lstm", "--prompt", "em", "--max-tokens", "30"], args].concat()).stdout
    };
    let greedy = written(&["--strategy", "greedy", "--count", "2"]);
    let lines: Vec<&str> = greedy.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with("em") && lines[0] == lines[1], "{greedy}");
    assert_eq!(written(&["--seed", "1"]), written(&["--seed", "1"]));
    assert_ne!(written(&["--seed", "1"]), written(&["--seed", "2"]));
    assert_eq!(written(&["--top-k", "1"]), written(&["--strategy", "greedy"]));
}

#[test]
fn a_beam_gives_its_likeliest_texts_best_first() {
    let folder = trained();
    let generate = ["generate", "runs/lstm", "--prompt", "em", "--max-tokens", "30"];
    let with = |args: &[&'static str]| [&generate[..], &["--strategy", "beam"], args].concat();
    let found = object(folder.path(), &with(&["--beam", "4", "--count", "3"]));
    let texts: Vec<&str> = found["texts"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    let nats: Vec<f64> =
        found["log_probabilities_nats"].as_array().unwrap().iter().map(|nats| nats.as_f64().unwrap()).collect();
    assert!(texts.len() == 3 && texts.iter().all(|text| text.starts_with("em")), "{found}");
    assert!(nats[0] < 0.0 && nats.is_sorted_by(|a, b| a >= b), "{found}");
    let one = good(folder.path(), &with(&["--beam", "1"])).stdout;
    assert_eq!(one, good(folder.path(), &[&generate[..], &["--strategy", "greedy"]].concat()).stdout);
    let long = good(folder.path(), &with(&["--min-tokens", "12"])).stdout;
    assert!(long.trim_end().len() >= "em".len() + 12, "{long}");

    refused(folder.path(), &with(&["--count", "6"]), &["a beam of 5 knows no 6 texts"]);
    refused(folder.path(), &with(&["--temperature", "0.5"]), &["--strategy sample"]);
    refused(folder.path(), &with(&["--length-penalty=-1"]), &["`--length-penalty -1` is not possible"]);
    refused(folder.path(), &[&generate[..], &["--beam", "3"]].concat(), &["go with `--strategy beam`"]);
}
