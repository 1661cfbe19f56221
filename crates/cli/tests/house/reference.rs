//! The generated pages of `docs/reference`: what the program says of its lists, as Markdown. Types no member's name.

use crate::{commands, printed, recipes, root};
use serde_json::Value;

/// A page, and the families of `explain` that stand on it.
const FAMILIES: [(&str, &str, &[&str]); 9] = [
    ("models.md", "Models", &["models"]),
    ("optimizers.md", "Optimizers", &["optimizers"]),
    ("schedules.md", "Schedules", &["schedules"]),
    ("tokenizers.md", "Tokenizers", &["tokenizers"]),
    ("data.md", "Data", &["kinds of data", "ways of batching", "data sets"]),
    ("metrics.md", "Metrics", &["metrics"]),
    ("rules.md", "Rules of the doctor", &["rules"]),
    ("probes.md", "Exact probes", &["probes"]),
    ("faults.md", "Faults", &["faults"]),
];

/// The table of a recipe that the keys of a family stand in.
fn table_of(family: &str) -> &'static str {
    match family {
        "optimizer" => "train.optimizer",
        "schedule" => "train.schedule",
        "tokenizer" => "tokenizer",
        "kind of data" => "data",
        _ => "model",
    }
}

fn object(args: &[&str]) -> Value {
    let (stdout, stderr) = printed(&[args, &["--format", "json"]].concat());
    serde_json::from_str(stdout.lines().last().unwrap_or(&stderr)).unwrap_or_else(|error| panic!("{args:?}: {error}"))
}

fn head(title: &str) -> String {
    format!(
        "# {title}\n\nMade from the lists in the code, not by hand: `UPDATE=1 cargo test -p rushlight --test house` \
         writes it anew.\n"
    )
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// What may stand in a cell of a table.
fn cell(words: &str) -> String {
    words.replace('|', "\\|").replace('\n', " ")
}

fn block(words: &str) -> String {
    format!("```text\n{}\n```\n", words.trim_end())
}

/// All that `explain` says of a member: its header, and its keys with their defaults.
fn member(heading: &str, name: &str, of_family: &str) -> String {
    let said = object(&["explain", name]);
    // A name may mean several things: each family takes its own.
    let meanings = said["meanings"].as_array().cloned().unwrap_or_else(|| vec![said]);
    let mine =
        meanings.iter().find(|meaning| of_family.starts_with(text(&meaning["family"]).split(' ').next().unwrap()));
    let meaning = mine.unwrap_or_else(|| panic!("`explain {name}` says nothing of {of_family}"));
    let keys = meaning["keys"].as_array().map_or(&[][..], Vec::as_slice);
    let mut out = format!("\n{heading} `{name}`\n\n{}", block(text(&meaning["text"])));
    if !keys.is_empty() {
        out += &format!("\n| key in `[{}]` | default | |\n| --- | --- | --- |\n", table_of(text(&meaning["family"])));
    }
    for key in keys {
        let default = match (&key["default"], key["needed"] == true) {
            (Value::Null, true) => "must be given".to_owned(),
            (Value::Null, false) => "none".to_owned(),
            (default, _) => format!("`{default}`"),
        };
        out += &format!("| `{}` | {default} | {} |\n", text(&key["key"]), cell(text(&key["about"])));
    }
    out
}

fn family_page(title: &str, families: &[&str]) -> String {
    let all = object(&["explain"]);
    let mut out = head(title);
    for family in families {
        let is_alone = families.len() == 1;
        if !is_alone {
            out += &format!("\n## {}{}\n", family[..1].to_uppercase(), &family[1..]);
        }
        let heading = if is_alone { "##" } else { "###" };
        let names = all[family].as_array().unwrap_or_else(|| panic!("`explain` lists no {family}"));
        out += &names.iter().map(|name| member(heading, text(name), &singular(family))).collect::<String>();
    }
    out
}

/// "kinds of data" is of "kind of data".
fn singular(family: &str) -> String {
    let (first, rest) =
        family.split_once(' ').map_or((family, String::new()), |(first, rest)| (first, format!(" {rest}")));
    format!("{}{}", first.trim_end_matches('s'), rest.replace("sets", "set"))
}

/// The comment at the top of each recipe, which says what it is, whence, and what to expect.
fn recipe_page() -> String {
    let mut out = head("Recipes that ship");
    for (name, page) in recipes() {
        let header = page.text.lines().map_while(|line| line.strip_prefix('#'));
        let header: String = header.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect();
        out += &format!("\n## `{name}`\n\n{}\n    rushlight train {name}\n", block(&header));
    }
    out
}

fn command_page() -> String {
    let mut out = head("Commands");
    for name in commands(&[]) {
        let below = commands(&[&name]);
        let paths = std::iter::once(vec![name.as_str()]).chain(below.iter().map(|second| vec![name.as_str(), second]));
        for path in paths {
            let (help, _) = printed(&[&path[..], &["-h"]].concat());
            out += &format!("\n## `{}`\n\n{}", path.join(" "), block(&help));
        }
    }
    out
}

fn all() -> Vec<(&'static str, String)> {
    let families = FAMILIES.iter().map(|(file, title, families)| (*file, family_page(title, families)));
    families.chain([("recipes.md", recipe_page()), ("commands.md", command_page())]).collect()
}

#[test]
fn generated_docs_equal_what_the_lists_print() {
    let folder = root().join("docs/reference");
    let is_update = std::env::var_os("UPDATE").is_some();
    for (file, made) in all() {
        let path = folder.join(file);
        if is_update {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &made).unwrap();
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(there == made, "{file} is not what the program says; UPDATE=1 cargo test -p rushlight --test house");
    }
}

#[test]
fn every_family_that_is_explained_stands_on_a_page() {
    let listed: Vec<String> = object(&["explain"]).as_object().unwrap().keys().cloned().collect();
    let on_pages: Vec<&str> = FAMILIES.iter().flat_map(|(.., families)| *families).copied().collect();
    assert_eq!(listed, on_pages);
}
