//! Every recipe that ships is opened with its data (or with words made up, where data may not ship), makes its model and
//! takes a step; those of the bigram are trained, for their losses are known to the last digit.
#![allow(clippy::unwrap_used)]

mod common;

use common::Place;
use rushlight_data::kinds::{dialogues, parallel};
use rushlight_data::{DataConfig, Kept, PartName};
use rushlight_text::TokenizerConfig;
use rushlight_train::Session;
use rushlight_train::recipe::Recipe;
use std::path::{Path, PathBuf};

/// Every recipe below `folder`.
fn recipes(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| if path.is_dir() { recipes(&path) } else { vec![path] })
        .collect();
    all.sort();
    all
}

/// In place of data that may not ship: text of as many different words as the recipe says, for every part.
fn stand_in(recipe: &mut Recipe, folder: &Path) {
    if let DataConfig::Parallel(data) = &mut recipe.data {
        return stand_in_pairs(data, folder);
    }
    if let DataConfig::Utterances(data) = &mut recipe.data {
        data.path = Some(folder.to_path_buf());
        return stand_in_utterances(folder);
    }
    if let DataConfig::Dialogues(data) = &mut recipe.data {
        return stand_in_dialogues(data, folder);
    }
    let (DataConfig::Text(data), TokenizerConfig::Word(words)) = (&mut recipe.data, &recipe.tokenizer) else { return };
    // The unknown token and the line break are tokens too.
    let words = (0..words.max_size.most() - 2).map(|word| format!("w{word}"));
    let text = words.collect::<Vec<_>>().chunks(20).map(|line| line.join(" ") + "\n").collect::<String>();
    let train = Path::new("train.txt");
    data.path = Some(folder.join(train));
    let own = [&data.validation, &data.test].into_iter().filter_map(|kept| match kept {
        Kept::File(file) => Some(file.as_path()),
        Kept::Share(_) => None,
    });
    own.chain([train]).for_each(|file| std::fs::write(folder.join(file), &text).unwrap());
}

/// Sentences of a place or a time, in three folders of three files.
fn stand_in_utterances(folder: &Path) {
    let sentences = || (0..60).map(|n| (n, ["place", "time"][n % 2]));
    let lines =
        |line: &dyn Fn(usize, &str) -> String| sentences().map(|(n, kind)| line(n, kind) + "\n").collect::<String>();
    for part in ["train", "valid", "test"].map(|part| folder.join(part)) {
        std::fs::create_dir_all(&part).unwrap();
        std::fs::write(part.join("seq.in"), lines(&|n, kind| format!("the {kind} is w{n}"))).unwrap();
        std::fs::write(part.join("seq.out"), lines(&|_, kind| format!("O O O B-{kind}"))).unwrap();
        std::fs::write(part.join("label"), lines(&|_, kind| format!("ask_{kind}"))).unwrap();
    }
}

/// Dialogues of two turns for each part, with as many pieces as a tokenizer of pieces may ask for.
fn stand_in_dialogues(data: &mut dialogues::Config, folder: &Path) {
    data.path = folder.join("dialogues.txt");
    let own = [&data.validation, &data.test].into_iter().filter_map(|kept| match kept {
        Kept::File(file) => Some(file.as_path()),
        Kept::Share(_) => None,
    });
    for (number, file) in own.chain([Path::new("dialogues.txt")]).enumerate() {
        let words: Vec<String> = (0..9000).map(|word| format!("{:x}", (word + number) % 4000 * 7919)).collect();
        let turns: Vec<String> = words.chunks(9).map(|turn| turn.join(" ")).collect();
        let lines = turns.chunks(2).map(|turns| turns.join(" __eou__ ") + " __eou__\n");
        std::fs::write(folder.join(file), lines.collect::<String>()).unwrap();
    }
}

/// Two files of a few words for each part, with as many pieces as a tokenizer of pieces may ask for.
fn stand_in_pairs(data: &mut parallel::Config, folder: &Path) {
    let stem = Path::new("train");
    data.path = Some(folder.join(stem));
    let own = [&data.validation, &data.test].into_iter().filter_map(|kept| match kept {
        Kept::File(file) => Some(file.as_path()),
        Kept::Share(_) => None,
    });
    for (file, ending) in own.chain([stem]).flat_map(|file| [(file, &data.source), (file, &data.target)]) {
        let words = (0..6000).map(|word| format!("{ending}{:x}", word % 3000 * 7919));
        let text = words.collect::<Vec<_>>().chunks(9).map(|line| line.join(" ") + "\n").collect::<String>();
        std::fs::write(folder.join(file).with_extension(ending), text).unwrap();
    }
}

#[test]
fn every_recipe_that_ships_takes_a_step() {
    let (all, place) = (recipes(&common::recipes()), tempfile::tempdir().unwrap());
    assert!(all.len() > 20, "{all:?}");
    for path in all {
        let mut recipe = Recipe::read(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
        // A step on a few rows tells as much as on many, and the largest recipe is meant for another machine.
        recipe.train.batch = recipe.train.batch.min(4);
        if recipe.data.path_mut().is_some() {
            stand_in(&mut recipe, place.path());
        }
        let mut session = Session::new(recipe, None).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let before = common::weights(&session);
        let report = session.take_step().unwrap();
        let loss = report.loss;
        assert!(loss.is_finite() && report.counted > 0, "{}: {loss}", path.display());
        // Nothing is learned yet: numbers aside, a guess among all tokens costs ln V (and a careless start much more).
        let guess = (session.sizes.vocabulary as f64).ln() + (session.sizes.tags.max(1) as f64).ln();
        let is_sure = path.ends_with("names-mlp.toml") || path.ends_with("names-overconfident.toml");
        if session.corpus.tokenizer.is_some() && session.model.counting().is_none() {
            assert!(
                if is_sure { loss > 2.0 * guess } else { (loss - guess).abs() < 0.6 },
                "{}: {loss}",
                path.display()
            );
        }
        assert!(session.is_finite() && session.progress.step == 1, "{}", path.display());
        let moved = before != common::weights(&session);
        assert!(moved || session.model.counting().is_some(), "{}: nothing moved", path.display());
    }
}

/// Counts as the lecture does and gives the loss on all that was counted. The numbers are those of makemore, part 1, from
/// its counts in f64: `-log p` over 228,146 pairs.
#[track_caller]
fn check(sets: &[&str], nats: f64) {
    let place = Place::new();
    let text = std::fs::read_to_string(common::recipes().join("names-bigram.toml")).unwrap();
    let (run, ending) = place.train("run", &text, sets);
    let train = ending.train.unwrap();
    assert_eq!((train.counted, ending.validation), (228_146, None));
    assert!((train.loss() - nats).abs() < 1e-6, "{} is not {nats}", train.loss());
    assert_eq!(run.session.evaluate(PartName::Train, None).unwrap(), train);
}

#[test]
fn the_bigram_of_names_has_the_loss_of_the_lecture() {
    check(&["model.smoothing=0"], 2.454_014_5);
}

#[test]
fn one_added_to_every_count_costs_half_a_thousandth() {
    check(&[], 2.454_576_8);
}
