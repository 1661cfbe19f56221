//! The tokenizer as its callers see it: vocabulary, round trips, errors of files.
#![allow(clippy::unwrap_used)] // a test that meets an error it did not expect should stop there

use proptest::prelude::*;
use rushlight_text::tokenizers::{bpe, character, word};
use rushlight_text::{Limit, NormalizerConfig, TextError, Tokenizer, TokenizerConfig, Unicode};

const SHAKESPEARE: &str = include_str!("../../../datasets/shakespeare/input.txt");
const NAMES: &str = include_str!("../../../datasets/names/names.txt");

fn characters() -> TokenizerConfig {
    TokenizerConfig::Character(character::Config::default())
}

fn words() -> TokenizerConfig {
    TokenizerConfig::Word(word::Config { min_frequency: 1, ..Default::default() })
}

fn pairs(vocab_size: usize) -> TokenizerConfig {
    TokenizerConfig::Bpe(bpe::Config { vocab_size, min_frequency: 2 })
}

fn learn(config: &TokenizerConfig, boundary: bool, text: &str) -> Tokenizer {
    Tokenizer::train(config, NormalizerConfig::default(), boundary, &mut std::iter::once(text)).unwrap()
}

#[test]
fn names_by_line_have_27_tokens_the_boundary_first_then_a_to_z() {
    let tokenizer = Tokenizer::train(&characters(), NormalizerConfig::default(), true, &mut NAMES.lines()).unwrap();
    assert_eq!(tokenizer.vocab_size(), 27);
    assert_eq!(tokenizer.boundary(), Some(0));
    assert_eq!(tokenizer.token(0), "<|end|>");
    assert_eq!(tokenizer.encode("az"), [1, 26]);
    assert_eq!(tokenizer.decode(&[0, 5, 13, 13, 1, 0]), "emma");
}

#[test]
fn shakespeare_has_its_65_characters_and_no_boundary() {
    let tokenizer = learn(&characters(), false, SHAKESPEARE);
    assert_eq!(tokenizer.vocab_size(), 65);
    assert_eq!(tokenizer.boundary(), None);
    let ids = tokenizer.encode(SHAKESPEARE);
    assert_eq!(ids.len(), 1_115_394);
    assert_eq!(tokenizer.decode(&ids), SHAKESPEARE);
}

#[test]
fn shakespeare_by_byte_pairs_comes_back_and_training_repeats_itself() {
    let part = &SHAKESPEARE[..100_000];
    let tokenizer = learn(&pairs(500), true, part);
    assert_eq!(tokenizer.vocab_size(), 500);
    assert_eq!(tokenizer.decode(&tokenizer.encode(part)), part);
    assert!(tokenizer.same_as(&learn(&pairs(500), true, part)).is_ok());
}

#[test]
fn spaces_and_line_breaks_are_visible_in_a_token() {
    let tokenizer = learn(&characters(), false, "a b\n");
    let shown: Vec<String> = (0..4).map(|id| tokenizer.token(id)).collect();
    assert_eq!(shown, ["\\n", "␣", "a", "b"]);
    assert_eq!((tokenizer.id("b"), tokenizer.id("c")), (Some(3), None));
}

#[test]
fn unknown_characters_are_named_once_and_in_order() {
    let tokenizer = learn(&characters(), true, "abc");
    assert_eq!(tokenizer.unknown_in("zayz\u{0}"), ["z", "y"]);
    let error = tokenizer.try_encode("zay").unwrap_err().to_string();
    assert!(error.starts_with("the vocabulary does not know `z`, `y`;"), "{error}");
}

#[test]
fn unknown_text_becomes_the_unknown_token_where_there_is_one() {
    let config = TokenizerConfig::Character(character::Config { max_size: Limit::Never, unknown: true });
    let tokenizer = learn(&config, true, "abc");
    assert_eq!(tokenizer.unknown(), Some(1));
    assert_eq!(tokenizer.encode("azb"), [2, 1, 3]);
    assert_eq!(learn(&words(), true, "a b").encode("b c"), [3, 1]);
}

#[test]
fn text_that_spells_the_boundary_is_never_the_boundary() {
    for config in [characters(), words(), pairs(300)] {
        let tokenizer = learn(&config, true, "x <|end|> y");
        assert!(!tokenizer.encode("<|end|>").contains(&0), "{config:?}");
    }
}

#[test]
fn the_normaliser_is_saved_with_the_tokenizer() {
    let normalizer = NormalizerConfig { unicode: Unicode::Nfkc, lowercase: true, ..Default::default() };
    let tokenizer = Tokenizer::train(&characters(), normalizer, false, &mut ["fi"].into_iter()).unwrap();
    let read = Tokenizer::from_json(&tokenizer.to_json()).unwrap();
    assert_eq!(read.normalizer(), normalizer);
    assert_eq!(read.encode("ﬁ FI"[..].split(' ').next().unwrap()), read.encode("FI"));
}

fn differ(a: &Tokenizer, b: &Tokenizer, expected: &str) {
    let error = a.same_as(b).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn another_vocabulary_is_refused_with_the_difference() {
    let one = learn(&characters(), true, "abc");
    differ(&one, &learn(&characters(), true, "ab"), "one has 4 tokens, the other 3");
    differ(&one, &learn(&characters(), true, "abd"), "id 3 is `c` in one and `d` in the other");
    let small = NormalizerConfig { lowercase: true, ..Default::default() };
    let lower = Tokenizer::train(&characters(), small, true, &mut ["abc"].into_iter()).unwrap();
    differ(&one, &lower, "`normalizer`");
}

fn refused(text: &str, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokenizer.json");
    std::fs::write(&path, text).unwrap();
    let error = Tokenizer::load(&path).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("tokenizer.json`: ") && error.contains(expected), "{error}");
}

#[test]
fn a_file_that_is_not_json_is_refused() {
    refused("hello", "this is not JSON: expected value at line 1 column 1");
}

#[test]
fn json_of_another_kind_is_refused() {
    refused("{}", "it has no `model`");
}

#[test]
fn a_tokenizer_of_another_kind_is_refused() {
    refused(r#"{"normalizer": null, "model": {"type": "Unigram"}}"#, "its model is \"Unigram\"");
}

#[test]
fn an_unknown_normaliser_is_refused() {
    refused(r#"{"normalizer": {"type": "BertNormalizer"}, "model": {}}"#, "its `normalizer` has steps");
}

#[test]
fn a_vocabulary_with_a_hole_is_refused() {
    let json = learn(&characters(), true, "abc").to_json();
    refused(&json.replace("\"b\": 2", "\"b\": 9"), "id 2 is missing");
}

#[test]
fn special_tokens_that_we_do_not_write_are_refused() {
    let json = learn(&characters(), true, "abc").to_json();
    refused(&json.replace("\"special\": true", "\"special\": false"), "its special tokens are not those");
}

#[test]
fn a_setting_that_we_do_not_have_is_refused() {
    let json = learn(&pairs(300), true, "abc").to_json();
    let cutting = r#"{"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}"#;
    refused(&json.replace("\"truncation\": null", &format!("\"truncation\": {cutting}")), "its `truncation` says");
    refused(&json.replace("\"add_prefix_space\": false", "\"add_prefix_space\": true"), "its `pre_tokenizer` says");
    refused(&json.replace("\"dropout\": null", "\"dropout\": 0.5"), "its `model` says");
}

#[test]
fn a_missing_file_is_named() {
    let error = Tokenizer::load("no/such/tokenizer.json".as_ref()).unwrap_err();
    assert!(matches!(error, TextError::File { done: "read", .. }));
    assert!(error.to_string().starts_with("`no/such/tokenizer.json` cannot be read: No such file"), "{error}");
}

proptest! {
    #[test]
    fn characters_and_byte_pairs_give_back_the_normal_form(text in "\\PC{0,60}(\n|\t| |é|e\u{301}|\u{97}|\u{feff})?\\PC{0,20}") {
        let normal = NormalizerConfig::default().apply(&text).into_owned();
        let byte_pairs = learn(&pairs(270), true, "the theme there");
        prop_assert_eq!(byte_pairs.decode(&byte_pairs.encode(&text)), &*normal);
        if !normal.is_empty() {
            let characters = learn(&characters(), false, &text);
            prop_assert_eq!(characters.decode(&characters.encode(&text)), &*normal);
        }
    }

    #[test]
    fn a_file_gives_back_the_tokenizer(text in "[ a-cé'.,\n<|end>]{1,60}x", boundary in any::<bool>(), kind in 0..3usize) {
        let config = [characters(), words(), pairs(270)][kind].clone();
        let tokenizer = learn(&config, boundary, &text);
        let read = Tokenizer::from_json(&tokenizer.to_json()).unwrap();
        prop_assert!(tokenizer.same_as(&read).is_ok());
        prop_assert_eq!(read.encode(&text), tokenizer.encode(&text));
        prop_assert_eq!(read.boundary(), tokenizer.boundary());
        prop_assert_eq!(read.to_json(), tokenizer.to_json());
    }
}
