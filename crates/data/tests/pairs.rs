//! Sentences and their translations: what is read, what is left out, and what is said about bad files.
#![allow(clippy::unwrap_used)] // a test that meets an error it did not expect should stop there

use std::path::{Path, PathBuf};

use rushlight_data::batching::pairs::Gather;
use rushlight_data::kinds::parallel::{Config, Vocabulary};
use rushlight_data::{
    Batching, Corpus, DataConfig, DataError, Kept, Pairs, Part, PartName, Ratio, Shape, Tokenizers, open, open_file,
};
use rushlight_text::tokenizers::word;
use rushlight_text::{Limit, NormalizerConfig, TokenizerConfig};

/// Words between spaces, and a token for unknown ones.
fn opened_with(config: Config, existing: Option<Tokenizers>) -> Result<Corpus, DataError> {
    let words = word::Config { min_frequency: 1, split: word::Split::Spaces, ..Default::default() };
    let words = TokenizerConfig::Word(words);
    open(&DataConfig::Parallel(config), &words, &NormalizerConfig::default(), existing, 1)
}

fn opened(config: Config) -> Corpus {
    opened_with(config, None).unwrap()
}

fn tatoeba() -> Config {
    Config { dataset: Some("tatoeba".to_string()), ..Default::default() }
}

/// Files that live as long as the folder.
struct Place(tempfile::TempDir);

impl Place {
    fn with(files: &[(&str, &str)]) -> Self {
        let place = Place(tempfile::tempdir().unwrap());
        files.iter().for_each(|(name, text)| std::fs::write(place.path(name), text).unwrap());
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// One file, all of it to train on.
    fn columns(&self, name: &str) -> Config {
        Config {
            path: Some(self.path(name)),
            validation: Kept::Share(0.0),
            test: Kept::Share(0.0),
            ..Default::default()
        }
    }

    /// A file for German and one for English, all of them to train on.
    fn files(&self, stem: &str) -> Config {
        Config { source: "de".to_string(), target: "en".to_string(), ..self.columns(stem) }
    }
}

fn pairs_of(part: &Part) -> &Pairs {
    match part {
        Part::Pairs(pairs) => pairs,
        _ => panic!("this part should be pairs"),
    }
}

/// The text of a part, in its order.
fn texts(corpus: &Corpus, part: &Part) -> Vec<[String; 2]> {
    let (tokenizers, pairs) = (corpus.tokenizers().unwrap(), pairs_of(part));
    let pair = |n| [tokenizers.of_source().decode(pairs.source(n)), tokenizers.target.decode(pairs.target(n))];
    (0..pairs.len()).map(pair).collect()
}

/// The text of the training part, sorted.
fn trained_on(config: Config) -> Vec<[String; 2]> {
    let corpus = opened(config);
    let mut texts = texts(&corpus, &corpus.train);
    texts.sort_unstable();
    texts
}

#[test]
fn tatoeba_keeps_its_parts() {
    let corpus = opened(tatoeba());
    assert_eq!(PartName::ALL.map(|name| corpus.part(name).len()), [20_000, 1000, 1000]);
    let first = &texts(&corpus, &corpus.train)[0];
    assert_eq!(
        first,
        &["Ants and giraffes are distant cousins.", "Les fourmis et les girafes sont des cousins éloignés."]
    );
    assert_eq!((corpus.source_vocabulary, corpus.source_tokenizer.is_none()), (corpus.vocabulary, true));
    assert_eq!((corpus.left_out.total(), corpus.sources.len(), corpus.sources[0].lines), (0, 1, 22_000));
}

#[test]
fn tatoeba_may_be_translated_into_english() {
    let corpus = opened(Config { swap: true, ..tatoeba() });
    assert_eq!(texts(&corpus, &corpus.train)[0][1], "Ants and giraffes are distant cousins.");
}

#[test]
fn leaks_are_those_of_the_sources() {
    assert_eq!(opened(tatoeba()).leaks, []);
    // The README of the data set counts the French sentences that stand in two parts.
    let leaks = opened(Config { swap: true, ..tatoeba() }).leaks;
    assert_eq!([leaks[0].lines, leaks[1].lines], [13, 10]);
}

#[test]
fn every_target_of_tatoeba_is_drawn_once_an_epoch_and_covered_once() {
    let corpus = opened(Config { batching: Gather::Tokens, ..tatoeba() });
    assert_eq!(corpus.batching, Batching::Pairs(Gather::Tokens));
    let shape = Shape { rows: 2000, length: 0 };
    let drawn = corpus.train.batches(corpus.batching, shape, 1).unwrap();
    let counted: usize = (0..drawn.steps_per_epoch()).map(|step| drawn.at(step).unwrap().counted()).sum();
    let covered: usize = corpus.train.cover(corpus.batching, shape).map(|batch| batch.unwrap().counted()).sum();
    let targets = pairs_of(&corpus.train).targets().targets();
    assert_eq!((counted, covered), (targets, targets));
    assert_eq!(corpus.train.id_stream().len(), targets + 1);
}

#[test]
fn one_file_and_two_files_give_the_same_pairs() {
    let place = Place::with(&[
        ("all.tsv", "ein Hund\ta dog\tmore\neine Katze\ta cat\n"),
        ("all.v1.de", "ein Hund\neine Katze\n"),
        ("all.v1.en", "a dog\r\na cat"),
    ]);
    let expected = [["ein Hund", "a dog"], ["eine Katze", "a cat"]];
    assert_eq!(trained_on(place.columns("all.tsv")), expected);
    assert_eq!(trained_on(place.files("all.v1")), expected);
    let swapped = Config { source: "en".to_string(), target: "de".to_string(), ..place.files("all.v1") };
    assert_eq!(trained_on(swapped), trained_on(Config { swap: true, ..place.columns("all.tsv") }));
    let sources = opened(place.files("all.v1")).sources;
    assert_eq!(sources.iter().map(|source| source.bytes).collect::<Vec<_>>(), [20, 12]);
}

#[test]
fn sides_are_trimmed_at_their_ends_and_left_alone_within() {
    let place = Place::with(&[
        ("a.tsv", "\u{feff} ein  Hund \t\u{a0}a\u{a0}dog \r\n"),
        ("a.de", "in\teiner \u{a0}\r\n"),
        ("a.en", "\tin a\n"),
    ]);
    let characters = |config| {
        let kind = TokenizerConfig::Character(Default::default());
        let corpus = open(&DataConfig::Parallel(config), &kind, &NormalizerConfig::default(), None, 1).unwrap();
        texts(&corpus, &corpus.train)
    };
    assert_eq!(characters(place.columns("a.tsv")), [["ein  Hund", "a\u{a0}dog"]]);
    assert_eq!(characters(place.files("a")), [["in\teiner", "in a"]]);
}

#[test]
fn each_side_may_have_a_vocabulary_of_its_own() {
    let place = Place::with(&[("a.tsv", "ein Hund\ta dog\nein Tier\tan animal there\n")]);
    let corpus = opened(Config { vocabulary: Vocabulary::Separate, ..place.columns("a.tsv") });
    // The boundary, the unknown word, and ein, Hund, Tier; a, dog, an, animal, there.
    assert_eq!((corpus.source_vocabulary, corpus.vocabulary), (5, 7));
    let Tokenizers { target, source } = corpus.tokenizers().unwrap();
    assert_eq!((source.unwrap().id("dog"), target.id("ein")), (None, None));
    // Both sides in one: the boundary, the unknown word, and all eight words.
    let joint = opened(place.columns("a.tsv"));
    assert_eq!((joint.source_vocabulary, joint.vocabulary, joint.source_tokenizer.is_none()), (10, 10, true));
}

#[test]
fn a_vocabulary_is_learned_from_the_training_part_alone() {
    let place = Place::with(&[("a.tsv", "ein\ta\n"), ("b.tsv", "Hund\tdog\n")]);
    let corpus = opened(Config { test: Kept::File("b.tsv".into()), ..place.columns("a.tsv") });
    assert_eq!(texts(&corpus, &corpus.test), [["<unk>", "<unk>"]]);
}

#[test]
fn shares_are_shuffled_by_the_seed() {
    let lines: String = (0..100).map(|n| format!("q{n}\tz{n}\n")).collect();
    let place = Place::with(&[("a.tsv", &lines)]);
    let config = Config { test: Kept::Share(0.1), validation: Kept::Share(0.2), ..place.columns("a.tsv") };
    let characters = TokenizerConfig::Character(Default::default());
    let parts = |seed| {
        let data = DataConfig::Parallel(config.clone());
        let corpus = open(&data, &characters, &NormalizerConfig::default(), None, seed).unwrap();
        PartName::ALL.map(|name| texts(&corpus, corpus.part(name)))
    };
    let [train, validation, test] = parts(1);
    assert_eq!([train.len(), validation.len(), test.len()], [70, 20, 10]);
    let mut all = [train, validation, test].concat();
    assert!(all.iter().all(|[source, target]| source[1..] == target[1..]));
    all.sort_unstable();
    all.dedup();
    assert_eq!((all.len(), parts(1) == parts(2)), (100, false));
}

#[test]
fn a_part_of_its_own_keeps_its_order_and_its_empty_lines() {
    let place = Place::with(&[
        ("train.de", "ein\nHund\n"),
        ("train.en", "a\ndog\n"),
        ("val.de", "Hund\n\nein\n"),
        ("val.en", "dog\na\n \n"),
    ]);
    let corpus = opened(Config { validation: Kept::File("val".into()), ..place.files("train") });
    assert_eq!(texts(&corpus, &corpus.validation), [["Hund", "dog"], ["", "a"], ["ein", ""]]);
    let read: Vec<&str> = corpus.sources.iter().map(|source| source.name.rsplit('/').next().unwrap()).collect();
    assert_eq!(read, ["train.de", "train.en", "val.de", "val.en"]);
    assert_eq!((corpus.train.len(), corpus.test.len(), corpus.left_out.total()), (2, 0, 0));
}

const UNEVEN: &str = "a b\tc d\n\te\nf\t\na a a a a\tb\na a\tb b b b\na\tb b\n";

#[test]
fn pairs_beyond_the_limits_are_not_trained_on() {
    let place = Place::with(&[("a.tsv", UNEVEN)]);
    let limited = Config { max_length: Limit::At(5), max_ratio: Ratio::At(1.5), ..place.columns("a.tsv") };
    let own = Config { validation: Kept::File("a.tsv".into()), ..limited.clone() };
    assert_eq!(trained_on(limited), [["a b", "c d"]]);
    let corpus = opened(own);
    assert_eq!((corpus.train.len(), corpus.validation.len()), (1, 6));
    assert_eq!(
        corpus.left_out.to_string(),
        "left out 2 pairs with an empty side, 1 longer than 5 tokens, 2 with one side more than 1.5 times as long as the \
         other"
    );
}

#[test]
fn another_file_is_read_whole() {
    let place = Place::with(&[("a.tsv", UNEVEN), ("b.de", "a\n\n"), ("b.en", "c\nd\n"), ("c.tsv", "a\tx\n")]);
    let limited = Config { max_length: Limit::At(3), ..place.columns("a.tsv") };
    let corpus = opened(limited.clone());
    let read = |config: Config, name: &str| {
        open_file(&DataConfig::Parallel(config), &place.path(name), corpus.tokenizers().as_ref(), None).unwrap()
    };
    assert_eq!(texts(&corpus, &read(limited.clone(), "a.tsv")).len(), 6);
    assert_eq!(texts(&corpus, &read(Config { swap: true, ..limited }, "c.tsv")), [["<unk>", "a"]]);
    assert_eq!(texts(&corpus, &read(place.files("a"), "b")), [["a", "c"], ["", "d"]]);
}

#[test]
fn the_tokenizers_of_a_run_are_taken_again() {
    let place = Place::with(&[("a.tsv", "ein Hund\ta dog\n"), ("b.tsv", "dog Hund\tHund dog\n")]);
    for vocabulary in [Vocabulary::Joint, Vocabulary::Separate] {
        let first = opened(Config { vocabulary, ..place.columns("a.tsv") });
        let again = opened_with(Config { vocabulary, ..place.columns("b.tsv") }, first.tokenizers()).unwrap();
        let expected = match vocabulary {
            Vocabulary::Joint => ["dog Hund", "Hund dog"],
            Vocabulary::Separate => ["<unk> Hund", "<unk> dog"],
        };
        assert_eq!(texts(&again, &again.train), [expected]);
    }
}

fn refused_with(config: Config, existing: Option<Tokenizers>, expected: &str) {
    let error = opened_with(config, existing).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

fn refused(config: Config, expected: &str) {
    refused_with(config, None, expected);
}

#[test]
fn tokenizers_that_do_not_suit_the_vocabulary_are_refused() {
    let place = Place::with(&[("a.tsv", "ein Hund\ta dog\n")]);
    let [joint, separate] =
        [Vocabulary::Joint, Vocabulary::Separate].map(|vocabulary| Config { vocabulary, ..place.columns("a.tsv") });
    let tokenizers = |config: &Config| opened(config.clone()).tokenizers();
    refused_with(
        joint.clone(),
        tokenizers(&separate),
        "`vocabulary = \"joint\"` cannot be; there is a tokenizer for each",
    );
    refused_with(
        separate,
        tokenizers(&joint),
        "`vocabulary = \"separate\"` cannot be; there is one tokenizer for both",
    );
}

#[test]
fn unknown_text_is_refused_with_its_file_and_line() {
    let place = Place::with(&[("a.tsv", "ab\tab\n"), ("b.de", "a\nb\n"), ("b.en", "a\nx\n")]);
    let characters = TokenizerConfig::Character(Default::default());
    let data = DataConfig::Parallel(place.columns("a.tsv"));
    let tokenizers = open(&data, &characters, &NormalizerConfig::default(), None, 1).unwrap().tokenizers();
    refused_with(place.files("b"), tokenizers, "b.en`, line 2: the vocabulary does not know `x`");
}

#[test]
fn a_line_without_a_tab_is_refused_with_its_place() {
    let place = Place::with(&[("a.tsv", "ein\ta\nein a\n"), ("b.tsv", "ein\ta\n\n")]);
    refused(place.columns("a.tsv"), "a.tsv`, line 2, has no TAB between a source and its target; write both into each");
    refused(place.columns("b.tsv"), "b.tsv`, line 2, has no TAB");
    let names = Config { dataset: Some("names".to_string()), ..Default::default() };
    refused(names, "`names`, line 1, has no TAB");
}

#[test]
fn files_of_another_length_are_refused_with_both_counts() {
    let place = Place::with(&[("a.de", "ein\n\nHund\n"), ("a.en", "a\ndog\n")]);
    refused(place.files("a"), "a.de` has 3 lines (the first empty one is line 2), `");
    refused(place.files("a"), "a.en` has 2 lines (none of them empty); line N of each must belong to line N");
}

#[test]
fn files_without_text_are_refused() {
    let place = Place::with(&[("a.tsv", ""), ("b.de", "ein\n"), ("b.en", "\n"), ("c.tsv", "\t\n\t\n")]);
    refused(place.columns("a.tsv"), "a.tsv` is empty (0 bytes");
    refused(place.files("b"), "b.en` is empty (1 bytes");
    refused(place.columns("c.tsv"), "c.tsv` is empty (4 bytes");
}

#[test]
fn what_is_no_utf_8_is_refused_with_its_place() {
    let place = Place::with(&[("a.en", "a\nb\n")]);
    std::fs::write(place.path("a.de"), b"ein\nsch\xF6n\n").unwrap();
    refused(place.files("a"), "a.de` is not UTF-8: the byte 0xf6 at position 7 (line 2)");
}

#[test]
fn a_missing_file_is_named_with_its_ending() {
    let place = Place::with(&[("a.de", "ein\n")]);
    refused(place.files("a"), "a.en`; paths begin at the folder");
}

#[test]
fn a_name_with_its_ending_is_no_beginning_of_names() {
    let place = Place::with(&[("a.de", "ein\n"), ("a.en", "a\n")]);
    refused(place.files("a.de"), "a.de.de` and `");
    refused(place.files("a.de"), "leave its ending off, or, for one file with a TAB in each line, leave `source` and");
}

#[test]
fn limits_that_leave_nothing_are_refused_with_the_counts() {
    let place = Place::with(&[("a.tsv", UNEVEN)]);
    let limited = Config { max_length: Limit::At(1), ..place.columns("a.tsv") };
    refused(limited, "no pair is left to train on: left out 2 pairs with an empty side, 4 longer than 1 tokens; raise");
}

#[test]
fn too_few_pairs_for_a_share_are_refused() {
    let place = Place::with(&[("a.tsv", "ein\ta\n")]);
    let shared = Config { validation: Kept::Share(0.5), ..place.columns("a.tsv") };
    refused(shared, "the train part is empty: its share of 1 pairs is less than one");
}

#[test]
fn settings_that_do_not_go_together_are_refused() {
    let files =
        Config { path: Some("x".into()), source: "de".to_string(), target: "en".to_string(), ..Default::default() };
    let without = |target: &str| Config { target: target.to_string(), ..files.clone() };
    refused(without(""), "`target = \"\"` cannot be; two files have an ending each");
    refused(without("de"), "`target = \"de\"` cannot be; `source` has the same ending");
    refused(Config { source: String::new(), ..files.clone() }, "`source = \"\"` cannot be; two files");
    refused(
        Config { swap: true, ..files.clone() },
        "`swap = true` cannot be; it is for one file; of two, swap `source`",
    );
    let dataset = Config { dataset: Some("tatoeba".to_string()), path: None, ..files };
    refused(dataset, "`source = \"de\"` cannot be; it is the ending of a file, but `[data]` has a `dataset`");
}

#[test]
fn a_data_set_keeps_its_parts() {
    let share = Config { validation: Kept::Share(0.2), ..tatoeba() };
    refused(share, "`validation = 0.2` cannot be; `tatoeba` keeps the parts in which it comes; leave `validation` out");
    let file = Config { test: Kept::File("mine.tsv".into()), ..tatoeba() };
    refused(file, "`test = \"mine.tsv\"` cannot be; `tatoeba` keeps");
}

#[test]
fn a_recipe_is_found_again_by_its_first_file() {
    let mut data =
        DataConfig::Parallel(Config { path: Some("a/train".into()), source: "de".into(), ..Default::default() });
    assert_eq!(data.first_file().unwrap(), Path::new("a/train.de"));
    data.move_to(Path::new("/b/train.de"));
    assert_eq!(data.first_file().unwrap(), Path::new("/b/train.de"));
}
