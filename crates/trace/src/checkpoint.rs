//! Checkpoints: folders `checkpoints/step-N`, each whole or not there at all. They are written
//! aside and renamed; `best` and `last` are small files that name one, because a file (unlike a
//! link) survives copying, archives and every file system. What is in a checkpoint is bytes.

use crate::{RunFolder, TraceError, disk};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const PREFIX: &str = "step-";
const ASIDE: &str = ".aside-";
const REPLACED: &str = ".replaced-";

/// Which checkpoint is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The one with the best evaluation.
    Best,
    /// The one to go on from.
    Last,
    /// The one at this step.
    Step(u64),
}

/// A whole checkpoint on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Optimizer steps taken.
    pub step: u64,
    /// Its folder.
    pub path: PathBuf,
}

/// A checkpoint being written. It counts from `commit` on; dropped before, it leaves nothing.
#[derive(Debug)]
pub struct PendingCheckpoint {
    checkpoints: PathBuf,
    step: u64,
    committed: bool,
}

impl PendingCheckpoint {
    pub(crate) fn begin(checkpoints: &Path, step: u64) -> Result<Self, TraceError> {
        let pending = Self { checkpoints: checkpoints.to_path_buf(), step, committed: false };
        remove_folder(&pending.path())?;
        fs::create_dir_all(pending.path()).map_err(TraceError::io("create", &pending.path()))?;
        Ok(pending)
    }

    /// The folder to write into, for those who write files themselves.
    pub fn path(&self) -> PathBuf {
        self.checkpoints.join(format!("{ASIDE}{}", self.step))
    }

    /// Writes one file of the checkpoint.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), TraceError> {
        disk::write_synced(&self.path().join(name), bytes)
    }

    /// Syncs every file and puts the checkpoint in its place; one of the same step gives way.
    pub fn commit(mut self) -> Result<Checkpoint, TraceError> {
        let aside = self.path();
        for file in entries(&aside)? {
            let open = fs::File::open(&file).map_err(TraceError::io("open", &file))?;
            open.sync_all().map_err(TraceError::io("sync", &file))?;
        }
        disk::sync_folder(&aside)?;
        let path = self.checkpoints.join(format!("{PREFIX}{}", self.step));
        let replaced = self.checkpoints.join(format!("{REPLACED}{}", self.step));
        // A folder cannot be renamed over a full one. Should we die between these two renames,
        // `tidy` puts the old one back.
        if path.exists() {
            fs::rename(&path, &replaced).map_err(TraceError::io("rename", &path))?;
        }
        fs::rename(&aside, &path).map_err(TraceError::io("rename to", &path))?;
        self.committed = true;
        disk::sync_folder(&self.checkpoints)?;
        remove_folder(&replaced)?;
        Ok(Checkpoint { step: self.step, path })
    }
}

impl Drop for PendingCheckpoint {
    fn drop(&mut self) {
        if !self.committed {
            // Nothing counts on it; what cannot be removed now, `tidy` removes later.
            let _ = fs::remove_dir_all(self.path());
        }
    }
}

/// Removes what a crash left aside, and puts back what it had moved away.
pub(crate) fn tidy(checkpoints: &Path) -> Result<(), TraceError> {
    for path in entries(checkpoints)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(ASIDE) {
            remove_folder(&path)?;
        } else if let Some(step) = name.strip_prefix(REPLACED) {
            let place = checkpoints.join(format!("{PREFIX}{step}"));
            if place.exists() {
                remove_folder(&path)?;
            } else {
                fs::rename(&path, &place).map_err(TraceError::io("rename to", &place))?;
            }
        }
    }
    Ok(())
}

pub(crate) fn steps_in(checkpoints: &Path) -> Result<Vec<u64>, TraceError> {
    let mut steps: Vec<u64> = entries(checkpoints)?
        .iter()
        .filter_map(|path| path.file_name()?.to_str()?.strip_prefix(PREFIX)?.parse().ok())
        .collect();
    steps.sort_unstable();
    Ok(steps)
}

pub(crate) fn find(folder: &RunFolder, which: Which) -> Result<Checkpoint, TraceError> {
    let step = match which {
        Which::Best => pointed(folder, "best")?,
        Which::Last => pointed(folder, "last")?,
        Which::Step(step) => Some(step),
    };
    let present = steps_in(&folder.checkpoints_path())?;
    match step.filter(|step| present.contains(step)) {
        Some(step) => {
            let path = folder.checkpoints_path().join(format!("{PREFIX}{step}"));
            Ok(Checkpoint { step, path })
        }
        None => Err(TraceError::NoCheckpoint {
            path: folder.path().to_path_buf(),
            asked: match which {
                Which::Best => "best".to_owned(),
                Which::Last => "last".to_owned(),
                Which::Step(step) => format!("{PREFIX}{step}"),
            },
            present,
        }),
    }
}

pub(crate) fn point(folder: &RunFolder, name: &str, step: u64) -> Result<(), TraceError> {
    find(folder, Which::Step(step))?;
    disk::write_atomic(&folder.pointer_path(name), format!("{PREFIX}{step}\n").as_bytes())
}

pub(crate) fn prune(folder: &RunFolder, keep: usize, regular: Regular) -> Result<Vec<u64>, TraceError> {
    let steps = folder.checkpoints()?;
    let named = [pointed(folder, "best")?, pointed(folder, "last")?];
    let wanted: Vec<u64> = regular.of(&steps).collect();
    let older = &steps[..steps.len().saturating_sub(keep)];
    let goes = |step: &u64| !named.contains(&Some(*step)) && !wanted.contains(step);
    let removed: Vec<u64> = older.iter().copied().filter(goes).collect();
    for step in &removed {
        remove_folder(&folder.checkpoints_path().join(format!("{PREFIX}{step}")))?;
    }
    Ok(removed)
}

/// Checkpoints that come at every so many steps, whatever others there are.
#[derive(Debug, Clone, Copy)]
pub struct Regular {
    /// After how many steps each.
    pub every: u64,
    /// How many of the latest.
    pub count: usize,
}

impl Regular {
    /// Those among `steps`, which go up; the latest first.
    pub fn of(self, steps: &[u64]) -> impl Iterator<Item = u64> {
        let regular = steps.iter().rev().copied().filter(move |step| self.every > 0 && step.is_multiple_of(self.every));
        regular.take(self.count)
    }
}

fn pointed(folder: &RunFolder, name: &str) -> Result<Option<u64>, TraceError> {
    let path = folder.pointer_path(name);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(TraceError::io("read", &path)(error)),
    };
    let step = text.trim().strip_prefix(PREFIX).and_then(|step| step.parse().ok());
    step.map(Some).ok_or_else(|| TraceError::BadFile {
        path,
        line: None,
        why: format!("it should name a checkpoint, as `{PREFIX}100` does"),
    })
}

/// Everything in a folder; nothing if it is not there.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, TraceError> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry.map_err(TraceError::io("list", folder))?.path())).collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(TraceError::io("list", folder)(error)),
    }
}

fn remove_folder(path: &Path) -> Result<(), TraceError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(TraceError::io("remove", path)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::Which;
    use crate::{Regular, RunCard, RunFolder, RunWriter};
    use std::fs;

    fn new_run() -> (tempfile::TempDir, RunWriter) {
        let root = tempfile::tempdir().unwrap();
        let run = RunFolder::create(&root.path().join("run"), &RunCard::default(), "").unwrap();
        (root, run)
    }

    fn save(run: &RunWriter, step: u64, bytes: &[u8]) {
        let pending = run.begin_checkpoint(step).unwrap();
        pending.write("state.json", bytes).unwrap();
        pending.commit().unwrap();
    }

    fn saved(run: &RunWriter, which: Which) -> Vec<u8> {
        fs::read(run.folder().checkpoint(which).unwrap().path.join("state.json")).unwrap()
    }

    #[test]
    fn a_checkpoint_counts_only_once_it_is_committed() {
        let (_root, run) = new_run();
        let pending = run.begin_checkpoint(5).unwrap();
        pending.write("state.json", b"half").unwrap();
        assert_eq!(run.folder().checkpoints().unwrap(), [0_u64; 0]);
        drop(pending);
        assert_eq!(fs::read_dir(run.folder().checkpoints_path()).unwrap().count(), 0);
        save(&run, 5, b"whole");
        assert_eq!(run.folder().checkpoints().unwrap(), [5]);
    }

    #[test]
    fn a_checkpoint_of_the_same_step_gives_way() {
        let (_root, run) = new_run();
        save(&run, 5, b"old");
        save(&run, 5, b"new");
        assert_eq!(saved(&run, Which::Step(5)), b"new");
        assert_eq!(fs::read_dir(run.folder().checkpoints_path()).unwrap().count(), 1);
    }

    #[test]
    fn best_and_last_name_their_checkpoints() {
        let (_root, run) = new_run();
        save(&run, 5, b"five");
        save(&run, 10, b"ten");
        run.mark_best(5).unwrap();
        run.mark_last(10).unwrap();
        assert_eq!((saved(&run, Which::Best), saved(&run, Which::Last)), (b"five".to_vec(), b"ten".to_vec()));
    }

    #[test]
    fn a_checkpoint_that_is_not_there_is_told_with_those_that_are() {
        let (_root, run) = new_run();
        let error = run.folder().checkpoint(Which::Last).unwrap_err().to_string();
        assert!(error.contains("no checkpoint `last`; it has none yet"), "{error}");
        save(&run, 5, b"five");
        let error = run.mark_best(6).unwrap_err().to_string();
        assert!(error.contains("no checkpoint `step-6`; it has `step-5`"), "{error}");
    }

    #[test]
    fn pruning_keeps_the_newest_the_best_and_the_last() {
        let (_root, run) = new_run();
        (1..=6).for_each(|step| save(&run, step, b""));
        run.mark_best(2).unwrap();
        run.mark_last(4).unwrap();
        assert_eq!(run.prune_checkpoints(1, Regular { every: 5, count: 3 }).unwrap(), [1, 3]);
        assert_eq!(run.folder().checkpoints().unwrap(), [2, 4, 5, 6]);
    }

    #[test]
    fn after_a_crash_halves_are_removed_and_what_was_moved_away_comes_back() {
        let (_root, run) = new_run();
        save(&run, 5, b"five");
        let (folder, checkpoints) = (run.folder().clone(), run.folder().checkpoints_path());
        fs::create_dir(checkpoints.join(".aside-6")).unwrap();
        fs::rename(checkpoints.join("step-5"), checkpoints.join(".replaced-5")).unwrap();
        drop(run);
        let run = folder.write().unwrap();
        assert_eq!(saved(&run, Which::Step(5)), b"five");
        assert_eq!(fs::read_dir(checkpoints).unwrap().count(), 1);
    }
}
