//! Words of a message, with their places in it: cut as the `word` tokenizer cuts, so that a word here is a word there. Knows no
//! meaning.

use std::ops::Range;

/// A word, or a sign that stands alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Where it stands, in bytes.
    pub place: Range<usize>,
    /// In lower case, with a straight apostrophe.
    pub lower: String,
}

/// Letters, digits and apostrophes between letters make a word; any other sign is one by itself.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut found = Vec::new();
    let mut letters = text.char_indices().peekable();
    while let Some((start, first)) = letters.next() {
        if first.is_whitespace() {
            continue;
        }
        let mut end = start + first.len_utf8();
        if is_letter(first) {
            let mut ahead = letters.clone();
            while let Some((at, letter)) = ahead.next() {
                let joins = matches!(letter, '\'' | '’') && ahead.peek().is_some_and(|&(_, next)| is_letter(next));
                if !is_letter(letter) && !joins {
                    break;
                }
                end = at + letter.len_utf8();
                letters = ahead.clone();
            }
        }
        let lower = text[start..end].to_lowercase().replace('’', "'");
        found.push(Word { place: start..end, lower });
    }
    found
}

/// The words of a text in lower case, without signs: what is compared where only words count.
pub(crate) fn plain(text: &str) -> Vec<String> {
    words(text).into_iter().map(|word| word.lower).filter(|word| word.starts_with(is_letter)).collect()
}

/// The name that was probably meant: a third of the letters may be wrong.
pub(crate) fn nearest<'n>(asked: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let simple = |name: &str| name.to_lowercase().replace('-', "_");
    let asked = simple(asked);
    let most = asked.chars().count().max(3) / 3;
    let far = |name: &str| strsim::damerau_levenshtein(&asked, &simple(name));
    names.into_iter().map(|name| (far(name), name)).filter(|(far, _)| *far <= most).min().map(|(_, name)| name)
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || is_mark(letter)
}

/// The combining marks of the commonest blocks.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5bd}' | '\u{64b}'..='\u{65f}'
        | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found = words(text);
        assert_eq!(found.iter().map(|word| &text[word.place.clone()]).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn signs_stand_alone_and_apostrophes_belong_to_their_word() {
        check("Don't, at 19:30!", &["Don't", ",", "at", "19", ":", "30", "!"]);
        check("the cooks' knives 'x'", &["the", "cooks", "'", "knives", "'", "x", "'"]);
        check("", &[]);
        check("é\u{301}a 你好 🎉🎉", &["é\u{301}a", "你好", "🎉", "🎉"]);
    }

    #[test]
    fn a_curly_apostrophe_is_as_good_as_a_straight_one() {
        assert_eq!(plain("I’m HERE."), ["i'm", "here"]);
    }

    #[test]
    fn a_near_name_is_found_and_a_far_one_is_not() {
        assert_eq!(nearest("exmaples", ["examples", "replies"]), Some("examples"));
        assert_eq!(nearest("colour", ["examples", "replies"]), None);
    }
}
