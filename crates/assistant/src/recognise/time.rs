//! # time: when in a day
//!
//! `19:30`, `7 pm`, `7.30 p.m.`, `half past seven`, `quarter to nine`, `at seven`, `seven o'clock`, `noon`, `midnight`; as `HH:MM`. An hour of a
//! clock face without am, pm or a part of the day anywhere in the sentence is unsure: 1 to 7 then count as afternoon, 8 to
//! 12 as they stand. A bare hour is a time behind `at`, `by`, `around` or `until`, and where a time was asked for.

use super::number::cardinal;
use super::{Entry, Place, Reading, UNSURE};

/// This member's line.
pub const ENTRY: Entry =
    Entry { name: "time", about: "times of the day, such as 19:30, 7 pm or noon", source: include_str!("time.rs"), at };

/// Words behind a number that make it a count and no hour.
const COUNTED: [&str; 17] = [
    "people", "persons", "guests", "of", "days", "weeks", "months", "years", "minutes", "hours", "pounds", "euros",
    "dollars", "friends", "seats", "adults", "percent",
];

/// Which half of the day.
#[derive(Clone, Copy, PartialEq)]
enum Half {
    Morning,
    Afternoon,
}

fn at(place: Place<'_>) -> Option<Reading> {
    match place.word(0) {
        "noon" | "midday" => return Some(Reading { words: 1, value: "12:00".into(), sure: 1.0 }),
        "midnight" => return Some(Reading { words: 1, value: "00:00".into(), sure: 1.0 }),
        _ => {}
    }
    past(place).or_else(|| on_the_clock(place)).or_else(|| bare(place))
}

/// `half past seven`, `quarter to nine`, `ten past 8`.
fn past(place: Place<'_>) -> Option<Reading> {
    let begin = usize::from(place.word(0) == "a" && place.word(1) == "quarter");
    let (mut words, minutes) = match place.word(begin) {
        "half" => (begin + 1, 30),
        "quarter" => (begin + 1, 15),
        _ => number(place, 59)?,
    };
    words += usize::from(place.word(words) == "minutes");
    let sign = match place.word(words) {
        "past" | "after" => 1,
        "to" | "before" if minutes != 30 => -1,
        _ => return None,
    };
    let (length, hour) = number(place.ahead(words + 1), 24)?;
    words += 1 + length;
    let (more, half) = half(place.ahead(words));
    Some(told(place, words + more, hour, sign * minutes as i32, half, false))
}

/// `19:30`, `7pm`, `7.30 pm`, `19h30`, `7 o'clock`.
fn on_the_clock(place: Place<'_>) -> Option<Reading> {
    // `3:2:19` and `1.19:30` are other things.
    if place.is_glued(0) && matches!(place.before(), ":" | "." | "/" | "-") {
        return None;
    }
    let word = place.word(0);
    let letters = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
    if letters == 0 || letters > 2 {
        let (words, hour) = number(place, 12).filter(|(words, _)| place.word(*words) == "o'clock")?;
        let (more, half) = half(place.ahead(words + 1));
        return Some(told(place, words + 1 + more, hour, 0, half, false));
    }
    let ending = match &word[letters..] {
        "am" => Some(Half::Morning),
        "pm" => Some(Half::Afternoon),
        "" => None,
        rest => {
            // `19h`, `19h30`
            let minute = rest.strip_prefix('h').filter(|rest| rest.len() != 1 && rest.len() <= 2)?;
            let minute = if minute.is_empty() { 0 } else { minute.parse().ok().filter(|minute| *minute < 60)? };
            let hour = word[..letters].parse().ok().filter(|hour| *hour < 24)?;
            return Some(told(place, 1, hour, minute, None, true));
        }
    };
    let hour: u32 = word[..letters].parse().ok()?;
    if let Some(half) = ending {
        return (1..=12).contains(&hour).then(|| told(place, 1, hour, 0, Some(half), false));
    }
    let glued = |sign: &str| place.word(1) == sign && place.is_glued(1) && place.is_glued(2);
    if glued(":") || glued(".") {
        // `30pm` may be one word.
        let (minutes, ending) = place.word(2).split_at_checked(2)?;
        let minute: i32 = minutes.parse().ok().filter(|minute| *minute < 60)?;
        let (more, half) = match ending {
            "" => half(place.ahead(3)),
            "am" => (0, Some(Half::Morning)),
            "pm" => (0, Some(Half::Afternoon)),
            _ => return None,
        };
        // With seconds it is a time too; with a point it is one only where the half of the day follows.
        let seconds = glued(":")
            && place.word(3) == ":"
            && place.is_glued(3)
            && place.digits(4, 2).is_some_and(|second| second < 60);
        let more = more + if seconds { 2 } else { 0 };
        let is_time = hour < 24 && (glued(":") || half.is_some()) && (half.is_none() || (1..=12).contains(&hour));
        return is_time.then(|| told(place, 3 + more, hour, minute, half, word.starts_with('0')));
    }
    let (more, half) = if place.word(1) == "o'clock" { (1, half(place.ahead(2)).1) } else { half(place.ahead(1)) };
    let clock = place.word(1) == "o'clock" && hour <= 24;
    ((half.is_some() && (1..=12).contains(&hour)) || clock).then(|| told(place, 1 + more, hour, 0, half, false))
}

/// `at seven`; the hour alone where a time was asked for.
fn bare(place: Place<'_>) -> Option<Reading> {
    let is_meant = place.is_asked || matches!(place.before(), "at" | "by" | "around" | "until" | "till");
    let (words, hour) = number(place, 24).filter(|_| is_meant)?;
    let (more, half) = half(place.ahead(words));
    let next = place.word(words);
    let is_other = COUNTED.contains(&next)
        || matches!(next, "." | "," | "/" | "-" | "%" | ":") && place.is_glued(words) && place.is_glued(words + 1);
    (!is_other).then(|| told(place, words + more, hour, 0, half, false))
}

/// A whole number up to `most`, in digits or words.
fn number(place: Place<'_>, most: u32) -> Option<(usize, u32)> {
    let digits = place.digits(0, 2).map(|value| (1, value));
    let found = digits.or_else(|| cardinal(place).map(|(words, value)| (words, value as u32)))?;
    (found.1 <= most).then_some(found)
}

/// `pm`, `p.m.`, `in the evening`, `at night`, and how many words that is.
fn half(place: Place<'_>) -> (usize, Option<Half>) {
    let word = |ahead| place.word(ahead);
    match (word(0), word(1), word(2)) {
        ("am", ..) => (1, Some(Half::Morning)),
        ("pm", ..) => (1, Some(Half::Afternoon)),
        (letter @ ("a" | "p"), ".", "m") => {
            let half = if letter == "a" { Half::Morning } else { Half::Afternoon };
            (3 + usize::from(word(3) == "." && place.is_glued(3)), Some(half))
        }
        ("in", "the", part) if of_day(part).is_some() => (3, of_day(part)),
        ("at", "night", _) => (2, Some(Half::Afternoon)),
        ("tonight", ..) => (0, Some(Half::Afternoon)),
        _ => (0, None),
    }
}

fn of_day(word: &str) -> Option<Half> {
    match word {
        "morning" | "breakfast" => Some(Half::Morning),
        "afternoon" | "evening" | "tonight" | "dinner" | "supper" => Some(Half::Afternoon),
        _ => None,
    }
}

/// The reading of an hour and so many minutes more.
fn told(place: Place<'_>, words: usize, hour: u32, minutes: i32, half: Option<Half>, is_whole: bool) -> Reading {
    let hinted = || place.words.iter().find_map(|word| of_day(&word.lower));
    let is_face = (1..=12).contains(&hour) && !is_whole;
    let (hour, sure) = match half.or_else(|| is_face.then(hinted).flatten()) {
        _ if !is_face => (hour % 24, 1.0),
        Some(Half::Morning) => (hour % 12, 1.0),
        // Half past twelve at night is the next day's first hour, which people rarely mean.
        Some(Half::Afternoon) => (hour % 12 + 12, 1.0),
        None if hour <= 7 => (hour + 12, UNSURE),
        None => (hour, UNSURE),
    };
    let all = (hour as i32 * 60 + minutes).rem_euclid(24 * 60);
    Reading { words, value: format!("{:02}:{:02}", all / 60, all % 60), sure }
}

#[cfg(test)]
mod tests {
    use super::ENTRY;
    use crate::recognise::recognise;
    use crate::recognise::tests::{finds, now};

    fn check(text: &str, expected: &[&str]) {
        finds("time", text, expected);
    }

    #[test]
    fn clocks_are_read() {
        check("19:30 or 07:15", &["19:30=19:30", "07:15=07:15"]);
        check("7 pm, 7pm, 7:30pm, 7.30 p.m.", &["7 pm=19:00", "7pm=19:00", "7:30pm=19:30", "7.30 p.m.=19:30"]);
        check("12 am and 12 pm", &["12 am=00:00", "12 pm=12:00"]);
        check("noon, midnight, 19h30", &["noon=12:00", "midnight=00:00", "19h30=19:30"]);
        check("19:30:15", &["19:30:15=19:30"]);
    }

    #[test]
    fn words_are_read() {
        check("half past seven in the evening", &["half past seven in the evening=19:30"]);
        check("a quarter to nine in the morning", &["a quarter to nine in the morning=08:45"]);
        check("ten past 8 pm", &["ten past 8 pm=20:10"]);
        check("seven o'clock tonight", &["seven o'clock=19:00"]);
        check("quarter to one in the afternoon", &["quarter to one in the afternoon=12:45"]);
    }

    #[test]
    fn an_hour_of_the_face_alone_is_unsure() {
        check("half past seven", &["~half past seven=19:30"]);
        check("at 7", &["~7=19:00"]);
        check("at nine", &["~nine=09:00"]);
        check("at 19", &["19=19:00"]);
        check("7:30", &["~7:30=19:30"]);
    }

    #[test]
    fn a_part_of_the_day_elsewhere_says_which_half() {
        check("this evening at 8", &["8=20:00"]);
        check("tomorrow morning at seven", &["seven=07:00"]);
    }

    #[test]
    fn a_count_is_no_hour() {
        for text in ["at 7 people", "seven", "4", "by 3.5", "at 45", "25:00", "12:75", "13 pm", "7.30"] {
            check(text, &[]);
        }
    }

    #[test]
    fn where_a_time_was_asked_for_the_hour_is_enough() {
        let found = recognise("eight", now(), &[], Some(ENTRY.name));
        assert_eq!((found[0].kind.as_str(), found[0].value.as_str()), ("time", "08:00"));
    }
}
