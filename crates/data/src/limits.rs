//! Which pairs are not trained on: those with an empty side, too long ones, and those whose sides do not match in length.
//! Knows nothing of validation and test: there every pair is kept, since every line is to be translated and scored.

use std::fmt;

use rushlight_text::Limit;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Pairs;

/// How long the sides of a pair may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// How many tokens either side has at most, its boundary included.
    pub max_length: Limit,
    /// How many times the tokens of the shorter side the longer one has at most, without boundaries.
    pub max_ratio: Ratio,
}

/// A limit on how many times as long one side is as the other: a number from 1 up, or `never`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Ratio {
    /// No limit.
    #[default]
    Never,
    /// At most so many times.
    At(f64),
}

/// How many pairs are left out of the training part, each for the first reason that it gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Pairs with an empty side.
    pub empty: usize,
    /// Pairs with a side longer than the limit.
    pub too_long: usize,
    /// Pairs with a side too many times as long as the other.
    pub ratio: usize,
    /// Dialogues that came before, in their own part or an earlier one; of all parts.
    pub repeated: usize,
    /// Lines that a classifier held for toxic.
    pub toxic: usize,
    /// What they were measured by.
    pub limits: Limits,
}

impl Limits {
    /// The pairs within the limits, in their order, and what is left out.
    pub fn keep(self, pairs: &Pairs) -> (Pairs, LeftOut) {
        let mut left_out = LeftOut { limits: self, ..LeftOut::default() };
        let mut kept = Vec::new();
        for pair in 0..pairs.len() {
            let (source, target) = (pairs.source(pair).len(), pairs.target(pair).len());
            let (shorter, longer) = (source.min(target), source.max(target));
            if shorter == 0 {
                left_out.empty += 1;
            } else if pairs.length(pair) > self.max_length.most() {
                left_out.too_long += 1;
            } else if matches!(self.max_ratio, Ratio::At(most) if longer as f64 > most * shorter as f64) {
                left_out.ratio += 1;
            } else {
                kept.push(pair);
            }
        }
        (pairs.pick(&kept), left_out)
    }
}

impl LeftOut {
    /// How many in all.
    pub fn total(&self) -> usize {
        self.empty + self.too_long + self.ratio + self.repeated + self.toxic
    }

    /// What lets more pairs in.
    pub(crate) fn way_out(&self) -> &'static str {
        match (self.too_long, self.ratio) {
            (0, 0) => "see whether both columns, or both files, have text in every line",
            (_, 0) => "raise `max_length` in [data]",
            (0, _) => "raise `max_ratio` in [data]",
            _ => "raise `max_length` or `max_ratio` in [data]",
        }
    }
}

/// As in "left out 2 pairs with an empty side, 14 longer than 100 tokens".
impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ratio = match self.limits.max_ratio {
            Ratio::Never => String::new(),
            Ratio::At(most) => format!("with one side more than {most} times as long as the other"),
        };
        let pairs = if self.empty + self.too_long + self.ratio == 1 { " pair" } else { " pairs" };
        let dialogues = if self.repeated == 1 { " dialogue" } else { " dialogues" };
        let reasons = [
            (self.repeated, dialogues, "that came before".to_string()),
            (self.empty, pairs, "with an empty side".to_string()),
            (self.too_long, pairs, format!("longer than {} tokens", self.limits.max_length.most())),
            (self.ratio, pairs, ratio),
            (self.toxic, if self.toxic == 1 { " line" } else { " lines" }, "held for toxic".to_string()),
        ];
        let mut said = "";
        write!(f, "left out")?;
        for (count, noun, why) in reasons.iter().filter(|(count, ..)| *count > 0) {
            let comma = if said.is_empty() { "" } else { "," };
            let noun = if said == *noun { "" } else { *noun };
            write!(f, "{comma} {count}{noun} {why}")?;
            said = if noun.is_empty() { said } else { noun };
        }
        if self.total() == 0 { write!(f, " no pair") } else { Ok(()) }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(f64),
    Word(String),
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let wrong =
            |what: String| D::Error::custom(format!("{what} is no ratio; write a number from 1 up, or \"never\""));
        match Written::deserialize(from) {
            Ok(Written::Number(most)) if most.is_finite() && most >= 1.0 => Ok(Ratio::At(most)),
            Ok(Written::Number(most)) => Err(wrong(format!("`{most}`"))),
            Ok(Written::Word(word)) if word == "never" => Ok(Ratio::Never),
            Ok(Written::Word(word)) => Err(wrong(format!("`{word}`"))),
            Err(_) => Err(wrong("this value".to_string())),
        }
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match *self {
            Ratio::Never => to.serialize_str("never"),
            Ratio::At(most) => to.serialize_f64(most),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pairs::tests::pairs;

    /// Pairs of these lengths: which are kept, and the counts of the three reasons.
    fn check(max_length: Limit, max_ratio: Ratio, lengths: &[(usize, usize)], kept: &[usize], counts: [usize; 3]) {
        const IDS: [u32; 20] = [1; 20];
        let all: Vec<(&[u32], &[u32])> = lengths.iter().map(|&(s, t)| (&IDS[..s], &IDS[..t])).collect();
        let (within, left_out) = Limits { max_length, max_ratio }.keep(&pairs(&all));
        assert_eq!(within, pairs(&kept.iter().map(|&pair| all[pair]).collect::<Vec<_>>()));
        assert_eq!([left_out.empty, left_out.too_long, left_out.ratio], counts);
    }

    #[test]
    fn a_pair_with_an_empty_side_is_left_out_without_any_limit() {
        check(Limit::Never, Ratio::Never, &[(0, 3), (3, 0), (0, 0), (1, 20)], &[3], [3, 0, 0]);
    }

    #[test]
    fn the_longest_pair_allowed_fills_the_limit_with_its_boundary() {
        check(Limit::At(5), Ratio::Never, &[(4, 2), (5, 2), (2, 4), (2, 5)], &[0, 2], [0, 2, 0]);
    }

    #[test]
    fn the_ratio_is_that_of_the_longer_side_to_the_shorter() {
        check(Limit::Never, Ratio::At(1.5), &[(4, 6), (4, 7), (6, 4), (7, 4), (3, 3)], &[0, 2, 4], [0, 0, 2]);
    }

    #[test]
    fn a_pair_is_counted_once_for_its_first_reason() {
        check(Limit::At(10), Ratio::At(2.0), &[(0, 12), (2, 12), (2, 9)], &[], [1, 1, 1]);
    }

    fn check_told([empty, too_long, ratio]: [usize; 3], expected: &str) {
        let limits = Limits { max_length: Limit::At(100), max_ratio: Ratio::At(2.5) };
        assert_eq!(LeftOut { empty, too_long, ratio, limits, ..LeftOut::default() }.to_string(), expected);
    }

    #[test]
    fn what_is_left_out_is_told_by_reason() {
        check_told([0, 0, 0], "left out no pair");
        check_told([0, 1, 0], "left out 1 pair longer than 100 tokens");
        check_told([2, 14, 0], "left out 2 pairs with an empty side, 14 longer than 100 tokens");
        check_told(
            [0, 3, 1],
            "left out 3 pairs longer than 100 tokens, 1 with one side more than 2.5 times as long as the other",
        );
    }

    fn check_ratio(json: &str, expected: Option<Ratio>) {
        assert_eq!(serde_json::from_str::<Ratio>(json).ok(), expected, "{json}");
    }

    #[test]
    fn a_ratio_is_a_number_from_one_up_or_never() {
        check_ratio("1", Some(Ratio::At(1.0)));
        check_ratio("2.5", Some(Ratio::At(2.5)));
        check_ratio("\"never\"", Some(Ratio::Never));
        check_ratio("0.9", None);
        check_ratio("\"always\"", None);
        check_ratio("true", None);
        assert_eq!(serde_json::to_string(&[Ratio::At(2.5), Ratio::Never]).unwrap(), "[2.5,\"never\"]");
    }

    #[test]
    fn a_wrong_ratio_is_answered_with_the_right_ones() {
        let error = serde_json::from_str::<Ratio>("0.5").unwrap_err().to_string();
        assert!(error.starts_with("`0.5` is no ratio; write a number from 1 up, or \"never\""), "{error}");
    }
}
