//! What users say of themselves ("call me Ada", "I am vegetarian"), what they ask about it later ("what is my name?") and what is to be
//! forgotten, by the words with which English says it. Knows no intents. What it cannot read surely it leaves alone.

use crate::profile::{Fact, Profile};
use crate::words::{Word, words};

/// What a message says or asks of its user.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Personal {
    /// Facts were told.
    Told {
        /// How they want to be called.
        name: Option<String>,
        /// All else.
        facts: Vec<Fact>,
        /// Whether the message says nothing more.
        is_all: bool,
    },
    /// Something that is known, or should be, was asked.
    Asked(String),
    /// What is left is the profile, and what is said of it.
    Forgotten(Profile, String),
}

/// What a message says or asks of its user; none where it is about other things.
pub(crate) fn personal(text: &str, profile: &Profile) -> Option<Personal> {
    let all = words(text);
    let sentence: Vec<&str> = all.iter().map(|word| word.lower.as_str()).filter(|word| !is_sign(word)).collect();
    if sentence.is_empty() || sentence.len() > MOST_WORDS {
        return None;
    }
    let sentence = without_politeness(&sentence);
    forgotten(&sentence.join(" "), profile).or_else(|| asked(&sentence.join(" "), profile)).or_else(|| told(text, &all))
}

/// A longer message tells a story, not a fact.
const MOST_WORDS: usize = 60;
/// The longest value of a fact, in words.
const MOST_VALUE: usize = 6;

fn is_sign(word: &str) -> bool {
    !word.starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

fn without_politeness<'w>(words: &[&'w str]) -> Vec<&'w str> {
    const POLITE: [&str; 10] = ["please", "hi", "hello", "hey", "ok", "okay", "well", "so", "and", "then"];
    let kept = words.iter().skip_while(|word| POLITE.contains(word)).copied().collect::<Vec<_>>();
    let end = kept.len() - kept.iter().rev().take_while(|word| **word == "please").count();
    kept[..end].to_vec()
}

// ---- forgetting

fn forgotten(sentence: &str, profile: &Profile) -> Option<Personal> {
    denied(sentence, profile).or_else(|| unwanted(sentence, profile))
}

/// "I am not vegetarian any more", of somebody who was.
fn denied(sentence: &str, profile: &Profile) -> Option<Personal> {
    let begin = ["i am not ", "i'm not ", "i am no longer ", "i'm no longer "];
    let what = begin.iter().find_map(|begin| sentence.strip_prefix(begin))?;
    let end = [" any more", " anymore", " any longer"].iter().find_map(|end| what.strip_suffix(end));
    let what = bare(end.unwrap_or(what));
    let mut left = profile.clone();
    left.facts.retain(|fact| !(fact.key == "is" && fact.value.eq_ignore_ascii_case(what)));
    (left != *profile).then(|| Personal::Forgotten(left, format!("I have forgotten that you are {what}.")))
}

fn unwanted(sentence: &str, profile: &Profile) -> Option<Personal> {
    let what = ["forget", "delete", "erase"].iter().find_map(|verb| sentence.strip_prefix(verb))?.trim();
    let what = what.strip_prefix("that ").unwrap_or(what);
    let everything = [
        "everything",
        "everything about me",
        "all about me",
        "everything you know about me",
        "me",
        "my profile",
        "my data",
        "all my data",
    ];
    if everything.contains(&what) {
        return Some(Personal::Forgotten(
            Profile::default(),
            "I have forgotten all that you told me about yourself.".into(),
        ));
    }
    let mut left = profile.clone();
    let key = key_of(what.strip_prefix("my ").unwrap_or(what));
    let is_name = key == "name";
    if is_name {
        left.name = None;
    } else if what.starts_with("my ") || what == "where i live" {
        left.facts.retain(|fact| fact.key != key && !(key.as_str() == "where i live" && fact.key == "home"));
    } else {
        let Some(Personal::Told { name, facts, .. }) = told(what, &words(what)) else { return None };
        left.name = left.name.filter(|known| name.as_ref().is_none_or(|name| !name.eq_ignore_ascii_case(known)));
        let is_told =
            |fact: &Fact| facts.iter().any(|f| f.key == fact.key && f.value.eq_ignore_ascii_case(&fact.value));
        left.facts.retain(|fact| !is_told(fact));
    }
    // What was never known may be something else's: "forget my booking".
    (left != *profile || is_name).then(|| Personal::Forgotten(left, "I have forgotten it.".into()))
}

// ---- asking

fn asked(sentence: &str, profile: &Profile) -> Option<Personal> {
    let sentence = ["do you know ", "do you remember ", "can you tell me ", "tell me "]
        .iter()
        .find_map(|begin| sentence.strip_prefix(begin))
        .unwrap_or(sentence);
    let sentence = sentence.replace("what's ", "what is ").replace("who's ", "who is ");
    let answer = |known: Option<String>, unknown: &str| {
        Some(Personal::Asked(known.unwrap_or_else(|| format!("You have not told me {unknown} yet."))))
    };
    let told = |key: &str| {
        let value = profile.get(key)?;
        Some(capital(&Fact { key: key.into(), value, said: String::new() }.told()) + ".")
    };
    match sentence.as_str() {
        "what is my name" | "my name" | "who am i" | "what am i called" | "how am i called" => {
            answer(told("name"), "your name")
        }
        "where do i live" | "where i live" | "where is my home" => answer(told("home"), "where you live"),
        "where am i from" | "where i am from" | "where do i come from" => answer(told("origin"), "where you are from"),
        "what do i do" | "where do i work" | "what is my job" => {
            answer(told("work").or_else(|| told("job")), "what you do")
        }
        "what do i like" | "what i like" => answer(told("likes"), "what you like"),
        "what do i dislike" | "what do i hate" | "what do i not like" | "what don't i like" => {
            answer(told("dislikes"), "what you do not like")
        }
        "what am i allergic to" => answer(told("allergic to"), "of an allergy"),
        "what is about me"
        | "what you know about me"
        | "about me"
        | "what do you know about me"
        | "what do you know of me"
        | "what do you remember about me"
        | "what have i told you" => {
            let all = profile.told();
            let known = (!all.is_empty()).then(|| format!("You told me that {}.", crate::profile::listed(&all)));
            answer(known, "anything about yourself")
        }
        _ => {
            if let Some(key) = sentence.strip_prefix("what is my ").or_else(|| sentence.strip_prefix("which is my ")) {
                let key = key_of(key);
                // What is not known and no taste may be something that an intent knows: "what is my balance".
                return match told(&key) {
                    None if !key.starts_with("favourite ") => None,
                    known => answer(known, &format!("your {key}")),
                };
            }
            let adjective = sentence.strip_prefix("am i ")?;
            let adjective = adjective.strip_prefix("a ").or_else(|| adjective.strip_prefix("an ")).unwrap_or(adjective);
            let is_known =
                profile.facts.iter().any(|fact| fact.key == "is" && bare(&fact.value.to_lowercase()) == adjective);
            is_known.then(|| Personal::Asked(format!("Yes, you told me that you are {adjective}.")))
        }
    }
}

// ---- telling

fn told(text: &str, all: &[Word]) -> Option<Personal> {
    if text.trim_end().ends_with('?') {
        return None;
    }
    let (mut name, mut facts, mut is_all) = (None, Vec::new(), true);
    for clause in clauses(all) {
        match of_clause(text, clause) {
            Some((key, value)) if key == "name" => name = Some(value),
            Some((key, value)) => facts.push(Fact { key, value, said: text.trim().to_owned() }),
            None => is_all &= clause.iter().all(|word| is_sign(&word.lower) || FILLING.contains(&word.lower.as_str())),
        }
    }
    (name.is_some() || !facts.is_empty()).then_some(Personal::Told { name, facts, is_all })
}

/// Words that say nothing of their own.
const FILLING: [&str; 12] = ["hi", "hello", "hey", "ok", "okay", "well", "so", "and", "please", "thanks", "by", "oh"];

/// The pieces of a message between full stops, commas, and an `and` or `but` before `i`, `my` or `call`.
fn clauses(all: &[Word]) -> Vec<&[Word]> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for at in 0..all.len() {
        let next = |ahead: usize| all.get(at + ahead).map_or("", |word| word.lower.as_str());
        let joins = matches!(next(0), "and" | "but")
            && (matches!(next(1), "i" | "my" | "call" | "you") || next(1).starts_with("i'"));
        // A stop with something right behind it is part of an address.
        let ends = |word: &Word| all.get(at + 1).is_none_or(|behind| behind.place.start > word.place.end);
        if matches!(next(0), "," | "!" | ";") || (next(0) == "." && ends(&all[at])) || joins {
            pieces.push(&all[start..at]);
            start = at + 1;
        }
    }
    pieces.push(&all[start..]);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// What begins a fact, its key, and whether it is read without its article.
const BEGINNINGS: [(&str, &str); 34] = [
    ("call me", "name"),
    ("you can call me", "name"),
    ("you may call me", "name"),
    ("my name is", "name"),
    ("my name's", "name"),
    ("i am called", "name"),
    ("i'm called", "name"),
    ("this is", "name"),
    ("i live in", "home"),
    ("i am living in", "home"),
    ("i moved to", "home"),
    ("i am from", "origin"),
    ("i'm from", "origin"),
    ("i come from", "origin"),
    ("i work as", "work"),
    ("i work at", "work"),
    ("i work for", "work"),
    ("i work in", "work"),
    ("i am allergic to", "allergic to"),
    ("i'm allergic to", "allergic to"),
    ("i do not eat", "does not eat"),
    ("i don't eat", "does not eat"),
    ("i do not like", "dislikes"),
    ("i don't like", "dislikes"),
    ("i dislike", "dislikes"),
    ("i hate", "dislikes"),
    ("i can't stand", "dislikes"),
    ("i like", "likes"),
    ("i love", "likes"),
    ("i prefer", "prefers"),
    ("i speak", "speaks"),
    ("remember that", "note"),
    ("i am", "is"),
    ("i'm", "is"),
];
/// What passes, or is about the matter at hand, and so is no fact about a person.
const PASSING: &str = "hungry thirsty tired late early fine sorry sure unsure here there back lost happy sad ok okay good well done \
    ready not so very in at on to it this that these those you your them him her afraid glad interested able about \
    still only just also too curious bored confused angry alone with free busy how what when where right wrong";
/// What may stand behind "call me" and is no name.
const NO_NAMES: &str = "a an after again anytime asap before if later maybe next now soon today tomorrow tonight up";
/// Owned things that are no facts about a person.
const MATTERS: &str =
    "question problem order point answer booking reservation table request plan bill meal food mistake turn guess";

fn is_among(words: &str, word: &str) -> bool {
    words.split(' ').any(|other| other == word)
}

fn of_clause(text: &str, clause: &[Word]) -> Option<(String, String)> {
    let skipped =
        clause.iter().take_while(|word| FILLING.contains(&word.lower.as_str()) || is_sign(&word.lower)).count();
    let clause = &clause[skipped..];
    for (beginning, key) in BEGINNINGS {
        let length = beginning.split(' ').count();
        let begins =
            clause.len() > length && beginning.split(' ').zip(clause).all(|(wanted, word)| word.lower == wanted);
        if begins {
            let value = value(text, &clause[length..], key)?;
            return Some((key.to_owned(), value));
        }
    }
    // "my favourite colour is green"
    let is = clause.iter().position(|word| word.lower == "is").filter(|is| (2..=4).contains(is))?;
    let key: Vec<&str> = clause[1..is].iter().map(|word| word.lower.as_str()).collect();
    if clause[0].lower != "my" || key.iter().any(|word| is_among(MATTERS, word)) {
        return None;
    }
    let key = key_of(&key.join(" "));
    let value = value(text, &clause[is + 1..], &key)?;
    Some((key, value))
}

/// The value of a fact as it was written; none where it is no lasting one.
fn value(text: &str, rest: &[Word], key: &str) -> Option<String> {
    let end = rest
        .iter()
        .position(|word| is_sign(&word.lower) && !matches!(word.lower.as_str(), "-" | "'" | "." | "&" | "@"))
        .unwrap_or(rest.len());
    let rest = &rest[..=rest[..end].iter().rposition(|word| !is_sign(&word.lower))?];
    let (first, last) = (rest.first()?, rest.last()?);
    let most = if key == "note" {
        MOST_WORDS
    } else if key == "name" {
        3
    } else {
        MOST_VALUE
    };
    let passes = key != "note" && is_among(PASSING, &first.lower);
    let is_no_name = key == "name" && is_among(NO_NAMES, &first.lower);
    let acts = key == "is" && (first.lower.ends_with("ing") || rest.len() > 4);
    // "This is Ada" tells a name, "this is good" does not; "I like to book" wants a thing done.
    let is_capital = text[first.place.clone()].starts_with(char::is_uppercase);
    let is_weak_name = key == "name" && !is_capital && rest.len() > 1;
    if rest.len() > most || passes || is_no_name || acts || is_weak_name {
        return None;
    }
    let written = text[first.place.start..last.place.end].trim().trim_end_matches('.');
    let lower = written.to_lowercase();
    let written = if key == "work" { before(text, first) + written } else { written.to_owned() };
    let kept = if matches!(key, "is") { bare(&lower).len() } else { written.len() };
    Some(if key == "name" { capital(&written) } else { written[written.len() - kept..].to_owned() })
}

/// "as " of "I work as a cook".
fn before(text: &str, first: &Word) -> String {
    text[..first.place.start]
        .split_whitespace()
        .last()
        .map_or(String::new(), |word| format!("{} ", word.to_lowercase()))
}

/// Without an article.
fn bare(words: &str) -> &str {
    ["a ", "an ", "the "].iter().find_map(|article| words.strip_prefix(article)).unwrap_or(words)
}

/// One way to write what a fact is about.
fn key_of(words: &str) -> String {
    words.replace("favorite", "favourite").trim().to_owned()
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tells(text: &str, expected: &[&str]) {
        let found = match personal(text, &Profile::default()) {
            Some(Personal::Told { name, facts, .. }) => {
                let facts = facts.into_iter().map(|fact| format!("{}: {}", fact.key, fact.value));
                name.map(|name| format!("name: {name}")).into_iter().chain(facts).collect()
            }
            _ => Vec::new(),
        };
        assert_eq!(found, expected, "{text}");
    }

    fn known() -> Profile {
        let mut profile = Profile { name: Some("Ada".into()), ..Profile::default() };
        for (key, value) in [("is", "vegetarian"), ("home", "Bern"), ("favourite colour", "green")] {
            profile.note(Fact { key: key.into(), value: value.into(), said: String::new() });
        }
        profile
    }

    fn asks(text: &str, expected: Option<&str>) {
        let found = match personal(text, &known()) {
            Some(Personal::Asked(answer)) => Some(answer),
            _ => None,
        };
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn facts_are_heard() {
        tells("Call me Ada", &["name: Ada"]);
        tells("hi, my name is ada lovelace.", &[]);
        tells("my name is Ada Lovelace!", &["name: Ada Lovelace"]);
        tells("I am vegetarian", &["is: vegetarian"]);
        tells("I'm a vegetarian and I live in New York.", &["is: vegetarian", "home: New York"]);
        tells("My favorite colour is green", &["favourite colour: green"]);
        tells("I work as a cook", &["work: as a cook"]);
        tells("I don't like loud music, but I love tea", &["dislikes: loud music", "likes: tea"]);
        tells("Remember that the key is under the stone", &["note: the key is under the stone"]);
        tells("i’m allergic to nuts", &["allergic to: nuts"]);
        tells("my email is ada@example.org", &["email: ada@example.org"]);
        tells("my name is Robert'); DROP TABLE users;--", &["name: Robert"]);
    }

    #[test]
    fn what_passes_is_no_fact() {
        for text in [
            "I am hungry",
            "I'm looking for a table",
            "I am not sure",
            "I like it",
            "my question is simple",
            "is it good",
            "I would like a table",
            "this is not what i want",
            "I am vegetarian?",
            "",
            "🎉",
            "I love to book a table",
            "my booking is for Friday",
            "call me later",
            "call me a taxi",
            "I am not vegetarian",
        ] {
            tells(text, &[]);
        }
    }

    #[test]
    fn what_was_told_is_recalled() {
        asks("What is my name?", Some("Your name is Ada."));
        asks("Do you remember my name?", Some("Your name is Ada."));
        asks("where do I live", Some("You live in Bern."));
        asks("What's my favorite colour?", Some("Your favourite colour is green."));
        asks("am I vegetarian?", Some("Yes, you told me that you are vegetarian."));
        asks(
            "What do you know about me?",
            Some(
                "You told me that your name is Ada, you are vegetarian, you live in Bern and your favourite colour is green.",
            ),
        );
    }

    #[test]
    fn what_was_not_told_is_not_made_up() {
        asks("what is my favourite song?", Some("You have not told me your favourite song yet."));
        asks("where am I from?", Some("You have not told me where you are from yet."));
        asks("what is my balance?", None);
        asks("am I late?", None);
    }

    #[test]
    fn what_is_to_be_forgotten_is_gone() {
        let left = |text: &str| match personal(text, &known()) {
            Some(Personal::Forgotten(left, _)) => Some(left.told()),
            _ => None,
        };
        assert_eq!(left("Forget everything about me, please"), Some(vec![]));
        assert_eq!(left("forget my name").unwrap()[0], "you are vegetarian");
        assert_eq!(left("forget that I am vegetarian").unwrap().len(), 3);
        assert_eq!(left("please forget my favourite colour").unwrap().len(), 3);
        assert_eq!(left("I'm not vegetarian any more").unwrap().len(), 3);
        assert_eq!(left("I am no longer a vegetarian").unwrap().len(), 3);
        assert_eq!(left("I am not hungry"), None);
        assert_eq!(left("forget my booking"), None);
        assert_eq!(left("forget it"), None);
    }
}
