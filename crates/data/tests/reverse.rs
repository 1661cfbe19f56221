//! Reversed digits as sources and their targets.
#![allow(clippy::unwrap_used)]

use rushlight_data::batching::pairs::Gather;
use rushlight_data::kinds::reverse;
use rushlight_data::{Batching, Corpus, DataConfig, Part, open, open_file};
use rushlight_text::{NormalizerConfig, TokenizerConfig};

fn opened(config: reverse::Config) -> Corpus {
    let characters = TokenizerConfig::Character(Default::default());
    open(&DataConfig::Reverse(config), &characters, &NormalizerConfig::default(), None, 1).unwrap()
}

#[test]
fn reverse_may_be_pairs() {
    let lines = reverse::Config { shortest: 1, longest: 4, train: 20, validation: 5, test: 5, pairs: false };
    let digits = |line: &str| line.split('|').map(str::to_string).collect::<Vec<_>>();
    let lines_of = |corpus: Corpus| {
        let Part::Rows(rows) = &corpus.train else { panic!("lines are rows") };
        let tokenizer = corpus.tokenizer.as_ref().unwrap();
        (0..rows.len()).map(|row| digits(&tokenizer.decode(rows.ids(row)))).collect::<Vec<_>>()
    };
    let corpus = opened(reverse::Config { pairs: true, ..lines.clone() });
    let Part::Pairs(pairs) = &corpus.train else { panic!("pairs are pairs") };
    let tokenizer = corpus.tokenizer.as_ref().unwrap();
    let both = |pair| [pairs.source(pair), pairs.target(pair)].map(|ids| tokenizer.decode(ids)).to_vec();
    assert_eq!((0..pairs.len()).map(both).collect::<Vec<_>>(), lines_of(opened(lines)));
    // The boundary and ten digits.
    assert_eq!((corpus.vocabulary, corpus.source_vocabulary), (11, 11));
    assert_eq!(corpus.batching, Batching::Pairs(Gather::Sentences));
}

#[test]
fn pairs_to_be_reversed_are_read_from_a_file_too() {
    let config = reverse::Config { train: 5, validation: 5, test: 0, pairs: true, ..Default::default() };
    let tokenizers = opened(config.clone()).tokenizers();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.tsv");
    std::fs::write(&path, "123\t321\n").unwrap();
    let part = open_file(&DataConfig::Reverse(config), &path, tokenizers.as_ref(), None).unwrap();
    // The digit d has the id d + 1.
    assert!(matches!(part, Part::Pairs(pairs) if pairs.source(0) == [2, 3, 4] && pairs.target(0) == [4, 3, 2]));
}
