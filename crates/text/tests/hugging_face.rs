//! Our tokenizer.json in the hands of Hugging Face's `tokenizers`: the same ids, the same text.
#![allow(clippy::unwrap_used)] // a test that meets an error it did not expect should stop there

use proptest::prelude::*;
use rushlight_text::tokenizers::{bpe, character, word};
use rushlight_text::{NormalizerConfig, Tokenizer, TokenizerConfig, Unicode};

const SAMPLE: &str = "Don't <i>go</i>, (he  said)\n\n  -- \"R&amp;D\"\u{97} d’or: ÉTÉ ﬁ 12,5 [x] e\u{301}!\r\n";

fn members() -> Vec<TokenizerConfig> {
    let split = |split| TokenizerConfig::Word(word::Config { min_frequency: 1, split, ..Default::default() });
    vec![
        TokenizerConfig::Character(character::Config::default()),
        TokenizerConfig::Character(character::Config { unknown: true, ..Default::default() }),
        split(word::Split::Words),
        split(word::Split::Spaces),
        TokenizerConfig::Bpe(bpe::Config { vocab_size: 280, min_frequency: 1 }),
    ]
}

fn normalizers() -> [NormalizerConfig; 3] {
    let all = NormalizerConfig {
        unicode: Unicode::Nfkc,
        lowercase: true,
        strip_markup: true,
        strip_control: true,
        zero_digits: true,
    };
    let none = NormalizerConfig {
        unicode: Unicode::None,
        lowercase: false,
        strip_markup: false,
        strip_control: false,
        zero_digits: false,
    };
    [NormalizerConfig::default(), all, none]
}

fn check(text: &str) {
    for (config, normalizer) in members().into_iter().flat_map(|c| normalizers().map(|n| (c.clone(), n))) {
        for boundary in [true, false] {
            let learned = format!("{SAMPLE}{text}");
            let ours = Tokenizer::train(&config, normalizer, boundary, &mut [learned.as_str()].into_iter()).unwrap();
            let theirs = tokenizers::Tokenizer::from_bytes(ours.to_json()).unwrap();
            let ids = ours.encode(text);
            let encoded = theirs.encode(text, true).unwrap();
            assert_eq!(ids, encoded.get_ids(), "ids of {text:?}: {config:?}, {normalizer:?}");
            assert_eq!(ours.decode(&ids), theirs.decode(&ids, true).unwrap(), "text of {ids:?}: {config:?}");
            assert_eq!(ours.vocab_size(), theirs.get_vocab_size(true));
        }
    }
}

#[test]
fn they_agree_on_a_line_with_everything() {
    check(SAMPLE);
}

#[test]
fn they_agree_on_unknown_words() {
    let config = TokenizerConfig::Word(word::Config { min_frequency: 2, ..Default::default() });
    let ours = Tokenizer::train(&config, NormalizerConfig::default(), true, &mut ["a a b"].into_iter()).unwrap();
    let theirs = tokenizers::Tokenizer::from_bytes(ours.to_json()).unwrap();
    assert_eq!(ours.encode("a b c"), theirs.encode("a b c", true).unwrap().get_ids());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn they_agree_on_text_of_many_scripts(text in "[ a-zÀ-ÿα-ωА-яあ-ん中文٠-٩’'.,;:!?()\\[\\]{}<>/&#;\n\t_0-9\u{300}-\u{304}\u{a0}\u{80}-\u{9f}-]{0,40}") {
        check(&text);
    }
}

#[test]
fn they_agree_on_text_of_many_pieces() {
    // A piece has 65,536 bytes. Tags, white space of every kind and what is taken out stand wherever pieces may end.
    let text = format!("{SAMPLE} We're 12 \u{feff}\r\n <a\n href>\u{0} \u{3000}x\u{300} < b ").repeat(1500);
    check(&text);
}
