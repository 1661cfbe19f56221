//! Every reader, on files that are damaged in every way: it refuses them in words, or reads something that works; it
//! never panics. `PROPTEST_CASES` says how many files of each kind are tried, `PROPTEST_RNG_SEED` which.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

#[path = "../common/mod.rs"]
mod common;
mod cut;
mod damage;
mod folder;

use common::{CASES, Place};
use damage::fate;
use proptest::prelude::*;
use proptest::sample::Index;
use rushlight_data::kinds::table;
use rushlight_data::{Corpus, DataConfig, DataError, Part, PartName, Targets};
use rushlight_models::Model;
use rushlight_nn::weights;
use rushlight_text::tokenizers::{bpe, word};
use rushlight_text::{NormalizerConfig, Tokenizer, TokenizerConfig};
use rushlight_train::recipe::Recipe;
use rushlight_train::{Session, TrainError};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The files that recipes and runs of these tests read.
fn place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(Place::new)
}

/// A file with these bytes, in a folder that lives as long as the first value.
fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// No number in a recipe is so large that its training could not be begun in a moment.
fn is_small(recipe: &Recipe) -> bool {
    const MOST: i64 = 300;
    fn largest(value: &toml::Value) -> i64 {
        match value {
            toml::Value::Integer(number) => *number,
            toml::Value::Array(values) => values.iter().map(largest).max().unwrap_or(0),
            toml::Value::Table(table) => table.values().map(largest).max().unwrap_or(0),
            _ => 0,
        }
    }
    largest(&recipe.to_toml().parse::<toml::Table>().unwrap().into()) <= MOST
}

/// Begins the training of a recipe and takes a step.
fn begin(recipe: Recipe) -> Result<(), TrainError> {
    let mut session = Session::new(recipe, None)?;
    session.evaluate(session.judged_by(), Some(8))?;
    if session.model.counting().is_none() {
        session.take_step()?;
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_damaged_recipe_is_refused_with_its_name_or_trains(case in any::<Index>(), fate in fate()) {
        let text = CASES[case.index(CASES.len())].text;
        let here = text.replace("path = \"", &format!("path = \"{}/", place().path("").display()));
        let (_folder, path) = file("bad.toml", &fate.befall(here.as_bytes()));
        match Recipe::read(&path, &[]) {
            Err(error) => prop_assert!(error.to_string().contains("bad.toml"), "{}", error),
            Ok(recipe) => {
                let again = Recipe::parse(&recipe.to_toml(), "bad.toml", &[]);
                prop_assert_eq!(again.as_ref(), Ok(&recipe), "{}", recipe.to_toml());
                if is_small(&recipe) && let Err(error) = begin(recipe) {
                    prop_assert!(!error.to_string().is_empty());
                }
            }
        }
    }

    #[test]
    fn damaged_weights_are_refused_with_their_name_or_can_be_written_again(case in any::<Index>(), fate in fate()) {
        type Written = (Vec<u8>, Box<dyn Model>);
        static WHOLE: OnceLock<Vec<Written>> = OnceLock::new();
        let whole = WHOLE.get_or_init(|| {
            let models = CASES.iter().map(|case| place().session(case.text, &[]).model);
            models.map(|model| (weights::bytes(model.params(), &[("format", "x")]), model)).collect()
        });
        let (bytes, model) = &whole[case.index(whole.len())];
        let (_folder, path) = file("bad.safetensors", &fate.befall(bytes));
        if let Err(error) = weights::load(&path, model.params()) {
            prop_assert!(error.to_string().contains("bad.safetensors"), "{}", error);
        }
        match weights::read_tensors(&path) {
            Err(error) => prop_assert!(error.to_string().contains("bad.safetensors"), "{}", error),
            Ok(tensors) => {
                std::fs::write(&path, weights::tensor_bytes(&tensors, &[])).unwrap();
                prop_assert_eq!(weights::read_tensors(&path).unwrap().len(), tensors.len());
            }
        }
    }

    #[test]
    fn a_damaged_tokenizer_is_refused_with_its_name_or_works(kind in 0..3usize, boundary in any::<bool>(), fate in fate()) {
        let config = [
            TokenizerConfig::Character(Default::default()),
            TokenizerConfig::Word(word::Config { min_frequency: 1, ..Default::default() }),
            TokenizerConfig::Bpe(bpe::Config { vocab_size: 270, min_frequency: 2 }),
        ][kind].clone();
        let text = "the theme, there: it is the king's\n";
        let normalizer = NormalizerConfig { lowercase: boundary, strip_markup: boundary, ..Default::default() };
        let whole = Tokenizer::train(&config, normalizer, boundary, &mut std::iter::once(text)).unwrap().to_json();
        let (_folder, path) = file("bad.json", &fate.befall(whole.as_bytes()));
        match Tokenizer::load(&path) {
            Err(error) => prop_assert!(error.to_string().contains("bad.json"), "{}", error),
            Ok(tokenizer) => {
                let again = Tokenizer::from_json(&tokenizer.to_json()).unwrap();
                prop_assert!(tokenizer.same_as(&again).is_ok());
                let all: Vec<u32> = (0..tokenizer.vocab_size() as u32).collect();
                all.iter().for_each(|&id| drop(tokenizer.token(id)));
                for text in [text, &tokenizer.decode(&all), "<|end|><unk>\u{0}λ e\u{301}"] {
                    if let Ok(ids) = tokenizer.try_encode(text) {
                        prop_assert!(ids.iter().all(|id| all.contains(id)));
                        tokenizer.decode(&ids);
                    }
                }
            }
        }
    }

    #[test]
    fn a_damaged_table_is_refused_with_its_name_or_holds_numbers(
        regression in any::<bool>(), header in any::<bool>(), standardise in any::<bool>(), fate in fate()
    ) {
        let whole = std::fs::read(place().path("table.csv")).unwrap();
        let rows = if header { &whole[..] } else { &whole[whole.iter().position(|&b| b == b'\n').unwrap() + 1..] };
        let (_folder, path) = file("bad.csv", &fate.befall(rows));
        let target = match (regression, header) {
            (true, true) => "right",
            (true, false) => "2",
            (false, true) => "class",
            (false, false) => "3",
        };
        // Regression takes the class for a number and refuses it, unless it was damaged before.
        let task = if regression { table::Task::Regression } else { table::Task::Classification };
        let config = |path: &Path| DataConfig::Table(table::Config {
            path: path.to_owned(), targets: vec![target.to_owned()], task, header, standardise, validation: 0.1, test: 0.1,
        });
        match open(&config(&path)) {
            Err(error) => prop_assert!(!error.to_string().is_empty()),
            Ok(corpus) => PartName::ALL.iter().for_each(|&name| hold_numbers(corpus.part(name))),
        }
        // And as another table for a model that knows the whole one.
        if !regression {
            let (_folder, good) = file("good.csv", rows);
            let corpus = open(&config(&good)).unwrap();
            match rushlight_data::open_file(&config(&good), &path, None, Some(&corpus.train)) {
                Err(error) => prop_assert!(error.to_string().contains("bad.csv"), "{}", error),
                Ok(part) => hold_numbers(&part),
            }
        }
    }
}

fn open(config: &DataConfig) -> Result<Corpus, DataError> {
    let tokenizer = TokenizerConfig::Character(Default::default());
    rushlight_data::open(config, &tokenizer, &NormalizerConfig::default(), None, 1)
}

/// Every cell is a finite number, and every class one of those that there are.
fn hold_numbers(part: &Part) {
    let Part::Table(table) = part else { panic!("a table is a table") };
    assert!(table.all.features.iter().all(|number| number.is_finite()), "{:?}", table.all.features);
    match &table.all.targets {
        Targets::Numbers { values, .. } => assert!(values.iter().all(|number| number.is_finite())),
        Targets::Classes(classes) => {
            assert!(classes.iter().all(|&class| (class as usize) < table.layout.classes.len()))
        }
    }
}
