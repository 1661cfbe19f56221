//! Tables from CSV files: what is read, and what is said about bad ones.
#![allow(clippy::unwrap_used)] // a test that meets an error it did not expect should stop there

use rushlight_data::kinds::table::{Config, Task};
use rushlight_data::{Corpus, DataConfig, DataError, Part, PartName, Table, Targets, open, open_file};
use rushlight_text::{NormalizerConfig, TokenizerConfig};

const HOUSES: &str = "rooms,garden,price\n3,0,1.5\n5,1,2.5\n4,0,2\n6,1,3\n2,0,1\n";

fn config(path: std::path::PathBuf, targets: &[&str]) -> Config {
    Config {
        path,
        targets: targets.iter().map(|name| (*name).to_string()).collect(),
        task: Task::Regression,
        header: true,
        standardise: false,
        validation: 0.2,
        test: 0.2,
    }
}

fn opened(content: &str, change: impl Fn(Config) -> Config) -> Result<Corpus, DataError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    std::fs::write(&path, content).unwrap();
    let data = DataConfig::Table(change(config(path, &["price"])));
    let tokenizer = TokenizerConfig::Character(Default::default());
    open(&data, &tokenizer, &NormalizerConfig::default(), None, 1)
}

fn table(part: &Part) -> &Table {
    match part {
        Part::Table(table) => table,
        _ => panic!("this part should be a table"),
    }
}

/// All rows of all parts as (features, targets), sorted.
fn rows(corpus: &Corpus) -> Vec<(Vec<f32>, Vec<f32>)> {
    let mut all = Vec::new();
    for name in PartName::ALL {
        let part = &table(corpus.part(name)).all;
        let (values, width) = match &part.targets {
            Targets::Numbers { values, width } => (values.clone(), *width),
            Targets::Classes(classes) => (classes.iter().map(|&class| class as f32).collect(), 1),
        };
        let features = part.features.chunks(part.width).map(<[f32]>::to_vec);
        all.extend(features.zip(values.chunks(width).map(<[f32]>::to_vec)));
    }
    all.sort_by(|a, b| a.partial_cmp(b).unwrap());
    all
}

#[test]
fn every_row_lands_in_one_part_with_its_own_target() {
    let corpus = opened(HOUSES, |config| config).unwrap();
    assert_eq!(PartName::ALL.map(|name| corpus.part(name).len()), [3, 1, 1]);
    let expected = [([2.0, 0.0], 1.0), ([3.0, 0.0], 1.5), ([4.0, 0.0], 2.0), ([5.0, 1.0], 2.5), ([6.0, 1.0], 3.0)];
    assert_eq!(rows(&corpus), expected.map(|(features, target)| (features.to_vec(), vec![target])));
    assert_eq!(table(&corpus.train).layout.features, ["rooms", "garden"]);
}

#[test]
fn the_training_part_sets_the_scale_for_all_parts() {
    let corpus = opened(HOUSES, |config| Config { standardise: true, ..config }).unwrap();
    let train = &table(&corpus.train).all;
    let mean = train.features.iter().step_by(2).sum::<f32>() / 3.0;
    let variance = train.features.iter().step_by(2).map(|x| x * x).sum::<f32>() / 3.0;
    assert!(mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-5, "{mean} {variance}");
    let Table { all, layout } = table(&corpus.test);
    let rooms = all.features[0] * layout.deviations[0] + layout.means[0];
    assert!((rooms - rooms.round()).abs() < 1e-5 && (2.0..=6.0).contains(&rooms), "{rooms}");
}

#[test]
fn several_targets_stand_side_by_side() {
    let targets = vec!["price".to_string(), "garden".to_string()];
    let corpus = opened(HOUSES, |config| Config { targets: targets.clone(), ..config }).unwrap();
    assert_eq!(rows(&corpus)[0], (vec![2.0], vec![1.0, 0.0]));
}

#[test]
fn classes_are_sorted_as_people_sort_them() {
    let classes = |content| {
        let corpus = opened(content, |config| Config { task: Task::Classification, ..config }).unwrap();
        table(&corpus.train).layout.classes.clone()
    };
    assert_eq!(classes("a,price\n1,10\n2,9\n3,10\n4,9\n5,8\n"), ["8", "9", "10"]);
    assert_eq!(classes("a,price\n1,low\n2,high\n3,low\n4,low\n5,low\n"), ["high", "low"]);
}

#[test]
fn columns_without_a_header_are_numbered() {
    let corpus = opened("1,10\n2,20\n3,30\n4,40\n5,50\n", |config| Config {
        header: false,
        targets: vec!["2".to_string()],
        ..config
    });
    assert_eq!(rows(&corpus.unwrap())[4], (vec![5.0], vec![50.0]));
}

#[test]
fn another_table_is_brought_to_the_same_scale() {
    let folder = tempfile::tempdir().unwrap();
    let [first, other] = ["first.csv", "other.csv"].map(|name| folder.path().join(name));
    std::fs::write(&first, HOUSES).unwrap();
    std::fs::write(&other, "rooms,garden,price\n4,1,9\n").unwrap();
    let data = DataConfig::Table(Config { standardise: true, ..config(first, &["price"]) });
    let tokenizer = TokenizerConfig::Character(Default::default());
    let corpus = open(&data, &tokenizer, &NormalizerConfig::default(), None, 1).unwrap();
    let layout = &table(&corpus.train).layout;
    let part = open_file(&data, &other, None, Some(&corpus.train)).unwrap();
    assert_eq!(table(&part).all.features[0], (4.0 - layout.means[0]) / layout.deviations[0]);
    std::fs::write(&other, "rooms,windows,price\n4,1,9\n").unwrap();
    let error = open_file(&data, &other, None, Some(&corpus.train)).unwrap_err().to_string();
    assert!(error.contains("its features should be `rooms`, `garden`; its columns are `rooms`, `windows`"), "{error}");
}

fn refused(content: &str, expected: &str) {
    let error = opened(content, |config| config).unwrap_err().to_string();
    assert!(error.contains("table.csv`") && error.contains(expected), "{error}");
}

#[test]
fn text_in_a_number_column_is_refused_with_its_place() {
    refused("rooms,price\n1,2\nthree,4\n", "line 3, column `rooms`: `three` is not a number");
}

#[test]
fn nan_and_infinity_are_refused_with_their_place() {
    refused("rooms,price\n1,NaN\n3,4\n", "line 2, column `price`: `NaN` is no finite number");
    refused("rooms,price\n1,2\ninf,4\n", "line 3, column `rooms`: `inf` is no finite number");
}

#[test]
fn an_empty_cell_is_refused_with_its_place() {
    refused("rooms,price\n1,2\n,4\n", "line 3, column `rooms`: the cell is empty");
}

#[test]
fn a_line_with_more_cells_is_refused() {
    refused("rooms,price\n1,2\n3,4,5\n", "line 3 has 3 cells, and the lines before have 2");
}

#[test]
fn two_columns_of_one_name_are_refused() {
    refused("rooms,rooms,price\n1,2,3\n", "two columns are called `rooms`");
}

#[test]
fn a_missing_target_is_refused_with_the_columns() {
    refused("rooms,cost\n1,2\n", "it has no column `price` to be a target; its columns are `rooms`, `cost`");
}

#[test]
fn a_header_of_numbers_raises_a_doubt() {
    refused("1,2\n3,4\n", "if the first line is no header, set `header = false`");
}

#[test]
fn a_table_of_targets_alone_is_refused() {
    refused("price\n1\n", "every column is a target");
}

#[test]
fn a_missing_class_is_refused() {
    let error = opened("a,price\n1,x\n2,\n", |config| Config { task: Task::Classification, ..config }).unwrap_err();
    assert!(error.to_string().contains("line 3, column `price`: the class is missing"), "{error}");
}

#[test]
fn classification_wants_one_target() {
    let targets = vec!["price".to_string(), "rooms".to_string()];
    let both = |config| Config { task: Task::Classification, targets: targets.clone(), ..config };
    let error = opened(HOUSES, both).unwrap_err().to_string();
    assert!(error.contains("classification has one target"), "{error}");
}
