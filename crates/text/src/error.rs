//! What can be wrong with a text, a tokenizer's settings or a tokenizer's file. Messages for people; no exit codes.

use std::path::PathBuf;

use crate::vocabulary::BOUNDARY;

/// A user's mistake about text or tokenizers.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// Training met no token at all.
    #[error(
        "there is no text to learn a vocabulary from: after normalising, nothing is left; look at the data and at `normalizer`"
    )]
    NoText,

    /// A BPE vocabulary that cannot hold the 256 bytes.
    #[error(
        "a bpe `vocab_size` of {asked} is too small: the bytes and the special tokens alone need {least}; ask for more"
    )]
    VocabularyTooSmall {
        /// What the recipe asked for.
        asked: usize,
        /// The smallest size that works.
        least: usize,
    },

    /// A vocabulary limit that leaves no room beside the special tokens.
    #[error(
        "a `max_size` of {asked} leaves no room for any text: {special} of the places go to special tokens; ask for more"
    )]
    NoRoom {
        /// What the recipe asked for.
        asked: usize,
        /// How many special tokens there are.
        special: usize,
    },

    /// An unknown token that cannot be written so.
    #[error("`unknown = \"{asked}\"` cannot be; write one word, such as \"<unk>\", that is not `{BOUNDARY}`")]
    UnknownToken {
        /// What the recipe asked for.
        asked: String,
    },

    /// A character limit that drops characters, without an unknown token to stand for them.
    #[error(
        "`max_size` keeps {kept} of the {found} characters in the text, and there is no unknown token for the others; raise it, or set `unknown = true`"
    )]
    CharactersLeftOut {
        /// Characters kept.
        kept: usize,
        /// Characters found.
        found: usize,
    },

    /// An unknown `kind` in `[tokenizer]`.
    #[error("there is no tokenizer `{asked}`; there are: {known}")]
    UnknownKind {
        /// What the recipe asked for.
        asked: String,
        /// The members, joined.
        known: String,
    },

    /// Text that the vocabulary does not hold.
    #[error("the vocabulary does not know {}; leave it out, or train with a tokenizer that has an unknown token (`unknown = true`) or bytes (`bpe`)", listed(.pieces))]
    Unknown {
        /// The pieces, in order of appearance, each once.
        pieces: Vec<String>,
    },

    /// Another vocabulary stands where this one was needed.
    #[error("the two vocabularies differ: {difference}; use the tokenizer that the model was trained with")]
    OtherVocabulary {
        /// The first difference, as a sentence.
        difference: String,
    },

    /// The library that trains BPE failed.
    #[error("bpe could not be trained: {0}")]
    Training(String),

    /// A tokenizer file that is not JSON.
    #[error("this is not JSON: {0}; a tokenizer is a tokenizer.json file, as `rushlight tokenizer train` writes it")]
    NotJson(String),

    /// A tokenizer file that is JSON, but not of a kind that Rushlight writes.
    #[error("this tokenizer.json is not one that Rushlight can use: {0}; make one with `rushlight tokenizer train`")]
    Foreign(String),

    /// A file that cannot be read or written.
    #[error("`{path}` cannot be {done}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        done: &'static str,
        /// What the system says.
        source: std::io::Error,
    },

    /// One of the errors above, with its file.
    #[error("`{path}`: {source}")]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<TextError>,
    },
}

/// At most this many unknown pieces are named in a message.
const NAMED: usize = 10;

fn listed(pieces: &[String]) -> String {
    let named: Vec<String> =
        pieces.iter().take(NAMED).map(|piece| format!("`{}`", crate::printable::printable(piece))).collect();
    match pieces.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_pieces_are_named_and_the_rest_counted() {
        let pieces = (0..12).map(|n| n.to_string()).collect();
        let message = TextError::Unknown { pieces }.to_string();
        assert!(message.starts_with("the vocabulary does not know `0`, `1`,"), "{message}");
        assert!(message.contains("`9` and 2 more;"), "{message}");
    }
}
