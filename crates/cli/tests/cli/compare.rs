//! `compare`, `sweep` and `report`: several runs at once.

use super::{bare, good, object, refused, run, trained};
use std::fs;

#[test]
fn runs_stand_side_by_side_the_best_first() {
    let folder = trained();
    good(folder.path(), &["train", "mlp.toml", "--steps", "1", "--out", "runs/short"]);
    let compared = object(folder.path(), &["compare", "runs/short", "runs/mlp"]);
    let losses: Vec<f64> =
        compared["runs"].as_array().unwrap().iter().map(|run| run["loss"].as_f64().unwrap()).collect();
    assert_eq!(compared["runs"][0]["run"], "runs/mlp");
    assert!(losses[0] < losses[1], "{losses:?}");
    assert_eq!(compared["differing"], serde_json::json!(["train.steps"]));
    assert_eq!(compared["runs"][1]["settings"]["train.steps"], 1);
    let text = good(folder.path(), &["compare", "runs/short", "runs/mlp"]).stdout;
    assert!(text.contains("perplexity") && text.contains("Where their recipes differ"), "{text}");
}

#[test]
fn other_tasks_are_not_compared_and_other_data_is_warned_of() {
    let folder = trained();
    refused(folder.path(), &["compare", "runs/mlp", "runs/table"], &["`runs/mlp`", "`runs/table`", "runs of one task"]);
    fs::write(folder.path().join("names.txt"), super::names(200)).unwrap();
    good(folder.path(), &["train", "mlp.toml", "--out", "runs/fewer"]);
    let printed = good(folder.path(), &["compare", "runs/mlp", "runs/fewer"]);
    assert!(printed.stderr.contains("different data"), "{}", printed.stderr);
}

const SWEEP: [&str; 8] = ["sweep", "mlp.toml", "--vary", "train.lr=0.05,1e-6", "--seeds", "2", "--out", "swept"];

#[test]
fn a_sweep_finds_the_better_setting_and_keeps_what_is_finished() {
    let folder = bare();
    let swept = object(folder.path(), &SWEEP);
    // A rate of a millionth leaves the model where it began.
    assert_eq!(swept["best"]["train.lr"], "0.05");
    let losses = swept["settings"][0]["losses"].as_array().unwrap();
    let mean = losses.iter().map(|loss| loss.as_f64().unwrap()).sum::<f64>() / 2.0;
    assert_eq!(losses.len(), 2);
    assert!((swept["settings"][0]["mean"].as_f64().unwrap() - mean).abs() < 1e-12);
    // Four runs, and the page.
    assert_eq!(fs::read_dir(folder.path().join("swept")).unwrap().count(), 5);
    assert!(fs::read_to_string(folder.path().join("swept/report.html")).unwrap().contains("Two runs side by side"));

    let before = super::everything_in(folder.path());
    let again = good(folder.path(), &SWEEP);
    assert!(again.stdout.contains("best") && again.stdout.contains("±"), "{}", again.stdout);
    assert_eq!(super::everything_in(folder.path()), before);
}

#[test]
fn a_sweep_goes_through_all_combinations() {
    let folder = bare();
    let args = [
        "sweep",
        "mlp.toml",
        "--vary",
        "train.lr=0.1,0.2",
        "--vary",
        "model.hidden=4,8",
        "--set",
        "train.steps=2",
        "--out",
        "swept",
    ];
    let swept = object(folder.path(), &args);
    let settings: Vec<String> =
        swept["settings"].as_array().unwrap().iter().map(|setting| setting["settings"].to_string()).collect();
    assert_eq!(settings.len(), 4);
    assert!(settings[3].contains("\"0.2\"") && settings[3].contains("\"8\""), "{settings:?}");
}

#[test]
fn a_sweep_goes_through_cases_that_set_different_keys() {
    let folder = bare();
    let args = ["sweep", "mlp.toml", "--case", "", "--case", "model.hidden=4 train.lr=0.2", "--set", "train.steps=2"];
    let swept = object(folder.path(), &args);
    assert_eq!(swept["settings"][0]["settings"], serde_json::json!({}));
    assert_eq!(swept["settings"][1]["settings"], serde_json::json!({"model.hidden": "4", "train.lr": "0.2"}));
    let printed = good(folder.path(), &args).stdout;
    assert!(
        printed.contains("model.hidden") && printed.contains("train.lr") && printed.contains("report.html"),
        "{printed}"
    );
}

#[test]
fn a_key_is_given_in_one_way_only() {
    let folder = bare();
    let twice = ["sweep", "mlp.toml", "--vary", "model.hidden=5,6", "--set", "model.hidden=7"];
    refused(folder.path(), &twice, &["`--set model.hidden=7` and `--vary` both give `model.hidden`"]);
    let twice = ["sweep", "mlp.toml", "--case", "train.lr=1 train.lr=2"];
    refused(folder.path(), &twice, &["a `--case` names `train.lr` twice"]);
}

#[test]
fn a_sweep_that_cannot_be_is_refused_before_it_begins() {
    let folder = bare();
    let check = |args: &[&str], words: &[&str]| refused(folder.path(), &[&["sweep", "mlp.toml"], args].concat(), words);
    check(&["--vary", "train.lr=0.1,fast"], &["`lr` in [train]", "--vary", "it is a number"]);
    check(&["--vary", "train.rate=0.1"], &["unknown key `rate`", "--vary"]);
    check(&["--vary", "train.lr"], &["has no values"]);
    check(&["--case", "train.lr"], &["`train.lr` in `--case` is no key with a value"]);
    check(&["--case", "train.rate=0.1"], &["unknown key `rate`", "--case"]);
    check(&["--case", "", "--vary", "train.lr=0.1"], &["cannot be used with"]);
    check(&["--vary", "train.lr=0.1,0.1"], &["the same"]);
    check(&["--vary", "train.seed=1,2", "--seeds", "2"], &["--seeds"]);
    check(&["--vary", "train.lr=0.1", "--seeds", "0"], &["--seeds 0"]);
    refused(folder.path(), &["sweep", "nothing.toml", "--vary", "train.lr=0.1"], &["nothing.toml"]);
}

#[test]
fn a_sweep_does_not_touch_runs_of_another_recipe() {
    let folder = bare();
    good(folder.path(), &SWEEP);
    refused(
        folder.path(),
        &[&SWEEP[..], &["--set", "model.hidden=7"]].concat(),
        &["swept/lr-0.05_seed-0", "`model.hidden` is 16 there and 7 here", "--out"],
    );
}

#[test]
fn a_setting_that_fails_does_not_end_the_sweep() {
    let folder = bare();
    let args = ["sweep", "mlp.toml", "--vary", "train.lr=1e30,0.05", "--out", "swept"];
    let swept = object(folder.path(), &args);
    assert_eq!(swept["best"]["train.lr"], "0.05", "{swept}");
}

#[test]
fn a_report_is_one_page_that_needs_nothing_else() {
    let folder = trained();
    let page = folder.path().join("runs/mlp/report.html");
    fs::remove_file(&page).unwrap();
    let printed = good(folder.path(), &["report", "runs/mlp"]);
    assert!(printed.stdout.contains("runs/mlp/report.html"), "{}", printed.stdout);
    let html = fs::read_to_string(&page).unwrap();
    assert!(html.to_lowercase().starts_with("<!doctype html"));
    assert!(!html.contains("src=\"http") && !html.contains("href=\"http"), "the page must not reach for the network");
    let made = object(folder.path(), &["report", "runs/mlp", "runs/lstm", "--svg", "plots"]);
    assert_eq!(made["page"], "report.html");
    let plots = fs::read_dir(folder.path().join("plots")).unwrap().count();
    assert!(plots > 0 && plots == made["plots"].as_array().unwrap().len());
}

#[test]
fn a_report_does_not_overwrite_what_is_no_page() {
    let folder = trained();
    refused(folder.path(), &["report", "runs/mlp", "--out", "names.txt"], &["`names.txt`", "is not such a page"]);
    refused(folder.path(), &["report", "runs/mlp", "--out", "runs"], &["`runs` is a folder"]);
    let printed = run(folder.path(), &["report", "runs/mlp", "--svg", "names.txt"], b"", 2);
    assert!(printed.stderr.contains("names.txt") && printed.stderr.contains("--svg"), "{}", printed.stderr);
}
