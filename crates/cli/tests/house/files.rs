//! What holds for every file, whatever is in it: that it speaks of the project alone, and that recipes ship.

use crate::{pages, printed, recipes, root};
use std::collections::BTreeSet;

/// Places and words of a workshop, in two pieces each: this file is one of those that are searched.
const STRANGE: [[&str; 2]; 8] = [
    ["/wo", "rk/"],
    ["/tm", "p/rl"],
    ["/ro", "ot/"],
    ["/ho", "me/"],
    ["help", "er-"],
    ["the ", "lead "],
    ["work", "place"],
    ["TARG", "ETS.md"],
];

#[test]
fn no_file_speaks_of_the_place_where_it_was_made() {
    let mut paths = Vec::new();
    crate::collect(&root(), &mut paths);
    // A corpus says what it says.
    paths.retain(|path| path.extension().is_none_or(|end| end != "txt" && end != "tsv"));
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for word in STRANGE.map(|pieces| pieces.concat()) {
            let line = text.lines().position(|line| line.contains(&word)).map(|at| at + 1);
            assert_eq!(line, None, "{}: `{word}`", path.display());
        }
    }
}

#[test]
fn every_recipe_of_the_folder_ships() {
    let (_, refusal) = printed(&["train", "no-recipe-of-this-name"]);
    let listed = refusal.rsplit_once("those are: ").unwrap_or_else(|| panic!("{refusal}")).1;
    let listed = listed.split_once('.').map_or(listed, |(names, _)| names);
    let shipped: BTreeSet<String> = listed.trim().split(", ").map(String::from).collect();
    assert_eq!(shipped, recipes().into_iter().map(|(name, _)| name).collect());
}

#[test]
fn every_crate_takes_part_in_the_lints() {
    for page in pages("crates", "Cargo.toml") {
        assert!(page.text.contains("[lints]\nworkspace = true"), "{} does not", page.path);
    }
}
