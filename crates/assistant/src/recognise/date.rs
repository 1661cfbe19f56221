//! # date: which day
//!
//! `2026-12-24`, `24/12/2026`, `24.12.26`, `24 Dec`, `December 24th, 2026`, `the day after tomorrow`, `Friday`, `next Friday`, `in three days`, `two weeks
//! ago`, `Christmas Eve`; as `YYYY-MM-DD`. In figures the day comes first, which is unsure where it could be the month. A date
//! without a year is the next one from today on; a weekday the next one after today; `next Friday` that of the week after,
//! which is unsure where this week still has one.

use super::number::cardinal;
use super::{Entry, Place, Reading, UNSURE};
use crate::calendar::{Date, MONTHS, WEEKDAYS};

/// This member's line.
pub const ENTRY: Entry =
    Entry { name: "date", about: "days, such as 24 Dec, tomorrow or next Friday", source: include_str!("date.rs"), at };

const FEASTS: [(&[&str], u8, u8); 6] = [
    (&["christmas", "eve"], 12, 24),
    (&["christmas", "day"], 12, 25),
    (&["christmas"], 12, 25),
    (&["new", "year's", "eve"], 12, 31),
    (&["new", "year's", "day"], 1, 1),
    (&["valentine's", "day"], 2, 14),
];

/// How many words, which day, how sure.
type Found = Option<(usize, Date, f64)>;

fn at(place: Place<'_>) -> Option<Reading> {
    let (words, date, sure) = in_figures(place)
        .or_else(|| with_month(place))
        .or_else(|| near_today(place))
        .or_else(|| weekday(place))
        .or_else(|| from_today(place))
        .or_else(|| feast(place))
        .or_else(|| of_this_month(place))?;
    Some(Reading { words, value: date.to_string(), sure })
}

/// Days, months and years with a sign between them.
fn in_figures(place: Place<'_>) -> Found {
    if place.is_glued(0) && matches!(place.before(), "-" | "/" | "." | ":") {
        return None;
    }
    let sign = place.word(1);
    let is_joined = |ahead: usize| place.word(ahead) == sign && place.is_glued(ahead) && place.is_glued(ahead + 1);
    if !matches!(sign, "-" | "/" | ".") || !is_joined(1) {
        return None;
    }
    let is_three = is_joined(3);
    if let (true, 4, Some(year), Some(month), Some(day)) =
        (is_three, place.word(0).len(), place.digits(0, 4), place.digits(2, 2), place.digits(4, 2))
    {
        return Some((5, date(year, month, day)?, 1.0));
    }
    let (one, two) = (place.digits(0, 2)?, place.digits(2, 2)?);
    let (words, year) = match (is_three, place.digits(4, 4)) {
        (true, Some(year)) if place.word(4).len() == 2 => (5, Some(2000 + year)),
        (true, Some(year)) if place.word(4).len() == 4 => (5, Some(year)),
        (true, _) => return None,
        // `1/2` may be a half, `1.2` a number.
        _ if sign == "/" && (place.is_asked || matches!(place.before(), "on" | "for")) => (3, None),
        _ => return None,
    };
    let day_of = |day, month| match year {
        Some(year) => date(year, month, day),
        None => coming(place, month, day),
    };
    match (day_of(one, two), day_of(two, one)) {
        (Some(day), Some(other)) if day != other => Some((words, day, UNSURE)),
        (Some(day), _) | (None, Some(day)) => Some((words, day, 1.0)),
        (None, None) => None,
    }
}

/// `24 Dec`, `24th of December 2026`, `Dec. 24th, 2026`.
fn with_month(place: Place<'_>) -> Found {
    let begin = usize::from(place.word(0) == "the");
    if let Some((length, day)) = day_number(place.ahead(begin)) {
        let of = begin + length + usize::from(place.word(begin + length) == "of");
        let month = month(place.word(of))?;
        let end = of + 1;
        return Some(year_behind(place, end, month, day)).flatten();
    }
    let month = month(place.word(0))?;
    let at = 1 + usize::from(place.word(1) == ".");
    let at = at + usize::from(place.word(at) == "the");
    let (length, day) = day_number(place.ahead(at))?;
    // `May 12:30` is no day.
    let is_clock = place.word(at + length) == ":" && place.is_glued(at + length);
    (!is_clock).then(|| year_behind(place, at + length, month, day)).flatten()
}

fn year_behind(place: Place<'_>, end: usize, month: u32, day: u32) -> Found {
    let comma = usize::from(place.word(end) == "," || place.word(end) == ".");
    match place.digits(end + comma, 4).filter(|year| (1000..=9999).contains(year)) {
        Some(year) => Some((end + comma + 1, date(year, month, day)?, 1.0)),
        None => Some((end, coming(place, month, day)?, 1.0)),
    }
}

/// Today, tomorrow, yesterday and their neighbours.
fn near_today(place: Place<'_>) -> Found {
    let words = [place.word(0), place.word(1), place.word(2), place.word(3)];
    let (words, days) = match words {
        ["the", "day", "after", "tomorrow"] => (4, 2),
        ["day", "after", "tomorrow", _] => (3, 2),
        ["the", "day", "before", "yesterday"] => (4, -2),
        ["day", "before", "yesterday", _] => (3, -2),
        ["today" | "tonight", ..] => (1, 0),
        ["this", "morning" | "afternoon" | "evening", ..] => (2, 0),
        ["tomorrow" | "tmrw", ..] => (1, 1),
        ["yesterday", ..] => (1, -1),
        _ => return None,
    };
    Some((words, place.now.date.plus_days(days)?, 1.0))
}

/// `Friday`, `this Friday`, `next Friday`, `last Friday`.
fn weekday(place: Place<'_>) -> Found {
    let which = place.word(0);
    let is_led = matches!(which, "this" | "next" | "last" | "coming");
    let name = place.word(usize::from(is_led));
    let short =
        |day: &str| name == &day[..3] || matches!((name, day), ("tues", "tuesday") | ("thur" | "thurs", "thursday"));
    let may_be_short = is_led || place.is_asked || matches!(place.before(), "on" | "by" | "until");
    let wanted = WEEKDAYS.iter().position(|day| name == *day || may_be_short && short(day))? as i64;
    let today = i64::from(place.now.date.weekday());
    let ahead = (wanted - today - 1).rem_euclid(7) + 1;
    let words = 1 + usize::from(is_led);
    let (days, sure) = match which {
        "last" => (-((today - wanted - 1).rem_euclid(7) + 1), 1.0),
        "next" => (7 - today + wanted, if ahead == 7 - today + wanted { 1.0 } else { UNSURE }),
        _ => (ahead, 1.0),
    };
    Some((words, place.now.date.plus_days(days)?, sure))
}

/// `in three days`, `two weeks ago`, `a week from tomorrow`.
fn from_today(place: Place<'_>) -> Found {
    let is_future = place.word(0) == "in";
    let begin = usize::from(is_future);
    let counted = place.ahead(begin);
    let (length, count) = match counted.word(0) {
        "a" | "an" if counted.word(1) == "couple" => (2 + usize::from(counted.word(2) == "of"), 2),
        "a" | "an" | "one" => (1, 1),
        _ => match counted.digits(0, 4) {
            Some(count) => (1, i64::from(count)),
            None => cardinal(counted).map(|(words, count)| (words, count as i64))?,
        },
    };
    let unit = place.word(begin + length);
    let unit_length = length + 1;
    let (sign, words, from) = match (is_future, place.word(begin + unit_length), place.word(begin + unit_length + 1)) {
        (true, ..) => (1, begin + unit_length, 0),
        (_, "ago", _) => (-1, unit_length + 1, 0),
        (_, "from", "now" | "today") => (1, unit_length + 2, 0),
        (_, "from", "tomorrow") => (1, unit_length + 2, 1),
        _ => return None,
    };
    let today = place.now.date;
    let date = match unit {
        "day" | "days" => today.plus_days(sign * count),
        "week" | "weeks" => today.plus_days(sign * count * 7),
        "month" | "months" => today.plus_months(sign * count),
        "year" | "years" => today.plus_months(sign * count * 12),
        _ => return None,
    };
    Some((words, date?.plus_days(from)?, 1.0))
}

fn feast(place: Place<'_>) -> Found {
    let is_here = |words: &&[&str]| words.iter().enumerate().all(|(ahead, word)| place.word(ahead) == *word);
    let (words, month, day) = FEASTS.iter().find(|(words, ..)| is_here(words))?;
    Some((words.len(), coming(place, (*month).into(), (*day).into())?, 1.0))
}

/// `on the 24th`.
fn of_this_month(place: Place<'_>) -> Found {
    let is_led = place.word(0) == "the" && (place.is_asked || place.before() == "on");
    let word = place.word(1);
    let day = ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending)).filter(|_| is_led)?;
    let day: u8 = day.parse().ok()?;
    let today = place.now.date;
    let fits = |ahead: i64| {
        let month = Date::new(today.year(), today.month(), 1)?.plus_months(ahead)?;
        Date::new(month.year(), month.month(), day).filter(|date| *date >= today)
    };
    Some((2, (0..12).find_map(fits)?, 1.0))
}

/// A day of a month: `24`, `24th`, `twenty-fourth`.
fn day_number(place: Place<'_>) -> Option<(usize, u32)> {
    let word = place.word(0);
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word);
    let is_digits = (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let found = match is_digits.then(|| digits.parse().ok()).flatten() {
        Some(day) => (1, day),
        None => cardinal(place).map(|(words, day)| (words, day as u32))?,
    };
    (1..=31).contains(&found.1).then_some(found)
}

/// A month by its name or its beginning, from 1.
fn month(word: &str) -> Option<u32> {
    let is_it = |name: &&str| {
        word == *name || word.len() == 3 && name.starts_with(word) || word == "sept" && *name == "september"
    };
    MONTHS.iter().position(is_it).map(|at| at as u32 + 1)
}

fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?)
}

/// The next such day from today on; a leap day may be years away.
fn coming(place: Place<'_>, month: u32, day: u32) -> Option<Date> {
    let today = place.now.date;
    let year = u32::try_from(today.year()).ok()?;
    (year..year + 9).filter_map(|year| date(year, month, day)).find(|date| *date >= today)
}

#[cfg(test)]
mod tests {
    use super::ENTRY;
    use crate::recognise::recognise;
    use crate::recognise::tests::{finds, now};

    // Today is Wednesday, 2026-11-25.
    fn check(text: &str, expected: &[&str]) {
        finds("date", text, expected);
    }

    #[test]
    fn figures_are_read_with_the_day_first() {
        check(
            "2026-12-24, 24/12/2026, 24.12.26",
            &["2026-12-24=2026-12-24", "24/12/2026=2026-12-24", "24.12.26=2026-12-24"],
        );
        check("3/4/2027", &["~3/4/2027=2027-04-03"]);
        check("12/24/2026", &["12/24/2026=2026-12-24"]);
        check("on 24/12", &["24/12=2026-12-24"]);
        check("1/2 a pizza, 1.2, 2026-13-01, 31/02/2026, 3-4", &[]);
    }

    #[test]
    fn months_are_read_before_and_behind_the_day() {
        check("24 Dec or Dec. 24", &["24 Dec=2026-12-24", "Dec. 24=2026-12-24"]);
        check("December 24th, 2027", &["December 24th, 2027=2027-12-24"]);
        check("the 24th of December", &["the 24th of December=2026-12-24"]);
        check("the twenty-fourth of june", &["the twenty-fourth of june=2027-06-24"]);
        check("24 november", &["24 november=2027-11-24"]);
        check("29 feb", &["29 feb=2028-02-29"]);
        check("May I come in May 2?", &["May 2=2027-05-02"]);
        check("december", &[]);
    }

    #[test]
    fn days_near_today_are_read() {
        check("today, tomorrow or yesterday", &["today=2026-11-25", "tomorrow=2026-11-26", "yesterday=2026-11-24"]);
        check("the day after tomorrow", &["the day after tomorrow=2026-11-27"]);
        check("tonight at eight", &["tonight=2026-11-25"]);
    }

    #[test]
    fn weekdays_are_the_next_ones() {
        check("friday or wednesday", &["friday=2026-11-27", "wednesday=2026-12-02"]);
        check("next Friday", &["~next Friday=2026-12-04"]);
        check("next Monday", &["next Monday=2026-11-30"]);
        check("last friday, on sat", &["last friday=2026-11-20", "sat=2026-11-28"]);
        check("we sat in the sun", &[]);
    }

    #[test]
    fn spans_of_time_are_added() {
        check("in three days", &["in three days=2026-11-28"]);
        check("in a week, in 2 months", &["in a week=2026-12-02", "in 2 months=2027-01-25"]);
        check("two weeks ago", &["two weeks ago=2026-11-11"]);
        check("a week from tomorrow", &["a week from tomorrow=2026-12-03"]);
        check("three days", &[]);
        check("in 9999 years", &[]);
    }

    #[test]
    fn feasts_are_days() {
        check("christmas eve and christmas", &["christmas eve=2026-12-24", "christmas=2026-12-25"]);
        check("new year's day", &["new year's day=2027-01-01"]);
    }

    #[test]
    fn a_day_of_the_month_needs_to_be_led() {
        check("on the 24th", &["the 24th=2026-12-24"]);
        check("the 24th", &[]);
        assert_eq!(recognise("the 31st", now(), &[], Some(ENTRY.name))[0].value, "2026-12-31");
    }
}
