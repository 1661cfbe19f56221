//! What holds for the sources: how a file begins, how long it is, where it stands in its family, and what stands only
//! in its own place.

use crate::{Page, commands, pages};
use rushlight_assistant::recognise;
use rushlight_data::{batching, kinds};
use rushlight_doctor::rules;
use rushlight_nn::{optimizers, schedules};
use rushlight_score::metrics;
use rushlight_text::tokenizers;
use rushlight_train::{check, faults};
use std::collections::BTreeSet;

/// A line of code without its strings and its comment.
fn code(line: &str) -> String {
    let line = line.replace("'\"'", "''").replace("\\\\", "").replace("\\\"", "");
    let outside: String = line.split('"').step_by(2).collect::<Vec<_>>().join("\"\"");
    outside.split("//").next().unwrap_or_default().to_owned()
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|found| found == word)
}

/// The comment that stands on the lines just before line `at`.
fn comment_above(lines: &[&str], at: usize) -> String {
    let above = lines[..at].iter().rev().map(|line| line.trim()).take_while(|line| line.starts_with("//"));
    above.collect::<Vec<_>>().join("\n")
}

/// Every line of every source where `is_wrong(line, all lines, its place)`, as `path:line`.
fn wrong_lines(sources: &[Page], is_wrong: impl Fn(&str, &[&str], usize) -> bool) -> Vec<String> {
    let places = sources.iter().flat_map(|page| {
        let lines: Vec<&str> = page.text.lines().collect();
        let wrong = (0..lines.len()).filter(|&at| is_wrong(&code(lines[at]), &lines, at)).collect::<Vec<_>>();
        wrong.into_iter().map(move |at| format!("{}:{}", page.path, at + 1))
    });
    places.collect()
}

#[test]
fn strings_and_comments_are_not_code() {
    assert_eq!(code("let a = \"unsafe {\"; // unsafe"), "let a = \"\"; ");
    assert_eq!(code("match c { '\"' => \"x\", '/' => \"//\" }"), "match c { '' => \"\", '/' => \"\" }");
    assert!(has_word("unsafe { f() }", "unsafe") && !has_word("deny(unsafe_code)", "unsafe"));
}

#[test]
fn every_file_begins_by_saying_what_it_is() {
    let silent = pages("", ".rs").into_iter().filter(|page| !page.text.starts_with("//! ")).map(|page| page.path);
    assert_eq!(silent.collect::<Vec<_>>(), [""; 0]);
}

/// A test module is not counted; a file that must be longer says `Long because` in its header.
#[test]
fn no_file_is_longer_than_a_person_reads_at_once() {
    const MOST: usize = 400;
    let long = pages("", ".rs").into_iter().filter_map(|page| {
        let lines = page.text.lines().take_while(|line| *line != "#[cfg(test)]").count();
        let header: String = page.text.lines().take_while(|line| line.starts_with("//!")).collect();
        (lines > MOST && !header.contains("Long because")).then(|| format!("{}: {lines}", page.path))
    });
    assert_eq!(long.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn every_file_stands_on_the_contents_page_of_its_folder() {
    let all = pages("crates", ".rs");
    for page in all.iter().filter(|page| page.path.contains("/src/")) {
        let (folder, file) = page.path.rsplit_once('/').unwrap();
        let (folder, name) = match (file, folder.rsplit_once('/')) {
            ("lib.rs" | "main.rs", _) => continue,
            ("mod.rs", Some((above, name))) => (above, name),
            _ => (folder, file.trim_end_matches(".rs")),
        };
        // `x/mod.rs`, or `x.rs` beside the folder `x`.
        let beside = format!("{folder}.rs");
        let contents = ["lib.rs", "main.rs", "mod.rs"].map(|page| format!("{folder}/{page}"));
        let declares = |line: &str| code(line).trim_end_matches(';').ends_with(&format!("mod {name}"));
        let is_named = all
            .iter()
            .filter(|page| page.path == beside || contents.contains(&page.path))
            .any(|page| page.text.lines().any(declares));
        assert!(is_named, "{} stands on no contents page", page.path);
    }
}

/// Holds a folder against the members of its list: a name and the text of a file each.
fn family(folder: &str, members: &[(&str, &str)]) {
    let files: BTreeSet<(String, String)> = pages(folder, ".rs")
        .into_iter()
        .filter(|page| page.text.contains("pub const ENTRY: "))
        .map(|page| (page.path.trim_start_matches(folder).trim_matches('/').replace(".rs", ""), page.text))
        .collect();
    let listed = members.iter().map(|(name, source)| (name.replace('-', "_"), source.to_string())).collect();
    assert!(
        files == listed,
        "{folder} and its list differ: {:?}",
        files.symmetric_difference(&listed).map(|(name, _)| name).collect::<Vec<_>>()
    );
}

// The models have such a test in their own crate, beside those of their headers.
#[test]
fn every_family_is_its_folder() {
    family(
        "crates/nn/src/optimizers",
        &optimizers::ALL.iter().map(|entry| (entry.name, entry.source)).collect::<Vec<_>>(),
    );
    family(
        "crates/nn/src/schedules",
        &schedules::ALL.iter().map(|entry| (entry.name, entry.source)).collect::<Vec<_>>(),
    );
    family(
        "crates/text/src/tokenizers",
        &tokenizers::ALL.iter().map(|entry| (entry.name, entry.source)).collect::<Vec<_>>(),
    );
    family("crates/data/src/kinds", &kinds::ALL.iter().map(|entry| (entry.name, entry.source)).collect::<Vec<_>>());
    family(
        "crates/score/src/metrics",
        &metrics::ALL.iter().map(|entry| (entry.name, entry.source)).collect::<Vec<_>>(),
    );
    family(
        "crates/data/src/batching",
        &batching::ALL.iter().map(|entry| (entry.name, entry.source)).collect::<Vec<_>>(),
    );
    family("crates/doctor/src/rules", &rules::ALL.iter().map(|rule| (rule.name, rule.source)).collect::<Vec<_>>());
    family("crates/train/src/check", &check::ALL.iter().map(|entry| (entry.name, entry.source)).collect::<Vec<_>>());
    family(
        "crates/assistant/src/recognise",
        &recognise::ALL.iter().map(|entry| (entry.name, entry.source)).collect::<Vec<_>>(),
    );
    family("crates/train/src/faults", &faults::ALL.iter().map(|entry| (entry.name, entry.source)).collect::<Vec<_>>());
}

#[test]
fn every_command_has_a_file_and_every_file_is_a_command() {
    const FOLDER: &str = "crates/cli/src/commands/";
    let files = pages(FOLDER, ".rs").into_iter().map(|page| page.path.replace(FOLDER, "").replace(".rs", ""));
    let files: BTreeSet<String> = files.filter(|name| name != "mod" && !name.contains('/')).collect();
    assert_eq!(files, commands(&[]).into_iter().collect());
}

#[test]
fn unsafe_code_stands_in_the_kernels_alone() {
    // An allocator that counts can be written in no other way.
    let allowed =
        |page: &Page| page.is_below("crates/engine/src/kernels/") || page.path == "crates/engine/tests/pool.rs";
    let sources: Vec<Page> = pages("", ".rs").into_iter().filter(|page| !allowed(page)).collect();
    assert_eq!(wrong_lines(&sources, |line, _, _| has_word(line, "unsafe")), [""; 0]);
}

#[test]
fn every_unsafe_block_says_why_it_is_sound() {
    let is_wrong = |line: &str, lines: &[&str], at: usize| {
        let is_block = has_word(line, "unsafe") && !line.contains("unsafe fn");
        is_block && !comment_above(lines, at).contains("SAFETY: ")
    };
    assert_eq!(wrong_lines(&pages("crates/engine", ".rs"), is_wrong), [""; 0]);
}

#[test]
fn every_unsafe_function_says_what_its_caller_promises() {
    let is_wrong = |line: &str, lines: &[&str], at: usize| {
        let first =
            (0..at).rev().find(|&above| !lines[above].trim_start().starts_with("#[")).map_or(0, |above| above + 1);
        line.contains("unsafe fn") && !comment_above(lines, first).contains("# Safety")
    };
    assert_eq!(wrong_lines(&pages("crates/engine/src", ".rs"), is_wrong), [""; 0]);
}

#[test]
fn only_the_command_line_prints() {
    const MACROS: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];
    let prints = |line: &str| MACROS.iter().any(|word| has_word(line, word)) || line.contains("io::std");
    let sources: Vec<Page> = pages("crates", ".rs").into_iter().filter(|page| !page.is_below("crates/cli/")).collect();
    assert_eq!(wrong_lines(&sources, |line, _, _| prints(line)), [""; 0]);
}

#[test]
fn every_allowed_lint_says_why() {
    let is_wrong = |line: &str, lines: &[&str], at: usize| {
        let allows = line.contains("allow(") && line.trim_start().starts_with("#");
        let attribute = lines[at..].iter().take_while(|line| !line.trim_end().ends_with(")]")).chain(lines.get(at));
        allows
            && !attribute.into_iter().any(|line| line.contains("reason"))
            && comment_above(lines, at).is_empty()
            && !line.contains("cfg_attr(test")
    };
    assert_eq!(wrong_lines(&pages("crates", ".rs"), is_wrong), [""; 0]);
}
