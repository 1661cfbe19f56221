//! From a run's folder to its session: to go on, to be judged, or to write. Writes nothing.

use crate::card::require_same_data;
use crate::check::check;
use crate::recipe::Recipe;
use crate::safety::Toxic;
use crate::{Run, Session, TrainError, checkpoint};
use rushlight_data::{Labels, Tokenizers};
use rushlight_text::Tokenizer;
use rushlight_trace::{Checkpoint, Record, RunFolder, Which, write_atomic};
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// What a run found out when it was begun, and need not find out again.
pub(crate) struct Known {
    pub(crate) tokenizers: Option<Tokenizers>,
    pub(crate) toxic: Option<Toxic>,
}

impl Run {
    /// Opens a run's best weights (or others) to look at or evaluate with the data that it learnt from; takes no lock.
    ///
    /// # Errors
    /// A folder that is no run, a checkpoint that is missing or damaged, or other data than those it learnt from.
    pub fn open(path: &Path, which: Which) -> Result<Session, TrainError> {
        let folder = RunFolder::open(path)?;
        let mut session = session_of(&folder)?;
        checkpoint::load_trained(&mut session, &folder.checkpoint(which)?)?;
        Ok(session)
    }

    /// A run's training as it was before its first step; takes no lock.
    ///
    /// # Errors
    /// As [`Run::open`], but for the checkpoint.
    pub fn begin_again(path: &Path) -> Result<Session, TrainError> {
        let session = session_of(&RunFolder::open(path)?)?;
        crate::init::begin_from(&session)?;
        Ok(session)
    }

    /// What probes say of a run's training before its first step, made anew, and of its weights as they last were, if it
    /// has come to a checkpoint; takes no lock.
    ///
    /// # Errors
    /// As [`Run::begin_again`], or a checkpoint that is damaged.
    pub fn probed(path: &Path) -> Result<[Vec<Record>; 2], TrainError> {
        let mut session = Self::begin_again(path)?;
        let before = check(&session)?;
        let Some(last) = last_checkpoint(&RunFolder::open(path)?)? else { return Ok([before, Vec::new()]) };
        checkpoint::load_weights(&session, &last)?;
        session.progress.step = last.step;
        Ok([before, check(&session)?])
    }

    /// Opens a run to let it write or to look inside; a run on text needs nothing but its own folder for that.
    ///
    /// # Errors
    /// As [`Run::open`].
    pub fn open_alone(path: &Path, which: Which) -> Result<Session, TrainError> {
        let folder = RunFolder::open(path)?;
        let Some(tokenizers) = tokenizers_of(&folder)? else { return Self::open(path, which) };
        let mut session = Session::without_data(recipe_of(&folder)?, tokenizers, labels_of(&folder)?)?;
        checkpoint::load_trained(&mut session, &folder.checkpoint(which)?)?;
        Ok(session)
    }
}

/// The checkpoint to go on from: the one that is named `last`, or the newest, where a run was killed before it named one.
/// None for a run that was killed before its first checkpoint: it begins again.
pub(crate) fn last_checkpoint(folder: &RunFolder) -> Result<Option<Checkpoint>, TrainError> {
    let newest = folder.checkpoints()?.last().map(|&step| Which::Step(step));
    match (folder.checkpoint(Which::Last), newest) {
        (Ok(last), _) => Ok(Some(last)),
        (Err(_), Some(newest)) => Ok(Some(folder.checkpoint(newest)?)),
        (Err(_), None) => Ok(None),
    }
}

/// The session that a run's folder describes, with the data that it learnt from and fresh weights.
pub(crate) fn session_of(folder: &RunFolder) -> Result<Session, TrainError> {
    let (mut recipe, card) = (recipe_of(folder)?, folder.card()?);
    // A command may be started from another folder than the run's first one.
    if let (Some(first), Some(data)) = (recipe.data.first_file(), card.data.first())
        && !first.exists()
        && !data.path.is_empty()
    {
        recipe.data.move_to(Path::new(&data.path));
    }
    let known = Known { tokenizers: tokenizers_of(folder)?, toxic: read_json(&folder.toxic_path())? };
    let session = Session::knowing(recipe, known)?;
    require_same_data(&session, &card)?;
    Ok(session)
}

fn recipe_of(folder: &RunFolder) -> Result<Recipe, TrainError> {
    Ok(Recipe::parse(&folder.recipe()?, &folder.recipe_path().display().to_string(), &[])?)
}

/// None where the run learnt from no text.
pub(crate) fn tokenizers_of(folder: &RunFolder) -> Result<Option<Tokenizers>, TrainError> {
    let load = |path: PathBuf| path.exists().then(|| Tokenizer::load(&path)).transpose();
    let (target, source) = (load(folder.tokenizer_path())?, load(folder.source_tokenizer_path())?);
    Ok(target.map(|target| Tokenizers { target, source }))
}

/// None where no sentences are understood.
fn labels_of(folder: &RunFolder) -> Result<Option<Labels>, TrainError> {
    read_json(&folder.labels_path())
}

/// None where there is no such file.
fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, TrainError> {
    if !path.exists() {
        return Ok(None);
    }
    let broken = |message: String| TrainError::Checkpoint { path: path.to_owned(), message };
    let text = std::fs::read_to_string(path).map_err(|error| broken(error.to_string()))?;
    serde_json::from_str(&text).map(Some).map_err(|error| broken(error.to_string()))
}

/// Writes what a run has found out before its first step, for [`session_of`] to find.
pub(crate) fn write_known(session: &Session, folder: &RunFolder) -> Result<(), TrainError> {
    let (target, source) = (folder.tokenizer_path(), folder.source_tokenizer_path());
    for (path, tokenizer) in [(target, &session.corpus.tokenizer), (source, &session.corpus.source_tokenizer)] {
        if let Some(tokenizer) = tokenizer {
            write_atomic(&path, tokenizer.to_json().as_bytes())?;
        }
    }
    if let Some(labels) = session.labels() {
        write_atomic(&folder.labels_path(), &checkpoint::json(&**labels))?;
    }
    if let Some(toxic) = &session.toxic {
        write_atomic(&folder.toxic_path(), &checkpoint::json(toxic))?;
    }
    Ok(())
}
