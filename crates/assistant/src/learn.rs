//! What feedback teaches: corrected intents as lines to train on, corrected replies as known answers, and which mistakes are the
//! commonest. Trains nothing.

use std::collections::BTreeMap;

use crate::Now;
use crate::definition::{Definition, LEARNT, OUT_OF_SCOPE, line};
use crate::memory::FeedbackRow;
use crate::recognise::recognise;

/// The file beside a definition in which corrections stand as lines to learn from.
pub const CORRECTIONS: &str = "corrections.tsv";

/// What can be learnt from feedback.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lessons {
    /// Lines as [`Definition::utterances`] has them: a sentence, what it really wants, and its tags.
    pub lines: String,
    /// How many sentences that is.
    pub sentences: usize,
    /// What was said, and what should have been replied.
    pub answers: Vec<(String, String)>,
    /// What was taken for something else, the commonest first.
    pub errors: Vec<Mistaken>,
    /// Corrections that name no intent of the definition: how they name it, and how often.
    pub unknown: Vec<(String, u64)>,
}

/// An intent that was taken for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistaken {
    /// What was understood; none where nothing was.
    pub taken_for: Option<String>,
    /// What was meant.
    pub meant: String,
    /// How often.
    pub count: u64,
    /// Some sentences that were mistaken.
    pub examples: Vec<String>,
}

/// How many examples of a mistake are shown.
const EXAMPLES: usize = 3;

/// What feedback teaches an assistant.
pub fn lessons(definition: &Definition, feedback: &[FeedbackRow]) -> Lessons {
    let mut lessons = Lessons::default();
    let mut counted: BTreeMap<(Option<&str>, &str), Mistaken> = BTreeMap::new();
    let mut unknown: BTreeMap<&str, u64> = BTreeMap::new();
    // Who corrects the same sentence twice means the later one.
    let mut meant: BTreeMap<&str, &str> = BTreeMap::new();
    for row in feedback {
        if let Some(better) = &row.better
            && !row.said.is_empty()
        {
            lessons.answers.retain(|(said, _)| *said != row.said);
            lessons.answers.push((row.said.clone(), better.clone()));
        }
        let Some(intent) = &row.intent else { continue };
        if definition.intent(intent).is_none() && intent != OUT_OF_SCOPE {
            *unknown.entry(intent).or_default() += 1;
            continue;
        }
        meant.insert(&row.said, intent);
        let understood = row
            .reply
            .as_ref()
            .and_then(|reply| reply.intent.as_deref().or_else(|| Some(reply.ranked.first()?.0.as_str())));
        if understood == Some(intent) {
            continue;
        }
        let mistaken = counted.entry((understood, intent)).or_insert_with(|| Mistaken {
            taken_for: understood.map(str::to_owned),
            meant: intent.clone(),
            count: 0,
            examples: Vec::new(),
        });
        mistaken.count += 1;
        if mistaken.examples.len() < EXAMPLES && !mistaken.examples.contains(&row.said) {
            mistaken.examples.push(row.said.clone());
        }
    }
    let tagged = definition.is_tagged();
    for (said, intent) in meant {
        let line = line(said, intent, &slots(definition, said, intent), tagged);
        lessons.sentences += usize::from(!line.is_empty());
        lessons.lines += &line;
    }
    lessons.errors = counted.into_values().collect();
    lessons.errors.sort_by_key(|mistaken| std::cmp::Reverse(mistaken.count));
    lessons.unknown = unknown.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    lessons
}

/// Where the slots of an intent stand in a sentence, as far as recognisers and lists find them.
fn slots(definition: &Definition, text: &str, intent: &str) -> Vec<(std::ops::Range<usize>, String)> {
    let Some(intent) = definition.intent(intent) else { return Vec::new() };
    // Where a date stands does not depend on the day on which it is said.
    let found = recognise(text, Now::of_unix(0, 0), &definition.word_lists(), None);
    let mut taken = Vec::new();
    let mut slots = Vec::new();
    for slot in intent.slots.iter().filter(|slot| slot.kind != LEARNT) {
        let at = found.iter().enumerate().position(|(at, entity)| entity.kind == slot.kind && !taken.contains(&at));
        if let Some(at) = at {
            taken.push(at);
            slots.push((found[at].place.clone(), slot.name.clone()));
        }
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::STARTER;
    use crate::recognise::sentence::SentenceKind;
    use crate::{Act, Reply, Source};

    fn corrected(said: &str, taken_for: Option<&str>, intent: &str) -> FeedbackRow {
        let reply = Reply {
            text: String::new(),
            act: Act::Answer,
            source: Source::Template,
            confidence: 0.9,
            intent: taken_for.map(str::to_owned),
            ranked: Vec::new(),
            entities: Vec::new(),
            sentence: SentenceKind::Statement,
            key: String::new(),
            question: None,
            finished: None,
        };
        FeedbackRow {
            conversation: "c".into(),
            number: 2,
            said: said.into(),
            reply: Some(reply),
            thumb: None,
            better: None,
            intent: Some(intent.into()),
            at: 1,
        }
    }

    fn starter() -> Definition {
        Definition::parse(STARTER[0].text, STARTER[0].name).unwrap()
    }

    #[test]
    fn corrected_intents_become_lines_with_tags() {
        let rows = [
            corrected("squeeze us in tomorrow, four of us", Some("menu"), "book_table"),
            corrected("tell me of the moon", Some("menu"), OUT_OF_SCOPE),
        ];
        let lessons = lessons(&starter(), &rows);
        assert_eq!(
            lessons.lines,
            "squeeze us in tomorrow , four of us\tbook_table\tO O O B-date O B-people O O\n\
             tell me of the moon\tout_of_scope\tO O O O O\n"
        );
        assert_eq!(lessons.sentences, 2);
    }

    #[test]
    fn the_commonest_mistake_comes_first_with_examples() {
        let rows = [
            corrected("a", Some("menu"), "place"),
            corrected("b", None, "book_table"),
            corrected("c", None, "book_table"),
            corrected("c", None, "book_table"),
            corrected("d", Some("menu"), "menu"),
        ];
        let errors = lessons(&starter(), &rows).errors;
        let told: Vec<_> =
            errors.iter().map(|e| (e.taken_for.as_deref(), &*e.meant, e.count, e.examples.len())).collect();
        assert_eq!(told, [(None, "book_table", 3, 2), (Some("menu"), "place", 1, 1)]);
    }

    #[test]
    fn the_later_correction_counts_and_unknown_intents_are_told() {
        let mut better = corrected("e", None, "menu");
        (better.better, better.intent) = (Some("Soup.".into()), None);
        let rows =
            [corrected("a", None, "menu"), corrected("a", None, "place"), corrected("b", None, "teleport"), better];
        let lessons = lessons(&starter(), &rows);
        assert_eq!(lessons.lines, "a\tplace\tO\n");
        assert_eq!(lessons.unknown, [("teleport".to_owned(), 1)]);
        assert_eq!(lessons.answers, [("e".to_owned(), "Soup.".to_owned())]);
    }
}
