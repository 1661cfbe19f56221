//! `history`: what each rung gained over the one before, in every ladder that is named, as one page of Markdown.

use super::Answer;
use super::ladder::{self, Budget};
use anyhow::{Result, bail, ensure};
use rushlight_models::ALL;
use rushlight_report::{Equal, History, Ladder};
use rushlight_trace::{RunFolder, Trace, write_atomic};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The flags of `history`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// The folders of ladders, in the order in which they shall stand.
    #[arg(required = true, value_name = "LADDER")]
    ladders: Vec<PathBuf>,
    /// The page.
    #[arg(long, default_value = "history.md")]
    out: PathBuf,
}

/// Makes the page.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    may_be_written(&flags.out)?;
    for (index, path) in flags.ladders.iter().enumerate() {
        ensure!(!flags.ladders[..index].contains(path), "`{}` is named twice; name it once", path.display());
    }
    let ladders = flags.ladders.iter().map(|path| read(path)).collect::<Result<Vec<_>>>()?;
    let history = History { ladders, command: flags.command() };
    write_atomic(&flags.out, history.to_markdown().as_bytes())?;
    let ladders: Vec<Value> = std::iter::zip(&flags.ladders, &history.ladders).map(told).collect();
    let text = format!("page: {}\n", flags.out.display());
    Ok(Answer::new(text, json!({"page": flags.out, "ladders": ladders})))
}

impl Flags {
    fn command(&self) -> String {
        let paths = self.ladders.iter().map(|path| path.display().to_string());
        let out = ["--out".to_owned(), self.out.display().to_string()];
        in_shell(
            &["rushlight".to_owned(), "history".to_owned()].into_iter().chain(paths).chain(out).collect::<Vec<_>>(),
        )
    }
}

/// The page gives way to a new one; nothing else does.
fn may_be_written(path: &Path) -> Result<()> {
    let shown = path.display();
    ensure!(
        !path.is_dir(),
        "`{shown}` is a folder; give `--out` a file, such as `{}`",
        path.join("history.md").display()
    );
    let is_ours = !path.exists() || std::fs::read_to_string(path).is_ok_and(|text| History::is_one(&text));
    ensure!(is_ours, "`{shown}` is there already and was not made by `rushlight history`; give `--out` another file");
    Ok(())
}

/// A rung that is there, and the flags of the command that made it.
struct Rung {
    trace: Trace,
    flags: ladder::Flags,
}

/// A ladder whose rungs have all come to their end.
fn read(path: &Path) -> Result<Ladder> {
    let rungs = rungs(path)?;
    one_budget(path, &rungs)?;
    for Rung { trace, flags } in &rungs {
        let lacking =
            flags.rungs()?.into_iter().find(|name| rungs.iter().all(|rung| rung.trace.card.model.name != *name));
        if let Some(name) = lacking {
            bail!("`{}` lacks the rung `{name}`; go on with: {}", path.display(), command(trace));
        }
        ensure!(
            trace.done().is_some(),
            "`{}` has not come to its end; go on with: {}",
            trace.path.display(),
            command(trace)
        );
    }
    let mut commands: Vec<String> = Vec::new();
    for command in rungs.iter().map(|rung| command(&rung.trace)) {
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    let equal = match rungs[0].flags.budget()? {
        Budget::Tokens(_) => Equal::Tokens,
        Budget::Seconds(seconds) => Equal::Seconds(seconds),
    };
    Ok(Ladder { commands, equal, traces: rungs.into_iter().map(|rung| rung.trace).collect() })
}

/// The rungs of a ladder that are there, in the order of history; at least one.
fn rungs(path: &Path) -> Result<Vec<Rung>> {
    let shown = path.display();
    ensure!(path.exists(), "there is no folder `{shown}`; `rushlight ladder --out {shown}` makes a ladder there");
    ensure!(
        RunFolder::open(path).is_err(),
        "`{shown}` is a single run, not a ladder; give the folder that holds all rungs of a ladder"
    );
    let mut rungs = Vec::new();
    for folder in ALL.iter().filter_map(|entry| RunFolder::open(&path.join(entry.name)).ok()) {
        let trace = Trace::read(&folder)?;
        let Some(flags) = ladder::asked(&trace.card.command) else {
            bail!(
                "`{}` was not made by `rushlight ladder` but by `{}`; give the folder of a ladder",
                folder.path().display(),
                command(&trace)
            );
        };
        rungs.push(Rung { trace, flags });
    }
    ensure!(
        !rungs.is_empty(),
        "`{shown}` is no ladder: no run such as `{}` is there; give the folder of a ladder, or make one with: rushlight \
         ladder --out NEW",
        path.join("bigram").display()
    );
    Ok(rungs)
}

/// Only what was trained equally long on the same can be set side by side.
fn one_budget(path: &Path, rungs: &[Rung]) -> Result<()> {
    let [first, others @ ..] = rungs else { return Ok(()) };
    for other in others {
        ensure!(
            first.flags.is_same_ladder(&other.flags)?,
            "the rungs `{}` and `{}` of `{}` were not trained alike, but by `{}` and `{}`; make one ladder of one command",
            first.trace.name,
            other.trace.name,
            path.display(),
            command(&first.trace),
            command(&other.trace)
        );
    }
    Ok(())
}

/// The command line that made a run, wherever the program lay.
fn command(trace: &Trace) -> String {
    let words = trace.card.command.iter().skip(1).cloned();
    in_shell(&std::iter::once("rushlight".to_owned()).chain(words).collect::<Vec<_>>())
}

/// Words as a shell takes them.
fn in_shell(words: &[String]) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=,:+@%".contains(letter);
    let quoted = |word: &String| match !word.is_empty() && word.chars().all(is_plain) {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

fn told((path, ladder): (&PathBuf, &Ladder)) -> Value {
    let rungs = ladder.gains().into_iter().map(|gain| {
        json!({
            "model": gain.model, "loss": gain.loss, "gain": gain.over_before, "gain_share": gain.share_of_before,
            "gain_over_bigram": gain.over_bigram,
        })
    });
    let equal = match ladder.equal {
        Equal::Tokens => "tokens",
        Equal::Seconds(_) => "seconds",
    };
    json!({"ladder": path, "equal": equal, "commands": ladder.commands, "rungs": rungs.collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use super::in_shell;

    #[test]
    fn a_command_can_be_given_again_to_a_shell() {
        let words = ["rushlight", "ladder", "--data", "it's a text.txt", "--rungs", "bigram,gpt"].map(String::from);
        assert_eq!(in_shell(&words), r"rushlight ladder --data 'it'\''s a text.txt' --rungs bigram,gpt");
    }
}
