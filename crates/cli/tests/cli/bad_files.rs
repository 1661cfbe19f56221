//! Files that are missing, empty, binary, in another encoding or too short, for every command that reads one.

use super::{refused, trained};
use std::fs;
use tempfile::TempDir;

/// A folder with trained runs and one bad file of each sort.
fn folder() -> TempDir {
    let folder = trained();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("empty.txt", b"");
    write("blank.txt", b" \n\n\t\n");
    write("binary.txt", b"ab\n\x00\x01\x02");
    write("latin.txt", b"Zo\xEB\n");
    write("short.txt", b"ab\n");
    write("greek.txt", "emma\nλόγος\n".as_bytes());
    fs::create_dir(folder.path().join("folder.txt")).unwrap();
    folder
}

/// Every bad text, with what the message must say of it.
const TEXTS: &[(&str, &str)] = &[
    ("missing.txt", "there is no file"),
    ("empty.txt", "is empty"),
    ("blank.txt", "is empty"),
    ("binary.txt", "zero byte at position 3 (line 2)"),
    ("latin.txt", "is not UTF-8: the byte 0xeb at position 2 (line 1)"),
    ("folder.txt", "is a folder"),
];

fn check(args: &dyn Fn(&str) -> Vec<String>) {
    let folder = folder();
    for (file, says) in TEXTS {
        let args = args(file);
        refused(folder.path(), &args.iter().map(String::as_str).collect::<Vec<_>>(), &[&format!("`{file}`"), says]);
    }
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

#[test]
fn train_names_the_bad_text() {
    check(&|file| words(&format!("train mlp.toml --set data.path={file} --out new")));
}

#[test]
fn sweep_names_the_bad_text() {
    check(&|file| words(&format!("sweep mlp.toml --vary train.lr=0.1 --set data.path={file} --out new")));
}

#[test]
fn eval_names_the_bad_text() {
    check(&|file| words(&format!("eval runs/mlp --on {file}")));
    check(&|file| words(&format!("eval runs/table --on {file}")));
}

#[test]
fn tokenizer_train_names_the_bad_text() {
    check(&|file| words(&format!("tokenizer train {file} --out new.json")));
}

#[test]
fn ladder_names_the_bad_text() {
    check(&|file| words(&format!("ladder --data {file} --tokens 1000 --rungs bigram --out new")));
}

#[test]
fn a_bad_recipe_file_is_named() {
    let folder = folder();
    for file in ["missing.toml", "empty.txt", "binary.txt", "latin.txt", "folder.txt"] {
        refused(folder.path(), &["train", file, "--out", "new"], &[file]);
        refused(folder.path(), &["sweep", file, "--vary", "train.lr=0.1", "--out", "new"], &[file]);
    }
}

#[test]
fn a_bad_tokenizer_file_is_named() {
    let folder = folder();
    for file in ["missing.json", "empty.txt", "binary.txt", "latin.txt", "folder.txt", "names.txt", "runs/mlp/run.json"]
    {
        refused(folder.path(), &["tokenizer", "encode", "--tokenizer", file, "emma"], &[file]);
        refused(folder.path(), &["tokenizer", "decode", "--tokenizer", file, "1"], &[file]);
    }
}

#[test]
fn a_text_shorter_than_the_window_is_told_how_much_it_lacks() {
    let folder = folder();
    let text = [
        "--set",
        "data.kind=text",
        "--set",
        "data.path=short.txt",
        "--set",
        "data.validation=0.0",
        "--set",
        "data.test=0.0",
        "--out",
        "new",
    ];
    refused(folder.path(), &[&["train", "lstm.toml"], &text[..]].concat(), &["3 ids", "window 16"]);
    refused(
        folder.path(),
        &["train", "mlp.toml", "--set", "data.path=short.txt", "--out", "new"],
        &["part is empty", "more data"],
    );
}

#[test]
fn unknown_characters_are_named_with_their_line() {
    let folder = folder();
    refused(folder.path(), &["eval", "runs/mlp", "--on", "greek.txt"], &["`greek.txt`, line 2", "`λ`"]);
    refused(folder.path(), &["generate", "runs/lstm", "--prompt", "Ωmega"], &["--prompt", "`Ω`"]);
}

#[test]
fn a_cell_that_is_no_number_is_named_with_its_place() {
    let folder = folder();
    fs::write(folder.path().join("cells.csv"), "x1,x2,y\n1,2,3\n1,many,3\n").unwrap();
    fs::write(folder.path().join("columns.csv"), "x1,x3,y\n1,2,3\n").unwrap();
    refused(
        folder.path(),
        &["train", "table.toml", "--set", "data.path=cells.csv", "--out", "new"],
        &["cells.csv", "line 3", "`many`"],
    );
    refused(folder.path(), &["eval", "runs/table", "--on", "cells.csv"], &["cells.csv", "line 3", "`many`"]);
    refused(folder.path(), &["eval", "runs/table", "--on", "columns.csv"], &["columns.csv", "x2"]);
    refused(
        folder.path(),
        &["train", "table.toml", "--set", "data.targets=[\"z\"]", "--out", "new"],
        &["table.csv", "`z`"],
    );
}
