//! `journey`: forward and back through every model.

use super::{good, object, refused, trained};
use serde_json::Value;
use std::path::Path;

fn step<'j>(journey: &'j Value, name: &str) -> &'j Value {
    let steps = journey["steps"].as_array().unwrap();
    steps.iter().find(|step| step["name"] == name).unwrap_or_else(|| panic!("no step `{name}` in {journey:#}"))
}

/// What must hold of every journey of a text, whatever the model.
fn check(folder: &Path, of: &str) -> Value {
    let journey = object(folder, &["journey", of, "--text", "emma"]);
    let loss = journey["loss"].as_f64().unwrap();
    let right = step(&journey, "probabilities")["values"]["probability_of_true"].as_f64().unwrap();
    assert!((loss + right.ln()).abs() < 1e-4, "{of}: the loss is minus the logarithm, {loss} {right}");
    let read = &step(&journey, "tokens")["values"];
    // Of a translation the answer is what the model would begin with.
    let translates = read["read"].as_array().unwrap().len() == "emma".len() + 1 && read["read"][0] == "e";
    assert!(translates || read["answer"] == "a", "{of}: {read}");
    // The gradient of the loss by the logits is p - y: its norm follows from the probabilities alone.
    let back = &step(&journey, "back, as gradients")["values"];
    assert!(back[0]["name"].as_str().unwrap().ends_with("logits"), "{of}: {back}");
    let norm = back[0]["norm"].as_f64().unwrap();
    assert!(
        norm >= 1.0 - right - 1e-6 && norm <= std::f64::consts::SQRT_2 * (1.0 - right) + 1e-6,
        "{of}: {norm} {right}"
    );
    let update = &step(&journey, "update")["values"];
    assert_eq!(update["before"].as_f64(), Some(loss), "{of}");
    journey
}

#[test]
fn every_model_of_text_can_be_walked_through() {
    let folder = tempfile::tempdir().unwrap();
    use rushlight_models::Takes;
    let foretells = |entry: &&rushlight_models::Entry| !matches!(entry.takes, Takes::Rows | Takes::Sentences);
    for entry in rushlight_models::ALL.iter().filter(foretells) {
        if entry.name == ONLY_COUNTS {
            continue;
        }
        let journey = check(folder.path(), entry.name);
        // A fresh model is near chance, which for 27 tokens costs 3.3 nats.
        // Of a translation the likeliest token is asked for, which costs somewhat less.
        let tokens = step(&journey, "probabilities")["shape"][0].as_f64().unwrap();
        let most = if entry.takes == rushlight_models::Takes::Pair { 1.2 } else { 0.7 };
        assert!((journey["loss"].as_f64().unwrap() - tokens.ln()).abs() < most, "{}: {}", entry.name, journey["loss"]);
    }
}

/// The model without a weight.
const ONLY_COUNTS: &str = "kneser_ney";

#[test]
fn the_journey_through_a_model_that_only_counts_ends_with_the_loss() {
    let folder = tempfile::tempdir().unwrap();
    let journey = object(folder.path(), &["journey", ONLY_COUNTS, "--text", "emma"]);
    let names: Vec<&str> =
        journey["steps"].as_array().unwrap().iter().map(|step| step["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["tokens", "ids", "one-hot rows", "logits", "probabilities", "loss"]);
    // It has counted nothing, and guesses among 27.
    assert!((journey["loss"].as_f64().unwrap() - 27_f64.ln()).abs() < 1e-6, "{}", journey["loss"]);
}

#[test]
fn a_window_shows_its_rows_as_one_long_vector() {
    let folder = tempfile::tempdir().unwrap();
    let journey = check(folder.path(), "mlp");
    assert_eq!(step(&journey, "ids")["values"]["read"], serde_json::json!([5, 13, 13]));
    let (rows, long) = (step(&journey, "rows of embed.weight"), step(&journey, "x"));
    assert_eq!((rows["shape"].to_string(), long["shape"].to_string()), ("[3,10]".into(), "[1,30]".into()));
    // The last row of the table's rows is the end of the long vector.
    let (last, all) = (rows["values"].as_array().unwrap(), long["values"].as_array().unwrap());
    assert_eq!(&all[20..30], &last[..]);
    let text = good(folder.path(), &["journey", "mlp", "--text", "emma"]).stdout;
    for words in ["e  ·····█·····················", "[1, 30]", "one long vector", "hidden.0.drive", "softmax", "−ln"]
    {
        assert!(text.contains(words), "no `{words}` in\n{text}");
    }
}

#[test]
fn a_trained_run_is_shown_with_its_weights_and_left_as_it_is() {
    let folder = trained();
    let before = super::everything_in(folder.path());
    let (trained, again) = (check(folder.path(), "runs/lstm"), check(folder.path(), "runs/lstm"));
    assert_eq!(trained["loss"], again["loss"]);
    assert_eq!(super::everything_in(folder.path()), before);
}

#[test]
fn rows_of_numbers_take_the_way_too() {
    let folder = trained();
    let journey = object(folder.path(), &["journey", "runs/table"]);
    assert_eq!(step(&journey, "features")["shape"].to_string(), "[1,2]");
    let answer = &step(&journey, "answer")["values"];
    let difference = answer["is"][0].as_f64().unwrap() - answer["should_be"][0].as_f64().unwrap();
    assert!((journey["loss"].as_f64().unwrap() - difference * difference).abs() < 1e-4);
    good(folder.path(), &["journey", "feed_forward"]);
}

#[test]
fn what_cannot_be_walked_is_refused() {
    let folder = trained();
    refused(folder.path(), &["journey", "lstn", "--text", "emma"], &["`lstn`", "Did you mean `lstm`?"]);
    refused(folder.path(), &["journey", "mlp"], &["--text"]);
    refused(folder.path(), &["journey", "runs/mlp", "--text", "Émma"], &["--text", "`É`"]);
    refused(folder.path(), &["journey", "runs/mlp", "--text", ""], &["longer text"]);
    refused(folder.path(), &["journey", "runs/table", "--text", "emma"], &["leave `--text` out"]);
    refused(folder.path(), &["journey", "runs", "--text", "emma"], &["`runs` is not a run"]);
}
