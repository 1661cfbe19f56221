//! Runs and a definition put together into an assistant.

use super::Flags;
use crate::commands::assistant::{DEFINITION, definition};
use anyhow::{Context, Result, bail, ensure};
use rushlight_assistant::definition::Definition;
use rushlight_assistant::{
    Assistant, Generates, TrainedJudge, TrainedReplier, TrainedUnderstanding, TrainedWriter, Understanding,
};
use rushlight_models::decode::Strategy;
use rushlight_trace::Which;
use rushlight_train::Run;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many hypotheses a translator keeps.
const BEAM: usize = 5;

/// An assistant, and the folder of its definition.
pub(super) struct Opened {
    pub(super) assistant: Assistant,
    pub(super) folder: Option<PathBuf>,
}

/// Opens what the command line names.
pub(super) fn open(flags: &Flags) -> Result<Opened> {
    flags.check()?;
    let (folders, mut runs): (Vec<&PathBuf>, Vec<PathBuf>) = (
        flags.paths.iter().filter(|path| path.join(DEFINITION).is_file()).collect(),
        flags.paths.iter().filter(|path| !path.join(DEFINITION).is_file()).cloned().collect(),
    );
    ensure!(folders.len() < 2, "there are {} assistants; talk with one of them", folders.len());
    let folder = folders.first().map(|folder| folder.to_path_buf());
    let own = folder.as_ref().map(|folder| folder.join("run")).filter(|run| run.is_dir());
    // A run that is named understands in the place of the folder's own.
    let mut parts = Parts::default();
    for run in runs.drain(..).chain(own) {
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
    if let Some(generator) = parts.generator {
        assistant = assistant.with_generator(generator);
    }
    if let Some(judge) = &flags.judge {
        let session = Arc::new(Run::open_alone(judge, Which::Best)?);
        assistant = assistant.with_judge(Box::new(TrainedJudge::new(session, &flags.toxic)?));
    }
    Ok(Opened { assistant, folder })
}

/// What runs are good for.
#[derive(Default)]
struct Parts {
    understanding: Option<Box<dyn Understanding>>,
    generator: Option<Box<dyn Generates>>,
}

impl Parts {
    fn add(&mut self, flags: &Flags, path: &Path) -> Result<()> {
        let session = Run::open_alone(path, Which::Best)
            .with_context(|| format!("`{}` is neither a run nor the folder of an assistant", path.display()))?;
        let session = Arc::new(session);
        let strategy = Strategy { temperature: flags.temperature, top_p: flags.top_p, ..Strategy::SAMPLE };
        if session.labels().is_some() {
            if self.understanding.is_none() {
                self.understanding = Some(Box::new(TrainedUnderstanding::new(session)?));
            }
        } else if self.generator.is_some() {
            bail!("two runs write, `{}` is the second; give one of them", path.display());
        } else if session.model.translator().is_some() {
            self.generator = Some(Box::new(TrainedReplier::new(session, BEAM, flags.max_tokens)?));
        } else {
            self.generator = Some(Box::new(TrainedWriter::new(session, strategy, flags.max_tokens)?));
        }
        Ok(())
    }
}
