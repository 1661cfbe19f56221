//! An upper limit that a recipe may leave off: `max_size = 10000` or `max_size = "never"`. Not a measure of anything itself.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How far something may grow. In a recipe it is a whole number above zero, or the word `never`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Limit {
    /// No limit.
    #[default]
    Never,
    /// At most this many.
    At(usize),
}

impl Limit {
    /// The largest number allowed; `usize::MAX` where there is no limit.
    pub fn most(self) -> usize {
        match self {
            Limit::Never => usize::MAX,
            Limit::At(most) => most,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(i64),
    Word(String),
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let wrong = |what: String| {
            D::Error::custom(format!("{what} is no limit; write a whole number above zero, or \"never\""))
        };
        match Written::deserialize(from) {
            Ok(Written::Number(number)) => match usize::try_from(number) {
                Ok(most) if most > 0 => Ok(Limit::At(most)),
                _ => Err(wrong(format!("`{number}`"))),
            },
            Ok(Written::Word(word)) if word == "never" => Ok(Limit::Never),
            Ok(Written::Word(word)) => Err(wrong(format!("`{word}`"))),
            Err(_) => Err(wrong("this value".to_string())),
        }
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match *self {
            Limit::Never => to.serialize_str("never"),
            Limit::At(most) => to.serialize_u64(most as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expected: Option<Limit>) {
        let read = serde_json::from_str::<Limit>(json);
        assert_eq!(read.as_ref().ok(), expected.as_ref(), "{json}: {read:?}");
        if let Some(limit) = expected {
            assert_eq!(serde_json::to_string(&limit).unwrap(), json);
        }
    }

    #[test]
    fn a_number_is_a_limit() {
        check("12", Some(Limit::At(12)));
    }

    #[test]
    fn never_is_no_limit() {
        check("\"never\"", Some(Limit::Never));
    }

    #[test]
    fn zero_is_refused() {
        check("0", None);
    }

    #[test]
    fn another_word_is_refused() {
        check("\"none\"", None);
    }

    #[test]
    fn a_list_is_refused() {
        check("[1]", None);
    }
}
