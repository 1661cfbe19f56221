//! Files of one JSON object a line. A line counts once its newline is there: what a crash left
//! after the last newline is no line. Knows nothing of what the objects mean.

use crate::{TraceError, disk};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Appends one object; it has left this process when the call returns.
pub(crate) fn append(file: &mut File, path: &Path, object: &impl Serialize) -> Result<(), TraceError> {
    let mut line = serde_json::to_vec(object).expect("plain data always has a JSON form");
    line.push(b'\n');
    file.write_all(&line).map_err(TraceError::io("append to", path))
}

/// Opens a file for appending, made if need be.
pub(crate) fn open(path: &Path) -> Result<File, TraceError> {
    OpenOptions::new().create(true).append(true).open(path).map_err(TraceError::io("open", path))
}

/// All whole lines, each with its object; none for a file that is not there.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, TraceError> {
    with_text(path)?.into_iter().map(|(_, object)| Ok(object)).collect()
}

/// Cuts a torn last line, and all lines behind the first `most`. Returns how many are left.
pub(crate) fn cut<T: DeserializeOwned>(path: &Path, most: u64) -> Result<u64, TraceError> {
    let mut lines = with_text::<T>(path)?;
    lines.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    let kept: String = lines.iter().map(|(text, _)| format!("{text}\n")).collect();
    let length = fs::metadata(path).map_or(0, |data| data.len());
    if kept.len() as u64 != length {
        disk::write_atomic(path, kept.as_bytes())?;
    }
    Ok(lines.len() as u64)
}

fn with_text<T: DeserializeOwned>(path: &Path) -> Result<Vec<(String, T)>, TraceError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(TraceError::io("read", path)(error)),
    };
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end);
    bytes[..whole]
        .split(|byte| *byte == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
        .map(|(index, line)| {
            let bad = |why: String| TraceError::BadFile { path: path.to_path_buf(), line: Some(index + 1), why };
            let text = std::str::from_utf8(line).map_err(|error| bad(error.to_string()))?;
            let object = serde_json::from_str(text).map_err(|error| bad(error.to_string()))?;
            Ok((text.to_owned(), object))
        })
        .collect()
}
