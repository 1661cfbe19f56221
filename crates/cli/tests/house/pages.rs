//! What the written pages name is there: files, folders, commands, flags, recipes. Knows no sentence of them.

use crate::{Page, commands, pages, printed, recipes, root};
use std::collections::{BTreeMap, BTreeSet};

/// The pages that people read, those that are written by hand and those that are generated.
fn written() -> Vec<Page> {
    let top = pages("", ".md").into_iter().filter(|page| !page.path.contains('/'));
    top.chain(pages("docs", ".md")).collect()
}

/// What stands between backticks, outside of blocks of code.
fn spans(text: &str) -> Vec<String> {
    let mut in_block = false;
    let prose = text.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        in_block ^= is_fence;
        !in_block && !is_fence && !line.starts_with("    ")
    });
    let prose = prose.collect::<Vec<_>>().join("\n");
    prose.split('`').skip(1).step_by(2).map(|span| span.replace('\n', " ")).collect()
}

/// The lines of blocks of code, fenced or set in.
fn block_lines(text: &str) -> Vec<String> {
    let mut in_block = false;
    let lines = text.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        in_block ^= is_fence;
        !is_fence && (in_block || line.starts_with("    "))
    });
    lines.map(|line| line.trim().trim_start_matches("$ ").to_owned()).collect()
}

#[test]
fn every_file_that_a_page_names_is_there() {
    let root = root();
    let entries = std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    // What is built, and what a run leaves, is not there before it was made.
    let top: BTreeSet<String> = entries.filter(|name| name != "target" && name != "runs").collect();
    let sources: BTreeSet<String> =
        pages("", ".rs").iter().map(|page| page.path.rsplit('/').next().unwrap().to_owned()).collect();
    for page in written() {
        for span in spans(&page.text).iter().filter(|span| !span.contains([' ', '<', '*', '{'])) {
            let is_path = span.contains('/') && top.contains(span.split('/').next().unwrap());
            assert!(!is_path || root.join(span).exists(), "{}: there is no `{span}`", page.path);
            let is_source = span.ends_with(".rs") && !span.contains('/');
            assert!(!is_source || sources.contains(span), "{}: no source is called `{span}`", page.path);
        }
    }
}

#[test]
fn every_link_leads_somewhere() {
    for page in written() {
        let folder = root().join(&page.path).parent().unwrap().to_owned();
        let targets = page.text.split("](").skip(1).filter_map(|rest| rest.split([')', '#', ' ']).next());
        for target in targets.filter(|target| !target.is_empty() && !target.starts_with("http")) {
            assert!(folder.join(target).exists(), "{}: nothing is at `{target}`", page.path);
        }
    }
}

/// What the program knows, to hold a written command against.
struct Program {
    commands: Vec<String>,
    /// The commands below `runs`, `tokenizer`, ...
    below: BTreeMap<String, Vec<String>>,
    /// Its help, by command.
    help: BTreeMap<String, String>,
    recipes: BTreeSet<String>,
    /// What `explain` explains.
    explained: String,
}

impl Program {
    fn new() -> Self {
        let commands = commands(&[]);
        let below = |name: &String| (name.clone(), crate::commands(&[name]));
        let help = |words: Vec<&str>| (words.join(" "), printed(&[&words[..], &["--help"]].concat()).0);
        let below: BTreeMap<_, _> = commands.iter().map(below).filter(|(_, below)| !below.is_empty()).collect();
        let pairs = below.iter().flat_map(|(name, below)| below.iter().map(move |second| vec![&name[..], second]));
        let help = commands.iter().map(|name| vec![&name[..]]).chain(pairs).map(help).collect();
        let recipes = recipes().into_iter().map(|(name, _)| name).collect();
        Self { help, below, commands, recipes, explained: printed(&["explain", "--format", "json"]).0 }
    }

    /// Why a command line could not be carried out, if so. RUN, FILE and other words in capitals stand for anything.
    fn objection(&self, line: &str) -> Option<String> {
        let line = line.split(['|', '>', '#']).next().unwrap_or_default();
        let mut words = line.split_whitespace().skip(1).peekable();
        let name = words.next_if(|word| !word.starts_with('-'))?;
        if !self.commands.iter().any(|command| command == name) {
            return Some(format!("there is no command `{name}`"));
        }
        let mut path = name.to_owned();
        if let (Some(below), Some(second)) = (self.below.get(name), words.peek()) {
            if !below.iter().any(|known| known == second) {
                return Some(format!("`{name}` has no command `{second}`"));
            }
            path = format!("{name} {second}");
            words.next();
        }
        let words: Vec<&str> = words.collect();
        let help = &self.help[&path];
        let unknown = words.iter().filter(|word| word.starts_with("--")).find(|word| {
            let flag = word.split('=').next().unwrap_or_default();
            !help.split(|c: char| !c.is_alphanumeric() && c != '-').any(|known| known == flag)
        });
        if let Some(flag) = unknown {
            return Some(format!("`{path}` has no flag `{flag}`"));
        }
        let first = words.first().filter(|word| !word.starts_with('-') && word.to_uppercase() != **word)?;
        let is_known = match name {
            // `recipe.toml` is what an assistant's folder has.
            "train" | "sweep" => {
                *first == "recipe.toml" || self.recipes.contains(*first) || root().join(first).exists()
            }
            "explain" | "models" => self.explained.contains(&format!("\"{first}\"")),
            "journey" => self.explained.contains(&format!("\"{first}\"")) || first.starts_with("runs/"),
            _ => true,
        };
        (!is_known).then(|| format!("`{path}` knows no `{first}`"))
    }
}

#[test]
fn every_command_that_a_page_names_can_be_given() {
    let program = Program::new();
    for page in written() {
        let lines = spans(&page.text).into_iter().chain(block_lines(&page.text));
        for line in lines {
            let line = line
                .replace("cargo run --release -- ", "rushlight ")
                .replace("target/release/rushlight ", "rushlight ");
            if let Some(at) = line.find("rushlight ").filter(|&at| at == 0 || line[..at].ends_with('/')) {
                assert_eq!(program.objection(&line[at..]), None, "{}: `{line}`", page.path);
            }
        }
    }
}

#[test]
fn a_wrong_command_is_found() {
    let program = Program::new();
    let check =
        |line: &str, objection: Option<&str>| assert_eq!(program.objection(line).as_deref(), objection, "{line}");
    check("rushlight train names-mlp --watch --set train.lr=3e-4", None);
    check("rushlight runs rm RUN --yes", None);
    check("rushlight trian names-mlp", Some("there is no command `trian`"));
    check("rushlight train names-mpl", Some("`train` knows no `names-mpl`"));
    check("rushlight train names-mlp --wach", Some("`train` has no flag `--wach`"));
    check("rushlight runs lst", Some("`runs` has no command `lst`"));
    check("rushlight explain lstn", Some("`explain` knows no `lstn`"));
}
