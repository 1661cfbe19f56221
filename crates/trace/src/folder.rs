//! The folder of a run: where everything lies, and how to find and read it. Writing needs a
//! [`RunWriter`], which holds the run's lock.

use crate::checkpoint::{Checkpoint, Which};
use crate::{RunCard, RunWriter, TraceError, disk};
use std::fs;
use std::path::{Path, PathBuf};

/// How deep below a root runs are looked for: `runs/ladder/lstm` is two deep.
const DEEPEST: usize = 3;

/// A folder that holds a run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Makes a folder for a new run and takes its lock. A folder that holds anything already
    /// is refused.
    pub fn create(path: &Path, card: &RunCard, recipe: &str) -> Result<RunWriter, TraceError> {
        RunWriter::create(Self { path: path.to_path_buf() }, card, recipe)
    }

    /// Opens a run to look at it.
    pub fn open(path: &Path) -> Result<Self, TraceError> {
        let folder = Self { path: path.to_path_buf() };
        if folder.holds_a_run() {
            return Ok(folder);
        }
        let beside = runs_under(disk::parent(path)).unwrap_or_default();
        let known = beside.iter().map(|run| run.path.display().to_string()).collect();
        Err(TraceError::NotARun { path: folder.path, known })
    }

    /// Takes the run's lock, to write in it.
    pub fn write(self) -> Result<RunWriter, TraceError> {
        RunWriter::open(self)
    }

    /// What the run is.
    pub fn card(&self) -> Result<RunCard, TraceError> {
        let path = self.card_path();
        let text = fs::read_to_string(&path).map_err(TraceError::io("read", &path))?;
        serde_json::from_str(&text).map_err(|error| TraceError::BadFile { path, line: None, why: error.to_string() })
    }

    /// The resolved recipe: training it again repeats the run.
    pub fn recipe(&self) -> Result<String, TraceError> {
        let path = self.recipe_path();
        fs::read_to_string(&path).map_err(TraceError::io("read", &path))
    }

    /// Steps at which there is a checkpoint, rising.
    pub fn checkpoints(&self) -> Result<Vec<u64>, TraceError> {
        crate::checkpoint::steps_in(&self.checkpoints_path())
    }

    /// One checkpoint, or which ones there are.
    pub fn checkpoint(&self, which: Which) -> Result<Checkpoint, TraceError> {
        crate::checkpoint::find(self, which)
    }

    /// The last part of the path: the run's name.
    pub fn name(&self) -> String {
        let resolved = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
        resolved.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `run.json`: [`RunCard`].
    pub fn card_path(&self) -> PathBuf {
        self.path.join("run.json")
    }

    /// `recipe.toml`, resolved.
    pub fn recipe_path(&self) -> PathBuf {
        self.path.join("recipe.toml")
    }

    /// `metrics.jsonl`: [`crate::Record`]s.
    pub fn metrics_path(&self) -> PathBuf {
        self.path.join("metrics.jsonl")
    }

    /// `findings.jsonl`: [`crate::Finding`]s.
    pub fn findings_path(&self) -> PathBuf {
        self.path.join("findings.jsonl")
    }

    /// `report.html`.
    pub fn report_path(&self) -> PathBuf {
        self.path.join("report.html")
    }

    /// `tokenizer.json`.
    pub fn tokenizer_path(&self) -> PathBuf {
        self.path.join("tokenizer.json")
    }

    /// `source-tokenizer.json`, where what is translated has a vocabulary of its own.
    pub fn source_tokenizer_path(&self) -> PathBuf {
        self.path.join("source-tokenizer.json")
    }

    /// `labels.json`, where sentences are understood: what may be said of them.
    pub fn labels_path(&self) -> PathBuf {
        self.path.join("labels.json")
    }

    /// `toxic.json`, where a classifier judged what is learnt from: what is left out.
    pub fn toxic_path(&self) -> PathBuf {
        self.path.join("toxic.json")
    }

    /// `log.txt`: everything that was logged.
    pub fn log_path(&self) -> PathBuf {
        self.path.join("log.txt")
    }

    /// `checkpoints`: a folder a checkpoint.
    pub fn checkpoints_path(&self) -> PathBuf {
        self.path.join("checkpoints")
    }

    pub(crate) fn lock_path(&self) -> PathBuf {
        self.path.join("lock")
    }

    pub(crate) fn pointer_path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(crate) fn holds_a_run(&self) -> bool {
        self.card_path().is_file()
    }
}

/// All runs below a folder, by path. A folder that is not there has none.
pub fn runs_under(root: &Path) -> Result<Vec<RunFolder>, TraceError> {
    let mut runs = Vec::new();
    if root.is_dir() {
        collect(root, DEEPEST, &mut runs)?;
    }
    runs.sort();
    Ok(runs)
}

fn collect(path: &Path, depth: usize, runs: &mut Vec<RunFolder>) -> Result<(), TraceError> {
    let entries = fs::read_dir(path).map_err(TraceError::io("list", path))?;
    for entry in entries {
        let entry = entry.map_err(TraceError::io("list", path))?;
        let folder = RunFolder { path: entry.path() };
        // Links are not followed: a loop of them would never end.
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && folder.holds_a_run() {
            runs.push(folder);
        } else if is_folder && depth > 1 {
            // A folder that may not be read holds no run of ours.
            let _ = collect(&folder.path, depth - 1, runs);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{RunFolder, runs_under};
    use crate::RunCard;
    use std::fs;

    #[test]
    fn runs_are_found_where_they_lie_and_nothing_else_is() {
        let root = tempfile::tempdir().unwrap();
        for name in ["b", "ladder/a"] {
            RunFolder::create(&root.path().join(name), &RunCard::default(), "").unwrap();
        }
        fs::create_dir(root.path().join("no-run")).unwrap();
        let names: Vec<String> = runs_under(root.path()).unwrap().iter().map(RunFolder::name).collect();
        assert_eq!(names, ["b", "a"]);
        assert_eq!(runs_under(&root.path().join("nowhere")).unwrap(), []);
    }

    #[test]
    fn a_folder_without_a_run_is_refused_and_its_neighbours_are_named() {
        let root = tempfile::tempdir().unwrap();
        RunFolder::create(&root.path().join("good"), &RunCard::default(), "").unwrap();
        let error = RunFolder::open(&root.path().join("god")).unwrap_err().to_string();
        assert!(error.contains("is not a run") && error.contains("/good`"), "{error}");
    }

    #[test]
    fn a_broken_card_names_its_file_and_place() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("run.json"), "{\"seed\": -1}").unwrap();
        let error = RunFolder::open(root.path()).unwrap().card().unwrap_err().to_string();
        assert!(error.contains("run.json`") && error.contains("line 1"), "{error}");
    }
}
