//! An example sentence and the slots that are marked in it: `a table for [four](people)`. Knows no tags.

use std::ops::Range;

/// A sentence with its slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// As people say it.
    pub text: String,
    /// Where each slot stands, in bytes, and its name.
    pub slots: Vec<(Range<usize>, String)>,
}

impl Example {
    /// Reads the marks of a sentence; brackets that no parenthesis follows are just brackets.
    ///
    /// # Errors
    /// What is wrong: a mark without words, or without a name.
    pub fn read(marked: &str) -> Result<Self, String> {
        let (mut text, mut slots, mut rest) = (String::new(), Vec::new(), marked);
        while let Some((before, behind)) = rest.split_once('[') {
            text += before;
            let mark = behind.split_once("](").filter(|(words, _)| !words.contains(['[', ']']));
            let Some((words, behind_words)) = mark else {
                text.push('[');
                rest = behind;
                continue;
            };
            let Some((name, after)) = behind_words.split_once(')') else {
                return Err(format!("the mark of `{words}` does not end; write `[{words}](slot)`"));
            };
            if words.trim().is_empty() || name.trim().is_empty() {
                return Err(format!("`[{words}]({name})` has no words or no name; write `[four](people)`"));
            }
            let start = text.len();
            text += words;
            slots.push((start..text.len(), name.trim().to_owned()));
            rest = after;
        }
        text += rest;
        Ok(Self { text, slots })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_places() {
        let example = Example::read("for [four](people) on [24 Dec](date), [sic]").unwrap();
        assert_eq!(example.text, "for four on 24 Dec, [sic]");
        assert_eq!(example.slots, [(4..8, "people".to_owned()), (12..18, "date".to_owned())]);
    }

    #[test]
    fn a_broken_mark_is_named() {
        assert!(Example::read("for [four](people").unwrap_err().contains("does not end"));
        assert!(Example::read("for [](people)").unwrap_err().contains("no words"));
        assert!(Example::read("for [four]()").unwrap_err().contains("no name"));
    }
}
