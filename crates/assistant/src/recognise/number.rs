//! # number: how many, in digits or in words
//!
//! `1,234.5`, `-3`, `2 million`, `twenty-five`, `one hundred and five`, `two and a half`, `a dozen`, `half a dozen`, `a couple`, and ordinals: `3rd`,
//! `twenty-first`. The normal form has digits and a point. `one` that stands for a thing ("that one") is no number, nor is the
//! `second` that somebody waits. Words go up to 999 million.

use super::{Entry, Place, Reading};

/// This member's line.
pub const ENTRY: Entry = Entry {
    name: "number",
    about: "numbers in digits and words, ordinals, dozens",
    source: include_str!("number.rs"),
    at,
};

const UNITS: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const SCALES: [(&str, f64); 3] = [("hundred", 1e2), ("thousand", 1e3), ("million", 1e6)];
/// Ordinals that are not their number and `th`.
const ORDINALS: [(&str, &str); 9] = [
    ("first", "one"),
    ("second", "two"),
    ("third", "three"),
    ("fifth", "five"),
    ("eighth", "eight"),
    ("ninth", "nine"),
    ("twelfth", "twelve"),
    ("twentieth", "twenty"),
    ("thirtieth", "thirty"),
];
/// Before these, `one` is a thing and not a number.
const POINTING: [&str; 9] = ["that", "this", "which", "another", "any", "no", "the", "every", "each"];
/// The most digits that an f64 keeps.
const MOST_DIGITS: usize = 15;

fn at(place: Place<'_>) -> Option<Reading> {
    let thing = place.word(0) == "one" && POINTING.contains(&place.before());
    let moment = matches!(place.word(0), "second" | "seconds") && matches!(place.before(), "a" | "one" | "per");
    if thing || moment {
        return None;
    }
    let (words, value) = in_digits(place).or_else(|| dozens(place)).or_else(|| in_words(place))?;
    Some(Reading { words, value: format!("{value}"), sure: 1.0 })
}

/// A number in digits, with what may stand around it.
fn in_digits(place: Place<'_>) -> Option<(usize, f64)> {
    let is_negative = place.word(0) == "-" && place.is_glued(1) && !place.is_glued(0);
    let start = usize::from(is_negative);
    let first = place.word(start);
    if let Some(value) = ordinal_digits(first) {
        return Some((start + 1, value));
    }
    let is_digits = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(first) {
        return None;
    }
    let (mut digits, mut words) = (first.to_owned(), start + 1);
    let follows = |sign: &str, at: usize| {
        place.word(at) == sign && place.is_glued(at) && place.is_glued(at + 1) && is_digits(place.word(at + 1))
    };
    while first.len() <= 3 && follows(",", words) && place.word(words + 1).len() == 3 {
        digits += place.word(words + 1);
        words += 2;
    }
    if follows(".", words) {
        digits = digits + "." + place.word(words + 1);
        words += 2;
    }
    if digits.len() > MOST_DIGITS {
        return None;
    }
    let mut value: f64 = digits.parse().ok()?;
    if let Some((_, scale)) = SCALES.iter().find(|(name, _)| *name == place.word(words)) {
        value *= scale;
        words += 1;
    }
    Some((words, if is_negative { -value } else { value }))
}

/// `3rd`.
fn ordinal_digits(word: &str) -> Option<f64> {
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending))?;
    (!digits.is_empty() && digits.len() <= 9).then(|| digits.parse::<u32>().ok().map(f64::from)).flatten()
}

/// `a dozen`, `half a dozen`, `two dozen`, `a couple`.
fn dozens(place: Place<'_>) -> Option<(usize, f64)> {
    let is_dozen = |word: &str| matches!(word, "dozen" | "dozens");
    match (place.word(0), place.word(1), place.word(2)) {
        ("half", "a", word) if is_dozen(word) => Some((3, 6.0)),
        ("a", word, _) if is_dozen(word) => Some((2, 12.0)),
        ("a", "couple", "of") => Some((3, 2.0)),
        ("a", "couple", _) => Some((2, 2.0)),
        _ => {
            let (words, count) = cardinal(place)?;
            is_dozen(place.word(words)).then_some((words + 1, count * 12.0))
        }
    }
}

fn in_words(place: Place<'_>) -> Option<(usize, f64)> {
    let (words, value) = cardinal(place)?;
    let half = [place.word(words), place.word(words + 1), place.word(words + 2)] == ["and", "a", "half"];
    Some(if half { (words + 3, value + 0.5) } else { (words, value) })
}

/// What a word is among units, tens and scales; its ordinal counts, and ends the number.
enum Part {
    Unit(f64),
    Ten(f64),
    Scale(f64),
}

fn part(word: &str) -> Option<Part> {
    let unit = UNITS.iter().position(|name| *name == word).map(|value| Part::Unit(value as f64));
    let ten =
        || TENS.iter().position(|name| *name == word && !word.is_empty()).map(|value| Part::Ten(value as f64 * 10.0));
    let scale = || SCALES.iter().find(|(name, _)| *name == word).map(|(_, value)| Part::Scale(*value));
    unit.or_else(ten).or_else(scale)
}

/// The number that an ordinal is made of.
fn of_ordinal(word: &str) -> Option<String> {
    let special = ORDINALS.iter().find(|(ordinal, _)| *ordinal == word).map(|(_, plain)| (*plain).to_owned());
    let plain = || {
        word.strip_suffix("ieth").map(|stem| format!("{stem}y")).or_else(|| word.strip_suffix("th").map(str::to_owned))
    };
    special.or_else(plain).filter(|plain| part(plain).is_some())
}

/// A whole number in words, and how many they are.
pub(super) fn cardinal(place: Place<'_>) -> Option<(usize, f64)> {
    let (mut total, mut current) = (0.0, 0.0);
    // How many words are surely part of it, and whether the last of them leaves room for a unit, or for tens.
    let (mut taken, mut at, mut room) = (0, 0, 100.0);
    let mut is_over = false;
    let mut largest = f64::INFINITY;
    while !is_over {
        let joins = taken > 0
            && (place.word(at) == "-" && place.is_glued(at)
                || place.word(at) == "and" && room == 100.0 && current + total > 0.0);
        if joins {
            at += 1;
        }
        let word = place.word(at);
        let ordinal = of_ordinal(word);
        is_over = ordinal.is_some();
        let word = ordinal.as_deref().unwrap_or(word);
        // "a hundred"
        let (word, more) = if taken == 0 && word == "a" && matches!(part(place.word(1)), Some(Part::Scale(_))) {
            current = 1.0;
            (place.word(1), 1)
        } else {
            (word, 0)
        };
        match part(word) {
            Some(Part::Unit(value)) if value < room && (room == 100.0 || value > 0.0) => {
                current += value;
                room = 0.0;
            }
            Some(Part::Ten(value)) if room == 100.0 => {
                current += value;
                room = 10.0;
            }
            Some(Part::Scale(100.0)) if current > 0.0 && current < 100.0 => {
                current *= 100.0;
                room = 100.0;
            }
            Some(Part::Scale(scale)) if scale > 100.0 && current > 0.0 && scale < largest => {
                total += current * scale;
                (current, room, largest) = (0.0, 100.0, scale);
            }
            _ => break,
        }
        at += 1 + more;
        taken = at;
    }
    (taken > 0).then_some((taken, total + current))
}

#[cfg(test)]
mod tests {
    use crate::recognise::tests::finds;

    fn check(text: &str, expected: &[&str]) {
        finds("number", text, expected);
    }

    #[test]
    fn digits_have_groups_points_signs_and_scales() {
        check("1,234.5 and -3 or 2 million", &["1,234.5=1234.5", "-3=-3", "2 million=2000000"]);
        check("4,5 or 10-12, v2", &["4=4", "5=5", "10=10", "12=12"]);
        check("costs 3.50, ok 1.", &["3.50=3.5", "1=1"]);
    }

    #[test]
    fn words_go_up_to_millions() {
        check("twenty-five", &["twenty-five=25"]);
        check("one hundred and five people", &["one hundred and five=105"]);
        check("two million three hundred thousand and one", &["two million three hundred thousand and one=2300001"]);
        check("a hundred and a thousand", &["a hundred=100", "a thousand=1000"]);
        check("nineteen hundred", &["nineteen hundred=1900"]);
        check("two and a half", &["two and a half=2.5"]);
    }

    #[test]
    fn two_numbers_are_not_added() {
        check("four five", &["four=4", "five=5"]);
        check("two and three", &["two=2", "three=3"]);
        check("twenty thirty", &["twenty=20", "thirty=30"]);
        check("ten five", &["ten=10", "five=5"]);
    }

    #[test]
    fn dozens_and_couples_are_numbers() {
        check("a dozen eggs, half a dozen, two dozen", &["a dozen=12", "half a dozen=6", "two dozen=24"]);
        check("a couple of friends", &["a couple of=2"]);
    }

    #[test]
    fn ordinals_are_their_number() {
        check(
            "the 3rd, the twenty-first, the ninth and the fortieth",
            &["3rd=3", "twenty-first=21", "ninth=9", "fortieth=40"],
        );
    }

    #[test]
    fn a_thing_and_a_moment_are_no_numbers() {
        check("not that one, the other one; wait a second", &["one=1"]);
        check("no one", &[]);
    }

    #[test]
    fn too_many_digits_are_no_number() {
        check("12345678901234567890", &[]);
    }
}
