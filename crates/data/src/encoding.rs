//! Text of any size, a piece at a time: a tokenizer is learned from it, or it becomes a file of ids. Never holds the
//! whole text; what a piece is made of stands in `rushlight_text`.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use rushlight_text::{Learning, NormalizerConfig, TextError, Tokenizer, TokenizerConfig};

use crate::{DataError, Width};

/// How much text is looked at at once, unless it has no place to be cut: enough to keep all cores at work.
const PIECE_BYTES: usize = 4 << 20;

/// A text that is read from front to back.
pub struct TextReader<'r> {
    from: Box<dyn Read + 'r>,
    /// What messages call it.
    name: PathBuf,
    /// Read, and not yet gone through.
    bytes: Vec<u8>,
    /// How many of `bytes` were given away last.
    given: usize,
    is_over: bool,
    /// Whether there was nothing but white space so far.
    is_blank: bool,
    /// Before `bytes`.
    bytes_before: usize,
    lines_before: usize,
}

/// How much text became how many ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Encoded {
    /// Bytes of text.
    pub bytes: u64,
    /// Ids.
    pub ids: u64,
}

impl<'r> TextReader<'r> {
    /// A text from anywhere; messages call it `name`.
    pub fn new(from: impl Read + 'r, name: impl Into<PathBuf>) -> Self {
        TextReader {
            from: Box::new(from),
            name: name.into(),
            bytes: Vec::new(),
            given: 0,
            is_over: false,
            is_blank: true,
            bytes_before: 0,
            lines_before: 0,
        }
    }

    /// The text of a file.
    ///
    /// # Errors
    /// No such file, or the system refuses.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        let path = path.to_path_buf();
        if path.is_dir() {
            return Err(DataError::Folder { path });
        }
        match File::open(&path) {
            Ok(file) => Ok(TextReader::new(file, path)),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(DataError::Missing { path }),
            Err(source) => Err(DataError::Unreadable { path, source }),
        }
    }

    /// The next piece, cut where tokens cannot notice; none behind the last.
    fn next(&mut self, normalizer: NormalizerConfig) -> Result<Option<&str>, DataError> {
        self.bytes_before += self.given;
        self.lines_before += self.bytes[..self.given].iter().filter(|&&byte| byte == b'\n').count();
        self.bytes.drain(..self.given);
        let mut wanted = PIECE_BYTES;
        self.given = loop {
            self.fill(wanted)?;
            let text = self.valid()?;
            let cut = if self.is_over { text.len() } else { normalizer.last_cut(text) };
            if cut > 0 || self.is_over {
                break cut;
            }
            wanted *= 2;
        };
        let given = &self.bytes[..self.given];
        self.is_blank &= given.iter().all(u8::is_ascii_whitespace);
        match self.given {
            0 if self.is_blank => Err(DataError::Empty { path: self.name.clone(), bytes: self.bytes_before }),
            0 => Ok(None),
            _ => Ok(Some(std::str::from_utf8(given).expect("it was looked at just now"))),
        }
    }

    fn fill(&mut self, wanted: usize) -> Result<(), DataError> {
        let missing = wanted.saturating_sub(self.bytes.len()) as u64;
        let read = (&mut self.from).take(missing).read_to_end(&mut self.bytes);
        let read = read.map_err(|source| DataError::Unreadable { path: self.name.clone(), source })?;
        self.is_over = (read as u64) < missing;
        Ok(())
    }

    /// What was read, but for the beginning of a character at its end.
    fn valid(&self) -> Result<&str, DataError> {
        let path = || self.name.clone();
        let line = |byte: usize| 1 + self.lines_before + self.bytes[..byte].iter().filter(|&&b| b == b'\n').count();
        if let Some(byte) = self.bytes.iter().position(|&byte| byte == 0) {
            return Err(DataError::Binary { path: path(), byte: self.bytes_before + byte, line: line(byte) });
        }
        match std::str::from_utf8(&self.bytes) {
            Ok(text) => Ok(text),
            Err(error) => {
                let (valid, rest) = self.bytes.split_at(error.valid_up_to());
                if error.error_len().is_some() || self.is_over {
                    let (byte, line) = (self.bytes_before + valid.len(), line(valid.len()));
                    return Err(DataError::NotUtf8 { path: path(), value: rest[0], byte, line });
                }
                Ok(std::str::from_utf8(valid).expect("valid up to here"))
            }
        }
    }

    /// Learns a tokenizer from the text. With `boundary`, id 0 is the token that starts and ends a row.
    ///
    /// # Errors
    /// What is no text, and whatever the tokenizer refuses.
    pub fn learn(
        mut self,
        config: &TokenizerConfig,
        normalizer: NormalizerConfig,
        boundary: bool,
    ) -> Result<Tokenizer, DataError> {
        let mut learning = Learning::new(config, normalizer, boundary)?;
        while let Some(piece) = self.next(normalizer)? {
            learning.see(piece);
        }
        Ok(learning.finish()?)
    }

    /// Gives the ids of the text to `take`, piece by piece; together they are those of the whole.
    ///
    /// # Errors
    /// What is no text, text that the tokenizer does not know, and whatever `take` fails with.
    pub fn encode(
        mut self,
        tokenizer: &Tokenizer,
        take: &mut dyn FnMut(&[u32]) -> Result<(), DataError>,
    ) -> Result<Encoded, DataError> {
        let (mut done, name) = (Encoded::default(), self.name.display().to_string());
        while let Some(piece) = self.next(tokenizer.normalizer())? {
            let bytes = piece.len() as u64;
            let ids = match tokenizer.try_encode(piece) {
                Ok(ids) => ids,
                Err(error) => {
                    let piece = piece.to_string();
                    return Err(located(error, &piece, tokenizer, &name, 1 + self.lines_before));
                }
            };
            take(&ids)?;
            done = Encoded { bytes: done.bytes + bytes, ids: done.ids + ids.len() as u64 };
        }
        Ok(done)
    }

    /// Makes the text a file of ids, as wide as the vocabulary needs. The file is there whole or not at all.
    ///
    /// # Errors
    /// As [`TextReader::encode`], and if the file cannot be written.
    pub fn encode_into(self, tokenizer: &Tokenizer, path: &Path) -> Result<Encoded, DataError> {
        let width = Width::of_vocabulary(tokenizer.vocab_size());
        let failed = |source| DataError::Unwritable { path: path.to_path_buf(), source };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let aside = path.with_file_name(format!(".{name}.{}.aside", std::process::id()));
        let mut file = File::create(&aside).map_err(failed)?;
        let encoded =
            self.encode(tokenizer, &mut |ids| width.write(ids, &mut file).map_err(failed)).and_then(|encoded| {
                file.sync_all().and_then(|()| std::fs::rename(&aside, path)).map_err(failed).map(|()| encoded)
            });
        if encoded.is_err() {
            // The first error is the one worth telling; a leftover is only untidy.
            let _ = std::fs::remove_file(&aside);
        }
        encoded
    }
}

/// An error about text, with its line; `first_line` is the number of the text's first.
pub(crate) fn located(error: TextError, text: &str, tokenizer: &Tokenizer, name: &str, first_line: usize) -> DataError {
    // With its line feed, which may be what is unknown.
    let mut lines = text.split_inclusive('\n');
    let line = lines.position(|line| !tokenizer.unknown_in(line).is_empty()).unwrap_or(0);
    DataError::UnknownText { name: name.to_string(), line: first_line + line, source: error }
}
