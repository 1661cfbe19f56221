//! Folders that are no runs, and runs that are damaged, incomplete or in the way.

use super::{bare, everything_in, good, names, object, refused, run, trained};
use std::fs;
use std::path::Path;

/// Every command that opens a run, with the run's path put in.
const OPENING: &[&[&str]] = &[
    &["resume", "RUN"],
    &["eval", "RUN"],
    &["generate", "RUN", "--prompt", "em"],
    &["journey", "RUN", "--text", "emma"],
];

/// Those that read what it left behind.
const READING: &[&[&str]] = &[&["compare", "RUN"], &["report", "RUN", "--out", "new.html"], &["runs", "show", "RUN"]];

fn each(commands: &[&[&str]], path: &str, check: impl Fn(&[&str])) {
    for command in commands {
        let args: Vec<&str> = command.iter().map(|word| if *word == "RUN" { path } else { *word }).collect();
        check(&args);
    }
}

#[test]
fn what_is_no_run_is_refused_and_runs_beside_it_are_named() {
    let folder = trained();
    fs::create_dir(folder.path().join("runs/mine")).unwrap();
    each(&[OPENING, READING].concat(), "runs/mine", |args| {
        refused(folder.path(), args, &["`runs/mine` is not a run", "runs/mlp"])
    });
    each(READING, "runs/nothing", |args| refused(folder.path(), args, &["runs/nothing"]));
    each(&OPENING[..3], "runs/nothing", |args| {
        refused(folder.path(), args, &["`runs/nothing` is not a run", "runs/mlp"])
    });
    each(&OPENING[..3], "names.txt", |args| refused(folder.path(), args, &["`names.txt`"]));
}

#[test]
fn a_run_is_never_written_over() {
    let folder = trained();
    refused(folder.path(), &["train", "mlp.toml"], &["`runs/mlp` holds a run already", "rushlight resume runs/mlp"]);
    refused(folder.path(), &["train", "mlp.toml", "--out", "runs"], &["`runs` is not empty and is not a run"]);
    refused(folder.path(), &["train", "mlp.toml", "--out", "names.txt"], &["names.txt"]);
    refused(folder.path(), &["train", "mlp.toml", "--out", "names.txt/below"], &["names.txt/below"]);
}

fn weights(run: &Path) -> std::path::PathBuf {
    let step = fs::read_to_string(run.join("last")).unwrap();
    run.join("checkpoints").join(step.trim()).join("model.safetensors")
}

#[test]
fn the_weights_of_another_model_are_refused_by_name() {
    let folder = trained();
    let (mlp, lstm) = (folder.path().join("runs/mlp"), folder.path().join("runs/lstm"));
    fs::copy(weights(&lstm), weights(&mlp)).unwrap();
    each(OPENING, "runs/mlp", |args| {
        refused(folder.path(), args, &["runs/mlp/checkpoints/step-40/model.safetensors", "hidden.0.weight"])
    });
}

#[test]
fn a_start_from_another_model_is_refused_by_name() {
    let folder = trained();
    refused(
        folder.path(),
        &["train", "mlp.toml", "--set", "train.init.run=runs/lstm", "--out", "new"],
        &["runs/lstm", "`lstm`", "`mlp`"],
    );
    refused(
        folder.path(),
        &["train", "mlp.toml", "--set", "train.init.run=nowhere", "--out", "new"],
        &["`nowhere` is not a run"],
    );
    refused(
        folder.path(),
        &[
            "train",
            "mlp.toml",
            "--set",
            "train.init.run=runs/mlp",
            "--set",
            "train.init.freeze=[\"nothing.*\"]",
            "--out",
            "new",
        ],
        &["`nothing.*`", "embed.weight"],
    );
    refused(
        folder.path(),
        &["train", "mlp.toml", "--set", "train.init.run=runs/mlp", "--set", "model.hidden=5", "--out", "new"],
        &["hidden.0.weight", "16", "5"],
    );
}

#[test]
fn damaged_weights_are_refused_by_name() {
    let folder = trained();
    let file = weights(&folder.path().join("runs/mlp"));
    let whole = fs::read(&file).unwrap();
    for bytes in [&b""[..], &b"not weights"[..], &whole[..whole.len() - 9], &[0xff; 64][..]] {
        fs::write(&file, bytes).unwrap();
        each(OPENING, "runs/mlp", |args| refused(folder.path(), args, &["model.safetensors"]));
    }
    fs::remove_file(&file).unwrap();
    each(OPENING, "runs/mlp", |args| refused(folder.path(), args, &["model.safetensors"]));
}

#[test]
fn a_damaged_state_is_refused_by_name() {
    let folder = trained();
    let file = weights(&folder.path().join("runs/mlp")).with_file_name("state.json");
    fs::write(&file, "{\"progress\": 3}").unwrap();
    refused(folder.path(), &["resume", "runs/mlp"], &["state.json"]);
    // What only looks needs no state.
    good(folder.path(), &["eval", "runs/mlp"]);
}

#[test]
fn damaged_files_of_a_run_are_refused_by_name() {
    for (name, text, commands) in [
        ("run.json", "{", READING),
        ("recipe.toml", "[model]\nkind = 3\n", OPENING),
        ("tokenizer.json", "{}", OPENING),
        (
            "metrics.jsonl",
            "{\"record\":\"step\"\n{\"record\":\"done\",\"reason\":\"\",\"steps\":1,\"tokens\":1,\"seconds\":1.0}\n",
            READING,
        ),
    ] {
        let folder = trained();
        fs::write(folder.path().join("runs/mlp").join(name), text).unwrap();
        each(commands, "runs/mlp", |args| refused(folder.path(), args, &[&format!("runs/mlp/{name}")]));
    }
}

#[test]
fn a_checkpoint_that_is_not_there_is_answered_with_those_that_are() {
    let folder = trained();
    refused(
        folder.path(),
        &["eval", "runs/mlp", "--checkpoint", "7"],
        &["`runs/mlp` has no checkpoint `step-7`", "`step-40`"],
    );
    fs::remove_dir_all(folder.path().join("runs/mlp/checkpoints")).unwrap();
    refused(folder.path(), &["eval", "runs/mlp"], &["`runs/mlp` has no checkpoint `best`", "none yet"]);
}

#[test]
fn data_that_have_gone_or_changed_are_refused_by_name() {
    let folder = bare();
    good(folder.path(), &["train", "mlp.toml"]);
    fs::write(folder.path().join("names.txt"), "emma\nΩmega\n".repeat(20)).unwrap();
    refused(folder.path(), &["eval", "runs/mlp"], &["`names.txt`, line 2", "`Ω`"]);
    fs::remove_file(folder.path().join("names.txt")).unwrap();
    each(&OPENING[..2], "runs/mlp", |args| refused(folder.path(), args, &["there is no file", "names.txt"]));
}

#[test]
fn runs_can_be_read_where_nothing_can_be_written() {
    let folder = trained();
    let before = everything_in(folder.path());
    for args in [&["runs", "list"][..], &["compare", "runs/mlp"], &["runs", "show", "runs/mlp"], &["eval", "runs/mlp"]]
    {
        good(folder.path(), args);
    }
    assert_eq!(everything_in(folder.path()), before);
    let printed = run(folder.path(), &["report", "runs/mlp", "--out", "no/such/folder/page.html"], b"", 2);
    assert!(printed.stderr.contains("no/such/folder"), "{}", printed.stderr);
}

#[test]
fn a_run_does_not_go_on_with_other_data_and_is_not_judged_by_them() {
    let folder = bare();
    good(folder.path(), &["train", "mlp.toml"]);
    fs::write(folder.path().join("names.txt"), names(200)).unwrap();
    for command in ["resume", "eval"] {
        refused(folder.path(), &[command, "runs/mlp"], &["names.txt is not what this run learnt from", "CRC-32C"]);
    }
}

#[test]
fn a_run_writes_without_its_data_and_goes_on_from_any_folder() {
    let folder = bare();
    good(folder.path(), &["train", "lstm.toml"]);
    let elsewhere = tempfile::tempdir().unwrap();
    let run = folder.path().join("runs/lstm");
    let run = run.to_str().unwrap();
    assert_eq!(object(elsewhere.path(), &["resume", run])["steps"], 10);
    fs::remove_file(folder.path().join("names.txt")).unwrap();
    assert!(!good(elsewhere.path(), &["generate", run]).stdout.is_empty());
    assert!(good(elsewhere.path(), &["journey", run, "--text", "emma"]).stdout.contains("e"));
    refused(elsewhere.path(), &["eval", run], &["names.txt"]);
}

#[test]
fn a_finished_run_without_its_checkpoints_keeps_its_records() {
    let folder = trained();
    fs::remove_dir_all(folder.path().join("runs/mlp/checkpoints")).unwrap();
    refused(folder.path(), &["resume", "runs/mlp"], &["has come to its end, but its checkpoints are gone"]);
}
