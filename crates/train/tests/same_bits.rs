//! Same seed, same bits: on every run, for every number of threads, and with somebody watching or nobody.
#![allow(clippy::unwrap_used)]

mod common;

use common::{CASES, Place};
use rushlight_engine::with_threads;
use rushlight_models::ALL;
use rushlight_trace::Record;
use std::collections::BTreeMap;

/// Every model in sizes that are worth sharing among threads: products and tensors well beyond the engine's grain. Three
/// steps are enough for the first bit that differs to reach every weight.
const WIDE: &[(&str, &str)] = &[
    (
        "bigram",
        r#"data = { kind = "text", path = "plays.txt" }
model = { kind = "bigram", counts = false }
train = { steps = 3, batch = 32, window = 64 }"#,
    ),
    (
        "feed_forward",
        r#"data = { kind = "noise", samples = 600, inputs = 40 }
model = { kind = "feed_forward", hidden = [300, 200], batch_norm = true, dropout = 0.1 }
train = { steps = 3, batch = 256 }"#,
    ),
    (
        "kneser_ney",
        r#"data = { kind = "text", path = "plays.txt", batching = "stream" }
model = { kind = "kneser_ney" }
train = { steps = 3, batch = 2, window = 64 }"#,
    ),
    (
        "mlp",
        r#"data = { kind = "lines", path = "names.txt", batching = "contexts" }
model = { kind = "mlp", embed = 32, hidden = 300, batch_norm = true }
train = { steps = 3, batch = 256, window = 4, optimizer = { kind = "sgd" } }"#,
    ),
    (
        "rnn",
        r#"data = { kind = "text", path = "plays.txt", batching = "stream" }
model = { kind = "rnn", embed = 64, hidden = 200, layers = 2, dropout = 0.1 }
train = { steps = 3, batch = 24, window = 32, clip = { norm = 0.1 } }"#,
    ),
    (
        "lstm",
        r#"data = { kind = "text", path = "plays.txt", batching = "stream" }
model = { kind = "lstm", embed = 64, hidden = 200, layers = 2, skips = true, dropout = 0.1 }
train = { steps = 3, batch = 24, window = 32, clip = { norm = 0.1 } }"#,
    ),
    (
        "gru",
        r#"data = { kind = "text", path = "plays.txt", batching = "stream" }
model = { kind = "gru", embed = 64, hidden = 200, layers = 2, reset = "before", dropout = 0.1 }
train = { steps = 3, batch = 24, window = 32, clip = { norm = 0.1 } }"#,
    ),
    (
        "encoder_decoder",
        r#"data = { kind = "reverse", pairs = true, train = 300, validation = 20, test = 0 }
model = { kind = "encoder_decoder", embed = 64, hidden = 200, dropout = 0.1 }
train = { steps = 3, batch = 48, clip = { norm = 0.1 } }"#,
    ),
    (
        "seq2seq",
        r#"data = { kind = "reverse", pairs = true, train = 300, validation = 20, test = 0 }
model = { kind = "seq2seq", embed = 64, hidden = 200, dropout = 0.1 }
train = { steps = 3, batch = 48, clip = { norm = 0.1 } }"#,
    ),
    (
        "text_cnn",
        r#"data = { kind = "utterances", path = "requests.tsv" }
model = { kind = "text_cnn", width = 96, channels = 64 }
train = { steps = 3, batch = 48, clip = { norm = 0.1 } }"#,
    ),
    (
        "bahdanau",
        r#"data = { kind = "reverse", pairs = true, train = 300, validation = 20, test = 0 }
model = { kind = "bahdanau", embed = 64, hidden = 200, dropout = 0.1 }
train = { steps = 3, batch = 48, clip = { norm = 0.1 } }"#,
    ),
    (
        "gru_tagger",
        r#"data = { kind = "utterances", path = "requests.tsv" }
model = { kind = "gru_tagger", width = 64, hidden = 100, layers = 2 }
train = { steps = 3, batch = 48, clip = { norm = 0.1 } }"#,
    ),
    (
        "gated_conv",
        r#"data = { kind = "text", path = "plays.txt", batching = "stream" }
model = { kind = "gated_conv", layers = 3, width = 96, filter = 4, dropout = 0.1 }
train = { steps = 3, batch = 24, window = 32, clip = { norm = 0.1 } }"#,
    ),
    (
        "transformer",
        r#"data = { kind = "reverse", pairs = true, train = 300, validation = 20, test = 0 }
model = { kind = "transformer", layers = 2, heads = 4, width = 128, dropout = 0.1 }
train = { steps = 3, batch = 64, window = 16, clip = { norm = 0.1 } }"#,
    ),
    (
        "encoder",
        r#"data = { kind = "utterances", path = "requests.tsv" }
model = { kind = "encoder", layers = 2, heads = 4, width = 64 }
train = { steps = 3, batch = 48, clip = { norm = 0.1 } }"#,
    ),
    (
        "gpt",
        r#"data = { kind = "text", path = "plays.txt" }
model = { kind = "gpt", layers = 2, heads = 4, width = 128, dropout = 0.1 }
train = { steps = 3, batch = 12, window = 64, clip = { norm = 0.1 } }"#,
    ),
];

/// What a training of `text` leaves behind.
fn trained(text: &str, threads: usize, sets: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let place = Place::new();
    with_threads(threads, || drop(place.train("run", text, sets)));
    place.left_behind("run")
}

fn differing(one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    one.iter().filter(|(name, bytes)| *bytes != &other[*name]).map(|(name, _)| name.clone()).collect()
}

const NONE: [&str; 0] = [];

#[test]
fn one_thread_and_two_give_the_same_bits() {
    assert_eq!(WIDE.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ALL.iter().map(|e| e.name).collect::<Vec<_>>());
    for (name, text) in WIDE {
        let alone = trained(text, 1, &[]);
        for threads in [2, 3] {
            assert_eq!(differing(&alone, &trained(text, threads, &[])), NONE, "{name} on {threads} threads");
        }
    }
}

#[test]
fn a_seed_gives_the_same_bits_every_time_and_another_seed_others() {
    for case in CASES {
        let first = trained(case.text, 2, &[]);
        assert_eq!(differing(&first, &trained(case.text, 2, &[])), NONE, "{}", case.name);
        let other = trained(case.text, 2, &["train.seed=1"]);
        let differing = differing(&first, &other);
        assert!(differing.contains(&"last: model.safetensors".to_owned()), "{}: {differing:?}", case.name);
    }
}

#[test]
fn watching_changes_no_bit() {
    let small = CASES.iter().map(|case| (case.name, case.text));
    for (name, text) in small.chain(WIDE.iter().copied()) {
        let blind = trained(text, 2, &["train.watch_every_steps=0"]);
        let watched = trained(text, 2, &["train.watch_every_steps=1"]);
        let but_records = |left: &BTreeMap<String, Vec<u8>>| {
            let mut left = left.clone();
            left.remove("records");
            // How many records there are stands in the state.
            left.retain(|name, _| !name.ends_with("state.json"));
            left
        };
        assert_eq!(differing(&but_records(&blind), &but_records(&watched)), NONE, "{name}");
        assert_eq!(outside(&blind["records"]), outside(&watched["records"]), "{name}");
        let records = String::from_utf8_lossy(&watched["records"]);
        let (seen, took_steps) = (records.contains("\"record\":\"weight\""), records.contains("\"record\":\"step\""));
        assert_eq!(seen, took_steps, "{name}: watched");
    }
}

/// The records that are made whether somebody watches or not.
fn outside(records: &[u8]) -> Vec<Record> {
    let records = std::str::from_utf8(records).unwrap().lines().map(|line| serde_json::from_str(line).unwrap());
    records.filter(|r| !matches!(r, Record::Layer(_) | Record::Saturation(_) | Record::Weight(_))).collect()
}
