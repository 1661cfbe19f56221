//! The family of recognisers: what in a message is a date, a time, a number, an address or a word of a list, in normal form. A
//! file each; this page lists them, and nothing else does. Knows no intents and learns nothing.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::Now;
use crate::words::{Word, words};

pub mod date;
pub mod email;
mod list;
pub mod number;
pub mod sentence;
pub mod time;

pub use list::WordList;

/// Every recogniser; where two find something in the same place, the first of this list is right.
pub const ALL: &[Entry] = &[email::ENTRY, date::ENTRY, time::ENTRY, number::ENTRY];

/// A line on the contents page.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name as the kind of a slot.
    pub name: &'static str,
    /// What it finds, in a line.
    pub about: &'static str,
    /// Its file, whose header explains it.
    pub source: &'static str,
    /// What begins with a word of a sentence; the longest reading.
    pub at: fn(Place<'_>) -> Option<Reading>,
}

/// A word of a sentence, from which on something may be recognised.
#[derive(Clone, Copy, Debug)]
pub struct Place<'w> {
    /// All words of the sentence.
    pub words: &'w [Word],
    /// The number of the word.
    pub start: usize,
    /// Which moment it is.
    pub now: Now,
    /// Whether just this was asked for, so that less need be said.
    pub is_asked: bool,
}

/// What some words mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// How many words.
    pub words: usize,
    /// In normal form.
    pub value: String,
    /// How sure that is, 0 to 1: less than 1 where people mean different things by the same words.
    pub sure: f64,
}

/// How sure we are of what some people mean otherwise.
pub(crate) const UNSURE: f64 = 0.6;

/// Who found something in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Finder {
    /// A recogniser.
    Recogniser,
    /// A word list of the definition.
    List,
    /// The trained tagger.
    Learnt,
}

/// Something that was found in a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    /// A recogniser, a list, or a slot that was learnt.
    pub kind: String,
    /// Where it stands, in bytes.
    pub place: Range<usize>,
    /// As it was written.
    pub text: String,
    /// In normal form.
    pub value: String,
    /// How sure that is, 0 to 1.
    pub sure: f64,
    /// Who found it.
    pub by: Finder,
}

/// The most words of a message that are looked at.
const MOST_WORDS: usize = 4096;

/// All that recognisers and lists find in a text, in its order. Of two recognisers that meet the earlier of the family is right;
/// words of lists may stand anywhere, the longer first. `asked` is the kind that was asked for, of which less need be said.
pub fn recognise(text: &str, now: Now, lists: &[WordList], asked: Option<&str>) -> Vec<Entity> {
    let mut words = words(text);
    words.truncate(MOST_WORDS);
    let mut found: Vec<Entity> = Vec::new();
    for entry in ALL {
        let is_asked = asked == Some(entry.name);
        let mut start = 0;
        while start < words.len() {
            let reading = (entry.at)(Place { words: &words, start, now, is_asked });
            let Some(reading) = reading.filter(|reading| reading.words > 0) else {
                start += 1;
                continue;
            };
            let place = words[start].place.start..words[start + reading.words - 1].place.end;
            start += reading.words;
            if found.iter().all(|other| !meet(&other.place, &place)) {
                let (text, kind) = (text[place.clone()].to_owned(), entry.name.to_owned());
                found.push(Entity {
                    kind,
                    place,
                    text,
                    value: reading.value,
                    sure: reading.sure,
                    by: Finder::Recogniser,
                });
            }
        }
    }
    found.extend(lists.iter().flat_map(|list| list.find(text, &words)));
    found.sort_by_key(|entity| (entity.place.start, entity.place.end));
    found
}

/// Whether two places have a byte in common.
pub(crate) fn meet(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

impl<'w> Place<'w> {
    /// The word so many further on, in lower case; nothing behind the end.
    pub fn word(&self, ahead: usize) -> &'w str {
        self.words.get(self.start + ahead).map_or("", |word| word.lower.as_str())
    }

    /// The word before.
    pub fn before(&self) -> &'w str {
        self.start.checked_sub(1).map_or("", |at| self.words[at].lower.as_str())
    }

    /// Whether no space stands before the word so many further on.
    pub fn is_glued(&self, ahead: usize) -> bool {
        match (self.words.get((self.start + ahead).wrapping_sub(1)), self.words.get(self.start + ahead)) {
            (Some(before), Some(word)) => before.place.end == word.place.start,
            _ => false,
        }
    }

    /// The same sentence from a word further on.
    pub fn ahead(self, ahead: usize) -> Self {
        Self { start: self.start + ahead, ..self }
    }

    /// The whole number that a word is, of so many digits at most.
    pub(crate) fn digits(&self, ahead: usize, most: usize) -> Option<u32> {
        let word = self.word(ahead);
        let is_number = !word.is_empty() && word.len() <= most.min(9) && word.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| word.parse().ok()).flatten()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::Date;

    /// Wednesday, the 25th of November 2026, half past two.
    pub(crate) fn now() -> Now {
        Now { date: Date::new(2026, 11, 25).unwrap(), hour: 14, minute: 30 }
    }

    /// Holds what is found of one kind, as `text=value`, against what is expected; `~` stands before what is unsure.
    pub(crate) fn finds(kind: &str, text: &str, expected: &[&str]) {
        let found: Vec<String> = recognise(text, now(), &[], None)
            .into_iter()
            .filter(|entity| entity.kind == kind)
            .map(|entity| format!("{}{}={}", if entity.sure < 1.0 { "~" } else { "" }, entity.text, entity.value))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn what_is_part_of_a_date_is_no_number() {
        let found = recognise("a table for 4 on 24/12/2026 at 7 pm", now(), &[], None);
        let found: Vec<_> = found.iter().map(|entity| (&*entity.kind, &*entity.value)).collect();
        assert_eq!(found, [("number", "4"), ("date", "2026-12-24"), ("time", "19:00")]);
    }

    #[test]
    fn every_name_is_there_once_and_its_file_explains_it() {
        for entry in ALL {
            assert!(entry.source.starts_with(&format!("//! # {}", entry.name)), "{}", entry.name);
            assert_eq!(ALL.iter().filter(|other| other.name == entry.name).count(), 1);
        }
    }

    #[test]
    fn places_are_bytes_of_the_text_whatever_is_in_it() {
        for text in ["🎉 tomorrow 🎉 für vier", "明日 12:30 ab@cd.ef", "\u{0}\u{7f} 3", "é 24 Dec é", "½ Ⅷ ٣ 3"]
        {
            for entity in recognise(text, now(), &[], Some("time")) {
                assert_eq!(text[entity.place.clone()], entity.text);
            }
        }
    }

    #[test]
    fn a_megabyte_is_looked_at_as_far_as_it_goes() {
        let text = "seven hundred and ".repeat(60_000);
        assert!(recognise(&text, now(), &[], None).len() < MOST_WORDS);
        assert!(recognise(&"1".repeat(1 << 20), now(), &[], None).is_empty());
    }
}
