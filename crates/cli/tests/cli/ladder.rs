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
    refused(folder.path(), &["ladder", "--seconds", "0", "--out", "new"], &["--seconds 0", "at least 1"]);
    refused(folder.path(), &["ladder", "--words", "1", "--out", "new"], &["--words 1", "at least 10"]);
    let both = ["ladder", "--seconds", "5", "--tokens", "5000", "--out", "new"];
    refused(folder.path(), &both, &["--tokens 5000", "--seconds 5", "give one of them"]);
}

#[test]
fn a_rung_trains_for_the_time_that_it_is_given() {
    let folder = bare();
    fs::write(folder.path().join("text.txt"), super::names(2000)).unwrap();
    let timed =
        |seconds| ["ladder", "--data", "text.txt", "--rungs", "bigram,mlp", "--seconds", seconds, "--out", "climbed"];
    let climbed = object(folder.path(), &timed("1"));
    let seconds = climbed["rungs"][1]["seconds"].as_f64().unwrap();
    // Another program may take a core away, or give it back, after the steps were timed.
    assert!((0.25..4.0).contains(&seconds), "{climbed}");

    let records = folder.path().join("climbed/mlp/metrics.jsonl");
    let before = fs::read(&records).unwrap();
    let again = object(folder.path(), &timed("1"));
    assert_eq!(fs::read(&records).unwrap(), before, "a finished rung is not timed anew");
    assert_eq!(again, climbed);
    for args in [timed("2"), [&timed("1")[..5], &["--tokens", "5000", "--out", "climbed"]].concat().try_into().unwrap()]
    {
        refused(folder.path(), &args, &["other settings", "give another `--out`"]);
    }
}

#[test]
fn every_text_has_a_ladder_of_its_own() {
    let folder = bare();
    fs::write(folder.path().join("my text.txt"), super::names(3000)).unwrap();
    let args = ["ladder", "--data", "my text.txt", "--rungs", "mlp", "--tokens", "1000"];
    assert_eq!(object(folder.path(), &args)["out"], "runs/ladder-my text");
    // A rung that is in the way is found before one that is not there is trained.
    let others = ["ladder", "--rungs", "bigram,mlp", "--tokens", "1000", "--out", "runs/ladder-my text"];
    refused(folder.path(), &others, &["`runs/ladder-my text/mlp` holds a run with other settings", "`data.path`"]);
    // A page has the rungs that were climbed before, too.
    good(folder.path(), &[&args[..3], &["--rungs", "bigram", "--tokens", "1000"]].concat());
    let page = fs::read_to_string(folder.path().join("runs/ladder-my text/report.html")).unwrap();
    assert!(page.contains("MLP") && page.contains("Bigram"));
}

#[test]
fn a_rung_of_another_ladder_is_not_on_the_page() {
    let folder = bare();
    good(folder.path(), &SMALL);
    let longer = ["ladder", "--rungs", "mlp", "--tokens", "2000", "--out", "climbed"];
    let climbed = object(folder.path(), &longer);
    assert_eq!(climbed["rungs"].as_array().unwrap().len(), 1, "{climbed}");
}

#[test]
fn a_text_can_be_climbed_by_words() {
    let folder = bare();
    let climbed = object(folder.path(), &["ladder", "--words", "300", "--rungs", "bigram", "--tokens", "1000"]);
    assert_eq!(climbed["out"], "runs/ladder-words", "{climbed}");
    // The table of the 300 commonest words.
    assert_eq!(climbed["rungs"][0]["parameters"], 300 * 300, "{climbed}");
    let page = fs::read_to_string(folder.path().join("runs/ladder-words/report.html")).unwrap();
    assert!(page.contains("nats per word") && page.contains("words of") && !page.contains("per character"));
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
