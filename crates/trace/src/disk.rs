//! Writing so that a crash leaves the old file or the new one, never half of one.

use crate::TraceError;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes a whole file aside, syncs it, and puts it in the place of the old one.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), TraceError> {
    let aside = aside(path);
    let written =
        write_synced(&aside, bytes).and_then(|()| fs::rename(&aside, path).map_err(TraceError::io("rename to", path)));
    if written.is_err() {
        // The first error is the one worth telling; a leftover is only untidy.
        let _ = fs::remove_file(&aside);
    }
    written?;
    sync_folder(parent(path))
}

/// Writes a file and waits until it is on the disk.
pub(crate) fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), TraceError> {
    let mut file = File::create(path).map_err(TraceError::io("create", path))?;
    file.write_all(bytes).map_err(TraceError::io("write", path))?;
    file.sync_all().map_err(TraceError::io("sync", path))
}

/// Makes a folder's list of names durable: a rename is only on the disk after this.
pub(crate) fn sync_folder(path: &Path) -> Result<(), TraceError> {
    let folder = File::open(path).map_err(TraceError::io("open", path))?;
    folder.sync_all().map_err(TraceError::io("sync", path))
}

/// The folder a path lies in; the current one for a bare name.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Whether a file of this name was left behind by a writing that never came to its end.
pub(crate) fn is_aside(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(".aside")
}

/// Removes from a folder what such writings left behind.
pub(crate) fn tidy(folder: &Path) -> Result<(), TraceError> {
    for entry in fs::read_dir(folder).map_err(TraceError::io("list", folder))? {
        let entry = entry.map_err(TraceError::io("list", folder))?;
        if entry.file_name().to_str().is_some_and(is_aside) {
            fs::remove_file(entry.path()).map_err(TraceError::io("remove", &entry.path()))?;
        }
    }
    Ok(())
}

fn aside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    parent(path).join(format!(".{name}.{}.aside", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::write_atomic;
    use std::fs;

    #[test]
    fn the_new_file_stands_in_place_of_the_old_and_nothing_lies_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        write_atomic(&path, b"old").unwrap();
        write_atomic(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_write_that_fails_names_the_file_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        let error = write_atomic(&taken, b"bytes").unwrap_err().to_string();
        assert!(error.contains("could not rename to `") && error.contains("taken"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
