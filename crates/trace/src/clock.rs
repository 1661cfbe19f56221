//! The time since 1970, and the date as run.json writes it. UTC only; no time zones and no parsing.

use std::time::{Duration, SystemTime};

/// How long after the beginning of 1970 it is now; nothing where a clock says that it is earlier.
pub fn since_1970() -> Duration {
    after_1970(SystemTime::now())
}

fn after_1970(moment: SystemTime) -> Duration {
    moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO)
}

/// A moment as `2026-11-21T18:46:00Z`. Moments before 1970 read as 1970's first.
pub fn utc(moment: SystemTime) -> String {
    let since_1970 = after_1970(moment);
    let (mut days, second) = (since_1970.as_secs() / 86_400, since_1970.as_secs() % 86_400);
    let mut year = 1970;
    while days >= days_in_year(year) {
        days -= days_in_year(year);
        year += 1;
    }
    let mut month = 1;
    while days >= days_in_month(year, month) {
        days -= days_in_month(year, month);
        month += 1;
    }
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{year}-{month:02}-{:02}T{hour:02}:{minute:02}:{:02}Z", days + 1, second % 60)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_in_year(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_in_month(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::utc;
    use std::time::{Duration, SystemTime};

    fn check(seconds_since_1970: u64, expected: &str) {
        let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds_since_1970);
        assert_eq!(utc(moment), expected);
    }

    #[test]
    fn the_first_moment() {
        check(0, "1970-01-01T00:00:00Z");
    }

    // Expected seconds from `date -u -d 2000-02-29T23:59:59 +%s` and the like.
    #[test]
    fn leap_days_are_kept() {
        check(951_868_799, "2000-02-29T23:59:59Z");
        check(951_868_800, "2000-03-01T00:00:00Z");
    }

    #[test]
    fn a_century_that_is_no_leap_year() {
        check(4_107_542_400, "2100-03-01T00:00:00Z");
    }
}
