//! What must hold of a definition beyond its form: names that are there and there once, slots that are known, replies that can be
//! filled. Knows no model.

use std::collections::BTreeSet;

use super::reading::line_of;
use super::{Definition, Example, Intent, LEARNT, OUT_OF_SCOPE, Slot};
use crate::DefinitionError;
use crate::recognise::ALL;
use crate::template::{PROFILE, placeholders};
use crate::words::nearest;

/// A mistake, and the words of the file that it is about.
struct Mistake {
    what: String,
    words: String,
    /// The how manieth of these words it is, from 0.
    nth: usize,
    help: String,
}

fn mistake(what: String, words: &str, help: impl Into<String>) -> Mistake {
    Mistake { what, words: words.to_owned(), nth: 0, help: help.into() }
}

impl Definition {
    pub(super) fn check(&self, text: &str, file: &str) -> Result<(), DefinitionError> {
        self.first_mistake().map_or(Ok(()), |Mistake { what, words, nth, help }| {
            let line = line_of(text, &words, nth).or_else(|| line_of(text, &words, 0));
            Err(DefinitionError { what, file: file.to_owned(), line, help })
        })
    }

    fn first_mistake(&self) -> Option<Mistake> {
        let checks = [Self::names, Self::thresholds_are_shares, Self::lists_are_lists, Self::fallback_speaks];
        checks
            .into_iter()
            .find_map(|check| check(self))
            .or_else(|| self.intents.iter().find_map(|intent| self.of_intent(intent)))
            .or_else(|| self.answers.iter().find_map(of_answer))
            .or_else(|| {
                let examples = self.fallback.examples.iter();
                examples.filter_map(|example| Some((example, Example::read(example).err()?))).next().map(of_example)
            })
    }

    fn names(&self) -> Option<Mistake> {
        if self.name.trim().is_empty() {
            return Some(mistake("`name` is empty".into(), "name", "give the assistant a name, such as \"Olive\""));
        }
        if self.intents.is_empty() && self.answers.is_empty() {
            let help = "write an [[intent]] with examples and replies, or an [[answer]]";
            return Some(mistake("nothing is defined".into(), "name", help));
        }
        let mut seen = BTreeSet::new();
        for intent in &self.intents {
            let is_name =
                !intent.name.is_empty() && !intent.name.contains(|c: char| c.is_whitespace() || c.is_control());
            if !is_name || intent.name == OUT_OF_SCOPE {
                let help = format!(
                    "a name is one word, such as \"book_table\", and not \"{OUT_OF_SCOPE}\", which is what is no intent"
                );
                return Some(mistake(
                    format!("the intent `{}` has no possible name", intent.name),
                    &format!("\"{}\"", intent.name),
                    help,
                ));
            }
            if !seen.insert(&intent.name) {
                let words = format!("\"{}\"", intent.name);
                let what = format!("the intent `{}` is there twice", intent.name);
                return Some(Mistake {
                    nth: 1,
                    ..mistake(what, &words, "put both in one, or call one of them otherwise")
                });
            }
        }
        None
    }

    fn thresholds_are_shares(&self) -> Option<Mistake> {
        let t = &self.thresholds;
        let all = [
            ("sure", t.sure),
            ("close", t.close),
            ("answer", t.answer),
            ("slot", t.slot),
            ("generated", t.generated),
            ("toxic", t.toxic),
        ];
        let wrong = all.into_iter().find(|(_, value)| !(0.0..=1.0).contains(value));
        wrong.map(|(name, value)| {
            mistake(format!("`{name}` is {value}"), &format!("{name} ="), "it is a share: give 0 to 1")
        })
    }

    fn lists_are_lists(&self) -> Option<Mistake> {
        let kinds: Vec<&str> = ALL.iter().map(|entry| entry.name).chain([LEARNT]).collect();
        self.lists.iter().find_map(|(name, members)| {
            if kinds.contains(&name.as_str()) {
                let help = format!("these names are taken: {}; call it otherwise", kinds.join(", "));
                return Some(mistake(format!("a list is called `{name}`"), name, help));
            }
            let is_empty = members.is_empty()
                || members.iter().any(|member| member.ways().iter().all(|way| way.trim().is_empty()));
            is_empty
                .then(|| mistake(format!("the list `{name}` is empty, or has an empty member"), name, "give it words"))
        })
    }

    fn fallback_speaks(&self) -> Option<Mistake> {
        if self.limits.message_bytes == 0 {
            return Some(mistake("`message_bytes` is 0".into(), "message_bytes", "give at least 1, such as 8000"));
        }
        let says_nothing = self.fallback.replies.iter().all(|reply| reply.trim().is_empty());
        says_nothing.then(|| {
            mistake("`replies` of [fallback] has nothing to say".into(), "[fallback]", "give at least one reply")
        })
    }

    fn of_intent(&self, intent: &Intent) -> Option<Mistake> {
        let Intent { name, examples, replies, slots, confirm, .. } = intent;
        let quoted = format!("\"{name}\"");
        if examples.iter().all(|example| example.trim().is_empty()) {
            return Some(mistake(
                format!("the intent `{name}` has no examples"),
                &quoted,
                "give ten or more ways to say it",
            ));
        }
        let mut seen = BTreeSet::new();
        for slot in slots {
            let kinds: Vec<&str> = ALL
                .iter()
                .map(|entry| entry.name)
                .chain(self.lists.keys().map(String::as_str))
                .chain([LEARNT])
                .collect();
            if !kinds.contains(&slot.kind.as_str()) {
                let help = format!("the kinds are: {}{}", kinds.join(", "), meant(&slot.kind, &kinds));
                let what = format!("the slot `{}` of `{name}` has the unknown kind `{}`", slot.name, slot.kind);
                return Some(mistake(what, &format!("\"{}\"", slot.kind), help));
            }
            if let Some(mistake) = slot.limits() {
                return Some(mistake);
            }
            if slot.name.is_empty()
                || slot.name.contains(|c: char| !c.is_alphanumeric() && c != '_')
                || !seen.insert(&slot.name)
            {
                let help = "a slot's name is one word of letters, digits and `_`, and there once in an intent";
                return Some(mistake(
                    format!("`{name}` has a slot called `{}`", slot.name),
                    &format!("\"{}\"", slot.name),
                    help,
                ));
            }
        }
        let slot_names: Vec<&str> = slots.iter().map(|slot| slot.name.as_str()).collect();
        for example in examples {
            let read = match Example::read(example) {
                Err(what) => return Some(of_example((example, what))),
                Ok(read) => read,
            };
            if let Some((_, unknown)) = read.slots.iter().find(|(_, slot)| !slot_names.contains(&slot.as_str())) {
                let what = format!("an example of `{name}` marks the slot `{unknown}`, which the intent does not have");
                let help = format!("its slots are: {}{}", some(&slot_names), meant(unknown, &slot_names));
                return Some(mistake(what, example, help));
            }
        }
        let required: Vec<&str> = slots.iter().filter(|slot| slot.required).map(|slot| slot.name.as_str()).collect();
        for template in replies.iter().chain(Some(confirm)) {
            if let Some(mistake) = of_template(template, &slot_names) {
                return Some(mistake);
            }
        }
        let always = |reply: &String| {
            placeholders(reply).iter().all(|name| name == "assistant" || required.contains(&name.as_str()))
        };
        if !replies.iter().any(|reply| !reply.trim().is_empty() && always(reply)) {
            let what = format!("no reply of `{name}` can always be given");
            let help =
                "write one without `{name}`, `{profile.…}` and slots that are not required: these may be unknown";
            return Some(mistake(what, &quoted, help));
        }
        None
    }
}

fn of_example((example, what): (&String, String)) -> Mistake {
    mistake(format!("the example \"{example}\""), example, what)
}

impl Slot {
    /// What is wrong with its limits.
    fn limits(&self) -> Option<Mistake> {
        let Self { name, kind, least, most, future, .. } = self;
        let number = least.map(|_| "least").or(most.map(|_| "most")).filter(|_| kind != "number");
        let date = Some("future").filter(|_| *future && kind != "date");
        if let Some((key, other)) = number.map(|key| (key, "number")).or(date.map(|key| (key, "date"))) {
            let help = format!("it belongs to slots of the kind \"{other}\"");
            return Some(mistake(format!("the slot `{name}` of the kind \"{kind}\" has `{key}`"), key, help));
        }
        let is_empty = least.zip(*most).is_some_and(|(least, most)| least > most);
        is_empty.then(|| {
            mistake(format!("no number is possible for the slot `{name}`"), "least", "`least` must not be above `most`")
        })
    }
}

fn of_answer(answer: &super::Answer) -> Option<Mistake> {
    let asks = answer.question.ways().iter().any(|way| !way.trim().is_empty());
    if !asks || answer.answer.trim().is_empty() {
        return Some(mistake("an [[answer]] has no question or no answer".into(), &answer.answer, "give both"));
    }
    of_template(&answer.answer, &[])
}

/// A reply that asks for something that nobody knows.
fn of_template(template: &str, slots: &[&str]) -> Option<Mistake> {
    let is_known = |name: &String| {
        slots.contains(&name.as_str()) || name == "name" || name == "assistant" || name.starts_with(PROFILE)
    };
    let unknown = placeholders(template).into_iter().find(|name| !is_known(name))?;
    let known: Vec<&str> = slots.iter().copied().chain(["name", "assistant"]).collect();
    let help = format!(
        "known are: {}, and what a user has told, as `profile.home`{}",
        known.join(", "),
        meant(&unknown, &known)
    );
    Some(mistake(format!("a reply has `{{{unknown}}}`, which is unknown,"), template, help))
}

fn some(names: &[&str]) -> String {
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

fn meant(asked: &str, names: &[&str]) -> String {
    nearest(asked, names.iter().copied()).map(|name| format!(". Did you mean `{name}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
name = "Olive"

[lists]
dishes = ["pizza", ["veggie burger", "vegetarian burger"]]

[[intent]]
name = "book"
examples = ["book for [four](people)"]
replies = ["Done for {people}.", "Done for {people}, {name}."]

[[intent.slot]]
name = "people"
kind = "number"

[[answer]]
question = "Do you have parking?"
answer = "Yes, {name}."
"#;

    /// Says of a good definition with something replaced what is wrong with it.
    fn check(from: &str, to: &str, expected: &str) {
        assert!(GOOD.contains(from), "{from}");
        let error = Definition::parse(&GOOD.replace(from, to), "a.toml").unwrap_err().to_string();
        assert_eq!(error, expected);
    }

    #[test]
    fn a_good_definition_is_read() {
        let definition = Definition::parse(GOOD, "a.toml").unwrap();
        assert_eq!(definition.intents[0].slots[0].question(), "What is the people?");
        assert_eq!(definition.questions().collect::<Vec<_>>(), [("Do you have parking?", 0)]);
    }

    #[test]
    fn limits_belong_to_numbers_and_dates_and_leave_something() {
        let with = |limits: &str| format!("kind = \"number\"\n{limits}");
        let check = |limits: &str, expected: &str| check("kind = \"number\"", &with(limits), expected);
        check(
            "least = 5\nmost = 4",
            "no number is possible for the slot `people` in a.toml, line 15; `least` must not be above `most`",
        );
        check(
            "future = true",
            "the slot `people` of the kind \"number\" has `future` in a.toml, line 15; it belongs to slots of the kind \"date\"",
        );
        let good = GOOD.replace("kind = \"number\"", &with("least = 1\nmost = 1"));
        let slot = &Definition::parse(&good, "a.toml").unwrap().intents[0].slots[0];
        let today = crate::Date::parse("2026-11-25").unwrap();
        assert_eq!(["0", "1", "2"].map(|value| slot.refusal(value, today).is_some()), [true, false, true]);
    }

    #[test]
    fn an_unknown_key_is_refused_with_what_was_meant() {
        check(
            "replies =",
            "repleis =",
            "unknown key `repleis` in a.toml, line 10; it has: name, about, examples, replies, confirm, slot. Did you mean `replies`?",
        );
        check("question =", "q =", "unknown key `q` in a.toml, line 17; it has: question, answer");
    }

    #[test]
    fn what_is_missing_is_named_with_its_table() {
        check(
            "examples = [\"book for [four](people)\"]",
            "",
            "the key `examples` is missing in a.toml, line 7; write `examples = ...` into this table",
        );
    }

    #[test]
    fn an_unknown_kind_of_slot_is_refused() {
        check(
            "\"number\"",
            "\"numbr\"",
            "the slot `people` of `book` has the unknown kind `numbr` in a.toml, line 14; the kinds are: email, date, time, \
             number, dishes, learnt. Did you mean `number`?",
        );
    }

    #[test]
    fn a_mark_of_no_slot_is_refused() {
        check(
            "[four](people)",
            "[four](poeple)",
            "an example of `book` marks the slot `poeple`, which the intent does not have in a.toml, line 9; its slots are: \
             people. Did you mean `people`?",
        );
    }

    #[test]
    fn a_reply_that_cannot_be_filled_is_refused() {
        check(
            "Done for {people}.\"",
            "Done for {pepole}.\"",
            "a reply has `{pepole}`, which is unknown, in a.toml, line 10; known are: people, name, assistant, and what a user has \
             told, as `profile.home`. Did you mean `people`?",
        );
        check(
            "\"Done for {people}.\", ",
            "",
            "no reply of `book` can always be given in a.toml, line 8; write one without `{name}`, `{profile.…}` and slots that are not \
             required: these may be unknown",
        );
    }

    #[test]
    fn an_intent_is_there_once() {
        let twice = format!("{GOOD}\n[[intent]]\nname = \"book\"\nexamples = [\"a\"]\nreplies = [\"b\"]\n");
        let error = Definition::parse(&twice, "a.toml").unwrap_err();
        assert_eq!((error.line, error.what.as_str()), (Some(21), "the intent `book` is there twice"));
    }

    #[test]
    fn a_threshold_is_a_share() {
        check(
            "[lists]",
            "[thresholds]\nsure = 1.5\n[lists]",
            "`sure` is 1.5 in a.toml, line 5; it is a share: give 0 to 1",
        );
    }

    #[test]
    fn what_is_no_toml_has_its_line() {
        let error = Definition::parse("name = \"x\"\nwhat is this", "a.toml").unwrap_err();
        assert_eq!(error.line, Some(2), "{error}");
        assert!(Definition::parse("", "a.toml").is_err());
        assert!(Definition::parse(&"[".repeat(100_000), "a.toml").is_err());
        assert!(Definition::parse("name = \"x\"", "a.toml").unwrap_err().to_string().contains("nothing is defined"));
    }
}
