//! Days and clock times as plain numbers, and which moment it is. Reads no clock: whoever asks says what time it is.
//!
//! Follows  Hinnant, chrono-compatible low-level date algorithms, 2013, <https://howardhinnant.github.io/date_algorithms.html>

use std::fmt;

use serde::{Deserialize, Serialize};

/// A day of the Gregorian calendar; written as `2026-12-24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

/// Which moment it is where the user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// Today.
    pub date: Date,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

/// The days of a week, Monday first.
pub(crate) const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The months, from January.
pub(crate) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

impl Date {
    /// A date of its normal form, such as 2026-11-23.
    pub fn parse(value: &str) -> Option<Self> {
        let mut parts = value.split('-');
        let year = parts.next()?.parse().ok()?;
        Self::new(year, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?)
    }

    /// A day; none if there is no such day, or its year has not four digits.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let is_there =
            (1..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1 && day <= days_in(year, month);
        is_there.then_some(Self { year, month, day })
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.year
    }

    /// The month, from 1.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u8 {
        self.day
    }

    /// 0 is Monday.
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        (self.number() + 3).rem_euclid(7) as u8
    }

    /// So many days later; none outside of the years that are written with four digits.
    pub fn plus_days(self, days: i64) -> Option<Self> {
        Self::of_number(self.number().checked_add(days)?)
    }

    /// So many months later; a day that its month lacks becomes the month's last.
    pub fn plus_months(self, months: i64) -> Option<Self> {
        let all = (i64::from(self.year) * 12 + i64::from(self.month) - 1).checked_add(months)?;
        let (year, month) = (i32::try_from(all.div_euclid(12)).ok()?, all.rem_euclid(12) as u8 + 1);
        Self::new(year, month, self.day.min(days_in(year, month)))
    }

    /// As people say it: "Friday, 27 November 2026".
    pub fn in_words(self) -> String {
        let name = WEEKDAYS[usize::from(self.weekday())];
        let month = MONTHS[usize::from(self.month) - 1];
        format!("{}, {} {} {}", capital(name), self.day, capital(month), self.year)
    }

    /// Days since 1970-01-01.
    fn number(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let of_year =
            (153 * (i64::from(self.month) + if self.month > 2 { -3 } else { 9 }) + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    fn of_number(number: i64) -> Option<Self> {
        let number = number.checked_add(719_468)?;
        let (era, of_era) = (number.div_euclid(146_097), number.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let (month, day) =
            (if shifted < 10 { shifted + 3 } else { shifted - 9 }, of_year - (153 * shifted + 2) / 5 + 1);
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self::new(i32::try_from(year).ok()?, month as u8, day as u8)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Now {
    /// The moment so many seconds after 1970 began in Greenwich, where clocks are so many minutes ahead; far outside of
    /// history it is 1970.
    pub fn of_unix(seconds: i64, minutes_ahead: i32) -> Self {
        let local = seconds.saturating_add(i64::from(minutes_ahead) * 60);
        let date = Date::of_number(local.div_euclid(86_400)).unwrap_or(Date { year: 1970, month: 1, day: 1 });
        let minutes = local.rem_euclid(86_400) / 60;
        Self { date, hour: (minutes / 60) as u8, minute: (minutes % 60) as u8 }
    }
}

fn capital(name: &str) -> String {
    name[..1].to_uppercase() + &name[1..]
}

fn days_in(year: i32, month: u8) -> u8 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + u8::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_over_ends_of_months_and_leap_years() {
        let day = |year, month, day| Date::new(year, month, day).unwrap();
        assert_eq!(day(2028, 2, 28).plus_days(1), Some(day(2028, 2, 29)));
        assert_eq!(day(2100, 2, 28).plus_days(1), Some(day(2100, 3, 1)));
        assert_eq!(day(2026, 12, 31).plus_days(1), Some(day(2027, 1, 1)));
        assert_eq!(day(2026, 1, 31).plus_months(1), Some(day(2026, 2, 28)));
        assert_eq!(day(2026, 1, 1).plus_days(-1), Some(day(2025, 12, 31)));
        assert_eq!(Date::new(2026, 2, 29), None);
        assert_eq!(day(9999, 12, 31).plus_days(1), None);
        assert_eq!(day(2026, 1, 1).plus_days(i64::MAX), None);
        assert_eq!(day(2026, 1, 1).plus_months(i64::MAX), None);
    }

    // 2026-11-23 is a Monday, 2000-01-01 was a Saturday.
    #[test]
    fn weeks_begin_on_monday() {
        let weekday = |year, month, day| Date::new(year, month, day).unwrap().weekday();
        assert_eq!((weekday(2026, 11, 23), weekday(2000, 1, 1), weekday(1969, 12, 31)), (0, 5, 2));
    }

    // 1 000 000 000 s were 2001-09-09 01:46:40 in Greenwich.
    #[test]
    fn a_moment_is_made_of_seconds() {
        let now = Now::of_unix(1_000_000_000, 120);
        assert_eq!((now.date.to_string().as_str(), now.hour, now.minute), ("2001-09-09", 3, 46));
        assert_eq!(Now::of_unix(-60, 0).date.to_string(), "1969-12-31");
        assert_eq!(Now::of_unix(i64::MAX, 0).date.to_string(), "1970-01-01");
    }
}
