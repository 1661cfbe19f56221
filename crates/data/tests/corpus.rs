//! Opening data as a recipe does: the built-in sets, files, and what is said about bad ones.
#![allow(clippy::unwrap_used)] // a test that meets an error it did not expect should stop there

use std::path::PathBuf;

use proptest::prelude::*;
use rushlight_data::batching::rows;
use rushlight_data::kinds::{lines, noise, recall, reverse, text};
use rushlight_data::{
    Batching, Corpus, DataConfig, DataError, IGNORE, Kept, LineSplit, Part, PartName, Rows, Shape, open, open_file,
};
use rushlight_text::tokenizers::{bpe, word};
use rushlight_text::{Limit, NormalizerConfig, Tokenizer, TokenizerConfig};

fn characters() -> TokenizerConfig {
    TokenizerConfig::Character(Default::default())
}

fn opened_with(
    data: &DataConfig,
    tokenizer: &TokenizerConfig,
    existing: Option<Tokenizer>,
) -> Result<Corpus, DataError> {
    open(data, tokenizer, &NormalizerConfig::default(), existing.map(Into::into), 1)
}

fn opened(data: &DataConfig) -> Corpus {
    opened_with(data, &characters(), None).unwrap()
}

fn shakespeare() -> text::Config {
    text::Config { dataset: Some("shakespeare".to_string()), ..Default::default() }
}

fn names() -> lines::Config {
    lines::Config { dataset: Some("names".to_string()), ..Default::default() }
}

/// A file that lives as long as the folder.
fn file(folder: &tempfile::TempDir, name: &str, content: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

fn rows_of(part: &Part) -> &Rows {
    match part {
        Part::Rows(rows) => rows,
        _ => panic!("this part should be rows"),
    }
}

#[test]
fn shakespeare_has_the_published_parts_and_alphabet() {
    let corpus = opened(&DataConfig::Text(shakespeare()));
    assert_eq!(PartName::ALL.map(|name| corpus.part(name).len()), [1_003_854, 111_540, 0]);
    assert_eq!(corpus.tokenizer.as_ref().unwrap().vocab_size(), 65);
    assert_eq!((corpus.sources[0].bytes, corpus.sources[0].lines), (1_115_394, 40_000));
}

#[test]
fn shakespeare_is_covered_once_by_windows_streams_and_contexts() {
    let corpus = opened(&DataConfig::Text(shakespeare()));
    let shape = Shape { rows: 12, length: 64 };
    let counted =
        |batching| corpus.validation.cover(batching, shape).map(|batch| batch.unwrap().counted()).sum::<usize>();
    // Every id but the first; with contexts, every id but the first 64.
    assert_eq!(counted(Batching::Windows), 111_539);
    assert_eq!(counted(Batching::Stream), 111_539);
    assert_eq!(counted(Batching::Contexts), 111_476);
}

#[test]
fn the_lectures_names_have_the_published_numbers_of_examples() {
    let config = lines::Config { split: LineSplit::Lecture, batching: lines::Batching::Contexts, ..names() };
    let corpus = opened(&DataConfig::Lines(config));
    let shape = Shape { rows: 1000, length: 3 };
    let examples = PartName::ALL.map(|name| {
        corpus.part(name).cover(corpus.batching, shape).map(|batch| batch.unwrap().counted()).sum::<usize>()
    });
    assert_eq!(examples, [182_625, 22_655, 22_866]);
    assert_eq!(corpus.tokenizer.unwrap().vocab_size(), 27);
}

#[test]
fn makemores_names_have_its_parts() {
    let corpus = opened(&DataConfig::Lines(lines::Config { split: LineSplit::Makemore, ..names() }));
    assert_eq!(PartName::ALL.map(|name| corpus.part(name).len()), [31_033, 1000, 0]);
    let tokenizer = corpus.tokenizer.unwrap();
    assert_eq!(tokenizer.decode(rows_of(&corpus.validation).ids(0)), "kalub");
}

#[test]
fn makemores_split_of_other_lines_is_refused() {
    let makemore = |config| DataConfig::Lines(lines::Config { split: LineSplit::Makemore, ..config });
    let folder = tempfile::tempdir().unwrap();
    let path = Some(file(&folder, "mine.txt", "anna\nmia\n"));
    let mine = lines::Config { path, ..Default::default() };
    refused(makemore(mine), characters(), None, "cuts the built-in `names` and nothing else, and this is `");
    let tatoeba = lines::Config { dataset: Some("tatoeba".into()), ..Default::default() };
    refused(makemore(tatoeba), characters(), None, "and this is `tatoeba`; write `dataset = \"names\"`");
}

#[test]
fn names_as_one_stream_have_the_published_number_of_bigrams() {
    let corpus = opened(&DataConfig::Lines(lines::Config { validation: 0.0, test: 0.0, ..names() }));
    assert_eq!(corpus.train.id_stream().len() - 1, 228_146);
}

#[test]
fn a_split_by_line_leaks_names_and_a_split_by_distinct_line_does_not() {
    let leaks = |split| opened(&DataConfig::Lines(lines::Config { split, ..names() })).leaks;
    let leaky = leaks(LineSplit::Lines);
    assert_eq!(leaky.len(), 3);
    assert!(leaky[0].lines > 100 && leaky[0].examples.len() == 5, "{:?}", leaky[0]);
    assert_eq!(leaks(LineSplit::Distinct), []);
}

#[test]
fn tatoeba_comes_in_its_own_parts() {
    let config = lines::Config { dataset: Some("tatoeba".into()), split: LineSplit::Given, ..Default::default() };
    let corpus = opened(&DataConfig::Lines(config));
    assert_eq!(PartName::ALL.map(|name| corpus.part(name).len()), [20_000, 1000, 1000]);
    let rows = rows_of(&corpus.train);
    let first = corpus.tokenizer.unwrap().decode(rows.ids(0));
    assert_eq!(first, "Ants and giraffes are distant cousins.\tLes fourmis et les girafes sont des cousins éloignés.");
}

#[test]
fn what_is_common_is_learned_from_the_training_part_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "a.txt", &("seen words ".repeat(9) + "hidden hidden"));
    let config = DataConfig::Text(text::Config { path: Some(path), ..Default::default() });
    let words = TokenizerConfig::Word(word::Config { min_frequency: 1, ..Default::default() });
    let tokenizer = opened_with(&config, &words, None).unwrap().tokenizer.unwrap();
    assert_eq!((tokenizer.id("seen").is_some(), tokenizer.id("hidden")), (true, None));
}

#[test]
fn a_text_may_have_the_boundary_around_each_part() {
    let config = DataConfig::Text(text::Config { boundary: true, ..shakespeare() });
    let pairs = TokenizerConfig::Bpe(bpe::Config { vocab_size: 300, min_frequency: 2 });
    let corpus = opened_with(&config, &pairs, None).unwrap();
    for part in [&corpus.train, &corpus.validation] {
        let ids = part.id_stream();
        let ids = ids.first(usize::MAX).unwrap();
        let ends = ids.iter().filter(|&&id| id == 0).count();
        assert_eq!((ids[0], ids[ids.len() - 1], ends), (0, 0, 2));
    }
}

fn ids_of(part: &Part) -> Vec<u32> {
    part.id_stream().first(usize::MAX).unwrap().to_vec()
}

/// A part in a file of its own, or nothing kept.
fn kept(folder: &tempfile::TempDir, name: &str, text: Option<&str>) -> Kept {
    text.map_or(Kept::Share(0.0), |text| {
        file(folder, name, text);
        Kept::File(name.into())
    })
}

/// A text in three files, of which the last two may be left off.
fn three_files(folder: &tempfile::TempDir, validation: Option<&str>, test: Option<&str>) -> text::Config {
    text::Config {
        path: Some(file(folder, "train.txt", "a <unk> b\nb a\n")),
        validation: kept(folder, "valid.txt", validation),
        test: kept(folder, "test.txt", test),
        ..Default::default()
    }
}

#[test]
fn parts_may_be_files_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let config = three_files(&folder, Some("b b\n"), Some("a new\n\n"));
    let words =
        TokenizerConfig::Word(word::Config { min_frequency: 1, split: word::Split::Spaces, ..Default::default() });
    let corpus = opened_with(&DataConfig::Text(config), &words, None).unwrap();
    // The unknown token, then by how often they come in the training part: \n, a and b twice each, by their spelling.
    assert_eq!(ids_of(&corpus.train), [2, 0, 3, 1, 3, 2, 1]);
    assert_eq!(ids_of(&corpus.validation), [3, 3, 1]);
    assert_eq!(ids_of(&corpus.test), [2, 0, 1, 1]);
    let read: Vec<&str> = corpus.sources.iter().map(|source| source.name.rsplit('/').next().unwrap()).collect();
    assert_eq!(read, ["train.txt", "valid.txt", "test.txt"]);
}

#[test]
fn a_part_without_a_file_of_its_own_is_cut_from_the_text() {
    let folder = tempfile::tempdir().unwrap();
    // 14 characters: with a share of a quarter for validation the last 4 are cut off. The test file changes nothing there.
    let config = text::Config { validation: Kept::Share(0.25), ..three_files(&folder, None, Some("ab")) };
    let corpus = opened(&DataConfig::Text(config));
    let tokenizer = corpus.tokenizer.unwrap();
    let texts = [&corpus.train, &corpus.validation, &corpus.test].map(|part| tokenizer.decode(&ids_of(part)));
    assert_eq!(texts, ["a <unk> b\n", "b a\n", "ab"]);
}

#[test]
fn what_is_unknown_in_a_file_of_its_own_is_told_with_that_files_line() {
    let folder = tempfile::tempdir().unwrap();
    let tokenizer = opened(&DataConfig::Text(three_files(&folder, Some("b"), None))).tokenizer;
    let config = three_files(&folder, Some("a\nb\nc\n"), None);
    refused(DataConfig::Text(config), characters(), tokenizer, "valid.txt`, line 3: the vocabulary does not know `c`");
}

#[test]
fn blank_lines_and_carriage_returns_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "a.txt", "ab\r\n\r\n  \nc\n");
    let config = lines::Config { path: Some(path), validation: 0.0, test: 0.0, ..Default::default() };
    let corpus = opened(&DataConfig::Lines(config));
    let mut seen: Vec<&[u32]> = (0..2).map(|row| rows_of(&corpus.train).ids(row)).collect();
    seen.sort_unstable();
    assert_eq!((corpus.train.len(), seen), (2, vec![&[1, 2][..], &[3]]));
}

fn refused(data: DataConfig, tokenizer: TokenizerConfig, existing: Option<Tokenizer>, expected: &str) {
    let error = opened_with(&data, &tokenizer, existing).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

fn lines_of(folder: &tempfile::TempDir, content: &str) -> DataConfig {
    let path = file(folder, "lines.txt", content);
    DataConfig::Lines(lines::Config { path: Some(path), ..Default::default() })
}

#[test]
fn text_that_an_existing_tokenizer_does_not_know_is_refused_with_its_line() {
    let corpus = opened(&DataConfig::Lines(names()));
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "mine.txt", "anna\nmia\n\nzoë\nédith\n");
    let tokenizers = corpus.tokenizers();
    let error = open_file(&DataConfig::Lines(names()), &path, tokenizers.as_ref(), None).unwrap_err().to_string();
    assert!(error.contains("mine.txt`, line 4: the vocabulary does not know `ë`"), "{error}");
    let text = DataConfig::Text(text::Config { path: Some(path), validation: Kept::Share(0.5), ..Default::default() });
    refused(text, characters(), corpus.tokenizer, "mine.txt`, line 1: the vocabulary does not know `\\n`;");
}

#[test]
fn another_file_is_read_as_one_part() {
    let tokenizers = opened(&DataConfig::Lines(names())).tokenizers();
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "mine.txt", "anna\nmia\n");
    let part = open_file(&DataConfig::Lines(names()), &path, tokenizers.as_ref(), None).unwrap();
    assert_eq!(rows_of(&part).joined(), [0, 1, 14, 14, 1, 0, 13, 9, 1, 0]);
}

#[test]
fn lines_with_a_tokenizer_without_boundary_are_refused() {
    let tokenizer = opened(&DataConfig::Text(shakespeare())).tokenizer;
    refused(DataConfig::Lines(names()), characters(), tokenizer, "needs a tokenizer with the boundary token");
}

#[test]
fn too_few_lines_for_a_share_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    refused(
        lines_of(&folder, "a\n"),
        characters(),
        None,
        "the train part is empty: its share of 1 lines is less than one",
    );
}

#[test]
fn parts_that_a_file_does_not_have_are_refused() {
    let config = lines::Config { split: LineSplit::Given, ..names() };
    refused(DataConfig::Lines(config), characters(), None, "`names` does not come in parts");
}

#[test]
fn a_corpus_shorter_than_the_window_is_refused_with_both_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "a.txt", "too short for that");
    let corpus = opened(&DataConfig::Text(text::Config { path: Some(path), ..Default::default() }));
    let error = corpus.train.batches(corpus.batching, Shape { rows: 12, length: 64 }, 1).map(|_| ()).unwrap_err();
    assert!(error.to_string().starts_with("the training part has 16 ids, but 65 are needed for a window"), "{error}");
}

#[test]
fn recall_asks_for_the_symbol_alone_and_its_parts_share_no_line() {
    let config = recall::Config { train: 200, validation: 50, test: 50, ..Default::default() };
    let corpus = opened(&DataConfig::Recall(config.clone()));
    let tokenizer = corpus.tokenizer.clone().unwrap();
    assert_eq!(tokenizer.vocab_size(), 1 + 8 + 8 + 1);
    let mut seen = std::collections::HashSet::new();
    for name in PartName::ALL {
        let rows = rows_of(corpus.part(name));
        assert_eq!(rows.targets(), rows.len());
        for row in 0..rows.len() {
            let text = tokenizer.decode(rows.ids(row));
            assert!((8..=103).contains(&text.len()), "{text}"); // 5 to 100, and symbol, cue, symbol
            assert!(seen.insert(text));
        }
    }
    assert_eq!(corpus.leaks, []);
}

#[test]
fn recall_can_be_asked_at_each_distance() {
    let config = recall::Config { train: 10, validation: 10, test: 0, ..Default::default() };
    let tokenizer = opened(&DataConfig::Recall(config.clone())).tokenizer.unwrap();
    for distance in [5, 50, 200] {
        let rows = recall::at_distance(&config, distance, 20, &tokenizer, 3).unwrap();
        assert_eq!((rows.len(), rows.targets(), rows.ids(7).len()), (20, 20, distance + 3));
        assert_eq!(rows.ids(7)[0], rows.ids(7)[distance + 2]);
        assert_eq!(rows.counted(7), distance + 2..distance + 3);
    }
}

#[test]
fn more_rows_than_there_are_different_ones_are_refused() {
    // Two symbols, one distractor, one distance: two lines in all.
    let tiny = recall::Config { symbols: 2, distractors: 1, shortest: 5, longest: 5, train: 3, validation: 0, test: 0 };
    refused(DataConfig::Recall(tiny), characters(), None, "there are not 3 different rows");
}

#[test]
fn a_setting_outside_its_range_is_refused() {
    let config = recall::Config { symbols: 27, ..Default::default() };
    refused(DataConfig::Recall(config), characters(), None, "`symbols = 27` cannot be; it goes from 2 to 26");
}

#[test]
fn a_made_up_task_with_words_is_refused() {
    let words = TokenizerConfig::Word(word::Config::default());
    refused(DataConfig::Reverse(reverse::Config::default()), words, None, "`reverse` is made of single characters");
}

#[test]
fn reverse_counts_what_stands_behind_the_bar() {
    let config = reverse::Config { shortest: 3, longest: 3, train: 20, validation: 5, test: 5, pairs: false };
    let corpus = opened(&DataConfig::Reverse(config));
    let tokenizer = corpus.tokenizer.clone().unwrap();
    for batch in corpus.train.cover(corpus.batching, Shape { rows: 4, length: 0 }).map(Result::unwrap) {
        for row in 0..4 {
            let line = tokenizer.decode(batch.inputs.row(row));
            let targets = batch.targets.row(row);
            assert_eq!(targets[..4], [IGNORE; 4]);
            assert_eq!(tokenizer.decode(&targets[4..]), line[4..]);
            assert_eq!(targets[7], 0);
        }
    }
}

#[test]
fn noise_is_drawn_apart_for_each_part_and_again_the_same() {
    let config = DataConfig::Noise(noise::Config { samples: 5000, validation: 5000, inputs: 3, outputs: 2 });
    let batch = |corpus: &Corpus, name| corpus.part(name).vector_cover(5000).next().unwrap();
    let corpus = opened(&config);
    let train = batch(&corpus, PartName::Train);
    assert_eq!((train.rows(), train.width), (5000, 3));
    assert_eq!(train, batch(&opened(&config), PartName::Train));
    assert_ne!(train.features, batch(&corpus, PartName::Validation).features);
}

proptest! {
    #[test]
    fn every_line_of_a_file_is_a_row_of_some_part(lines in proptest::collection::vec("[a-d]{1,5}", 10..60), seed in 0..9u64) {
        let folder = tempfile::tempdir().unwrap();
        let config = lines_of(&folder, &lines.join("\n"));
        let corpus = open(&config, &characters(), &NormalizerConfig::default(), None, seed).unwrap();
        let tokenizer = corpus.tokenizer.as_ref().unwrap();
        let mut read = Vec::new();
        for name in PartName::ALL {
            let rows = rows_of(corpus.part(name));
            read.extend((0..rows.len()).map(|row| tokenizer.decode(rows.ids(row))));
        }
        let mut written = lines;
        written.sort_unstable();
        read.sort_unstable();
        prop_assert_eq!(read, written);
    }

    #[test]
    fn a_step_of_training_does_not_hang_on_the_steps_before(step in 0..10_000u64, seed in 0..9u64) {
        let mut rows = Rows::new(0);
        for n in 1..50u32 {
            rows.push(&vec![n; n as usize % 9]);
        }
        let stream = Part::Stream((0..400).collect());
        let rows = Part::Rows(rows.into());
        let buckets = Batching::Rows(rows::Padding { max_length: Limit::At(6), buckets: true });
        let shape = Shape { rows: 4, length: 5 };
        for (part, batching) in [
            (&stream, Batching::Windows),
            (&stream, Batching::Stream),
            (&stream, Batching::Contexts),
            (&rows, Batching::Contexts),
            (&rows, buckets),
        ] {
            let all = part.batches(batching, shape, seed).unwrap();
            let asked_before = (all.at(3).unwrap(), all.at(step).unwrap());
            let anew = part.batches(batching, shape, seed).unwrap();
            prop_assert_eq!((anew.at(step).unwrap(), anew.at(3).unwrap()), (asked_before.1, asked_before.0));
        }
    }
}
