//! The small words of a conversation: yes, no, leave it, rather. For English. Knows no intents.

use crate::Date;
use crate::words::plain;

/// The words of a message in lower case.
pub(crate) struct Spoken {
    words: Vec<String>,
}

impl Spoken {
    pub(crate) fn of(text: &str) -> Self {
        Self { words: plain(text) }
    }

    pub(crate) fn count(&self) -> usize {
        self.words.len()
    }

    /// Whether some words stand in it side by side.
    pub(crate) fn has(&self, phrase: &str) -> bool {
        let phrase: Vec<&str> = phrase.split(' ').collect();
        self.words.windows(phrase.len()).any(|window| window.iter().zip(&phrase).all(|(word, wanted)| word == wanted))
    }

    fn begins_with_any(&self, phrases: &[&str]) -> bool {
        phrases
            .iter()
            .any(|phrase| phrase.split(' ').enumerate().all(|(at, word)| self.words.get(at).is_some_and(|w| w == word)))
    }

    /// A plain yes.
    pub(crate) fn is_yes(&self) -> bool {
        const YES: [&str; 22] = [
            "yes",
            "yeah",
            "yep",
            "yup",
            "sure",
            "right",
            "correct",
            "ok",
            "okay",
            "exactly",
            "perfect",
            "fine",
            "absolutely",
            "please do",
            "go ahead",
            "sounds good",
            "that's right",
            "that is right",
            "that's correct",
            "of course",
            "do it",
            "indeed",
        ];
        self.begins_with_any(&YES) && !self.has("not")
    }

    /// A no, with or without more behind it.
    pub(crate) fn is_no(&self) -> bool {
        const NO: [&str; 10] = [
            "no",
            "nope",
            "nah",
            "wrong",
            "not right",
            "that's wrong",
            "that is wrong",
            "not really",
            "that's not right",
            "incorrect",
        ];
        self.begins_with_any(&NO)
    }

    /// Whether what was begun is to be left.
    pub(crate) fn leaves(&self) -> bool {
        const LEAVE: [&str; 18] = [
            "cancel",
            "cancel that",
            "cancel it",
            "cancel this",
            "never mind",
            "nevermind",
            "forget it",
            "forget that",
            "forget about it",
            "stop",
            "stop it",
            "abort",
            "leave it",
            "quit",
            "no thanks",
            "no thank you",
            "let's stop",
            "drop it",
        ];
        const SMALL: [&str; 6] = ["please", "ok", "okay", "oh", "then", "well"];
        let rest: Vec<&str> = self.words.iter().map(String::as_str).filter(|word| !SMALL.contains(word)).collect();
        LEAVE.contains(&rest.join(" ").as_str())
    }

    /// Whether it puts something in the place of something else.
    pub(crate) fn corrects(&self) -> bool {
        const RATHER: [&str; 18] = [
            "actually",
            "instead",
            "rather",
            "change",
            "make it",
            "make that",
            "i mean",
            "i meant",
            "sorry",
            "correction",
            "wait",
            "not",
            "switch",
            "let's say",
            "move it",
            "should be",
            "better",
            "different",
        ];
        self.is_no() || RATHER.iter().any(|phrase| self.has(phrase))
    }

    /// How many words are neither among the covered ones nor mere filling.
    pub(crate) fn more_than(&self, covered: &Spoken) -> usize {
        const FILLING: [&str; 40] = [
            "for", "at", "on", "in", "the", "a", "an", "of", "it", "is", "be", "to", "by", "we", "are", "i", "will",
            "would", "like", "please", "make", "yes", "no", "people", "persons", "guests", "us", "about", "around",
            "let's", "say", "ok", "okay", "and", "that", "then", "well", "my", "us", "want",
        ];
        let mut covered = covered.words.clone();
        let is_more = |word: &&String| match covered.iter().position(|other| other == *word) {
            Some(at) => {
                covered.swap_remove(at);
                false
            }
            None => !FILLING.contains(&word.as_str()),
        };
        self.words.iter().filter(is_more).count()
    }

    /// Which of so many things is pointed at, from 0.
    pub(crate) fn points_at(&self, count: usize) -> Option<usize> {
        const FIRST: [&str; 4] = ["first", "former", "1", "1st"];
        const SECOND: [&str; 5] = ["second", "latter", "2", "2nd", "last"];
        let has = |names: &[&str]| names.iter().any(|name| self.has(name));
        match (has(&FIRST), has(&SECOND)) {
            (true, false) => Some(0),
            (false, true) if count > 1 => Some(1),
            _ => None,
        }
    }
}

/// A value as people say it: a date with its weekday, all else as it is.
pub(crate) fn spoken_value(kind: &str, value: &str) -> String {
    let date = || Date::parse(value).map(Date::in_words);
    if kind == "date" { date().unwrap_or_else(|| value.to_owned()) } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(texts: &[&str], is_so: impl Fn(&Spoken) -> bool) {
        for text in texts {
            assert!(is_so(&Spoken::of(text)), "{text}");
        }
    }

    #[test]
    fn yes_and_no_come_first() {
        all(&["Yes!", "yeah, sure", "OK", "that's right."], Spoken::is_yes);
        all(&["no", "No, for five", "nope.", "that is wrong"], Spoken::is_no);
        all(&["for five", "", "I said yes to him", "right, but not that"], |spoken| {
            !spoken.is_yes() && !spoken.is_no()
        });
    }

    #[test]
    fn leaving_is_all_that_is_said() {
        all(&["cancel", "Never mind.", "oh, forget it please"], Spoken::leaves);
        all(&["cancel my booking", "stop by at noon", ""], |spoken| !spoken.leaves());
    }

    #[test]
    fn corrections_have_their_words() {
        all(
            &["no, for five", "make it Friday", "actually 8", "not four but five", "sorry, I meant six"],
            Spoken::corrects,
        );
        all(&["for four", "tomorrow"], |spoken| !spoken.corrects());
    }

    #[test]
    fn a_date_is_said_with_its_weekday() {
        assert_eq!(spoken_value("date", "2026-11-27"), "Friday, 27 November 2026");
        assert_eq!(spoken_value("date", "soon"), "soon");
        assert_eq!(spoken_value("time", "19:30"), "19:30");
    }
}
