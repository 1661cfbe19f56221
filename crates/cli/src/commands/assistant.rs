//! `assistant`: writes a small assistant that works, and makes of its examples what a model learns from.

use super::Answer;
use crate::terminal::in_shell;
use anyhow::{Context, Result, bail, ensure};
use rushlight_assistant::definition::{Definition, STARTER};
use serde_json::json;
use std::path::{Path, PathBuf};

mod learn;

/// The flags of `assistant`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Writes a small assistant that works, to be changed.
    Init {
        /// A new folder, or an empty one.
        dir: PathBuf,
    },
    /// Writes the examples of an assistant as lines that a model learns from.
    Lines {
        /// The assistant's folder.
        dir: PathBuf,
    },
    /// Learns from what users corrected, and keeps the new model where it is not worse.
    Learn(learn::Flags),
}

/// The file that says what an assistant is.
pub(crate) const DEFINITION: &str = "assistant.toml";
/// The file that a model learns from.
const LINES: &str = "utterances.tsv";

/// Does what is asked.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    match &flags.what {
        What::Init { dir } => init(dir),
        What::Lines { dir } => lines(dir),
        What::Learn(flags) => learn::run(flags),
    }
}

/// The definition in a folder.
pub(crate) fn definition(dir: &Path) -> Result<Definition> {
    let path = dir.join(DEFINITION);
    ensure!(path.is_file(), "there is no `{}`; `rushlight assistant init DIR` writes one", path.display());
    let bytes = std::fs::read(&path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let byte = error.utf8_error().valid_up_to();
        anyhow::anyhow!("`{}` is no UTF-8: see its byte {}; save it as UTF-8", path.display(), byte + 1)
    })?;
    Ok(Definition::parse(&text, &path.display().to_string())?)
}

fn init(dir: &Path) -> Result<Answer> {
    ensure!(!dir.is_file(), "`{}` is a file; give a folder", dir.display());
    let names = STARTER.iter().map(|file| file.name).chain([LINES]);
    let there: Vec<&str> = names.filter(|name| dir.join(name).exists()).collect();
    if !there.is_empty() {
        bail!(
            "`{}` has {} already, and nothing is overwritten; give another folder",
            dir.display(),
            crate::terminal::listed(there)
        );
    }
    std::fs::create_dir_all(dir).with_context(|| format!("the folder `{}` cannot be made", dir.display()))?;
    for file in STARTER {
        rushlight_trace::write_atomic(&dir.join(file.name), file.text.as_bytes())?;
    }
    let (path, sentences) = write_lines(dir)?;
    let folder = in_shell(&[dir.display().to_string()]);
    let text = format!(
        "wrote {} and {}: {sentences} sentences to learn from\nnow: cd {folder} && rushlight train recipe.toml --out run && \
         rushlight chat .\n",
        dir.join(DEFINITION).display(),
        path.display()
    );
    let files: Vec<&str> = STARTER.iter().map(|file| file.name).chain([LINES]).collect();
    Ok(Answer::new(text, json!({"folder": dir, "files": files, "sentences": sentences})))
}

fn lines(dir: &Path) -> Result<Answer> {
    let (path, sentences) = write_lines(dir)?;
    let text = format!("wrote {}: {sentences} sentences\n", path.display());
    Ok(Answer::new(text, json!({"file": path, "sentences": sentences})))
}

fn write_lines(dir: &Path) -> Result<(PathBuf, usize)> {
    let lines = definition(dir)?.utterances();
    ensure!(
        !lines.is_empty(),
        "`{}` has no intents, so there is nothing to learn; write an [[intent]] with examples",
        dir.join(DEFINITION).display()
    );
    let path = dir.join(LINES);
    rushlight_trace::write_atomic(&path, lines.as_bytes())?;
    Ok((path, lines.lines().count()))
}
