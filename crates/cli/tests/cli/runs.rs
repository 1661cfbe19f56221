//! `runs`: lists, shows and removes.

use super::{good, object, refused, trained};

#[test]
fn runs_are_listed_with_what_came_of_them() {
    let folder = trained();
    let listed = object(folder.path(), &["runs", "list"]);
    let runs: Vec<(&str, &str, &str)> = listed["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| (run["run"].as_str().unwrap(), run["model"].as_str().unwrap(), run["state"].as_str().unwrap()))
        .collect();
    let expected = [
        ("runs/lstm", "lstm", "finished"),
        ("runs/mlp", "mlp", "finished"),
        ("runs/table", "feed_forward", "finished"),
    ];
    assert_eq!(runs, expected);
    let text = good(folder.path(), &["runs", "list"]).stdout;
    assert!(
        text.lines().any(|line| line.starts_with("runs/mlp") && line.contains("● MLP") && line.ends_with("finished")),
        "{text}"
    );
}

#[test]
fn no_runs_are_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let text = good(folder.path(), &["runs", "list"]).stdout;
    assert!(text.starts_with("no runs under `runs`"), "{text}");
    refused(folder.path(), &["runs", "list", "--root", "nowhere"], &["no folder `nowhere`"]);
}

#[test]
fn a_damaged_run_does_not_hide_the_others() {
    let folder = trained();
    std::fs::write(folder.path().join("runs/lstm/run.json"), "{").unwrap();
    let text = good(folder.path(), &["runs", "list"]).stdout;
    assert!(text.contains("cannot be read") && text.contains("runs/mlp"), "{text}");
}

#[test]
fn a_run_is_shown_by_path_or_by_name() {
    let folder = trained();
    let text = good(folder.path(), &["runs", "show", "mlp"]).stdout;
    assert_eq!(text, good(folder.path(), &["runs", "show", "runs/mlp"]).stdout.replace("./runs", "runs"));
    for words in ["MLP (Bengio et al. 2003)", "40 steps, 640 tokens", "step-40 (best, last)", "validation", "finished"]
    {
        assert!(text.contains(words), "no `{words}` in\n{text}");
    }
}

#[test]
fn runs_go_only_when_it_is_meant() {
    let folder = trained();
    refused(folder.path(), &["runs", "rm", "runs/mlp", "lstm"], &["`runs/mlp`, `runs/lstm`", "--yes"]);
    refused(folder.path(), &["runs", "rm", "runs/mlp", "nothing", "--yes"], &["`runs/nothing` is not a run"]);
    refused(folder.path(), &["runs", "rm", "mlp", "mlp", "--yes"], &["named twice"]);
    good(folder.path(), &["runs", "rm", "runs/mlp", "lstm", "--yes"]);
    assert!(!folder.path().join("runs/mlp").exists() && !folder.path().join("runs/lstm").exists());
    assert!(folder.path().join("runs/table/run.json").exists());
}

#[test]
fn a_folder_that_is_no_run_is_not_removed() {
    let folder = trained();
    std::fs::create_dir(folder.path().join("mine")).unwrap();
    std::fs::write(folder.path().join("mine/letter.txt"), "dear").unwrap();
    refused(folder.path(), &["runs", "rm", "mine", "--yes"], &["`mine` is not a run"]);
}
