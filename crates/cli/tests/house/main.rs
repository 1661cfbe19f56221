//! The house itself under test: its files, its map, its pages and its lists. Reads sources and runs the program; trains
//! nothing. `UPDATE=1 cargo test -p rushlight --test house` writes the generated pages anew.

#![allow(clippy::unwrap_used, reason = "a test that meets an error it did not expect should stop there")]

mod files;
mod fundamentals;
mod map;
mod pages;
mod reference;
mod sources;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the whole project.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A text of the project and its path below the root.
struct Page {
    path: String,
    text: String,
}

impl Page {
    fn read(path: &str) -> Self {
        let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self { path: path.to_owned(), text }
    }

    fn is_below(&self, folder: &str) -> bool {
        self.path.starts_with(folder)
    }
}

/// Every text below a folder of the project whose name ends so, in the order of their paths.
fn pages(below: &str, end: &str) -> Vec<Page> {
    let mut paths = Vec::new();
    collect(&root().join(below), &mut paths);
    let root = root();
    let mut names: Vec<String> =
        paths.iter().map(|path| path.strip_prefix(&root).unwrap().display().to_string()).collect();
    names.retain(|name| name.ends_with(end));
    names.sort();
    names.iter().map(|name| Page::read(name)).collect()
}

/// Every file that is a part of the project: neither built, nor left by a run, nor git's own.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    const NOT_OURS: [&str; 3] = ["target", "runs", ".git"];
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().unwrap().to_string_lossy().into_owned();
        if entry.is_dir() {
            if !NOT_OURS.contains(&name.as_str()) {
                collect(&entry, paths);
            }
        } else {
            paths.push(entry);
        }
    }
}

/// What a command prints to stdout, and to stderr.
fn printed(args: &[&str]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_rushlight")).args(args).env("NO_COLOR", "1").output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// The names that a page of help lists under "Commands:".
fn commands(of: &[&str]) -> Vec<String> {
    let (help, _) = printed(&[of, &["--help"]].concat());
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.split_whitespace().next().map(String::from));
    names.filter(|name| name != "help").collect()
}

/// The recipes of the folder, by the names under which they ship: `names-mlp`, `ladder/lstm`.
fn recipes() -> Vec<(String, Page)> {
    let name = |page: &Page| page.path.trim_start_matches("recipes/").trim_end_matches(".toml").to_owned();
    pages("recipes", ".toml").into_iter().map(|page| (name(&page), page)).collect()
}
