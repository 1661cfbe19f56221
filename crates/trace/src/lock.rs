//! One writer a run. The lock is the kernel's (`flock`), so it falls with its process, however
//! that ends: a file left by a dead process is simply taken over. The process number inside is
//! for the message only.

use crate::{TraceError, disk};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Held as long as it lives.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Takes the lock at `path`, or says who holds it.
    pub(crate) fn take(path: &Path) -> Result<Self, TraceError> {
        loop {
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(path)
                .map_err(TraceError::io("open", path))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(held(&mut file, path)),
                Err(TryLockError::Error(source)) => {
                    return Err(TraceError::io("lock", path)(source));
                }
            }
            // The owner before us may have removed the file after we opened it: then what we
            // locked has no name any more, and we start again.
            if still_named(&file, path) {
                sign(&mut file).map_err(TraceError::io("write", path))?;
                return Ok(Self { path: path.to_path_buf(), _file: file });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed while still locked, so nobody can have taken it between. If that fails, the
        // file stays and the next owner takes it over.
        let _ = fs::remove_file(&self.path);
    }
}

fn held(file: &mut File, path: &Path) -> TraceError {
    let mut text = String::new();
    let pid = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
    TraceError::Locked { path: disk::parent(path).to_path_buf(), pid }
}

fn still_named(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(ours), Ok(named)) => ours.dev() == named.dev() && ours.ino() == named.ino(),
        _ => false,
    }
}

fn sign(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())?;
    file.flush()
}

#[cfg(test)]
mod tests {
    use super::Lock;
    use std::fs;
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::time::Duration;

    const FOR_THE_CHILD: &str = "RUSHLIGHT_TEST_LOCK";

    #[test]
    fn a_second_owner_is_refused_until_the_first_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = Lock::take(&path).unwrap();
        let error = Lock::take(&path).unwrap_err().to_string();
        assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
        drop(first);
        assert!(!path.exists());
        Lock::take(&path).unwrap();
    }

    #[test]
    fn another_process_is_named_and_once_killed_its_lock_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "lock::tests::holds_a_lock_until_killed"])
            .env(FOR_THE_CHILD, &path)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while fs::read_to_string(&path).unwrap_or_default().is_empty() {
            std::thread::sleep(Duration::from_millis(5));
        }
        let error = Lock::take(&path).unwrap_err().to_string();
        assert!(error.contains(&format!("process {}", child.id())), "{error}");
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(path.exists(), "a killed process cannot tidy up");
        Lock::take(&path).unwrap();
    }

    #[test]
    #[ignore = "the other process of the test above"]
    fn holds_a_lock_until_killed() {
        if let Some(path) = std::env::var_os(FOR_THE_CHILD) {
            let _lock = Lock::take(Path::new(&path)).unwrap();
            std::thread::sleep(Duration::from_secs(60));
        }
    }
}
