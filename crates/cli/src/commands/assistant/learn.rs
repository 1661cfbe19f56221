//! `assistant learn`: what users corrected, the running model trained on with it, and the new one kept where it is not worse.

use super::{DEFINITION, LINES, definition};
use crate::commands::{Answer, train};
use crate::recipes;
use crate::terminal::say;
use anyhow::{Context, Result, ensure};
use rushlight_assistant::memory::Store;
use rushlight_assistant::{CORRECTIONS, Lessons, lessons};
use rushlight_data::{DataConfig, PartName};
use rushlight_trace::{Which, write_atomic};
use rushlight_train::recipe::Recipe;
use rushlight_train::{Run, Session, UnderstandingScore};
use serde_json::json;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The flags of `assistant learn`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// The assistant's folder.
    dir: PathBuf,
    /// The run that understands; `run` in that folder unless told otherwise.
    #[arg(long)]
    run: Option<PathBuf>,
    /// How many passes over the examples and the corrections.
    #[arg(long, default_value_t = 5)]
    epochs: u64,
    /// Which share of the recipe's learning rate.
    #[arg(long, default_value_t = 0.3)]
    rate: f32,
    /// Lists what was corrected, and trains nothing.
    #[arg(long)]
    list: bool,
}

/// How many of the commonest mistakes are told.
const TOLD: usize = 10;

/// Learns.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    ensure!(flags.epochs > 0, "`--epochs 0` learns nothing; give 1 or more");
    ensure!(
        flags.rate > 0.0 && flags.rate.is_finite(),
        "`--rate {}` is not possible; give a share of the recipe's rate, such as 0.3",
        flags.rate
    );
    let dir = &flags.dir;
    let (definition, memory) = (definition(dir)?, dir.join("assistant.db"));
    ensure!(
        memory.is_file(),
        "there is no `{}`, so nobody has corrected anything; talk with `rushlight chat {}` first",
        memory.display(),
        dir.display()
    );
    let feedback = Store::open(&memory)?.all_feedback()?;
    let learnt = lessons(&definition, &feedback);
    let mut text = told(&learnt, dir);
    let errors: Vec<_> = learnt
        .errors
        .iter()
        .map(|one| json!({"taken_for": one.taken_for, "meant": one.meant, "count": one.count}))
        .collect();
    let mut object =
        json!({"corrected_sentences": learnt.sentences, "corrected_replies": learnt.answers.len(), "errors": errors});
    if flags.list || learnt.sentences == 0 {
        return Ok(Answer::new(text, object));
    }
    write_atomic(&dir.join(CORRECTIONS), learnt.lines.as_bytes())?;
    let run = flags.run.clone().unwrap_or_else(|| dir.join("run"));
    let old = Run::open_alone(&run, Which::Best)?;
    let new_path = beside(&run, "learnt");
    let mut begun = train::begin(&new_path, flags.recipe(&run)?)?;
    let held = if begun.session.corpus.test.is_empty() { PartName::Validation } else { PartName::Test };
    let before = score(&old, &begun.session, held)?;
    train::train(&mut begun)?;
    let after = score(&begun.session, &begun.session, held)?;
    drop((begun, old));
    let is_kept = after.0 >= before.0;
    let all = before.1;
    writeln!(
        text,
        "of {all} sentences of the {} part: right before {}, right after {}",
        held.name(),
        before.0,
        after.0
    )?;
    let kept = if is_kept {
        let aside = beside(&run, "before");
        std::fs::rename(&run, &aside).with_context(|| format!("`{}` cannot be moved aside", run.display()))?;
        std::fs::rename(&new_path, &run).with_context(|| format!("`{}` cannot take its place", new_path.display()))?;
        writeln!(text, "the new model is in {}; the one before in {}", run.display(), aside.display())?;
        run
    } else {
        writeln!(text, "the new model is worse, so the one before stays; look at it in {}", new_path.display())?;
        new_path
    };
    object["held"] = json!({"part": held.name(), "sentences": all, "right_before": before.0, "right_after": after.0});
    object["kept"] = json!(is_kept);
    object["run"] = json!(kept);
    Ok(Answer::new(text, object))
}

/// How many sentences of a part of `with`'s data are wholly right, and how many there are.
fn score(session: &Session, with: &Session, part: PartName) -> Result<(u64, u64)> {
    let UnderstandingScore { whole, in_scope, outside, .. } = session.understand_part(with.corpus.part(part))?;
    Ok((whole, in_scope + outside))
}

/// What was corrected, for people.
fn told(learnt: &Lessons, dir: &Path) -> String {
    let mut text = String::new();
    if learnt.sentences == 0 {
        text += "no intent was corrected; in `rushlight chat`, `/meant INTENT` says what was wanted\n";
    }
    for one in learnt.errors.iter().take(TOLD) {
        let taken_for = one.taken_for.as_deref().unwrap_or("nothing");
        let _ = writeln!(
            text,
            "{} {taken_for} where {} was meant: {}",
            times(one.count),
            one.meant,
            one.examples.join(" | ")
        );
    }
    for (name, count) in &learnt.unknown {
        let file = dir.join(DEFINITION);
        let _ = writeln!(
            text,
            "{} `{name}` was meant, which {} does not have; write an [[intent]] for it",
            times(*count),
            file.display()
        );
    }
    for (said, reply) in learnt.answers.iter().take(TOLD) {
        let _ = writeln!(
            text,
            "to \"{said}\" the reply should have been \"{reply}\"; training does not teach that, an [[answer]] in {} does",
            dir.join(DEFINITION).display()
        );
    }
    text
}

fn times(count: u64) -> String {
    if count == 1 { "once".into() } else { format!("{count} times") }
}

/// A path beside another, that is not there yet.
fn beside(path: &Path, word: &str) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let numbered = (1..).map(|number| path.with_file_name(format!("{name}-{word}-{number}")));
    numbered.into_iter().find(|path| !path.exists()).unwrap_or_else(|| path.with_file_name(word))
}

impl Flags {
    /// The assistant's recipe with the corrections, from the weights of `run`.
    fn recipe(&self, run: &Path) -> Result<Recipe> {
        let path = self.dir.join("recipe.toml");
        let plain = recipes::find(&path.to_string_lossy(), &[])?;
        let DataConfig::Utterances(data) = &plain.data else {
            anyhow::bail!(
                "`{}` trains nothing that understands; its [data] has another `kind` than \"utterances\"",
                path.display()
            );
        };
        let lines = data.path.clone().unwrap_or_else(|| LINES.into());
        let lines = if self.dir.join(&lines).exists() { self.dir.join(lines) } else { lines };
        let corrections = std::path::absolute(self.dir.join(CORRECTIONS))?;
        let rate = plain.train.lr * self.rate;
        let set = |key: &str, value: &str| format!("{key}={value}");
        let quoted = |path: &Path| format!("{:?}", path.display().to_string());
        let sets = [
            set("data.path", &quoted(&lines)),
            set("data.more", &quoted(&corrections)),
            set("train.init.run", &quoted(run)),
            set("train.epochs", &self.epochs.to_string()),
            set("train.lr", &format!("{rate:?}")),
        ];
        say(&format!("learns for {} epochs at a rate of {rate:.1e}", self.epochs));
        recipes::find(&path.to_string_lossy(), &sets)
    }
}
