//! Every recipe that ships: it is read, written out the same, and builds the model that its source describes.

use super::parse;
use crate::recipe::{Length, Recipe};
use rushlight_data::DataConfig;
use rushlight_text::TokenizerConfig;
use std::path::{Path, PathBuf};

fn shipped() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes");
    let toml = |folder: &Path| {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect::<Vec<_>>()
    };
    let mut all = ["", "ladder", "ladder-recall"].map(|folder| toml(&root.join(folder))).concat();
    all.sort();
    assert!(all.len() > 10, "{all:?}");
    all
}

#[test]
fn every_recipe_that_ships_is_read_and_written_the_same() {
    for path in shipped() {
        let mut recipe = Recipe::read(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
        let again = parse(&recipe.to_toml()).unwrap_or_else(|error| panic!("{error}\n{}", recipe.to_toml()));
        recipe.name = again.name.clone();
        assert_eq!(again, recipe, "{}", path.display());
    }
}

#[test]
fn every_recipe_that_ships_says_what_it_is() {
    for path in shipped() {
        let text = std::fs::read_to_string(&path).unwrap();
        let header: Vec<&str> = text.lines().take_while(|line| line.starts_with('#')).collect();
        for heading in ["# Source", "# Expect", "# Time"] {
            assert!(header.iter().any(|line| line.starts_with(heading)), "{}: {heading}", path.display());
        }
    }
}

/// The sizes that the data of a recipe would give, without the data.
fn stand_in(recipe: &Recipe) -> rushlight_models::Sizes {
    use rushlight_data::kinds::{noise, recall};
    if let DataConfig::Utterances(data) = &recipe.data {
        // However many intents, words and tags there are: they change the form of no model.
        let pieces = data.spelling.buckets;
        return rushlight_models::Sizes { source: 5000, tags: 7, pieces, ..rushlight_models::Sizes::new(150, 0) };
    }
    let vocabulary = match (&recipe.data, &recipe.tokenizer) {
        (DataConfig::Noise(noise::Config { outputs, .. }), _) => *outputs,
        // Symbols, distractors, the cue and the boundary; ten digits, the bar and the boundary; letters and the boundary.
        (DataConfig::Recall(recall::Config { symbols, distractors, .. }), _) => symbols + distractors + 2,
        (DataConfig::Reverse(reverse), _) => {
            if reverse.pairs {
                11
            } else {
                12
            }
        }
        (DataConfig::Lines(_), TokenizerConfig::Character(_)) => 27,
        (_, TokenizerConfig::Character(_)) => 65,
        // However many words there are; that of no recipe changes its form.
        (DataConfig::Parallel(_), TokenizerConfig::Word(_)) => 8000,
        (_, TokenizerConfig::Word(word)) => word.max_size.most(),
        (_, TokenizerConfig::Bpe(bpe)) => bpe.vocab_size,
    };
    let window = match &recipe.data {
        DataConfig::Noise(noise) => noise.inputs,
        _ => recipe.train.window,
    };
    let source = match &recipe.data {
        DataConfig::Parallel(_) => vocabulary,
        DataConfig::Reverse(reverse) if reverse.pairs => vocabulary,
        _ => 0,
    };
    rushlight_models::Sizes { source, joint: source > 0, ..rushlight_models::Sizes::new(vocabulary, window) }
}

#[test]
fn every_recipe_that_ships_builds_its_model() {
    for path in shipped() {
        let recipe = Recipe::read(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
        let (entry, sizes, settings) = (entry(&recipe), stand_in(&recipe), recipe.model.settings());
        let model =
            (entry.build)(&settings, sizes, 0).unwrap_or_else(|error| panic!("{}", recipe.refuse("model", error)));
        assert_eq!(model.params().count(), (entry.parameters)(&settings, sizes).unwrap(), "{}", path.display());
    }
}

#[test]
fn the_stand_in_has_the_sizes_of_the_data() {
    for path in shipped() {
        let recipe = Recipe::read(&path, &[]).unwrap();
        if recipe.data.first_file().is_some_and(|file| !file.exists()) {
            continue; // data that may not ship; its recipe says how many tokens there are
        }
        let corpus = rushlight_data::open(&recipe.data, &recipe.tokenizer, &recipe.normalizer, None, 0).unwrap();
        let is_understood = matches!(recipe.data, DataConfig::Utterances(_));
        if let Some(tokenizer) = corpus.tokenizer.filter(|_| !is_understood) {
            assert_eq!(tokenizer.vocab_size(), stand_in(&recipe).vocabulary, "{}", path.display());
        }
    }
}

fn entry(recipe: &Recipe) -> &'static rushlight_models::Entry {
    rushlight_models::ALL.iter().find(|entry| entry.name == recipe.model.kind).unwrap()
}

/// Published counts, and one that differs by what the recipe's header says.
#[test]
fn models_have_the_parameters_that_their_sources_state() {
    let published = [
        ("names-mlp", 11_897),
        ("names-mlp-batch-norm", 12_097),
        ("names-mlp-deep", 47_024 - 27),
        ("names-mlp-deep-no-norm", 46_497),
    ];
    for (name, parameters) in published {
        let path = shipped().into_iter().find(|path| path.ends_with(format!("{name}.toml"))).unwrap();
        let recipe = Recipe::read(&path, &[]).unwrap();
        assert_eq!(
            (entry(&recipe).parameters)(&recipe.model.settings(), stand_in(&recipe)).unwrap(),
            parameters,
            "{name}"
        );
    }
}

#[test]
fn every_rung_reads_as_many_tokens() {
    for path in shipped().into_iter().filter(|path| path.parent().is_some_and(|folder| folder.ends_with("ladder"))) {
        let recipe = Recipe::read(&path, &[]).unwrap();
        // A row of contexts is one target, however long its context.
        let row = if entry(&recipe).takes == rushlight_models::Takes::Contexts { 1 } else { recipe.train.window };
        let Length::Steps(steps) = recipe.train.length() else { panic!("{}", path.display()) };
        assert_eq!(
            steps as usize * recipe.train.batch * recipe.train.accumulate * row,
            1_024_000,
            "{}",
            path.display()
        );
    }
}
