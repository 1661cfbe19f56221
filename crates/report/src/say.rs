//! Numbers as people read them, with the digits that their noise allows. Text only. A number and
//! its unit hold together: the space between them does not break.

/// A loss or another number around one: three decimals.
pub(crate) fn loss(value: f64) -> String {
    if !value.is_finite() {
        return odd(value);
    }
    match value.abs() {
        size if size >= 1e6 => significant(value, 2),
        size if size >= 100.0 => minus(format!("{value:.1}")),
        _ => minus(format!("{value:.3}")),
    }
}

/// A difference of losses, with its sign when it is negative.
pub(crate) fn difference(value: f64) -> String {
    loss(value)
}

/// One decimal.
pub(crate) fn tenths(value: f64) -> String {
    if value.is_finite() { minus(format!("{value:.1}")) } else { odd(value) }
}

/// A perplexity, or another number that may be anything above one: four digits.
pub(crate) fn four_digits(value: f64) -> String {
    match value.abs() {
        size if !size.is_finite() => odd(value),
        size if size < 100.0 => minus(format!("{value:.2}")),
        size if size < 1000.0 => minus(format!("{value:.1}")),
        size if size < 1e6 => count(value.round() as u64),
        _ => significant(value, 2),
    }
}

/// A whole number with its thousands apart.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A large number in short: `812 k`, `1.00 M`.
pub(crate) fn short(value: f64) -> String {
    if !value.is_finite() {
        return odd(value);
    }
    let (scaled, suffix) = match value.abs() {
        size if size >= 999.5e6 => (value / 1e9, "\u{a0}G"),
        size if size >= 999.5e3 => (value / 1e6, "\u{a0}M"),
        size if size >= 9_999.5 => (value / 1e3, "\u{a0}k"),
        size if size >= 1000.0 || value.fract() == 0.0 && value >= 0.0 => return count(value.round() as u64),
        _ => (value, ""),
    };
    format!("{}{suffix}", significant(scaled, 3))
}

/// Seconds as a length of time.
pub(crate) fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return odd(seconds);
    }
    if seconds < 9.95 {
        return format!("{}\u{a0}s", significant(seconds, 2));
    }
    let whole = seconds.round() as u64;
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest}\u{a0}s"),
        (0, _) => format!("{minutes}\u{a0}min {rest:02}\u{a0}s"),
        _ => format!("{hours}\u{a0}h {minutes:02}\u{a0}min"),
    }
}

/// A share of one, in hundredths.
pub(crate) fn percent(share: f64) -> String {
    if !share.is_finite() {
        return odd(share);
    }
    let hundredths = share * 100.0;
    let whole = hundredths.abs() >= 9.95 || hundredths == 0.0;
    if whole { format!("{hundredths:.0}\u{a0}%") } else { format!("{hundredths:.1}\u{a0}%") }
}

/// The given number of significant digits, in plain or in exponent form, whichever is short.
pub(crate) fn significant(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return odd(value);
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let exponent = value.abs().log10().floor() as i32;
    if !(-4..7).contains(&exponent) {
        // Rounded first: 9.96 with two digits is 10, which has another exponent.
        let rounded = format!("{value:.*e}", digits.min(2) - 1);
        let (mantissa, exponent) = rounded.split_once('e').unwrap_or((&rounded, "0"));
        let exponent = exponent.parse().unwrap_or(0);
        return minus(format!("{mantissa}×{}", power_of_ten(exponent)));
    }
    let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
    minus(format!("{value:.decimals$}"))
}

/// A mean with no more decimals than the spread around it allows.
pub(crate) fn mean_of_spread(mean: f64, spread: f64) -> String {
    if !mean.is_finite() || !spread.is_finite() || spread <= 0.0 {
        return significant(mean, 2);
    }
    let decimals = 1 - spread.log10().floor() as i32;
    if decimals > 4 {
        return significant(mean, 2);
    }
    let decimals = decimals.max(0) as usize;
    let text = format!("{mean:.decimals$}");
    let is_zero = text.chars().all(|letter| matches!(letter, '-' | '0' | '.'));
    if is_zero { "0".to_owned() } else { minus(text) }
}

/// `10⁻³`.
pub(crate) fn power_of_ten(exponent: i32) -> String {
    let raised = |digit: char| match digit {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32('⁰' as u32 + digit as u32 - '0' as u32).unwrap_or(digit),
    };
    format!("10{}", exponent.to_string().chars().map(raised).collect::<String>())
}

/// Small counts in words, as prose has them.
pub(crate) fn in_words(value: usize) -> String {
    const WORDS: [&str; 13] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    WORDS.get(value).map_or_else(|| count(value as u64), |word| (*word).to_owned())
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The first letter large, for the beginning of a sentence.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

/// A text of at most so many letters; a longer one is cut, and shows it.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// `one step`, `12 steps`.
pub(crate) fn plural(value: u64, noun: &str) -> String {
    if value == 1 { format!("one {noun}") } else { format!("{} {noun}s", count(value)) }
}

fn odd(value: f64) -> String {
    let word = if value.is_nan() {
        "not a number"
    } else if value > 0.0 {
        "infinite"
    } else {
        "minus infinite"
    };
    word.to_owned()
}

/// A minus sign as wide as a digit, in place of the hyphen.
fn minus(text: String) -> String {
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_have_three_decimals_and_a_true_minus() {
        assert_eq!(loss(2.454_014_5), "2.454");
        assert_eq!(loss(-0.25), "−0.250");
        assert_eq!(loss(f64::NAN), "not a number");
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_003_854), "1,003,854");
    }

    #[test]
    fn large_numbers_are_short() {
        assert_eq!([42.0, 42.25].map(short), ["42", "42.2"]);
        assert_eq!(short(1234.0), "1,234");
        assert_eq!(short(812_300.0), "812\u{a0}k");
        assert_eq!(short(1_003_854.0), "1.00\u{a0}M");
    }

    #[test]
    fn perplexities_have_four_digits() {
        assert_eq!([5.4213, 462.16, 8005.2].map(four_digits), ["5.42", "462.2", "8,005"]);
        assert_eq!(four_digits(7.2e10), "7.2×10¹⁰");
    }

    #[test]
    fn time_is_told_as_people_tell_it() {
        assert_eq!(duration(0.123), "0.12\u{a0}s");
        assert_eq!(duration(59.7), "1\u{a0}min 00\u{a0}s");
        assert_eq!(duration(232.0), "3\u{a0}min 52\u{a0}s");
        assert_eq!(duration(7_380.0), "2\u{a0}h 03\u{a0}min");
    }

    #[test]
    fn shares_lose_decimals_they_do_not_need() {
        assert_eq!(percent(0.0), "0\u{a0}%");
        assert_eq!(percent(0.0214), "2.1\u{a0}%");
        assert_eq!(percent(0.4567), "46\u{a0}%");
    }

    #[test]
    fn significant_digits_and_far_exponents() {
        assert_eq!(significant(0.001_234, 2), "0.0012");
        assert_eq!(significant(12.34, 3), "12.3");
        assert_eq!(significant(3.2e-9, 3), "3.2×10⁻⁹");
        assert_eq!(significant(-9.96e-6, 2), "−1.0×10⁻⁵");
    }

    #[test]
    fn a_mean_is_no_finer_than_its_spread() {
        assert_eq!(mean_of_spread(-0.0041, 1.4), "0");
        assert_eq!(mean_of_spread(-0.123, 0.82), "−0.12");
        assert_eq!(mean_of_spread(1.23e-6, 3e-7), "1.2×10⁻⁶");
    }

    #[test]
    fn words_in_sentences() {
        assert_eq!(list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
        assert_eq!((in_words(6), in_words(13)), ("six".to_owned(), "13".to_owned()));
        assert_eq!(capital("six"), "Six");
        assert_eq!((shortened("cut", 3), shortened("a longer one", 3)), ("cut".into(), "a…".into()));
        assert_eq!((plural(1, "step"), plural(2000, "step")), ("one step".into(), "2,000 steps".into()));
    }
}
