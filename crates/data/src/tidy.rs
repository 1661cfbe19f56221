//! Text that was cut into tokens, put together again as people write it. Knows no data set.

/// Marks that stand close to what is before them.
const CLOSES: &[&str] = &[".", ",", "!", "?", ";", ":", ")", "]", "%", "...", "'", "…"];
/// What follows an apostrophe in `don't`, `it's` and their like.
const CONTRACTED: &[&str] = &["s", "t", "m", "re", "ve", "ll", "d", "S", "T", "M", "clock"];

/// The text with single spaces, none before a closing mark, one behind the end of a sentence, and plain quotes and apostrophes.
pub(crate) fn tidied(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '’' | '‘' | '`' | '´' => '\'',
            '“' | '”' => '"',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    let mut tidy = String::with_capacity(plain.len());
    let mut words = plain.split_whitespace().peekable();
    let (mut joins, mut is_quoted) = (true, false);
    while let Some(word) = words.next() {
        let contracted = word == "'" && words.peek().is_some_and(|next| CONTRACTED.contains(next));
        let ends =
            CLOSES.contains(&word) || (word.starts_with(['.', '?', '!']) && word.chars().all(|c| ".?!".contains(c)));
        let quotes = word == "\"";
        if !(joins || contracted || ends || quotes && is_quoted) {
            tidy.push(' ');
        }
        tidy.push_str(word);
        is_quoted ^= quotes;
        joins = contracted || quotes && is_quoted || matches!(word, "(" | "[" | "$");
    }
    apart(&tidy)
}

/// A space between a sentence and the next where somebody forgot it: `far.Can` is `far. Can`.
fn apart(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut apart = String::with_capacity(text.len());
    for (at, &c) in chars.iter().enumerate() {
        apart.push(c);
        let before = at.checked_sub(1).map(|at| chars[at]);
        let is_end = matches!(c, '.' | '?' | '!' | ',' | ';');
        let next = chars.get(at + 1).copied();
        if is_end && before.is_some_and(char::is_lowercase) && next.is_some_and(char::is_uppercase) {
            apart.push(' ');
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(tidied(text), expected);
        assert_eq!(tidied(expected), expected, "what is tidy stays");
    }

    #[test]
    fn tokens_become_sentences() {
        check(
            "Well , that ’ s too far.Can you   change some money ?",
            "Well, that's too far. Can you change some money?",
        );
        check(" I don ' t know ... Really ?!", "I don't know... Really?!");
        check("It costs $ 5 ( about ) .", "It costs $5 (about).");
        check("“ Yes ” , he said . \" No . \"", "\"Yes\", he said. \"No.\"");
    }

    #[test]
    fn what_has_a_point_inside_is_left_alone() {
        check("at 5.30 p.m. on www.example.com", "at 5.30 p.m. on www.example.com");
        check("the U.S. and e.g. this", "the U.S. and e.g. this");
    }
}
