//! ARCHITECTURE.md against the manifests: its table says who may use whom, and Cargo enforces just that.

use crate::{Page, pages};
use std::collections::{BTreeMap, BTreeSet};

type Uses = BTreeMap<String, BTreeSet<String>>;

/// Which crates of the house each crate's manifest names under `[dependencies]`.
fn in_manifests() -> Uses {
    let used = |text: &str| {
        let section = text.lines().skip_while(|line| *line != "[dependencies]").skip(1);
        let ours = section.take_while(|line| !line.starts_with('[')).filter_map(|line| line.strip_prefix("rushlight-"));
        ours.map(|line| line.split(['.', ' ', '=']).next().unwrap().to_owned()).collect()
    };
    let name = |page: &Page| page.path.split('/').nth(1).unwrap().to_owned();
    pages("crates", "Cargo.toml").iter().map(|page| (name(page), used(&page.text))).collect()
}

/// The rows of the map: `| `crate` | what it is | who it may use |`.
fn in_the_map(text: &str) -> Uses {
    let words = |cell: &str| cell.split_whitespace().map(String::from).collect::<BTreeSet<_>>();
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, _, uses, ..] = cells[..] else { return None };
        Some((name.strip_prefix('`')?.strip_suffix('`')?.to_owned(), words(uses)))
    };
    let table = text.lines().skip_while(|line| !line.starts_with("| crate |"));
    table.take_while(|line| line.starts_with('|')).filter_map(row).collect()
}

#[test]
fn the_map_says_who_uses_whom_as_the_manifests_do() {
    assert_eq!(in_the_map(&Page::read("ARCHITECTURE.md").text), in_manifests());
}

#[test]
fn the_map_can_be_read_at_once() {
    let lines = Page::read("ARCHITECTURE.md").text.lines().count();
    assert!(lines <= 150, "ARCHITECTURE.md has {lines} lines");
}
