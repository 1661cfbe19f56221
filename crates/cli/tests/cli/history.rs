//! `history`, of two small ladders.

use super::{bare, good, object, refused, trained};
use std::fs;
use tempfile::TempDir;

const BY_CHARACTER: [&str; 9] =
    ["ladder", "--data", "text.txt", "--rungs", "bigram,mlp", "--tokens", "2000", "--out", "a b"];
const BY_WORD: [&str; 11] =
    ["ladder", "--data", "text.txt", "--rungs", "bigram,mlp", "--tokens", "2000", "--words", "60", "--out", "words"];

/// A folder in which ladders are climbed.
fn climbed(ladders: &[&[&str]]) -> TempDir {
    let folder = bare();
    // Lines of four words, so that there are words that come again.
    let names: Vec<String> = super::names(4000).lines().map(String::from).collect();
    let lines = (0..2000).map(|line| [0, 1, 2, 3].map(|word| names[(line * 7 + word * 3) % 90].clone()).join(" "));
    fs::write(folder.path().join("text.txt"), lines.collect::<Vec<_>>().join("\n")).unwrap();
    for args in ladders {
        good(folder.path(), args);
    }
    folder
}

#[test]
fn ladders_become_a_page_and_the_same_page_again() {
    let folder = climbed(&[&BY_CHARACTER, &BY_WORD]);
    let args = ["history", "a b", "words", "--out", "history.md"];
    let made = object(folder.path(), &args);
    let rungs = made["ladders"][0]["rungs"].as_array().unwrap();
    let loss = |rung: usize| rungs[rung]["loss"].as_f64().unwrap();
    assert!(rungs[0]["gain"].is_null() && rungs[0]["gain_over_bigram"].is_null(), "{made}");
    assert_eq!(rungs[1]["gain"], loss(0) - loss(1));
    assert_eq!(rungs[1]["gain_share"], (loss(0) - loss(1)) / loss(0));

    let page = || fs::read_to_string(folder.path().join("history.md")).unwrap();
    let text = page();
    for words in [
        "# What each rung gained\n",
        "\nrushlight ladder --data text.txt --rungs bigram,mlp --tokens 2000 --out 'a b'\n",
        "\nrushlight history 'a b' words --out history.md\n",
        "\n## Characters, equal tokens\n",
        "\n## Words, equal tokens\n",
        "Each rung that learns reads 2,048 words",
        "60 different words",
        "seed 0",
        "| MLP | 2003 | Bengio et al. |",
        &format!("{:.3}", loss(1)),
    ] {
        assert!(text.contains(words), "no `{words}` in\n{text}");
    }
    assert_eq!(text.matches("bits per character").count(), 1, "{text}");
    assert_eq!(text.matches("| perplexity |").count(), 1, "{text}");
    good(folder.path(), &args);
    assert_eq!(page(), text);
}

#[test]
fn what_is_no_ladder_is_refused() {
    let folder = trained();
    let check = |path: &str, words: &[&str]| refused(folder.path(), &["history", path], words);
    check("nowhere", &["no folder `nowhere`", "rushlight ladder --out nowhere"]);
    check("runs/mlp", &["`runs/mlp` is a single run"]);
    check("runs", &["`runs/mlp` was not made by `rushlight ladder` but by `rushlight train mlp.toml`"]);
    fs::create_dir(folder.path().join("empty")).unwrap();
    check("empty", &["`empty` is no ladder", "`empty/bigram`", "rushlight ladder --out NEW"]);
}

#[test]
fn a_ladder_must_have_come_to_its_end() {
    let folder = climbed(&[&BY_CHARACTER]);
    let refused = |words: &[&str]| refused(folder.path(), &["history", "a b"], words);
    let go_on = "go on with: rushlight ladder --data text.txt --rungs bigram,mlp --tokens 2000 --out 'a b'";
    let records = folder.path().join("a b/mlp/metrics.jsonl");
    let whole = fs::read_to_string(&records).unwrap();
    fs::write(&records, whole.lines().filter(|line| !line.contains("\"done\"")).collect::<Vec<_>>().join("\n") + "\n")
        .unwrap();
    refused(&["`a b/mlp` has not come to its end", go_on]);
    fs::remove_dir_all(folder.path().join("a b/mlp")).unwrap();
    refused(&["`a b` lacks the rung `mlp`", go_on]);

    let other = [&BY_CHARACTER[..3], &["--rungs", "mlp", "--tokens", "1000", "--out", "a b"]].concat();
    good(folder.path(), &other);
    refused(&["`bigram` and `mlp` of `a b` were not trained alike", "--tokens 1000", "--tokens 2000"]);

    fs::remove_dir_all(folder.path().join("a b/mlp")).unwrap();
    let text = folder.path().join("text.txt");
    fs::write(&text, fs::read_to_string(&text).unwrap() + "\none more\n").unwrap();
    good(folder.path(), &[&BY_CHARACTER[..3], &["--rungs", "mlp"], &BY_CHARACTER[5..]].concat());
    refused(&["`bigram` and `mlp` of `a b` have not learned from the same data"]);
}

#[test]
fn a_file_that_is_no_such_page_is_kept() {
    let folder = climbed(&[]);
    refused(folder.path(), &["history", "a", "a", "--out", "new.md"], &["`a` is named twice"]);
    refused(folder.path(), &["history", "a", "--out", "text.txt"], &["`text.txt` is there already", "another file"]);
    refused(folder.path(), &["history", "a", "--out", "."], &["`.` is a folder"]);
}
