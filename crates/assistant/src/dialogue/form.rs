//! Filling in what must be known: which values of a message belong to which slots, and what is asked next. Knows no model and makes
//! no replies.

use super::state::{Asked, Form, Value};
use super::wording::Spoken;
use crate::Date;
use crate::definition::{Intent, LEARNT, Slot};
use crate::profile::Profile;
use crate::recognise::{Entity, Finder, WordList, meet};

/// What is done next about a form.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Next {
    /// A slot is asked for.
    Ask(String),
    /// A value is confirmed.
    ConfirmValue(String),
    /// All is confirmed.
    ConfirmAll,
    /// It is finished.
    Finish,
}

/// A message as a form reads it.
pub(crate) struct Heard<'h> {
    pub(crate) text: &'h str,
    pub(crate) spoken: &'h Spoken,
    pub(crate) entities: &'h [Entity],
    pub(crate) lists: &'h [WordList],
    pub(crate) today: Date,
}

impl Form {
    /// A form of which nothing is known but what the profile tells under a slot's own name.
    pub(crate) fn new(intent: &Intent, confidence: f64, profile: &Profile) -> Self {
        let known = |slot: &Slot| {
            let value = profile.get(&slot.name).filter(|_| slot.kind == LEARNT)?;
            let value = Value { text: value.clone(), value, kind: LEARNT.into(), sure: 1.0, confirmed: false };
            Some((slot.name.clone(), value))
        };
        Self {
            intent: intent.name.clone(),
            confidence,
            slots: intent.slots.iter().filter_map(known).collect(),
            asked: Asked::Nothing,
            confirmed: false,
            misses: 0,
            refused: Vec::new(),
        }
    }

    /// The slot that was asked about.
    pub(crate) fn asked_slot(&self) -> Option<&str> {
        match &self.asked {
            Asked::Slot(name) | Asked::Value(name) => Some(name),
            _ => None,
        }
    }

    /// Puts values of a message into slots; gives the names of those that changed. What is not possible is refused.
    pub(crate) fn fill(&mut self, intent: &Intent, heard: &Heard<'_>) -> Vec<String> {
        let corrects = heard.spoken.corrects();
        let mut changed: Vec<String> = Vec::new();
        let mut used: Vec<usize> = Vec::new();
        // What the tagger named goes to its slot.
        for (at, entity) in heard.entities.iter().enumerate().filter(|(_, entity)| entity.by == Finder::Learnt) {
            let Some(slot) = intent.slot(&entity.kind).filter(|slot| !changed.contains(&slot.name)) else { continue };
            let is_open = !self.slots.contains_key(&slot.name) || corrects || self.asked_slot() == Some(&slot.name);
            let inner = heard
                .entities
                .iter()
                .position(|other| is_of_kind(other, &slot.kind) && meet(&other.place, &entity.place));
            let value = match inner {
                Some(inner) => Some(value_of(&heard.entities[inner])),
                None => heard.normal(slot, &entity.text),
            };
            if let Some(value) = value.filter(|_| is_open && !is_denied(heard, &entity.place)) {
                used.extend(inner.into_iter().chain([at]));
                self.put(slot, value, heard.today, &mut changed);
            }
        }
        // What recognisers and lists found goes to slots of their kind: those named or asked for, then open ones, then others.
        let mut kinds: Vec<&str> =
            intent.slots.iter().map(|slot| slot.kind.as_str()).filter(|kind| *kind != LEARNT).collect();
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds {
            let mut found: Vec<usize> = (0..heard.entities.len())
                .filter(|at| is_of_kind(&heard.entities[*at], kind) && !used.contains(at))
                .collect();
            if found.len() > 1 {
                found.retain(|at| !is_denied(heard, &heard.entities[*at].place));
            }
            let mut slots: Vec<&Slot> =
                intent.slots.iter().filter(|slot| slot.kind == kind && !changed.contains(&slot.name)).collect();
            slots.sort_by_key(|slot| {
                let is_named = heard.spoken.has(&slot.name.replace('_', " "));
                let is_asked = self.asked_slot() == Some(&slot.name);
                (!is_named, !is_asked, self.slots.contains_key(&slot.name))
            });
            for (slot, at) in slots.into_iter().zip(found) {
                let is_filled = self.slots.contains_key(&slot.name);
                let is_named = heard.spoken.has(&slot.name.replace('_', " "));
                let is_asked = self.asked_slot() == Some(&slot.name) || matches!(self.asked, Asked::Change);
                if is_filled && !(corrects || is_named || is_asked || changed.is_empty()) {
                    continue;
                }
                self.put(slot, value_of(&heard.entities[at]), heard.today, &mut changed);
            }
        }
        // What only examples teach is all that was said, where it was asked for.
        if let (Asked::Slot(name), true) = (&self.asked, changed.is_empty())
            && let Some(slot) = intent.slot(name).filter(|_| !corrects)
            && let Some(value) = heard.normal(slot, heard.text)
        {
            self.put(slot, value, heard.today, &mut changed);
        }
        changed
    }

    fn put(&mut self, slot: &Slot, value: Value, today: Date, changed: &mut Vec<String>) {
        if let Some(refusal) = slot.refusal(&value.value, today) {
            self.refused.push(refusal);
            return;
        }
        let is_same = self.slots.get(&slot.name).is_some_and(|old| old.value == value.value);
        if !is_same {
            self.confirmed = false;
        }
        // Who says a value again confirms it.
        let is_said_again = is_same && (value.sure >= 1.0 || self.asked == Asked::Value(slot.name.clone()));
        let value = Value { confirmed: is_said_again, ..value };
        self.slots.insert(slot.name.clone(), value);
        changed.push(slot.name.clone());
    }

    /// What is to be done next; values less sure than `sure` are confirmed.
    pub(crate) fn next(&self, intent: &Intent, sure: f64) -> Next {
        let needs = |slot: &&Slot| {
            let value = self.slots.get(&slot.name);
            value.is_some_and(|value| !value.confirmed && (slot.confirm || value.sure < sure))
        };
        if let Some(slot) = intent.slots.iter().find(needs) {
            return Next::ConfirmValue(slot.name.clone());
        }
        let missing = intent.slots.iter().find(|slot| slot.required && !self.slots.contains_key(&slot.name));
        match missing {
            Some(slot) => Next::Ask(slot.name.clone()),
            None if !intent.confirm.is_empty() && !self.confirmed => Next::ConfirmAll,
            None => Next::Finish,
        }
    }
}

impl Heard<'_> {
    /// The value that a slot makes of words that nobody recognised.
    fn normal(&self, slot: &Slot, words: &str) -> Option<Value> {
        let words = words.trim().trim_end_matches(['.', '!', ',']);
        let told = |value: &str, sure: f64| {
            let (value, text) = (value.to_owned(), words.to_owned());
            Value { value, text, kind: slot.kind.clone(), sure, confirmed: false }
        };
        if let Some(list) = self.lists.iter().find(|list| list.name == slot.kind) {
            return list.nearest(words).map(|value| told(value, crate::recognise::UNSURE));
        }
        let value = without_beginning(words);
        (slot.kind == LEARNT && !value.is_empty() && value.len() <= MOST_LEARNT).then(|| told(value, 1.0))
    }
}

/// The longest value that only examples teach, in bytes.
const MOST_LEARNT: usize = 200;

/// What is left behind "my name is", "it is" and the like.
fn without_beginning(words: &str) -> &str {
    const BEGINNINGS: [&str; 12] = [
        "my name is ",
        "call me ",
        "it is ",
        "it's ",
        "that is ",
        "that's ",
        "this is ",
        "i am ",
        "i'm ",
        "we are ",
        "please ",
        "for ",
    ];
    let begins =
        |beginning: &&&str| words.get(..beginning.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(beginning));
    BEGINNINGS.iter().find(begins).map_or(words, |beginning| words[beginning.len()..].trim())
}

/// Whether it is a value of this kind. The tagger names slots, and a slot may be called as a kind is: `time`.
fn is_of_kind(entity: &Entity, kind: &str) -> bool {
    entity.kind == kind && entity.by != Finder::Learnt
}

fn value_of(entity: &Entity) -> Value {
    Value {
        value: entity.value.clone(),
        kind: entity.kind.clone(),
        text: entity.text.clone(),
        sure: entity.sure,
        confirmed: false,
    }
}

/// Whether `not` stands before it: "not four but five".
fn is_denied(heard: &Heard<'_>, place: &std::ops::Range<usize>) -> bool {
    let before = heard.text[..place.start].split_whitespace().rev().take(2);
    before.into_iter().any(|word| word.eq_ignore_ascii_case("not"))
}
