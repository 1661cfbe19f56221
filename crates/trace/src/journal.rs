//! `metrics.jsonl`: records in the order they were made. Survives a crash (a torn last line is
//! cut) and a resume (what came after the checkpoint that is gone back to is dropped).

use crate::{Record, TraceError, lines};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Writes records, one a line, each out of the process when `append` returns.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    records: u64,
}

impl Journal {
    /// Opens a journal to go on after its last whole line; made if it is not there.
    pub fn open(path: &Path) -> Result<Self, TraceError> {
        Self::resume(path, u64::MAX)
    }

    /// Opens a journal to go on after its first `records` records. Those behind are dropped: they
    /// will be made again.
    pub fn resume(path: &Path, records: u64) -> Result<Self, TraceError> {
        let records = lines::cut::<Record>(path, records)?;
        Ok(Self { path: path.to_path_buf(), file: lines::open(path)?, records })
    }

    /// Adds a record.
    pub fn append(&mut self, record: &Record) -> Result<(), TraceError> {
        lines::append(&mut self.file, &self.path, record)?;
        self.records += 1;
        Ok(())
    }

    /// How many records it holds.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Waits until everything appended is on the disk.
    pub fn sync(&self) -> Result<(), TraceError> {
        self.file.sync_data().map_err(TraceError::io("sync", &self.path))
    }

    /// All whole records of a file; none if it is not there.
    pub fn read(path: &Path) -> Result<Vec<Record>, TraceError> {
        lines::read(path)
    }
}

#[cfg(test)]
mod tests {
    use super::Journal;
    use crate::{Done, Record, Sample, Yardsticks};
    use std::fs;
    use std::path::PathBuf;

    fn sample(step: u64) -> Record {
        Record::Sample(Sample {
            step,
            prompt: String::new(),
            text: "two\nlines".into(),
            strategy: "greedy".into(),
            reference: None,
        })
    }

    fn yardsticks() -> Record {
        Record::Yardsticks(Yardsticks::language(4.0, 3.0, 2.0))
    }

    fn done() -> Record {
        Record::Done(Done { reason: "finished".into(), steps: 3, tokens: 3, seconds: 1.0, wait_seconds: 0.0 })
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
    fn a_resume_forgets_what_came_after_the_checkpoint() {
        let (_folder, path) = journal_of(&[yardsticks(), sample(1), sample(2), sample(2), done()]);
        let mut journal = Journal::resume(&path, 3).unwrap();
        journal.append(&sample(3)).unwrap();
        assert_eq!(Journal::read(&path).unwrap(), [yardsticks(), sample(1), sample(2), sample(3)]);
        assert_eq!(journal.records(), 4);
    }

    #[test]
    fn a_resume_makes_do_with_fewer_records_than_there_were() {
        let (_folder, path) = journal_of(&[sample(1)]);
        assert_eq!(Journal::resume(&path, 9).unwrap().records(), 1);
    }

    #[test]
    fn a_bad_line_in_the_middle_is_named() {
        let (_folder, path) = journal_of(&[sample(1)]);
        fs::write(&path, "{\"record\":\"step\"}\n{}\n").unwrap();
        let error = Journal::read(&path).unwrap_err().to_string();
        assert!(error.contains("line 1,") && error.contains("missing field"), "{error}");
    }
}
