//! `history`: what each rung gained over the one before, in every ladder that is named, as one page of Markdown.

use super::Answer;
use super::ladder::{self, Budget};
use crate::page;
use crate::terminal::in_shell;
use anyhow::{Result, bail, ensure};
use rushlight_models::{ALL, Entry};
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
    let is_history = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(History::is_one);
    page::may_be_written(&flags.out, "history.md", is_history)?;
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

/// A rung that is there, and the flags of the command that made it.
struct Rung {
    trace: Trace,
    flags: ladder::Flags,
}

/// A ladder whose rungs have all come to their end.
fn read(path: &Path) -> Result<Ladder> {
    let rungs = rungs(path)?;
    trained_alike(path, &rungs)?;
    for Rung { trace, flags } in &rungs {
        let lacking =
            flags.rungs()?.into_iter().find(|entry| rungs.iter().all(|rung| rung.trace.card.model.name != entry.name));
        if let Some(Entry { name, .. }) = lacking {
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
    let quoted = in_shell(&[path.display().to_string()]);
    ensure!(path.exists(), "there is no folder `{shown}`; `rushlight ladder --out {quoted}` makes a ladder there");
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

/// Only what was trained equally long on the same can be set side by side; by the clock, only on the same machine.
fn trained_alike(path: &Path, rungs: &[Rung]) -> Result<()> {
    let [first, others @ ..] = rungs else { return Ok(()) };
    for other in others {
        let (one, two) = (&first.trace.card, &other.trace.card);
        let whose = format!("the rungs `{}` and `{}` of `{}`", first.trace.name, other.trace.name, path.display());
        ensure!(
            first.flags.is_same_ladder(&other.flags)?,
            "{whose} were not trained alike, but by `{}` and `{}`; make one ladder of one command",
            command(&first.trace),
            command(&other.trace)
        );
        ensure!(
            one.data == two.data,
            "{whose} have not learned from the same data: the file has changed between them; make the ladder again"
        );
        ensure!(
            first.flags.budget()?.is_tokens() || one.machine == two.machine,
            "{whose} were trained for equally long on different machines; make one ladder on one machine"
        );
    }
    Ok(())
}

/// The command line that made a run, wherever the program lay.
fn command(trace: &Trace) -> String {
    let words = trace.card.command.iter().skip(1).cloned();
    in_shell(&std::iter::once("rushlight".to_owned()).chain(words).collect::<Vec<_>>())
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
