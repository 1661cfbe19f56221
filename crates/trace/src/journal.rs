//! `metrics.jsonl`: records in the order they were made. Survives a crash (a torn last line is
//! cut) and a resume (what came after the step that is gone back to is dropped).

use crate::{Record, TraceError, lines};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Writes records, one a line, each out of the process when `append` returns.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Opens a journal to go on after its last whole line; made if it is not there.
    pub fn open(path: &Path) -> Result<Self, TraceError> {
        lines::cut(path, |_: &Record| true)?;
        Self::at(path)
    }

    /// Opens a journal to go on after `step`. Dropped are records of later steps, and what was
    /// measured after training: the weights will change, so it is no longer so.
    pub fn resume(path: &Path, step: u64) -> Result<Self, TraceError> {
        lines::cut(path, |record: &Record| {
            record.step().is_none_or(|made_at| made_at <= step) && !record.follows_training()
        })?;
        Self::at(path)
    }

    /// Adds a record.
    pub fn append(&mut self, record: &Record) -> Result<(), TraceError> {
        lines::append(&mut self.file, &self.path, record)
    }

    /// Waits until everything appended is on the disk.
    pub fn sync(&self) -> Result<(), TraceError> {
        self.file.sync_data().map_err(TraceError::io("sync", &self.path))
    }

    /// All whole records of a file; none if it is not there.
    pub fn read(path: &Path) -> Result<Vec<Record>, TraceError> {
        lines::read(path)
    }

    fn at(path: &Path) -> Result<Self, TraceError> {
        Ok(Self { path: path.to_path_buf(), file: lines::open(path)? })
    }
}

#[cfg(test)]
mod tests {
    use super::Journal;
    use crate::{Done, Record, Sample, Yardsticks};
    use std::fs;
    use std::path::PathBuf;

    fn sample(step: u64) -> Record {
        Record::Sample(Sample { step, prompt: String::new(), text: "two\nlines".into(), strategy: "greedy".into() })
    }

    fn yardsticks() -> Record {
        Record::Yardsticks(Yardsticks::language(4.0, 3.0, 2.0))
    }

    fn done() -> Record {
        Record::Done(Done { reason: "finished".into(), steps: 3, tokens: 3, seconds: 1.0 })
    }

    /// A journal that holds `records`, in a folder that lives as long as the first value.
    fn journal_of(records: &[Record]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let mut journal = Journal::open(&path).unwrap();
        records.iter().for_each(|record| journal.append(record).unwrap());
        (folder, path)
    }

    #[test]
    fn records_come_back_in_order_one_a_line() {
        let (_folder, path) = journal_of(&[yardsticks(), sample(1), sample(2)]);
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 3);
        assert_eq!(Journal::read(&path).unwrap(), [yardsticks(), sample(1), sample(2)]);
    }

    #[test]
    fn a_torn_last_line_is_not_read_and_is_cut_before_going_on() {
        let (_folder, path) = journal_of(&[sample(1), sample(2)]);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 5]).unwrap();
        assert_eq!(Journal::read(&path).unwrap(), [sample(1)]);
        Journal::open(&path).unwrap().append(&sample(9)).unwrap();
        assert_eq!(Journal::read(&path).unwrap(), [sample(1), sample(9)]);
    }

    #[test]
    fn a_line_torn_at_its_newline_is_torn_too() {
        let (_folder, path) = journal_of(&[sample(1), sample(2)]);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert_eq!(Journal::read(&path).unwrap(), [sample(1)]);
    }

    #[test]
    fn a_resume_forgets_later_steps_and_the_end() {
        let (_folder, path) = journal_of(&[yardsticks(), sample(1), sample(2), sample(3), done()]);
        Journal::resume(&path, 2).unwrap().append(&sample(3)).unwrap();
        assert_eq!(Journal::read(&path).unwrap(), [yardsticks(), sample(1), sample(2), sample(3)]);
    }

    #[test]
    fn a_bad_line_in_the_middle_is_named() {
        let (_folder, path) = journal_of(&[sample(1)]);
        fs::write(&path, "{\"record\":\"step\"}\n{}\n").unwrap();
        let error = Journal::read(&path).unwrap_err().to_string();
        assert!(error.contains("line 1,") && error.contains("missing field"), "{error}");
    }
}
