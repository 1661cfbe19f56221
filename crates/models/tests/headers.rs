//! The house of models is in order: every file that brings a model is in the list, in the order of history; its header
//! says what it must; its keys are the fields of its settings.

use rushlight_models::{
    ALL, Entry, LARGEST_SIZE, MOST_LAYERS, Sizes, bahdanau, bigram, encoder, encoder_decoder, feed_forward, gated_conv,
    gpt, gru, gru_tagger, kneser_ney, lstm, mlp, rnn, seq2seq, text_cnn, transformer,
};
use serde::Serialize;
use serde_json::{Value, json, to_value};
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn models_stand_in_the_order_of_history() {
    assert!(ALL.is_sorted_by_key(|entry| entry.year));
}

#[test]
fn every_header_says_what_it_must() {
    const PARTS: [&str; 6] =
        ["//! Follows ", "//! Before ", "//! New here ", "//! Letters ", "//! Parameters ", "//! Departures "];
    for Entry { name, source, .. } in ALL {
        let header: Vec<&str> = source.lines().take_while(|line| line.starts_with("//!")).collect();
        let title = header[0].strip_prefix("//! # ").unwrap_or_else(|| panic!("{name}: the first line is no title"));
        assert!(
            title.split_once(": ").is_some_and(|(name, point)| !name.is_empty() && !point.is_empty()),
            "{name}: {title}"
        );
        let places: Vec<Option<usize>> =
            PARTS.iter().map(|part| header.iter().position(|line| line.starts_with(part))).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{name}: {PARTS:?} stand at {places:?}");
        let numbered = |number: usize| {
            header.iter().any(|line| line.starts_with("//!     ") && line.contains(&format!("({number})")))
        };
        assert!((1..=2).all(numbered), "{name}: its equations have no numbers");
    }
}

#[test]
fn every_file_that_brings_a_model_is_in_the_list() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = std::fs::read_dir(folder).expect("the sources are there").map(|file| file.expect("a file").path());
    let found: BTreeSet<(String, String)> = files
        .map(|path| {
            (
                path.file_stem().expect("a name").to_string_lossy().into_owned(),
                std::fs::read_to_string(path).expect("text"),
            )
        })
        .filter(|(_, source)| source.contains("pub const ENTRY"))
        .collect();
    assert_eq!(found, ALL.iter().map(|entry| (entry.name.into(), entry.source.into())).collect());
}

#[test]
fn the_keys_are_the_fields() {
    let fields = [
        (bigram::ENTRY, fields(bigram::Config::default())),
        (feed_forward::ENTRY, fields(feed_forward::Config::default())),
        (kneser_ney::ENTRY, fields(kneser_ney::Config::default())),
        (mlp::ENTRY, fields(mlp::Config::default())),
        (rnn::ENTRY, fields(rnn::Config::default())),
        (lstm::ENTRY, fields(lstm::Config::default())),
        (gru::ENTRY, fields(gru::Config::default())),
        (encoder_decoder::ENTRY, fields(encoder_decoder::Config::default())),
        (seq2seq::ENTRY, fields(seq2seq::Config::default())),
        (bahdanau::ENTRY, fields(bahdanau::Config::default())),
        (gated_conv::ENTRY, fields(gated_conv::Config::default())),
        (transformer::ENTRY, fields(transformer::Config::default())),
        (gpt::ENTRY, fields(gpt::Config::default())),
        (text_cnn::ENTRY, fields(text_cnn::Config::default())),
        (gru_tagger::ENTRY, fields(gru_tagger::Config::default())),
        (encoder::ENTRY, fields(encoder::Config::default())),
    ];
    assert_eq!(fields.len(), ALL.len(), "a model stands in no row");
    for (entry, fields) in fields {
        assert_eq!(entry.keys, fields, "{}", entry.name);
    }
}

fn fields(config: impl Serialize) -> Vec<String> {
    to_value(config).expect("settings are a table").as_object().expect("settings are a table").keys().cloned().collect()
}

#[test]
fn settings_that_make_no_sense_are_refused_by_their_key() {
    let senseless = [
        ("embed", json!(0)),
        ("hidden", json!(0)),
        ("hidden", json!([7, 0])),
        ("embed", json!(LARGEST_SIZE + 1)),
        ("hidden", json!(LARGEST_SIZE + 1)),
        ("hidden", json!([7, LARGEST_SIZE + 1])),
        ("width", json!(LARGEST_SIZE + 1)),
        ("heads", json!(LARGEST_SIZE + 1)),
        ("inner", json!(LARGEST_SIZE + 1)),
        ("layers", json!(0)),
        ("layers", json!(MOST_LAYERS + 1)),
        ("heads", json!(0)),
        ("width", json!(0)),
        ("dropout", json!(1.0)),
        ("dropout", json!(-0.1)),
        ("smoothing", json!(-1.0)),
        ("output_scale", json!(-1.0)),
        ("output_bias_scale", json!(-1.0)),
        ("norm_momentum", json!(0.0)),
        ("norm_momentum", json!(1.5)),
        ("start", json!({"uniform": 0})),
        ("start", json!("zero")),
        ("order", json!(0)),
        ("order", json!(21)),
        ("discounts", json!("two")),
        ("activation", json!("tan")),
        ("norm", json!("never")),
        ("share", json!("all")), // of two vocabularies
    ];
    for (key, value) in senseless {
        for entry in ALL.iter().filter(|entry| entry.keys.contains(&key)) {
            let message = refusal(entry, json!({key: value}));
            assert!(message.starts_with(&format!("`{key}`")), "{}: {message}", entry.name);
            let counted = (entry.parameters)(&json!({key: value}), SIZES).map_err(|error| error.to_string());
            assert_eq!(counted, Err(message), "{}", entry.name);
        }
    }
}

fn check(entry: &Entry, config: Value, message: &str) {
    assert_eq!(refusal(entry, config), message);
}

#[test]
fn sizes_beyond_reason_are_refused_with_what_is_possible() {
    check(&lstm::ENTRY, json!({"hidden": 1_u64 << 41}), "`hidden` is 2199023255552, but must be at most 1099511627776");
    check(&feed_forward::ENTRY, json!({"hidden": [7, 0]}), "`hidden` is 0, but must be at least 1");
    check(&gpt::ENTRY, json!({"layers": 1025}), "`layers` is 1025, but must be at most 1024");
    check(&mlp::ENTRY, json!({"norm_momentum": 0}), "`norm_momentum` is 0, but must be more than 0 and at most 1");
}

#[test]
fn an_unknown_key_is_refused_with_those_that_there_are() {
    for entry in ALL {
        let message = refusal(entry, json!({"hiden": 1}));
        assert!(message.starts_with("unknown key `hiden`"), "{}: {message}", entry.name);
        assert!(entry.keys.iter().all(|key| message.contains(key)), "{}: {message}", entry.name);
    }
}

const SIZES: Sizes = Sizes { vocabulary: 11, window: 3, source: 13, joint: false, tags: 4, pieces: 17 };

fn refusal(entry: &Entry, config: Value) -> String {
    match (entry.build)(&config, SIZES, 0) {
        Ok(_) => panic!("{} takes {config}", entry.name),
        Err(error) => error.to_string(),
    }
}
