//! Utterances from every kind of file: labels, parts, batches, and what is refused.
#![allow(clippy::unwrap_used)]

use rushlight_data::{Batching, Corpus, DataConfig, IGNORE, Part, PartName, Shape, Utterances, open, open_file};
use rushlight_text::{NormalizerConfig, TokenizerConfig};
use std::path::Path;
use std::sync::Arc;

fn config(toml_like: serde_json::Value) -> DataConfig {
    DataConfig::of_kind("utterances", toml_like).unwrap()
}

fn words() -> TokenizerConfig {
    TokenizerConfig::of_kind("word", serde_json::json!({"split": "spaces", "min_frequency": 1})).unwrap()
}

fn opened(data: &DataConfig) -> Result<Corpus, String> {
    open(data, &words(), &NormalizerConfig::default(), None, 1).map_err(|error| error.to_string())
}

fn sentences(corpus: &Corpus, name: PartName) -> Arc<Utterances> {
    let Part::Utterances(utterances) = corpus.part(name) else { panic!("not utterances") };
    Arc::clone(utterances)
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

#[test]
fn a_batch_has_words_their_spelling_the_intent_and_the_tags() {
    let folder = tempfile::tempdir().unwrap();
    let train = "to rome\tflight\tO B-city\nhi\tgreeting\tO\n";
    write(folder.path(), &[("a.tsv", train), ("b.tsv", "hi rome now\tgreeting\tO B-city O\n")]);
    let data = config(serde_json::json!({"path": folder.path().join("a.tsv"), "validation": "b.tsv", "test": 0.0,
        "spelling": {"shortest": 2, "longest": 2, "buckets": 100}}));
    let corpus = opened(&data).unwrap();
    let train = sentences(&corpus, PartName::Train);
    assert_eq!(
        (train.labels.intents.join(" "), train.labels.tags.join(" ")),
        ("flight greeting".into(), "B-city O".into())
    );
    assert_eq!((corpus.vocabulary, corpus.source_vocabulary), (2, 4), "the three words, and what is unknown");
    let first = (0..2).find(|&sentence| train.words(sentence).len() == 2).unwrap();
    let batch = train.batch(&[1 - first, first]);
    let id = |word| corpus.tokenizer.as_ref().unwrap().id(word).unwrap();
    assert_eq!(batch.inputs.row(0)[0], id("hi"));
    assert_eq!(batch.inputs.row(1), [id("to"), id("rome")]);
    assert_eq!(batch.lengths, [1, 2]);
    assert_eq!(batch.targets.row(0), [1, 1, IGNORE]);
    assert_eq!(batch.targets.row(1), [0, 1, 0]);
    let spelling = batch.spelling.unwrap();
    assert_eq!([0, 1, 2, 3].map(|place| spelling.get(place).len()), [3, 0, 3, 5]); // <h hi i> | | <t to o> | <r ro om me e>
    let known = sentences(&corpus, PartName::Validation).words(0).to_vec();
    let unknown = corpus.tokenizer.as_ref().unwrap().unknown().unwrap();
    assert_eq!(known, [id("hi"), id("rome"), unknown]);
    assert_eq!(corpus.batching, Batching::Utterances { tags: Some(2) });
}

#[test]
fn an_epoch_has_every_sentence_once_and_a_batch_follows_from_its_step() {
    let text: String = (0..10).map(|n| format!("word{n}\tintent{}\n", n % 3)).collect();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("a.tsv", &text)]);
    let data = config(serde_json::json!({"path": folder.path().join("a.tsv"), "validation": 0.0, "test": 0.0}));
    let corpus = opened(&data).unwrap();
    let shape = Shape { rows: 4, length: 0 };
    let batches = corpus.train.batches(corpus.batching, shape, 3).unwrap();
    assert_eq!(batches.steps_per_epoch(), 3);
    let ids = |step| batches.at(step).unwrap().inputs.ids;
    let mut epoch = [ids(3), ids(4), ids(5)].concat();
    assert_ne!(epoch, [ids(0), ids(1), ids(2)].concat(), "another order");
    epoch.sort_unstable();
    epoch.dedup();
    assert_eq!(epoch.len(), 10);
    let covered: Vec<u32> =
        corpus.train.cover(corpus.batching, shape).flat_map(|batch| batch.unwrap().inputs.ids).collect();
    assert_eq!(covered.len(), 10);
}

#[test]
fn what_is_out_of_scope_has_an_id_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let json = r#"{"train": [["a b", "one"], ["c", "two"]], "oos_train": [["x", "oos"]],
        "val": [["a", "one"]], "oos_val": [["y", "oos"]], "test": [["c", "two"]], "oos_test": [["z", "oos"]]}"#;
    write(folder.path(), &[("full.json", json)]);
    let keys = serde_json::json!({"path": folder.path().join("full.json"), "out_of_scope": "oos"});
    let corpus = opened(&config(keys)).unwrap();
    let of = |name| sentences(&corpus, name).intents().to_vec();
    assert_eq!(
        [of(PartName::Train), of(PartName::Validation), of(PartName::Test)],
        [vec![0, 2, 1], vec![0, 1], vec![2, 1]]
    );
    let labels = Arc::clone(&sentences(&corpus, PartName::Train).labels);
    assert_eq!((labels.intents.join(" "), labels.outside()), ("one oos two".into(), Some(1)));
    refused(
        &[("a.tsv", "hi\ta\nho\tb\n")],
        serde_json::json!({"validation": 0.0, "test": 0.0, "out_of_scope": "c"}),
        "no sentence has that intent; there are `a`, `b`",
    );
}

#[test]
fn a_folder_in_parts_is_read_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    for part in ["train", "valid", "test"] {
        write(
            &folder.path().join(part),
            &[("seq.in", "to  rome \nhi\n"), ("seq.out", "O B-city\nO\n"), ("label", "flight\ngreeting\n")],
        );
    }
    let mut data = config(serde_json::json!({"path": folder.path()}));
    let corpus = opened(&data).unwrap();
    assert_eq!(corpus.sources.len(), 9);
    assert_eq!(sentences(&corpus, PartName::Test).written()[0].text, "to  rome");
    let first = data.first_file().unwrap();
    assert_eq!(first, folder.path().join("train/seq.in"));
    data.move_to(Path::new("/else/atis/train/seq.in"));
    assert_eq!(data.path_mut().unwrap(), Path::new("/else/atis"));
}

#[test]
fn another_file_is_read_with_the_labels_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        &[
            ("a.tsv", "hi\tgreeting\nbye\tparting\n"),
            ("b.tsv", "bye\tparting\n"),
            ("c.tsv", "hi\tgreeting\nx\tother\n"),
        ],
    );
    let data = config(serde_json::json!({"path": folder.path().join("a.tsv"), "validation": 0.0, "test": 0.0}));
    let corpus = opened(&data).unwrap();
    let open =
        |name: &str| open_file(&data, &folder.path().join(name), corpus.tokenizers().as_ref(), Some(&corpus.train));
    let Part::Utterances(other) = open("b.tsv").unwrap() else { panic!("not utterances") };
    assert_eq!(other.intents(), [1]);
    let error = open("c.tsv").unwrap_err().to_string();
    assert!(error.contains("c.tsv`, line 2, has the intent `other`, which the training data do not have"), "{error}");
}

#[track_caller]
fn refused(files: &[(&str, &str)], keys: serde_json::Value, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    let mut keys = keys;
    keys["path"] = serde_json::json!(folder.path().join(files[0].0));
    let error = opened(&config(keys)).unwrap_err();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn tags_are_for_what_stands_between_spaces_however_words_are_cut() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("a.tsv", "at 7:30, joe's\tbook\tO B-time B-place\nhi\tgreeting\tO\n")]);
    let data = config(serde_json::json!({"path": folder.path().join("a.tsv"), "validation": 0.0, "test": 0.0}));
    let cut = TokenizerConfig::of_kind("word", serde_json::json!({"min_frequency": 1})).unwrap();
    let corpus = open(&data, &cut, &NormalizerConfig::default(), None, 1).unwrap();
    let train = sentences(&corpus, PartName::Train);
    let long = train.written().iter().find(|one| one.intent == "book").unwrap();
    let words = corpus.tokenizer.as_ref().unwrap().words_in(&long.text).unwrap();
    let named = words.iter().zip(&long.tags).map(|(word, tag)| format!("{} {tag}", word.normal));
    assert_eq!(named.collect::<Vec<_>>().join("; "), "at O; 7 B-time; : I-time; 30 I-time; , I-time; joe's B-place");
    assert_eq!(words.len(), long.tags.len());
}

#[test]
fn sentences_with_other_values_are_for_training_alone() {
    let folder = tempfile::tempdir().unwrap();
    let lines = "to rome\tfly\tO B-city\nto oslo\tfly\tO B-city\nhi\tgreeting\tO\n";
    write(folder.path(), &[("a.tsv", lines), ("b.tsv", "to oslo\tfly\tO B-city\n")]);
    let data = config(
        serde_json::json!({"path": folder.path().join("a.tsv"), "validation": "b.tsv", "test": 0.0, "values": 9}),
    );
    let corpus = opened(&data).unwrap();
    let train = sentences(&corpus, PartName::Train);
    assert!(train.len() > 3 && train.len() < 3 + 2 * 9, "{}", train.len()); // about half of 9 are others, of each of two
    assert_eq!(sentences(&corpus, PartName::Validation).len(), 1);
}

#[test]
fn more_sentences_are_trained_on_and_not_judged_by() {
    let folder = tempfile::tempdir().unwrap();
    let text: String = (0..10).map(|n| format!("word{n}\tintent{}\n", n % 3)).collect();
    write(folder.path(), &[("a.tsv", &text), ("more.tsv", "a new one\tintent1\n")]);
    let keys = |more: serde_json::Value| {
        config(serde_json::json!({"path": folder.path().join("a.tsv"), "validation": 0.2, "test": 0.0, "more": more}))
    };
    let [plain, with] = [keys(serde_json::Value::Null), keys("more.tsv".into())].map(|data| opened(&data).unwrap());
    assert_eq!([&plain, &with].map(|corpus| sentences(corpus, PartName::Train).len()), [8, 9]);
    assert_eq!(sentences(&with, PartName::Train).written()[8].text, "a new one");
    let judged = [&plain, &with].map(|corpus| sentences(corpus, PartName::Validation).written().to_vec());
    assert_eq!(judged[0], judged[1]);
    assert!(opened(&keys("nowhere.tsv".into())).unwrap_err().contains("nowhere.tsv"));
}

#[test]
fn labels_that_cannot_be_are_refused_with_their_line() {
    let none = serde_json::json!({"validation": 0.0, "test": 0.0});
    refused(
        &[("a.tsv", "to rome\tflight\tO B-city\nhi\tgreeting\tO O\n")],
        none.clone(),
        "line 2, has not as many tags (2) as words (1)",
    );
    refused(&[("a.tsv", "hi\tgreeting\nho\tgreeting\n")], none.clone(), "two intents or more");
    refused(&[("a.tsv", "hi greeting\n")], none, "line 1, has no intent");
    refused(&[("a.tsv", "hi\ta\nho\tb\n")], serde_json::json!({}), "part is empty");
    refused(&[("a.tsv", "hi\ta\nho\tb\n")], serde_json::json!({"spelling": {"longest": 1}}), "`longest = 1` cannot be");
}

#[test]
fn slots_are_left_out_where_nobody_asks() {
    let data = config(serde_json::json!({"dataset": "snips", "slots": false}));
    let corpus = opened(&data).unwrap();
    assert_eq!((corpus.batching, corpus.vocabulary), (Batching::Utterances { tags: None }, 7));
    assert_eq!(sentences(&corpus, PartName::Test).batch(&[0, 1]).targets.cols, 1);
    let all = opened(&config(serde_json::json!({"dataset": "snips"}))).unwrap();
    assert_eq!(sentences(&all, PartName::Train).labels.tags.len(), 72);
}
