//! `tokenizer`: trains, encodes and decodes.

use super::{bare, good, object, refused, run, trained};
use std::fs;

#[test]
fn text_comes_back_from_its_ids() {
    let folder = bare();
    for (kind, text) in [("character", "emma"), ("bpe", "Emma, ça va?")] {
        let file = format!("{kind}.json");
        good(folder.path(), &["tokenizer", "train", "names.txt", "--kind", kind, "--out", &file]);
        let ids = good(folder.path(), &["tokenizer", "encode", "--tokenizer", &file, text]).stdout;
        let back = run(folder.path(), &["tokenizer", "decode", "--tokenizer", &file], ids.as_bytes(), 0).stdout;
        assert_eq!(back, format!("{text}\n"), "{kind}");
    }
}

#[test]
fn characters_have_their_ids_in_alphabetical_order() {
    let folder = bare();
    fs::write(folder.path().join("abc.txt"), "cab").unwrap();
    let made = object(folder.path(), &["tokenizer", "train", "abc.txt", "--kind", "character", "--boundary"]);
    assert_eq!((made["vocabulary"].as_u64(), made["tokenizer"].as_str()), (Some(4), Some("tokenizer.json")));
    let encoded = object(folder.path(), &["tokenizer", "encode", "--tokenizer", "tokenizer.json", "cab"]);
    assert_eq!(encoded["ids"], serde_json::json!([3, 1, 2]));
}

#[test]
fn a_run_is_a_tokenizer_too_and_lines_are_read_from_stdin() {
    let folder = trained();
    let printed = run(folder.path(), &["tokenizer", "encode", "--tokenizer", "runs/mlp"], b"emma\nab\n", 0);
    assert_eq!(printed.stdout.lines().count(), 2);
    assert_eq!(printed.stderr, "e m m a\na b\n");
}

#[test]
fn settings_are_those_of_a_recipe() {
    let folder = bare();
    let made = object(
        folder.path(),
        &["tokenizer", "train", "names.txt", "--kind", "bpe", "--set", "vocab_size=270", "--set", "lowercase=true"],
    );
    assert_eq!(made["vocabulary"], 270);
    refused(
        folder.path(),
        &["tokenizer", "train", "names.txt", "--set", "vocab_sise=270", "--out", "x.json"],
        &["`vocab_sise`", "Did you mean `vocab_size`?"],
    );
    refused(
        folder.path(),
        &["tokenizer", "train", "names.txt", "--set", "vocab_size=10", "--out", "x.json"],
        &["`vocab_size` of 10 is too small"],
    );
    refused(
        folder.path(),
        &["tokenizer", "train", "names.txt", "--kind", "bp", "--out", "x.json"],
        &["no tokenizer `bp`", "Did you mean `bpe`?"],
    );
}

#[test]
fn what_is_unknown_is_named() {
    let folder = trained();
    let encode = ["tokenizer", "encode", "--tokenizer", "runs/mlp"];
    refused(folder.path(), &[&encode[..], &["Émma"]].concat(), &["`É`"]);
    let printed = run(folder.path(), &encode, b"emma\nB\n", 2);
    assert!(printed.stderr.contains("stdin, line 2") && printed.stderr.contains("`B`"), "{}", printed.stderr);
    let printed = run(folder.path(), &encode, b"emma\n\xff\n", 2);
    assert!(printed.stderr.contains("stdin is not UTF-8: line 2"), "{}", printed.stderr);
    refused(folder.path(), &["tokenizer", "decode", "--tokenizer", "runs/mlp", "1", "999"], &["no token 999"]);
    refused(folder.path(), &["tokenizer", "decode", "--tokenizer", "runs/mlp", "one"], &["`one` is no id"]);
}

#[test]
fn a_tokenizer_that_is_there_is_not_overwritten() {
    let folder = bare();
    good(folder.path(), &["tokenizer", "train", "names.txt", "--kind", "character"]);
    refused(
        folder.path(),
        &["tokenizer", "train", "names.txt", "--kind", "bpe"],
        &["`tokenizer.json` is there already", "--out"],
    );
}

#[test]
fn a_run_of_numbers_has_no_tokenizer() {
    let folder = trained();
    refused(
        folder.path(),
        &["tokenizer", "encode", "--tokenizer", "runs/table", "x"],
        &["`runs/table` has no tokenizer"],
    );
}
