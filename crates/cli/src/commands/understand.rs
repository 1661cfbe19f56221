//! `understand`: a sentence in, what it wants and its slots out.

use super::{Answer, eval};
use crate::lines;
use crate::opening::minutes_ahead;
use crate::terminal::print;
use anyhow::{Context, Result, bail, ensure};
use rushlight_assistant::Now;
use rushlight_assistant::recognise::{Entity, recognise};
use rushlight_trace::{Which, since_1970};
use rushlight_train::{Run, Session, Slot, Understood};
use serde_json::{Value, json};
use std::path::PathBuf;

/// The flags of `understand`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// The run's folder.
    run: PathBuf,
    /// The file of sentences, one a line; `-` or nothing reads standard input.
    #[arg(default_value = "-", conflicts_with = "text")]
    file: PathBuf,
    /// One sentence, instead of a file.
    #[arg(long)]
    text: Option<String>,
    /// How many of the likeliest intents are named.
    #[arg(long, default_value_t = 1)]
    top: usize,
    /// Which weights: the best, the last, or those of a step.
    #[arg(long, default_value = "best", value_parser = eval::which)]
    checkpoint: Which,
    /// How far the clock is ahead of Greenwich, as in `+01:00`; today and tomorrow follow it.
    #[arg(long, default_value = "+00:00", allow_hyphen_values = true, value_parser = minutes_ahead)]
    clock: i32,
}

/// Understands each line.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    ensure!(flags.top > 0, "`--top 0` names no intent; give 1 or more");
    let session = Run::open_alone(&flags.run, flags.checkpoint)?;
    let Some(labels) = session.labels() else {
        bail!(
            "`{}` is a run of `{}`, which does not understand requests; `rushlight models` lists those that do, such as `text_cnn`",
            flags.run.display(),
            session.entry.name
        );
    };
    let now = Now::of_unix(since_1970().as_secs() as i64, flags.clock);
    let mut all = Vec::new();
    let mut told = |line: &str| -> Result<()> {
        let (understood, slots) =
            session.understand(&[line])?.pop().context("a sentence was asked, and none answered")?;
        let recognised = recognise(line, now, &[], None);
        print(&flags.written(&labels.intents, &understood, &slots, &recognised))?;
        all.push(flags.object(&session, line, &understood, &slots, &recognised));
        Ok(())
    };
    match &flags.text {
        Some(text) => told(text)?,
        None => {
            lines::read(&flags.file)?.into_iter().try_for_each(|line| told(line?.trim_end_matches(['\n', '\r'])))?
        }
    }
    Ok(Answer::new("", json!({"run": flags.run, "sentences": all})))
}

impl Flags {
    /// A line of text: the intent, its probability, each slot, and what was recognised in normal form.
    fn written(&self, names: &[String], understood: &Understood, slots: &[Slot], recognised: &[Entity]) -> String {
        let mut cells = Vec::new();
        if understood.is_outside {
            cells.push("(out of scope)".to_owned());
        }
        let best = understood.ranked().into_iter().take(self.top);
        cells.extend(best.map(|intent| format!("{} {:.3}", names[intent], understood.intents[intent])));
        cells.extend(slots.iter().map(|slot| format!("{}={}", slot.kind, slot.text)));
        cells.extend(recognised.iter().map(|found| format!("{} {:?} is {}", found.kind, found.text, found.value)));
        cells.join("\t") + "\n"
    }

    fn object(
        &self,
        session: &Session,
        line: &str,
        understood: &Understood,
        slots: &[Slot],
        recognised: &[Entity],
    ) -> Value {
        let name = |intent: usize| session.labels().map(|labels| labels.intents[intent].clone());
        let best = understood.ranked().into_iter().take(self.top);
        json!({
            "text": line,
            "intent": name(understood.intent).filter(|_| !understood.is_outside),
            "out_of_scope": understood.is_outside,
            "confidence": understood.confidence,
            "intents": best.map(|intent| json!({"intent": name(intent), "probability": understood.intents[intent]})).collect::<Vec<_>>(),
            "slots": slots,
            "recognised": recognised,
        })
    }
}
