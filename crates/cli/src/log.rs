//! Logs: to stderr as far as `-v` asks, and always whole into the folder of the run.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;

static FILE: Mutex<Option<File>> = Mutex::new(None);

/// Starts logging; `verbose` counts the `-v`.
pub(crate) fn begin(verbose: u8) {
    let to_stderr = match verbose {
        0 => None,
        1 => Some(Level::INFO),
        _ => Some(Level::TRACE),
    };
    let format = tracing_subscriber::fmt().with_max_level(Level::DEBUG).with_ansi(false).with_target(false);
    // Another subscriber cannot be there yet; if it were, its logs would do.
    let _ = format.with_writer(Both { to_stderr }).try_init();
}

/// From now on logs go into this file too, and no longer into another run's; what was there stays.
pub(crate) fn into_file(path: &Path) {
    match File::options().create(true).append(true).open(path) {
        Ok(file) => *FILE.lock().unwrap_or_else(PoisonError::into_inner) = Some(file),
        Err(error) => tracing::warn!("no log in {}: {error}", path.display()),
    }
}

struct Both {
    to_stderr: Option<Level>,
}

struct Line {
    to_stderr: bool,
}

impl<'a> MakeWriter<'a> for Both {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line { to_stderr: self.to_stderr.is_some() }
    }

    fn make_writer_for(&'a self, meta: &tracing::Metadata<'_>) -> Line {
        Line { to_stderr: self.to_stderr.is_some_and(|most| *meta.level() <= most) }
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut file = FILE.lock().unwrap_or_else(PoisonError::into_inner);
        // Where the disk is full, somebody else will say so; a log is nothing to stop for.
        if file.as_mut().is_some_and(|file| file.write_all(bytes).is_err()) {
            *file = None;
        }
        if self.to_stderr {
            std::io::stderr().write_all(bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
