//! From examples to what a model learns from: the lines that data of kind `utterances` are made of, a sentence, a TAB, its intent, a
//! TAB, and a tag for each word. Knows no model.

use std::ops::Range;

use super::{Definition, Example};
use crate::recognise::meet;
use crate::words::words;

/// How the intent of sentences is called that are none.
pub const OUT_OF_SCOPE: &str = "out_of_scope";

impl Definition {
    /// The lines that a model of this definition learns from. Tags are there where any example marks a slot.
    pub fn utterances(&self) -> String {
        let tagged = self.is_tagged();
        let of_intents =
            self.intents.iter().flat_map(|intent| intent.examples.iter().map(move |text| (text, &*intent.name)));
        let outside = self.fallback.examples.iter().map(|text| (text, OUT_OF_SCOPE));
        let read = of_intents.chain(outside).filter_map(|(text, intent)| Some((Example::read(text).ok()?, intent)));
        read.map(|(example, intent)| line(&example.text, intent, &example.slots, tagged)).collect()
    }

    /// Whether any example marks a slot, so that every line has tags.
    pub fn is_tagged(&self) -> bool {
        let examples = self.intents.iter().flat_map(|intent| &intent.examples);
        examples.filter_map(|example| Example::read(example).ok()).any(|example| !example.slots.is_empty())
    }
}

/// A line: a text, its intent, and the slots in it as tags. Nothing where the text has no word.
pub fn line(text: &str, intent: &str, slots: &[(Range<usize>, String)], tagged: bool) -> String {
    let cut = words(text);
    if cut.is_empty() {
        return String::new();
    }
    let mut line = cut.iter().map(|word| &text[word.place.clone()]).collect::<Vec<_>>().join(" ");
    line += "\t";
    line += intent;
    if tagged {
        let mut last = None;
        let tag = |place: &Range<usize>| {
            let slot = slots.iter().position(|(slot, _)| meet(slot, place));
            let goes_on = slot.is_some() && slot == last;
            last = slot;
            match slot {
                Some(slot) => format!("{}-{}", if goes_on { "I" } else { "B" }, slots[slot].1),
                None => "O".to_owned(),
            }
        };
        let tags: Vec<String> = cut.iter().map(|word| &word.place).map(tag).collect();
        line += "\t";
        line += &tags.join(" ");
    }
    line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(marked: &str, tagged: bool, expected: &str) {
        let example = Example::read(marked).unwrap();
        assert_eq!(line(&example.text, "book", &example.slots, tagged), expected);
    }

    #[test]
    fn words_have_tags_and_signs_stand_alone() {
        check(
            "For [four](people), on [24 Dec](date)!",
            true,
            "For four , on 24 Dec !\tbook\tO B-people O O B-date I-date O\n",
        );
        check("hello there", true, "hello there\tbook\tO O\n");
        check("a\tline\nbreak", false, "a line break\tbook\n");
        check("  ", true, "");
    }

    #[test]
    fn two_slots_side_by_side_are_two() {
        check("[Bern](from)[Basel](to)", true, "BernBasel\tbook\tB-from\n");
        check("[Bern](to) [Basel](to)", true, "Bern Basel\tbook\tB-to B-to\n");
    }
}
