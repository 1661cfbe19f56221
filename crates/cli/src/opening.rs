//! Runs and a definition put together into an assistant, for those commands that talk.

use crate::commands::assistant::{DEFINITION, definition};
use anyhow::{Context, Result, bail, ensure};
use rushlight_assistant::definition::Definition;
use rushlight_assistant::memory::Store;
use rushlight_assistant::{
    Assistant, CORRECTIONS, Generates, TrainedJudge, TrainedReplier, TrainedUnderstanding, TrainedWriter, Understanding,
};
use rushlight_models::decode::Strategy;
use rushlight_trace::Which;
use rushlight_train::Run;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many hypotheses a translator keeps.
const BEAM: usize = 5;

/// The flags of a talk with an assistant.
#[derive(clap::Args)]
#[command(next_help_heading = "An assistant")]
pub(crate) struct Talking {
    /// Where conversations are kept; `assistant.db` in the assistant's folder unless told otherwise, nowhere without one.
    #[arg(long, value_name = "FILE")]
    pub(crate) memory: Option<PathBuf>,
    /// A run that judges what is toxic.
    #[arg(long, value_name = "RUN")]
    pub(crate) judge: Option<PathBuf>,
    /// How that run calls it.
    #[arg(long, default_value = "toxic", requires = "judge")]
    toxic: String,
    /// How far the clock is ahead of Greenwich, as in `+01:00`; today and tomorrow follow it. `+00:00` unless told otherwise.
    #[arg(long, allow_hyphen_values = true, value_parser = minutes_ahead)]
    clock: Option<i32>,
    /// Of written replies: below 1 likelier tokens are favoured more; 0 is greedy. 0.8 unless told otherwise.
    #[arg(long)]
    temperature: Option<f32>,
    /// Of written replies: only the likeliest tokens that together hold this probability; 1 keeps all. 0.9 unless told otherwise.
    #[arg(long)]
    top_p: Option<f32>,
    /// The most tokens of a written reply; 60 unless told otherwise.
    #[arg(long, value_name = "N")]
    reply_tokens: Option<usize>,
}

/// An assistant, and the folder of its definition.
pub(crate) struct Opened {
    pub(crate) assistant: Assistant,
    pub(crate) folder: Option<PathBuf>,
}

/// Whether a folder is that of an assistant.
pub(crate) fn is_assistant(path: &Path) -> bool {
    path.join(DEFINITION).is_file()
}

/// The run in an assistant's folder that understands, where there is one.
pub(crate) fn own_run(folder: &Path) -> Option<PathBuf> {
    Some(folder.join("run")).filter(|run| run.is_dir())
}

/// Opens what the command line names.
pub(crate) fn open(paths: &[PathBuf], flags: &Talking) -> Result<Opened> {
    flags.check()?;
    let (folders, runs): (Vec<&PathBuf>, Vec<&PathBuf>) = paths.iter().partition(|path| is_assistant(path));
    ensure!(folders.len() < 2, "there are {} assistants; talk with one of them", folders.len());
    let folder = folders.first().map(|folder| folder.to_path_buf());
    // A run that is named understands in the place of the folder's own.
    let mut parts = Parts::default();
    for run in runs.into_iter().cloned().chain(folder.as_deref().and_then(own_run)) {
        parts.add(flags, &run)?;
    }
    let definition = folder.as_deref().map(definition).transpose()?;
    if let (Some(definition), None, Some(folder)) = (&definition, &parts.understanding, &folder) {
        ensure!(
            definition.intents.is_empty(),
            "nothing understands messages yet: there is no run in `{0}`; train it with `cd {1} && rushlight train recipe.toml --out run`",
            folder.join("run").display(),
            folder.display()
        );
    }
    let is_bare = definition.is_none();
    if is_bare && parts.generator.is_none() {
        bail!(
            "this run understands, and nothing says what is replied; give the folder of an assistant too \
             (`rushlight assistant init DIR` writes one), or a run that writes"
        );
    }
    let understanding = parts.understanding.filter(|_| !is_bare);
    let mut assistant = Assistant::new(definition.unwrap_or_else(Definition::of_a_generator), understanding)?;
    if let Some(folder) = &folder {
        assistant = assistant.with_corrections(folder.join(CORRECTIONS));
    }
    if let Some(generator) = parts.generator {
        assistant = assistant.with_generator(generator);
    }
    if let Some(judge) = &flags.judge {
        let session = Arc::new(Run::open_alone(judge, Which::Best)?);
        assistant = assistant.with_judge(Box::new(TrainedJudge::new(session, &flags.toxic)?));
    }
    Ok(Opened { assistant, folder })
}

impl Opened {
    /// Where its conversations are kept.
    pub(crate) fn store(&self, flags: &Talking) -> Result<Store> {
        let beside = || self.folder.as_ref().map(|folder| folder.join("assistant.db"));
        let path = flags.memory.clone().or_else(beside);
        Ok(path.as_deref().map_or_else(Store::in_memory, Store::open)?)
    }
}

/// What runs are good for.
#[derive(Default)]
struct Parts {
    understanding: Option<Box<dyn Understanding>>,
    generator: Option<Box<dyn Generates>>,
}

impl Parts {
    fn add(&mut self, flags: &Talking, path: &Path) -> Result<()> {
        let session = Run::open_alone(path, Which::Best)
            .with_context(|| format!("`{}` is neither a run nor the folder of an assistant", path.display()))?;
        let session = Arc::new(session);
        let (strategy, most) = (flags.strategy(), flags.reply_tokens.unwrap_or(60));
        if session.labels().is_some() {
            if self.understanding.is_none() {
                self.understanding = Some(Box::new(TrainedUnderstanding::new(session)?));
            }
        } else if self.generator.is_some() {
            bail!("two runs write, `{}` is the second; give one of them", path.display());
        } else if session.model.translator().is_some() {
            self.generator = Some(Box::new(TrainedReplier::new(session, BEAM, most)?));
        } else {
            self.generator = Some(Box::new(TrainedWriter::new(session, strategy, most)?));
        }
        Ok(())
    }
}

impl Talking {
    /// How many minutes the users' clock is ahead of Greenwich.
    pub(crate) fn clock(&self) -> i32 {
        self.clock.unwrap_or(0)
    }

    /// The first of these flags that was given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let given = [
            ("--memory", self.memory.is_some()),
            ("--judge", self.judge.is_some()),
            ("--clock", self.clock.is_some()),
            ("--temperature", self.temperature.is_some()),
            ("--top-p", self.top_p.is_some()),
            ("--reply-tokens", self.reply_tokens.is_some()),
        ];
        given.iter().find(|(_, is_given)| *is_given).map(|(name, _)| *name)
    }

    fn strategy(&self) -> Strategy {
        Strategy { temperature: self.temperature.unwrap_or(0.8), top_p: self.top_p.unwrap_or(0.9), ..Strategy::SAMPLE }
    }

    fn check(&self) -> Result<()> {
        let Strategy { temperature, top_p, .. } = self.strategy();
        ensure!(
            temperature >= 0.0 && temperature.is_finite(),
            "`--temperature {temperature}` is not possible; give 0 (greedy) or more, such as 0.8"
        );
        ensure!((0.0..=1.0).contains(&top_p), "`--top-p {top_p}` is not possible; it is a probability, from 0 to 1");
        ensure!(self.reply_tokens != Some(0), "`--reply-tokens 0` writes nothing; give 1 or more");
        Ok(())
    }
}

/// Minutes of `+01:00`.
pub(crate) fn minutes_ahead(text: &str) -> Result<i32, String> {
    let refuse = || format!("`{text}` is no distance from Greenwich; give it as `+01:00` or `-05:30`");
    let (sign, rest) = match text.split_at_checked(1).ok_or_else(refuse)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return Err(refuse()),
    };
    let (hours, minutes) = rest.split_once(':').ok_or_else(refuse)?;
    let number =
        |digits: &str, most: i32| digits.parse::<i32>().ok().filter(|n| (0..=most).contains(n)).ok_or_else(refuse);
    Ok(sign * (number(hours, 14)? * 60 + number(minutes, 59)?))
}

#[cfg(test)]
mod tests {
    use super::minutes_ahead;

    #[test]
    fn a_clock_is_so_far_from_greenwich() {
        assert_eq!(["+01:00", "-05:30", "+00:00"].map(|text| minutes_ahead(text).unwrap()), [60, -330, 0]);
        for text in ["", "1", "01:00", "+1", "+25:00", "+01:75", "é"] {
            assert!(minutes_ahead(text).unwrap_err().contains("give it as `+01:00`"));
        }
    }
}
