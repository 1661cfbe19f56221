//! Writing in a run's folder. Whoever has a `RunWriter` holds the run's lock, so there is one
//! at a time in the world; letting go of it lets go of the run.

use crate::checkpoint::{self, PendingCheckpoint, Regular};
use crate::lock::Lock;
use crate::{EventFile, Finding, Journal, RunCard, RunFolder, TraceError, disk, lines};
use std::fs;
use std::io::ErrorKind;
use std::time::SystemTime;

/// The right to write in one run.
#[derive(Debug)]
pub struct RunWriter {
    folder: RunFolder,
    _lock: Lock,
}

impl RunWriter {
    pub(crate) fn create(folder: RunFolder, card: &RunCard, recipe: &str) -> Result<Self, TraceError> {
        let path = folder.path().to_path_buf();
        refuse_if_used(&folder)?;
        fs::create_dir_all(&path).map_err(TraceError::io("create", &path))?;
        let lock = Lock::take(&folder.lock_path())?;
        // Another process may have made a run here between our look and our lock.
        if folder.holds_a_run() {
            return Err(TraceError::RunExists { path });
        }
        disk::tidy(&path)?;
        let writer = Self { folder, _lock: lock };
        disk::write_atomic(&writer.folder.recipe_path(), recipe.as_bytes())?;
        // Last: a folder is a run from the moment it has its card.
        writer.set_card(card)?;
        Ok(writer)
    }

    pub(crate) fn open(folder: RunFolder) -> Result<Self, TraceError> {
        let lock = Lock::take(&folder.lock_path())?;
        disk::tidy(folder.path())?;
        checkpoint::tidy(&folder.checkpoints_path())?;
        Ok(Self { folder, _lock: lock })
    }

    /// The folder, to read from.
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// Writes `run.json` anew.
    pub fn set_card(&self, card: &RunCard) -> Result<(), TraceError> {
        let text = serde_json::to_string_pretty(card).expect("a card always has a JSON form");
        disk::write_atomic(&self.folder.card_path(), format!("{text}\n").as_bytes())
    }

    /// The records of the run, to go on after the last whole one.
    pub fn journal(&self) -> Result<Journal, TraceError> {
        Journal::open(&self.folder.metrics_path())
    }

    /// The records of the run, to go on after the first so many; see [`Journal::resume`].
    pub fn journal_after(&self, records: u64) -> Result<Journal, TraceError> {
        Journal::resume(&self.folder.metrics_path(), records)
    }

    /// A new file of TensorBoard events; `after_step` as in [`EventFile::create`].
    pub fn events(&self, after_step: Option<u64>) -> Result<EventFile, TraceError> {
        EventFile::create(self.folder.path(), SystemTime::now(), after_step)
    }

    /// Adds a finding.
    pub fn add_finding(&self, finding: &Finding) -> Result<(), TraceError> {
        let path = self.folder.findings_path();
        lines::cut::<Finding>(&path, u64::MAX)?;
        lines::append(&mut lines::open(&path)?, &path, finding)
    }

    /// Writes the findings anew, in place of those that there are.
    pub fn set_findings(&self, findings: &[Finding]) -> Result<(), TraceError> {
        let line = |finding| serde_json::to_string(finding).expect("plain data always has a JSON form") + "\n";
        disk::write_atomic(&self.folder.findings_path(), findings.iter().map(line).collect::<String>().as_bytes())
    }

    /// Begins the checkpoint of `step`; nothing of it counts before it is committed.
    pub fn begin_checkpoint(&self, step: u64) -> Result<PendingCheckpoint, TraceError> {
        PendingCheckpoint::begin(&self.folder.checkpoints_path(), step)
    }

    /// Notes which checkpoint is the best.
    pub fn mark_best(&self, step: u64) -> Result<(), TraceError> {
        checkpoint::point(&self.folder, "best", step)
    }

    /// Notes which checkpoint to go on from.
    pub fn mark_last(&self, step: u64) -> Result<(), TraceError> {
        checkpoint::point(&self.folder, "last", step)
    }

    /// Removes all checkpoints but the newest `keep`, the best, the last, and the regular ones. Returns
    /// the steps that were removed.
    pub fn prune_checkpoints(&self, keep: usize, regular: Regular) -> Result<Vec<u64>, TraceError> {
        checkpoint::prune(&self.folder, keep, regular)
    }

    /// Removes the run with everything in it.
    pub fn remove(self) -> Result<(), TraceError> {
        let path = self.folder.path();
        // The card first: should the rest fail, what is left is no run any more.
        let card = self.folder.card_path();
        fs::remove_file(&card).map_err(TraceError::io("remove", &card))?;
        fs::remove_dir_all(path).map_err(TraceError::io("remove", path))
    }
}

fn refuse_if_used(folder: &RunFolder) -> Result<(), TraceError> {
    let path = folder.path().to_path_buf();
    if folder.holds_a_run() {
        return Err(TraceError::RunExists { path });
    }
    let entries = match fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(TraceError::io("use", &path)(error)),
    };
    // A process that died before its run had a card leaves these; they are ours to use again.
    let is_ours = |name: &str| ["lock", "recipe.toml"].contains(&name) || disk::is_aside(name);
    for entry in entries {
        let name = entry.map_err(TraceError::io("list", &path))?.file_name();
        if !name.to_str().is_some_and(is_ours) {
            // Another process may have made a run here since we looked.
            let is_run = folder.holds_a_run();
            return Err(if is_run { TraceError::RunExists { path } } else { TraceError::FolderInUse { path } });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::{Component, Finding, RunCard, RunFolder, Severity, Trace, Which};
    use std::fs;
    use std::path::PathBuf;

    #[test]
    fn what_a_process_left_that_died_while_it_made_the_run_is_no_hindrance() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("run");
        fs::create_dir(&path).unwrap();
        for left in ["lock", "recipe.toml", ".run.json.4711.aside"] {
            fs::write(path.join(left), "").unwrap();
        }
        let run = RunFolder::create(&path, &RunCard::default(), "").unwrap();
        let aside = path.join(".last.4711.aside");
        assert!(!path.join(".run.json.4711.aside").exists());
        drop(run);
        fs::write(&aside, "").unwrap();
        RunFolder::open(&path).unwrap().write().unwrap();
        assert!(!aside.exists());
    }

    fn new_path() -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("runs/new");
        (root, path)
    }

    #[test]
    fn a_new_run_has_its_card_and_recipe() {
        let (_root, path) = new_path();
        let card = RunCard { seed: 7, ..RunCard::default() };
        RunFolder::create(&path, &card, "[model]\n").unwrap();
        let folder = RunFolder::open(&path).unwrap();
        assert_eq!(folder.card().unwrap(), card);
        assert_eq!(folder.recipe().unwrap(), "[model]\n");
        assert_eq!(folder.name(), "new");
    }

    #[test]
    fn a_run_is_never_overwritten() {
        let (_root, path) = new_path();
        RunFolder::create(&path, &RunCard::default(), "first").unwrap();
        let error = RunFolder::create(&path, &RunCard::default(), "second").unwrap_err().to_string();
        assert!(error.contains("holds a run already") && error.contains("resume"), "{error}");
        assert_eq!(RunFolder::open(&path).unwrap().recipe().unwrap(), "first");
    }

    #[test]
    fn a_folder_of_other_things_is_left_alone() {
        let (_root, path) = new_path();
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("thesis.tex"), "words").unwrap();
        let error = RunFolder::create(&path, &RunCard::default(), "").unwrap_err().to_string();
        assert!(error.contains("is not empty and is not a run"), "{error}");
        assert_eq!(fs::read_dir(&path).unwrap().count(), 1);
    }

    #[test]
    fn a_second_writer_is_refused_and_the_run_stays_as_it_is() {
        let (_root, path) = new_path();
        let first = RunFolder::create(&path, &RunCard::default(), "").unwrap();
        let error = RunFolder::open(&path).unwrap().write().unwrap_err().to_string();
        assert!(error.contains("is being written by process"), "{error}");
        drop(first);
        RunFolder::open(&path).unwrap().write().unwrap();
    }

    #[test]
    fn findings_are_kept_in_order() {
        let (_root, path) = new_path();
        let run = RunFolder::create(&path, &RunCard::default(), "").unwrap();
        let finding =
            |name: &str, severity| Finding::new(name, severity, Component::Rate, "seen").since(3).at("layers.0");
        run.add_finding(&finding("a", Severity::Risk)).unwrap();
        run.add_finding(&finding("b", Severity::Fault)).unwrap();
        let trace = Trace::read(run.folder()).unwrap();
        assert_eq!(trace.findings, [finding("a", Severity::Risk), finding("b", Severity::Fault)]);
        assert!(trace.findings[0].severity < trace.findings[1].severity);
    }

    #[test]
    fn a_removed_run_is_gone() {
        let (_root, path) = new_path();
        let run = RunFolder::create(&path, &RunCard::default(), "").unwrap();
        run.begin_checkpoint(1).unwrap().commit().unwrap();
        assert!(run.folder().checkpoint(Which::Step(1)).is_ok());
        run.remove().unwrap();
        assert!(!path.exists());
    }
}
