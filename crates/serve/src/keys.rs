//! Keys: who may ask. A file holds a name and the SHA-256 of each key, never a key.
//!
//! A key is 32 random bytes, so a plain hash of it can neither be turned back nor guessed. What somebody sends is
//! hashed and compared with all of them in a time that does not depend on where they differ.

use crate::ServeError;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// What a key begins with, so that people and scanners know it for one.
const PREFIX: &str = "rl-";

/// The keys of a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys(Vec<Key>);

#[derive(Clone, Debug)]
struct Key {
    name: String,
    hash: [u8; 32],
}

/// Makes a key, adds its hash under `name` to the file, which is made if need be, and gives the key: it is told once.
///
/// # Errors
/// A name that cannot stand in the file or does already, or a file that cannot be written.
pub fn new_key(path: &Path, name: &str) -> Result<String, ServeError> {
    let broken = |why: String| ServeError::Keys { path: path.to_path_buf(), why };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
    if name.is_empty() || !name.chars().all(is_plain) {
        return Err(broken(format!(
            "takes no key named `{}`; a name has letters, digits and `-_.@`",
            name.escape_debug()
        )));
    }
    if path.exists() && Keys::read(path)?.0.iter().any(|key| key.name == name) {
        return Err(broken(format!(
            "has a key named `{name}` already; choose another name, or take its line out first"
        )));
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| broken(format!("gets no key, for there is no chance here: {error}")))?;
    let key = format!("{PREFIX}{}", hex(&bytes));
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let line = format!("{name} {}\n", hex(&hash(&key)));
    let written = options.open(path).and_then(|mut file| {
        file.write_all(line.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| broken(format!("cannot be written: {error}")))?;
    Ok(key)
}

impl Keys {
    /// Reads a file: `name sha256` a line; `#` begins a comment.
    pub(crate) fn read(path: &Path) -> Result<Self, ServeError> {
        let broken = |why: String| ServeError::Keys { path: path.to_path_buf(), why };
        let text = std::fs::read_to_string(path).map_err(|error| {
            broken(format!("cannot be read: {error}; make it with `rushlight serve --new-key {}`", path.display()))
        })?;
        let mut keys = Vec::new();
        for (number, line) in (1..).zip(text.lines().map(str::trim)) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let key = line
                .split_once(' ')
                .and_then(|(name, hash)| Some(Key { name: name.into(), hash: unhex(hash.trim())? }));
            let refused = || {
                broken(format!(
                    "has a line {number} that is no key: it needs a name and the 64 hex digits of a SHA-256; make one with \
                     `rushlight serve --new-key {}`",
                    path.display()
                ))
            };
            keys.push(key.ok_or_else(refused)?);
        }
        if keys.is_empty() {
            return Err(broken(format!("holds no key; make one with `rushlight serve --new-key {}`", path.display())));
        }
        Ok(Self(keys))
    }

    /// The name of this key, if it is one of them.
    pub(crate) fn name_of(&self, key: &str) -> Option<&str> {
        let asked = hash(key);
        let mut found = u64::MAX;
        for (place, key) in (0..).zip(&self.0) {
            let is_it: Choice = asked.ct_eq(&key.hash);
            found.conditional_assign(&place, is_it);
        }
        self.0.get(usize::try_from(found).ok()?).map(|key| key.name.as_str())
    }
}

fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, place) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&text[place..place + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_was_made_is_known_and_another_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.txt");
        let (ada, bob) = (new_key(&path, "ada").unwrap(), new_key(&path, "bob").unwrap());
        let keys = Keys::read(&path).unwrap();
        assert_eq!((keys.name_of(&ada), keys.name_of(&bob)), (Some("ada"), Some("bob")));
        assert_eq!((keys.name_of(&ada[1..]), keys.name_of("")), (None, None));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&ada[PREFIX.len()..]) && text.contains("ada "), "{text}");
    }

    #[test]
    fn a_hash_is_that_of_the_standard() {
        // FIPS 180-2, appendix B.1
        assert_eq!(hex(&hash("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.txt");
        new_key(&path, "ada").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_no_file_of_keys_is_refused_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.txt");
        let refused = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Keys::read(&path).unwrap_err().to_string()
        };
        assert!(refused("# nobody\n\n").contains("holds no key"));
        assert!(refused("# one\nada 12\n").contains("line 2"));
        assert!(Keys::read(&folder.path().join("none")).unwrap_err().to_string().contains("--new-key"));
        assert!(new_key(&path, "a b").unwrap_err().to_string().contains("a name has"));
    }

    #[test]
    fn a_name_stands_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.txt");
        new_key(&path, "ada").unwrap();
        assert!(new_key(&path, "ada").unwrap_err().to_string().contains("already"));
    }
}
