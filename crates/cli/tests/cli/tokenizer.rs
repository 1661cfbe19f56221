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

const ON_IDS: &str = r#"
[data]
kind = "ids"
path = "ids/train.bin"
validation = 0.1
[model]
kind = "gru"
embed = 4
hidden = 8
[train]
steps = 10
batch = 4
window = 16
[train.evaluate]
samples = 1
sample_tokens = 8
"#;

#[test]
fn a_text_becomes_a_file_of_ids_that_can_be_trained_on() {
    let folder = bare();
    let at = folder.path();
    fs::create_dir(at.join("ids")).unwrap();
    good(at, &["tokenizer", "train", "names.txt", "--kind", "character"]);
    let encode =
        ["tokenizer", "encode", "--tokenizer", "tokenizer.json", "--from", "names.txt", "--out", "ids/train.bin"];
    let made = object(at, &encode);
    let bytes = fs::metadata(at.join("names.txt")).unwrap().len();
    assert_eq!(
        (made["bytes"].as_u64(), made["tokens"].as_u64(), made["width"].as_u64()),
        (Some(bytes), Some(bytes), Some(16))
    );
    assert_eq!(fs::metadata(at.join("ids/train.bin")).unwrap().len(), 2 * bytes);
    assert_eq!(fs::read(at.join("ids/tokenizer.json")).unwrap(), fs::read(at.join("tokenizer.json")).unwrap());
    fs::write(at.join("ids.toml"), ON_IDS).unwrap();
    let summary = object(at, &["train", "ids.toml"]);
    assert!((0.0..=1.0).contains(&summary["waiting_share"].as_f64().unwrap()), "{summary}");
    assert!(summary["validation.loss_nats_per_token"].is_f64(), "{summary}");
    good(at, &["eval", "runs/ids", "--on", "ids/train.bin"]);
    good(at, &["generate", "runs/ids", "--max-tokens", "5"]);
    refused(at, &encode, &["`ids/train.bin` is there already"]);
}

#[test]
fn a_file_of_ids_is_made_from_stdin_too() {
    let folder = bare();
    good(folder.path(), &["tokenizer", "train", "names.txt", "--kind", "character"]);
    let encode = ["tokenizer", "encode", "--tokenizer", "tokenizer.json", "--from", "-", "--out", "x.bin"];
    run(folder.path(), &encode, b"emma\n", 0);
    assert_eq!(fs::read(folder.path().join("x.bin")).unwrap().len(), 10);
    fs::remove_file(folder.path().join("x.bin")).unwrap();
    let printed = run(folder.path(), &encode, "emma\nä\n".as_bytes(), 2);
    assert!(printed.stderr.contains("`stdin`, line 2: the vocabulary does not know `ä`"), "{}", printed.stderr);
    assert!(!folder.path().join("x.bin").exists());
}

#[test]
fn a_file_of_ids_is_not_put_beside_another_tokenizer() {
    let folder = bare();
    let at = folder.path();
    good(at, &["tokenizer", "train", "names.txt", "--kind", "character"]);
    good(at, &["tokenizer", "train", "names.txt", "--kind", "bpe", "--set", "vocab_size=270", "--out", "bpe.json"]);
    let encode = ["tokenizer", "encode", "--tokenizer", "bpe.json", "--from", "names.txt", "--out", "x.bin"];
    refused(at, &encode, &["`tokenizer.json` is another tokenizer", "another folder", "tokens, the other"]);
    refused(at, &[&encode[..5], &["gone.txt", "--out", "new/x.bin"]].concat(), &["`gone.txt`"]);
    refused(at, &encode[..6], &["--out"]);
}

#[test]
fn bad_files_of_ids_are_named() {
    let folder = bare();
    let at = folder.path();
    fs::create_dir(at.join("ids")).unwrap();
    fs::write(at.join("ids.toml"), ON_IDS).unwrap();
    let check = |content: &[u8], set: &str, words: &[&str]| {
        fs::write(at.join("ids/train.bin"), content).unwrap();
        refused(at, &["train", "ids.toml", "--set", set], words);
    };
    check(&[1, 0, 2, 0], "data.width=16", &["there is no `ids/tokenizer.json`", "how many ids there are"]);
    check(&[1, 0, 2], "data.vocabulary=9", &["has 3 bytes", "ids of 16 bits"]);
    check(&[1, 0, 9, 0], "data.vocabulary=9", &["the id 9 at place 1 (byte 2)", "the ids 0 to 8"]);
    check(&[1, 0, 2, 0], "data.width=8", &["16 or 32 bits", "`width`"]);
    check(&[1, 0, 2, 0], "data.validation=true", &["a share, such as 0.01, or the name of a file"]);
    check(&[1, 0, 2, 0], "tokenizer.kind=bpe", &["[tokenizer]", "is of no use", "`vocabulary` in [data]"]);
}
