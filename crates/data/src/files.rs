//! Files to text, with good answers to bad files, and what is remembered of a source. Knows not what the text means.

use std::borrow::Cow;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::DataError;
use crate::datasets::{self, Content, Dataset};
use crate::error::listed;

/// What a run remembers of a file or data set that it read, to see later whether it is the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The data set's name or the file's path.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// How many lines it has; 0 for what is no text.
    pub lines: u64,
    /// CRC-32C of its bytes.
    pub crc32c: u32,
}

impl Source {
    pub(crate) fn of(name: impl Into<String>, text: &str) -> Self {
        Source {
            name: name.into(),
            bytes: text.len() as u64,
            lines: text.lines().count() as u64,
            crc32c: crc32c::crc32c(text.as_bytes()),
        }
    }
}

/// A text, and where it comes from.
pub(crate) struct Loaded {
    pub(crate) source: Source,
    pub(crate) text: Cow<'static, str>,
    /// Train, validation and test, where the data set comes in parts.
    pub(crate) parts: Option<[&'static str; 3]>,
}

/// The built-in data set, or the file: a recipe names one of them.
pub(crate) fn load(dataset: Option<&str>, path: Option<&Path>) -> Result<Loaded, DataError> {
    let known = || listed(datasets::ALL.iter().map(|dataset| dataset.name));
    match (dataset, path) {
        (Some(name), None) => {
            let unknown = || DataError::UnknownDataset { asked: name.to_string(), known: known() };
            let dataset = Dataset::named(name).ok_or_else(unknown)?;
            let text = dataset.text();
            let parts = match dataset.content {
                Content::Whole(_) => None,
                Content::Parts(parts) => Some(parts),
            };
            Ok(Loaded { source: Source::of(name, &text), text, parts })
        }
        (None, Some(path)) => {
            let text = Cow::Owned(read(path)?);
            Ok(Loaded { source: Source::of(path.display().to_string(), &text), text, parts: None })
        }
        (None, None) => Err(DataError::NoOrigin { known: known(), found: "neither" }),
        (Some(_), Some(_)) => Err(DataError::NoOrigin { known: known(), found: "both" }),
    }
}

/// The text of a file, which is more than white space.
pub(crate) fn read(path: &Path) -> Result<String, DataError> {
    let text = read_any(path)?;
    if text.bytes().all(|byte| byte.is_ascii_whitespace()) {
        return Err(DataError::Empty { path: path.into(), bytes: text.len() });
    }
    Ok(text)
}

/// The text of a file, whatever it says.
fn read_any(path: &Path) -> Result<String, DataError> {
    let path = PathBuf::from(path);
    if path.is_dir() {
        return Err(DataError::Folder { path });
    }
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(DataError::Missing { path }),
        Err(source) => return Err(DataError::Unreadable { path, source }),
    };
    let line = |byte: usize| bytes[..byte].iter().filter(|&&b| b == b'\n').count() + 1;
    if let Some(byte) = bytes.iter().position(|&b| b == 0) {
        return Err(DataError::Binary { path, line: line(byte), byte });
    }
    if let Err(error) = std::str::from_utf8(&bytes) {
        let byte = error.valid_up_to();
        return Err(DataError::NotUtf8 { path, value: bytes[byte], line: line(byte), byte });
    }
    Ok(String::from_utf8(bytes).expect("it was looked at just now"))
}

/// Two files with text, of which line N of each belongs to line N of the other: as many lines in each.
pub(crate) fn load_aligned(paths: &[PathBuf; 2]) -> Result<[Loaded; 2], DataError> {
    let files = [load(None, Some(&paths[0]))?, load(None, Some(&paths[1]))?];
    if files[0].source.lines != files[1].source.lines {
        let counts = [0, 1].map(|side| Lines::of(&paths[side], files[side].text.lines()));
        return Err(DataError::Unaligned(Box::new(counts)));
    }
    Ok(files)
}

/// The lines, empty ones too, of files of which line N of each belongs to line N of the others: as many in each.
///
/// # Errors
/// A file that is no text, or has another count of lines than the first.
pub fn aligned(paths: &[PathBuf]) -> Result<Vec<Vec<String>>, DataError> {
    let mut files: Vec<Vec<String>> = Vec::with_capacity(paths.len());
    for path in paths {
        let lines: Vec<String> = read_any(path)?.lines().map(str::to_owned).collect();
        match files.first() {
            None if lines.is_empty() => return Err(DataError::Empty { path: path.clone(), bytes: 0 }),
            Some(first) if first.len() != lines.len() => {
                let counts = [(&paths[0], first), (path, &lines)]
                    .map(|(path, lines)| Lines::of(path, lines.iter().map(String::as_str)));
                return Err(DataError::Unaligned(Box::new(counts)));
            }
            _ => files.push(lines),
        }
    }
    Ok(files)
}

/// How many lines a file has, and where the first empty one is: often the place where two files part.
#[derive(Debug)]
pub struct Lines {
    path: PathBuf,
    count: usize,
    first_empty: Option<usize>,
}

impl Lines {
    fn of<'t>(path: &Path, lines: impl Iterator<Item = &'t str> + Clone) -> Self {
        let first_empty = lines.clone().position(|line| line.trim().is_empty()).map(|index| index + 1);
        Self { path: path.into(), count: lines.count(), first_empty }
    }
}

impl std::fmt::Display for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` has {} line{} (", self.path.display(), self.count, if self.count == 1 { "" } else { "s" })?;
        match self.first_empty {
            Some(line) => write!(f, "the first empty one is line {line})"),
            None => write!(f, "none of them empty)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("corpus.txt");
        std::fs::write(&path, bytes).unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("corpus.txt` ") && error.contains(expected), "{error}");
    }

    #[test]
    fn an_empty_file_is_refused() {
        check(b"", "is empty (0 bytes");
    }

    #[test]
    fn a_file_of_spaces_is_empty() {
        check(b" \n\r\n", "is empty (4 bytes");
    }

    #[test]
    fn a_binary_file_is_refused_with_the_place() {
        check(b"ab\ncd\0", "zero byte at position 5 (line 2)");
    }

    #[test]
    fn latin_1_is_refused_with_the_place() {
        check(b"one\ntw\xF6\n", "the byte 0xf6 at position 6 (line 2)");
    }

    #[test]
    fn a_cut_off_character_is_refused() {
        check(b"one\xE2\x82", "the byte 0xe2 at position 3 (line 1)");
    }

    #[test]
    fn files_of_another_length_are_refused_with_both_counts() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a", "b"].map(|name| folder.path().join(name));
        std::fs::write(&paths[0], "one\ntwo\r\nthree").unwrap();
        std::fs::write(&paths[1], "un\n\ndeux\ntrois\n").unwrap();
        let error = aligned(&paths).unwrap_err().to_string();
        assert!(error.contains("a` has 3 lines (none of them empty)"), "{error}");
        assert!(error.contains("b` has 4 lines (the first empty one is line 2)"), "{error}");
        std::fs::write(&paths[1], "un\ndeux\ntrois\n").unwrap();
        assert_eq!(aligned(&paths).unwrap(), [["one", "two", "three"], ["un", "deux", "trois"]]);
    }

    #[test]
    fn a_missing_file_and_a_folder_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read(folder.path()), Err(DataError::Folder { .. })));
        assert!(matches!(read(&folder.path().join("x")), Err(DataError::Missing { .. })));
    }

    #[test]
    fn a_source_is_remembered_by_its_checksum() {
        // The check value of CRC-32C for these nine bytes, from RFC 3720.
        let source = Source::of("x", "123456789");
        assert_eq!((source.bytes, source.lines, source.crc32c), (9, 1, 0xE306_9283));
    }

    #[test]
    fn exactly_one_origin_is_wanted() {
        let error = |dataset, path| load(dataset, path).map(|_| ()).unwrap_err().to_string();
        let path = Some(Path::new("x"));
        assert!(error(None, None).ends_with("and has neither"));
        assert!(error(Some("names"), path).ends_with("and has both"));
        assert!(
            error(Some("nmaes"), None)
                .starts_with("there is no built-in data set `nmaes`; there are: `names`, `shakespeare`, `tatoeba`")
        );
    }
}
