//! `explain`, `models`, `completions` and `bench`.

use super::{good, object, refused};
use rushlight_models::ALL;

fn here() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn every_model_is_listed_in_the_order_of_history() {
    let listed = object(here().path(), &["models"]);
    let names: Vec<&str> =
        listed["models"].as_array().unwrap().iter().map(|model| model["name"].as_str().unwrap()).collect();
    assert_eq!(names, ALL.iter().map(|entry| entry.name).collect::<Vec<_>>());
    let text = good(here().path(), &["models", "--vocabulary", "27"]).stdout;
    // A table of 27 x 27.
    assert!(text.lines().any(|line| line.contains("bigram") && line.contains("729")), "{text}");
}

#[test]
fn a_model_is_explained_by_its_header_and_its_keys() {
    let text = good(here().path(), &["models", "lstm"]).stdout;
    for words in
        ["a memory that can be kept, overwritten and shown", "c = f⊙c + i⊙g", "Departures", "Keys in [model]", "hidden"]
    {
        assert!(text.contains(words), "no `{words}` in\n{text}");
    }
    assert_eq!(text, good(here().path(), &["explain", "lstm"]).stdout);
    assert!(!text.contains("//!"));
    refused(here().path(), &["models", "adamw"], &["no model `adamw`"]);
}

#[test]
fn everything_in_the_contents_can_be_explained() {
    let contents = object(here().path(), &["explain"]);
    for (family, names) in contents.as_object().unwrap() {
        assert!(!names.as_array().unwrap().is_empty(), "{family}");
    }
    for name in ["adamw", "cosine", "bpe", "table", "contexts", "shakespeare"] {
        let explained = object(here().path(), &["explain", name]);
        assert_eq!(explained["name"], name);
        assert!(explained["text"].as_str().unwrap().len() > 80, "{name}");
    }
    let keys = object(here().path(), &["explain", "adamw"])["keys"].clone();
    assert!(keys.as_array().unwrap().iter().any(|key| key["key"] == "beta2" && key["default"] == 0.999), "{keys}");
}

#[test]
fn an_unknown_name_is_answered_with_what_there_is() {
    refused(
        here().path(),
        &["explain", "cosinus"],
        &["nothing is called `cosinus`", "Did you mean `cosine`?", "schedules", "optimizers"],
    );
}

#[test]
fn every_shell_has_completions_with_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = good(here().path(), &["completions", shell]).stdout;
        for command in ["ladder", "journey", "tokenizer"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    assert!(good(here().path(), &["--help"]).stdout.contains("completions"));
}

#[test]
fn a_workload_is_timed() {
    let timed = object(here().path(), &["bench", "W1", "--steps", "2"]);
    let milliseconds =
        timed.as_object().unwrap().iter().find(|(key, _)| key.contains("ms") || key.contains("milliseconds"));
    assert!(milliseconds.is_some_and(|(_, value)| value.as_f64().unwrap() > 0.0), "{timed}");
}

#[test]
fn flags_that_cannot_be_are_refused() {
    refused(here().path(), &["models", "--threads", "0"], &["--threads 0"]);
    refused(here().path(), &["models", "--window", "0"], &["--window"]);
    refused(here().path(), &["completions", "dos"], &["bash"]);
    refused(here().path(), &["bench", "W9"], &["W1"]);
    refused(here().path(), &["trian"], &["train"]);
}
