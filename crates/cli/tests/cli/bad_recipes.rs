//! Recipes with unknown keys or impossible values, and flags that cannot be.

use super::{bare, good, names, refused, trained};
use std::fs;

fn check(recipe: &str, words: &[&str]) {
    let folder = bare();
    fs::write(folder.path().join("bad.toml"), recipe).unwrap();
    refused(folder.path(), &["train", "bad.toml", "--out", "new"], words);
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_nearest() {
    check(&super::MLP.replace("hidden = 16", "hiden = 16"), &["`hiden`", "bad.toml:9", "Did you mean `hidden`?"]);
}

#[test]
fn an_unknown_table_is_named() {
    check(&super::MLP.replace("[train.evaluate]", "[evaluate]"), &["[evaluate]", "bad.toml"]);
}

#[test]
fn an_unknown_kind_is_answered_with_those_that_there_are() {
    check(&super::MLP.replace("kind = \"mlp\"", "kind = \"mpl\""), &["`mpl`", "mlp", "gpt", "bad.toml:7"]);
}

#[test]
fn a_value_of_another_kind_is_named() {
    check(&super::MLP.replace("lr = 0.05", "lr = \"fast\""), &["`lr` in [train]", "bad.toml:14", "number"]);
}

#[test]
fn a_value_out_of_range_is_named() {
    check(&super::MLP.replace("batch = 16", "batch = 0"), &["`batch` in [train]", "at least 1"]);
    check(&super::MLP.replace("hidden = 16", "hidden = 0"), &["`hidden`", "at least 1"]);
    check(&super::MLP.replace("lr = 0.05", "lr = -1.0"), &["`lr`", "above 0"]);
    check(&super::MLP.replace("lr = 0.05", "lr = nan"), &["lr", "finite"]);
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    check("[data\n", &["bad.toml:1", "not TOML"]);
}

#[test]
fn a_data_set_that_does_not_ship_is_answered_with_those_that_do() {
    check(&super::MLP.replace("path = \"names.txt\"", "dataset = \"nmaes\""), &["`nmaes`", "`names`"]);
}

#[test]
fn a_model_that_does_not_suit_the_data_is_refused() {
    check(
        &super::TABLE.replace("kind = \"feed_forward\"\nhidden = [8]", "kind = \"lstm\""),
        &["`lstm` reads text", "feed_forward"],
    );
    check(
        &super::MLP.replace("kind = \"mlp\"\nembed = 4\nhidden = 16", "kind = \"feed_forward\""),
        &["`feed_forward` reads rows of numbers"],
    );
}

#[test]
fn a_bad_set_is_named() {
    let folder = bare();
    for (set, words) in [
        ("train.rate=1", &["unknown key `rate`", "--set train.rate=1"][..]),
        ("lr=1", &["`lr`, from `--set lr=1`, names no key of a table"]),
        ("train.lr", &["has no value"]),
        ("model.kind=perceptron", &["`perceptron`"]),
    ] {
        refused(folder.path(), &["train", "mlp.toml", "--set", set, "--out", "new"], words);
    }
    refused(folder.path(), &["train", "mlp.toml", "--lr", "nan", "--out", "new"], &["lr"]);
    refused(folder.path(), &["train", "mlp.toml", "--steps", "many", "--out", "new"], &["--steps"]);
}

#[test]
fn a_recipe_that_does_not_ship_is_answered_with_those_that_do() {
    refused(bare().path(), &["train", "names-mpl"], &["`names-mpl`", "names-mlp"]);
}

#[test]
fn a_rate_that_blows_up_ends_the_run_and_says_what_helps() {
    let folder = bare();
    let printed =
        super::program(folder.path()).args(["train", "mlp.toml", "--lr", "1e30", "--out", "new"]).output().unwrap();
    let stderr = String::from_utf8(printed.stderr).unwrap();
    assert!(
        stderr.contains("the loss of step") && stderr.contains("smaller `lr`") && !stderr.contains("panicked"),
        "{stderr}"
    );
    // What is left can be looked at, and what cannot be told is refused.
    for args in
        [&["report", "new"][..], &["runs", "show", "new"], &["runs", "list", "--root", "."], &["compare", "new"]]
    {
        good(folder.path(), args);
    }
    refused(
        folder.path(),
        &["journey", "new", "--text", "emma"],
        &["`new` has no checkpoint `best`"], // weights that are no numbers are never saved
    );
}

#[test]
fn flags_of_writing_that_cannot_be_are_refused() {
    let folder = trained();
    let check =
        |flags: &[&str], words: &[&str]| refused(folder.path(), &[&["generate", "runs/lstm"], flags].concat(), words);
    check(&["--temperature=-1"], &["--temperature -1"]);
    check(&["--top-p", "2"], &["--top-p 2"]);
    check(&["--repetition-penalty", "0"], &["--repetition-penalty 0"]);
    check(&["--checkpoint", "worst"], &["worst"]);
    check(&["--strategy", "beem"], &["beem"]);
    refused(folder.path(), &["generate", "runs/table"], &["numbers"]);
}

#[test]
fn sizes_beyond_the_machine_are_refused_with_what_they_would_need() {
    let folder = bare();
    for (set, words) in [
        ("model.hidden=1000000000", &["4000000059000000189 parameters", "64000000944 GB"][..]),
        ("model.hidden=1000000000000000", &["`hidden`", "1000000000000000", "at most"]),
        ("model.layers=1000000000", &["`layers`", "at most 1024"]),
        ("train.accumulate=1000000000", &["1000000000 a step", "GB"]),
        ("model.hidden=16000000", &["parameters and would need", "GB"]),
        ("train.window=1000000000", &["window", "GB"]),
        ("train.batch=10000000000", &["batches of 10000000000 rows", "GB"]),
    ] {
        refused(folder.path(), &["train", "lstm.toml", "--set", set], words);
    }
    refused(folder.path(), &["train", "lstm.toml", "--lr", "nan"], &["lr"]);
    refused(folder.path(), &["train", "lstm.toml", "--lr", "-0.1"], &["lr"]);
}

#[test]
fn what_leaves_nothing_to_judge_by_is_refused() {
    let folder = bare();
    fs::write(folder.path().join("one.txt"), "a\n").unwrap();
    fs::write(folder.path().join("short.txt"), names(20)).unwrap();
    let recipe = "[data]\nkind = \"text\"\npath = \"short.txt\"\nbatching = \"contexts\"\n[model]\nkind = \"mlp\"\n[train]\nsteps = 2\nwindow = 16\n";
    fs::write(folder.path().join("short.toml"), recipe).unwrap();
    refused(folder.path(), &["train", "short.toml"], &["validation part is too short"]);
}
