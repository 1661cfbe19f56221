//! Damage to a file: pieces cut, copied and turned over, numbers made absurd, signs put where none belong. Knows no
//! format.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// What readers stumble over: the ends of number types, the signs of all formats, text that is not ASCII.
const WORDS: &[&str] = &[
    "0",
    "1",
    "-1",
    "3",
    "0.5",
    "1000000000",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "1e9",
    "1e38",
    "-3e38",
    "1e-45",
    "1e-400",
    "1e400",
    "nan",
    "-inf",
    "null",
    "true",
    "\"",
    "'",
    "\"\"",
    ",",
    ":",
    "=",
    "[",
    "]",
    "{",
    "}",
    "[]",
    "{}",
    "[[[[",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\\",
    "\\u0000",
    "\\ud800",
    ".",
    "#",
    "-",
    "λ",
    "\u{301}",
    "\u{feff}",
    "<|end|>",
    "<unk>",
    "Ġ",
    "__metadata__",
    "\u{80}",
];

/// One damage; places are shares of the file.
#[derive(Clone, Debug)]
pub(crate) enum Damage {
    /// Nothing is left behind a place.
    Cut(Index),
    /// So many bytes are gone.
    Remove(Index, usize),
    /// A bit is another.
    Flip(Index, u8),
    /// A word stands between two bytes.
    Insert(Index, &'static str),
    /// A row of digits became a word.
    Number(Index, &'static str),
    /// So many bytes stand at another place too.
    Copy(Index, usize, Index),
}

/// All that happens to one file.
#[derive(Clone, Debug)]
pub(crate) enum Fate {
    /// Damage after damage.
    Damaged(Vec<Damage>),
    /// It is something else altogether.
    Noise(Vec<u8>),
}

/// Any fate.
pub(crate) fn fate() -> impl Strategy<Value = Fate> {
    let (place, word) = (any::<Index>, || select(WORDS));
    let damage = prop_oneof![
        1 => place().prop_map(Damage::Cut),
        2 => (place(), 1..40usize).prop_map(|(at, length)| Damage::Remove(at, length)),
        2 => (place(), 0..8u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        3 => (place(), word()).prop_map(|(at, word)| Damage::Insert(at, word)),
        6 => (place(), word()).prop_map(|(at, word)| Damage::Number(at, word)),
        2 => (place(), 1..60usize, place()).prop_map(|(from, length, to)| Damage::Copy(from, length, to)),
    ];
    prop_oneof![
        9 => vec(damage, 1..5).prop_map(Fate::Damaged),
        1 => vec(any::<u8>(), 0..200).prop_map(Fate::Noise),
    ]
}

impl Fate {
    /// What becomes of a file.
    pub(crate) fn befall(&self, whole: &[u8]) -> Vec<u8> {
        match self {
            Self::Noise(bytes) => bytes.clone(),
            Self::Damaged(all) => all.iter().fold(whole.to_vec(), |bytes, damage| damage.done_to(bytes)),
        }
    }
}

impl Damage {
    fn done_to(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        let length = bytes.len();
        if length == 0 {
            return bytes;
        }
        match self {
            Self::Cut(at) => bytes.truncate(at.index(length)),
            Self::Remove(at, count) => {
                let at = at.index(length);
                bytes.drain(at..length.min(at + count));
            }
            Self::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
            Self::Insert(at, word) => {
                let at = at.index(length);
                bytes.splice(at..at, word.bytes());
            }
            Self::Number(at, word) => {
                let numbers = numbers(&bytes);
                if !numbers.is_empty() {
                    bytes.splice(numbers[at.index(numbers.len())].clone(), word.bytes());
                }
            }
            Self::Copy(from, count, to) => {
                let (from, to) = (from.index(length), to.index(length));
                let piece = bytes[from..length.min(from + count)].to_vec();
                bytes.splice(to..to, piece);
            }
        }
        bytes
    }
}

/// Where rows of digits stand.
fn numbers(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let begins = (0..bytes.len()).filter(|&at| digit(at) && (at == 0 || !digit(at - 1)));
    begins.map(|first| first..(first..).find(|&at| !digit(at)).unwrap_or(bytes.len())).collect()
}
