//! `score`: files in, numbers and their settings out.

use crate::{good, object, refused};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const REFERENCE: &str = "the cat sat on the mat .\nit rained , all day .\nwe went home\nthe end of the story\n";

fn folder(hypotheses: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("ref"), REFERENCE).unwrap();
    for (index, text) in hypotheses.iter().enumerate() {
        fs::write(folder.path().join(format!("hyp{index}")), text).unwrap();
    }
    folder
}

fn score(folder: &Path, args: &[&str]) -> serde_json::Value {
    object(folder, &[&["score"], args].concat())
}

#[test]
fn a_text_has_all_of_itself() {
    let folder = folder(&[REFERENCE]);
    for metric in ["bleu", "chrf"] {
        let answer = score(folder.path(), &[metric, "--hyp", "hyp0", "--ref", "ref"]);
        assert!((answer["score"].as_f64().unwrap() - 100.0).abs() < 1e-9, "{answer}");
    }
    let answer = score(folder.path(), &["rouge", "--hyp", "hyp0", "--ref", "ref"]);
    assert!((answer["rouge-lsum"]["score"].as_f64().unwrap() - 100.0).abs() < 1e-9, "{answer}");
}

#[test]
fn bleu_says_what_it_is_made_of() {
    // Right are 13 of 14 words, 7 of 10 pairs, 3 of 6 runs of three and 1 of 3 runs of four; e^(1 - 21/14) = 0.607.
    let folder = folder(&["the cat sat on a mat\nit rained all\nwent home\nof the story\n"]);
    let printed = good(
        folder.path(),
        &["score", "bleu", "--tokenize", "none", "--resamples", "0", "--hyp", "hyp0", "--ref", "ref"],
    );
    let expected = "BLEU|nrefs:1|case:mixed|eff:no|tok:none|smooth:exp|version:2.6.0 = 34.80 92.9/70.0/50.0/33.3 \
                    (BP = 0.607 ratio = 0.667 hyp_len = 14 ref_len = 21)\n";
    assert_eq!(printed.stdout, expected);
}

#[test]
fn several_texts_are_set_beside_the_first() {
    let worse = REFERENCE.replace("the ", "a ").replace("rained", "snowed");
    let folder = folder(&[REFERENCE, REFERENCE, &worse]);
    let args = ["bleu", "--hyp", "hyp0", "hyp1", "hyp2", "--ref", "ref"];
    let systems = score(folder.path(), &args)["systems"].as_array().unwrap().clone();
    assert!(systems[0].get("p_value").is_none());
    assert_eq!(systems[1]["p_value"], 1.0, "a text does not differ from itself");
    assert!(systems[2]["score"].as_f64().unwrap() < 70.0);
    let table = good(folder.path(), &[&["score"], &args[..]].concat()).stdout;
    assert!(table.contains("baseline") && table.contains("bs:1000|seed:12345|draws:splitmix64"), "{table}");
}

#[test]
fn every_line_by_itself_if_asked() {
    let folder = folder(&["the cat sat on the mat .\nit rained\nx\nthe end of a story\n"]);
    let answer = score(folder.path(), &["chrf", "--sentences", "--hyp", "hyp0", "--ref", "ref"]);
    let sentences: Vec<f64> = answer["sentences"].as_array().unwrap().iter().map(|s| s.as_f64().unwrap()).collect();
    assert_eq!((sentences.len(), sentences[2]), (4, 0.0));
    assert!(sentences[0] > 99.9 && sentences[1] < sentences[3], "{sentences:?}");
}

#[test]
fn sentences_of_a_summary_are_set_apart_by_their_mark() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("ref"), "b c d|a\n").unwrap();
    fs::write(folder.path().join("hyp"), "a|b c d\n").unwrap();
    let rouge = |mark: &str| {
        let answer = score(folder.path(), &["rouge", "--sentence-mark", mark, "--hyp", "hyp", "--ref", "ref"]);
        answer["rouge-lsum"]["score"].as_f64().unwrap()
    };
    assert_eq!((rouge("|"), rouge("<n>")), (100.0, 75.0));
}

#[test]
fn files_that_do_not_fit_are_refused_with_their_counts() {
    let folder = folder(&["one\n\nthree\n"]);
    let with = |more: &[&'static str]| [&["score", "bleu"], more].concat();
    refused(
        folder.path(),
        &with(&["--hyp", "hyp0", "--ref", "ref"]),
        &["`ref` has 4 lines", "`hyp0` has 3 lines (the first empty one is line 2)"],
    );
    let alike = ["--hyp", "hyp0", "--ref", "hyp0"];
    refused(folder.path(), &with(&[&["--smooth-value", "2"], &alike[..]].concat()), &["--smooth floor"]);
    refused(folder.path(), &with(&[&["--tokenize", "zh"], &alike[..]].concat()), &["13a, intl, char, none"]);
}
