//! A line as words, numbers and signs. A word may hold `_`, `/`, `.` and `-` between letters: `train/loss`. Knows no names.

/// One piece of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'l> {
    /// Letters and digits, a letter first.
    Word(&'l str),
    /// A number, or one of the words for what is none: `nan`, `inf`.
    Number(f64),
    /// Any other sign that is no space.
    Sign(char),
}

/// The pieces of a line, in order; colours of a terminal are none.
pub(super) fn tokens(line: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = line;
    let mut before = ' ';
    std::iter::from_fn(move || {
        loop {
            let first = rest.chars().next()?;
            let length = match first {
                '\u{1b}' => rest.find(|sign: char| sign.is_ascii_alphabetic()).map_or(rest.len(), |end| end + 1),
                _ if first.is_whitespace() => first.len_utf8(),
                _ => 0,
            };
            if length == 0 {
                break;
            }
            (before, rest) = (' ', &rest[length..]);
        }
        let (token, length) = first_token(rest, before)?;
        let (taken, left) = rest.split_at(length);
        before = taken.chars().next_back().unwrap_or(' ');
        rest = left;
        Some(token)
    })
}

/// The token that a text begins with, and its length.
fn first_token(text: &str, before: char) -> Option<(Token<'_>, usize)> {
    let first = text.chars().next()?;
    // In `3-4` and `step-4` the sign belongs to no number.
    let sign = usize::from(matches!(first, '-' | '+') && !before.is_alphanumeric());
    let unsigned = number_length(&text[sign..]);
    if unsigned > 0
        && let Ok(number) = text[..sign + unsigned].parse()
    {
        return Some((Token::Number(number), sign + unsigned));
    }
    if first.is_alphabetic() || first == '_' {
        let length = word_length(text);
        return Some((Token::Word(&text[..length]), length));
    }
    Some((Token::Sign(first), first.len_utf8()))
}

/// How long a number without a sign is at the beginning of a text; 0 if there is none.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let words = ["nan", "infinity", "inf"].into_iter().find(|word| {
        let begins = text.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
        begins && text[word.len()..].chars().next().is_none_or(|next| !next.is_alphanumeric() && next != '_')
    });
    if let Some(word) = words {
        return word.len();
    }
    let whole = digits(0);
    let part = if bytes.get(whole) == Some(&b'.') { 1 + digits(whole + 1) } else { 0 };
    if whole == 0 && part < 2 {
        return 0;
    }
    let mantissa = whole + part;
    let sign = usize::from(matches!(bytes.get(mantissa + 1), Some(b'-' | b'+')));
    let power = if matches!(bytes.get(mantissa), Some(b'e' | b'E')) { digits(mantissa + 1 + sign) } else { 0 };
    if power == 0 { mantissa } else { mantissa + 1 + sign + power }
}

fn word_length(text: &str) -> usize {
    let mut signs = text.char_indices().peekable();
    while let Some((at, sign)) = signs.next() {
        let joins = matches!(sign, '_' | '/' | '.' | '-') && signs.peek().is_some_and(|(_, next)| next.is_alphabetic());
        let leads = at == 0 || sign.is_alphanumeric();
        if !leads && !joins {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{Token::*, tokens};

    #[test]
    fn words_numbers_and_signs_are_told_apart() {
        let all: Vec<_> = tokens("train/loss=2.5e-1, step-12 .5 -3").collect();
        let expected = [
            Word("train/loss"),
            Sign('='),
            Number(0.25),
            Sign(','),
            Word("step"),
            Sign('-'),
            Number(12.0),
            Number(0.5),
        ];
        assert_eq!((&all[..8], all[8]), (&expected[..], Number(-3.0)));
    }

    #[test]
    fn a_number_ends_where_its_unit_begins() {
        assert_eq!(
            tokens("12ms 3e 1875/1875").collect::<Vec<_>>()[..4],
            [Number(12.0), Word("ms"), Number(3.0), Word("e")]
        );
        assert_eq!(tokens("v1.2.3").collect::<Vec<_>>(), [Word("v1"), Number(0.2), Number(0.3)]);
    }

    #[test]
    fn words_for_what_is_no_number_are_numbers() {
        let all: Vec<_> = tokens("-inf NaN infer nano").collect();
        assert_eq!((all[0], &all[2..]), (Number(f64::NEG_INFINITY), &[Word("infer"), Word("nano")][..]));
        assert!(matches!(all[1], Number(number) if number.is_nan()));
    }

    #[test]
    fn signs_of_any_script_are_signs() {
        assert_eq!(tokens("λ=2 🙂 é_\u{301}").collect::<Vec<_>>()[..3], [Word("λ"), Sign('='), Number(2.0)]);
        assert_eq!(tokens(" \u{1b}[0m ").count() + tokens("\u{1b}[31").count(), 0);
    }
}
