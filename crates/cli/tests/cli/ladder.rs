//! `ladder`, on a small budget and its quickest rung.

use super::{bare, good, object, refused};
use std::fs;

const SMALL: [&str; 7] = ["ladder", "--rungs", "bigram", "--tokens", "1000", "--out", "climbed"];

#[test]
fn a_rung_is_climbed_and_a_page_is_left() {
    let folder = bare();
    let climbed = object(folder.path(), &SMALL);
    assert_eq!(climbed["rungs"].as_array().unwrap().len(), 1, "{climbed}");
    let page = fs::read_to_string(folder.path().join("climbed/report.html")).unwrap();
    assert!(page.to_lowercase().starts_with("<!doctype html") && page.contains("Bigram"));
    assert!(folder.path().join("climbed/bigram/run.json").is_file());

    let records = folder.path().join("climbed/bigram/metrics.jsonl");
    let before = fs::read(&records).unwrap();
    good(folder.path(), &SMALL);
    assert_eq!(fs::read(&records).unwrap(), before, "a finished rung is kept");
}

#[test]
fn a_ladder_that_cannot_be_is_refused() {
    let folder = bare();
    refused(folder.path(), &["ladder", "--rungs", "bigram,trigram", "--out", "new"], &["`trigram`", "lstm"]);
    refused(folder.path(), &["ladder", "--tokens", "10", "--out", "new"], &["--tokens 10", "1000"]);
}

#[test]
fn another_text_can_be_climbed() {
    let folder = bare();
    fs::write(folder.path().join("text.txt"), super::names(2000)).unwrap();
    let args = ["ladder", "--data", "text.txt", "--rungs", "bigram", "--tokens", "1000", "--out", "climbed"];
    object(folder.path(), &args);
    let recipe = fs::read_to_string(folder.path().join("climbed/bigram/recipe.toml")).unwrap();
    assert!(recipe.contains("path = \"text.txt\"") && !recipe.contains("dataset"), "{recipe}");
}
