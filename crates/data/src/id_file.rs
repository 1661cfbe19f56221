//! A file of ids: little-endian numbers one after the other, without a header. Read by position where it is needed, and
//! never whole into memory; no memory map, whose pages would count as memory. Knows not what the ids mean.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{DataError, Source};

/// How many bits an id has in a file: 16 or 32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub enum Width {
    /// Ids below 65,536.
    #[default]
    Bits16,
    /// All others.
    Bits32,
}

impl Width {
    /// The smaller one that every id of such a vocabulary fits into.
    pub fn of_vocabulary(size: usize) -> Self {
        if size <= 1 << 16 { Width::Bits16 } else { Width::Bits32 }
    }

    /// How many bits.
    pub fn bits(self) -> u32 {
        self.into()
    }

    fn bytes(self) -> usize {
        self.bits() as usize / 8
    }

    fn decoded(self, bytes: &[u8]) -> Vec<u32> {
        match self {
            Width::Bits16 => bytes.as_chunks().0.iter().map(|&id| u32::from(u16::from_le_bytes(id))).collect(),
            Width::Bits32 => bytes.as_chunks().0.iter().map(|&id| u32::from_le_bytes(id)).collect(),
        }
    }

    /// Writes ids as a file holds them.
    ///
    /// # Panics
    /// If an id does not fit.
    pub(crate) fn write(self, ids: &[u32], to: &mut impl Write) -> std::io::Result<()> {
        let mut bytes = Vec::with_capacity(ids.len() * self.bytes());
        for &id in ids {
            match self {
                Width::Bits16 => bytes.extend(u16::try_from(id).expect("ids fit into their width").to_le_bytes()),
                Width::Bits32 => bytes.extend(id.to_le_bytes()),
            }
        }
        to.write_all(&bytes)
    }
}

impl From<Width> for u32 {
    fn from(width: Width) -> Self {
        match width {
            Width::Bits16 => 16,
            Width::Bits32 => 32,
        }
    }
}

impl TryFrom<u32> for Width {
    type Error = String;

    fn try_from(bits: u32) -> Result<Self, String> {
        match bits {
            16 => Ok(Width::Bits16),
            32 => Ok(Width::Bits32),
            _ => Err(format!("an id has 16 or 32 bits in a file, not {bits}")),
        }
    }
}

/// An open file of ids, every one of them within the vocabulary.
#[derive(Debug)]
pub(crate) struct IdFile {
    file: File,
    path: PathBuf,
    width: Width,
    vocabulary: usize,
    len: usize,
}

/// Read at once when the whole file is gone through: enough to be quick, little enough for the cache.
const PIECE_BYTES: usize = 1 << 20;

/// From so many ids on, a zero in every second place is no chance.
const ENOUGH_FOR_HALVES: usize = 64;

impl IdFile {
    /// Opens a file and goes through it once, a piece at a time: for its checksum, and to see that every id is one of
    /// `vocabulary`.
    pub(crate) fn open(path: &Path, width: Width, vocabulary: usize) -> Result<(Self, Source), DataError> {
        let path = path.to_path_buf();
        if path.is_dir() {
            return Err(DataError::Folder { path });
        }
        let unreadable = |source| DataError::Unreadable { path: path.clone(), source };
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(DataError::Missing { path }),
            Err(error) => return Err(unreadable(error)),
        };
        let bytes = file.metadata().map_err(unreadable)?.len();
        if !bytes.is_multiple_of(width.bytes() as u64) {
            return Err(DataError::CutId { path, bytes, bits: width.bits() });
        }
        let ids = IdFile { file, path, width, vocabulary, len: bytes as usize / width.bytes() };
        let crc32c = ids.go_through()?;
        let source = Source { name: ids.path.display().to_string(), bytes, lines: 0, crc32c };
        Ok((ids, source))
    }

    /// How many ids there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The ids at `places`.
    ///
    /// # Errors
    /// If the system refuses, or the file has changed since it was opened.
    pub(crate) fn read(&self, places: Range<usize>) -> Result<Vec<u32>, DataError> {
        let mut bytes = vec![0; places.len() * self.width.bytes()];
        self.fill(&mut bytes, places.start)?;
        let ids = self.width.decoded(&bytes);
        self.check(&ids, places.start)?;
        Ok(ids)
    }

    fn fill(&self, bytes: &mut [u8], from: usize) -> Result<(), DataError> {
        let read = self.file.read_exact_at(bytes, (from * self.width.bytes()) as u64);
        read.map_err(|source| DataError::Unreadable { path: self.path.clone(), source })
    }

    fn check(&self, ids: &[u32], first: usize) -> Result<(), DataError> {
        match ids.iter().position(|&id| id as usize >= self.vocabulary) {
            None => Ok(()),
            Some(place) => Err(DataError::OutsideVocabulary {
                path: self.path.clone(),
                id: ids[place],
                place: first + place,
                byte: (first + place) * self.width.bytes(),
                vocabulary: self.vocabulary,
            }),
        }
    }

    /// Looks at every id; gives the CRC-32C of all bytes.
    fn go_through(&self) -> Result<u32, DataError> {
        let ids_at_once = PIECE_BYTES / self.width.bytes();
        let mut piece = vec![0; PIECE_BYTES];
        let (mut crc32c, mut in_odd_places) = (0, 0);
        for first in (0..self.len).step_by(ids_at_once) {
            let count = ids_at_once.min(self.len - first);
            let bytes = &mut piece[..count * self.width.bytes()];
            self.fill(bytes, first)?;
            crc32c = crc32c::crc32c_append(crc32c, bytes);
            if self.largest(bytes) as usize >= self.vocabulary {
                self.check(&self.width.decoded(bytes), first)?;
            }
            in_odd_places |= high_halves(bytes);
        }
        if self.width == Width::Bits16 && in_odd_places == 0 && self.len >= ENOUGH_FOR_HALVES {
            return Err(DataError::Halves { path: self.path.clone() });
        }
        Ok(crc32c)
    }

    /// The largest id, without a copy: most files are all right.
    fn largest(&self, bytes: &[u8]) -> u32 {
        match self.width {
            Width::Bits16 => bytes.as_chunks().0.iter().map(|&id| u16::from_le_bytes(id)).max().unwrap_or(0).into(),
            Width::Bits32 => bytes.as_chunks().0.iter().map(|&id| u32::from_le_bytes(id)).max().unwrap_or(0),
        }
    }
}

/// All bits that stand in the high halves of 32-bit numbers.
fn high_halves(bytes: &[u8]) -> u32 {
    bytes.as_chunks().0.iter().fold(0, |bits, &two| bits | u32::from_le_bytes(two)) >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(width: Width, ids: &[u32]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.bin");
        width.write(ids, &mut File::create(&path).unwrap()).unwrap();
        (folder, path)
    }

    #[test]
    fn numbers_are_little_endian() {
        let (_folder, path) = written(Width::Bits16, &[1, 0x0203]);
        assert_eq!(std::fs::read(&path).unwrap(), [1, 0, 3, 2]);
        let (_folder, path) = written(Width::Bits32, &[0x0102_0304]);
        assert_eq!(std::fs::read(&path).unwrap(), [4, 3, 2, 1]);
    }

    #[test]
    fn any_places_can_be_read_at_either_width() {
        let ids: Vec<u32> = (0..1000).map(|n| n * 7 % 501).collect();
        for width in [Width::Bits16, Width::Bits32] {
            let (_folder, path) = written(width, &ids);
            let (file, source) = IdFile::open(&path, width, 501).unwrap();
            assert_eq!((file.len(), source.bytes), (1000, 1000 * u64::from(width.bits()) / 8));
            for places in [0..0, 0..1, 3..17, 999..1000, 0..1000] {
                assert_eq!(file.read(places.clone()).unwrap(), ids[places]);
            }
        }
    }

    #[test]
    fn the_checksum_is_that_of_the_bytes_however_many_pieces_there_are() {
        for count in [0, 1, 3, PIECE_BYTES / 2, PIECE_BYTES / 2 + 1, PIECE_BYTES + 5] {
            let ids: Vec<u32> = (0..count as u32).map(|n| n % 60_000).collect();
            let (_folder, path) = written(Width::Bits16, &ids);
            let (_, source) = IdFile::open(&path, Width::Bits16, 60_000).unwrap();
            assert_eq!(source.crc32c, crc32c::crc32c(&std::fs::read(&path).unwrap()), "{count}");
        }
    }

    fn refused(width: Width, ids: &[u32], read_as: Width, vocabulary: usize) -> String {
        let (_folder, path) = written(width, ids);
        IdFile::open(&path, read_as, vocabulary).unwrap_err().to_string()
    }

    #[test]
    fn an_id_outside_the_vocabulary_is_refused_with_its_value_and_place() {
        // In the second piece.
        let mut ids = vec![1; PIECE_BYTES];
        ids[PIECE_BYTES - 3] = 500;
        let error = refused(Width::Bits16, &ids, Width::Bits16, 500);
        assert!(error.contains("x.bin` has the id 500 at place 1048573 (byte 2097146)"), "{error}");
        assert!(error.contains("ids 0 to 499"), "{error}");
    }

    #[test]
    fn the_wrong_width_is_noticed() {
        let ids: Vec<u32> = (0..100).collect();
        let error = refused(Width::Bits32, &ids, Width::Bits16, 100);
        assert!(error.contains("every second id of") && error.contains("`width = 32`"), "{error}");
        // 0 and 1, read as one number: 65,536.
        let error = refused(Width::Bits16, &ids, Width::Bits32, 100);
        assert!(error.contains("has the id 65536 at place 0"), "{error}");
    }

    #[test]
    fn a_file_that_ends_within_an_id_is_refused() {
        let (_folder, path) = written(Width::Bits16, &[1, 2, 3]);
        let error = IdFile::open(&path, Width::Bits32, 9).unwrap_err().to_string();
        assert!(error.contains("x.bin` has 6 bytes, which is no whole number of ids of 32 bits"), "{error}");
    }

    #[test]
    fn a_file_that_changes_later_is_an_error_and_no_panic() {
        let (_folder, path) = written(Width::Bits16, &[1, 2, 3, 4]);
        let (file, _) = IdFile::open(&path, Width::Bits16, 9).unwrap();
        std::fs::write(&path, [9, 0]).unwrap();
        assert!(matches!(file.read(0..1), Err(DataError::OutsideVocabulary { id: 9, place: 0, .. })));
        assert!(matches!(file.read(0..4), Err(DataError::Unreadable { .. })));
    }
}
