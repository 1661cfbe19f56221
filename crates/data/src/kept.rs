//! What is kept from training: a share of the data, or a file of its own.

use std::path::{Path, PathBuf};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// What is kept from training.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Kept {
    /// A share of the data.
    Share(f64),
    /// A file of its own, as seen from the folder of the file that is trained on.
    File(PathBuf),
}

impl Kept {
    /// How much is kept of the data.
    pub(crate) fn share(&self) -> f64 {
        match self {
            Kept::Share(share) => *share,
            Kept::File(_) => 0.0,
        }
    }

    /// The file, where it is one, for what is trained on in `path`.
    pub(crate) fn file(&self, path: &Path) -> Option<PathBuf> {
        match self {
            Kept::Share(_) => None,
            Kept::File(file) => Some(beside(path, file)),
        }
    }
}

/// `file` as seen from the folder of `path`.
pub(crate) fn beside(path: &Path, file: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).join(file)
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Share(f64),
            File(PathBuf),
        }
        match Written::deserialize(from) {
            Ok(Written::Share(share)) => Ok(Kept::Share(share)),
            Ok(Written::File(path)) => Ok(Kept::File(path)),
            Err(_) => Err(D::Error::custom("it is a share, such as 0.01, or the name of a file, in quotes")),
        }
    }
}
