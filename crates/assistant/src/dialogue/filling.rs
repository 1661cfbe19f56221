//! A form in a conversation: what a message changes in it, and what is asked or said next.

use super::form::{Heard, Next};
use super::talk::Talk;
use super::wording::{Spoken, spoken_value};
use super::{Asked, Draft, Form};
use crate::AssistantError;
use crate::definition::Intent;
use crate::profile::listed;
use crate::recognise::sentence::{SentenceKind, sentence_kind};
use crate::reply::{Act, Finished};

/// How often the same is asked before it is left.
const MOST_MISSES: u32 = 3;

impl Talk<'_> {
    /// What a message does to the form that is being filled in; none if it is about something else.
    pub(super) fn filled(&mut self) -> Result<Option<Draft>, AssistantError> {
        let Some(mut form) = self.state.forms.last().cloned() else { return Ok(None) };
        let Some(intent) = self.intent(&form.intent).cloned() else {
            // The definition has changed since.
            self.state.forms.pop();
            return Ok(None);
        };
        let spoken = &self.hearing.spoken;
        let (is_yes, is_no) = (spoken.is_yes(), spoken.is_no());
        let was = form.asked.clone();
        if self.is_elsewhere(&form) {
            return Ok(None);
        }
        let changed = form.fill(&intent, &self.heard());
        let mut lead = String::new();
        match (&was, changed.is_empty()) {
            // It was an answer, if not a possible one.
            (_, true) if !form.refused.is_empty() => form.misses = 0,
            // Who says no to a question for a value does not want the whole.
            (Asked::Slot(_), true) if is_no && self.hearing.spoken.count() <= 2 => return Ok(self.leave(false)),
            (Asked::Value(slot), true) if is_yes => {
                if let Some(value) = form.slots.get_mut(slot) {
                    value.confirmed = true;
                }
            }
            (Asked::Value(slot), true) if is_no => {
                form.slots.remove(slot);
            }
            (Asked::All, true) if is_yes => form.confirmed = true,
            (Asked::All, true) if is_no => {
                form.asked = Asked::Change;
                *self.last_form() = form.clone();
                return Ok(Some(self.asking(&form, Act::Ask, "What should I change?".into())));
            }
            (_, true) => {
                // Nothing of it is an answer: it may be something else, or asked for again.
                if self.is_something_else() {
                    return Ok(None);
                }
                form.misses += 1;
                if form.misses >= MOST_MISSES {
                    self.state.forms.pop();
                    let text = format!(
                        "I do not understand, and leave that ({}). Say it anew whenever you like.",
                        intent.told()
                    );
                    return Ok(Some(Draft {
                        intent: Some(intent.name.clone()),
                        confidence: 0.0,
                        ..Draft::own(Act::Cancel, text)
                    }));
                }
                *self.last_form() = form;
                return Ok(Some(self.go_on("I did not understand that; \"never mind\" leaves it.")));
            }
            (_, false) => {
                form.misses = 0;
                // What was just confirmed by its value being said again, or what replaced another one, is told.
                let replaced: Vec<&String> = changed
                    .iter()
                    .filter(|slot| self.last_slots().is_some_and(|old| old.contains_key(*slot)))
                    .collect();
                if !replaced.is_empty() {
                    lead = format!("All right: {}.", told(&form, &replaced));
                }
                if matches!(was, Asked::All) && is_yes && replaced.is_empty() {
                    form.confirmed = true;
                }
            }
        }
        form.asked = Asked::Nothing;
        *self.last_form() = form;
        Ok(Some(self.go_on(&lead)))
    }

    /// A correction of what was finished last.
    pub(super) fn reopened(&mut self) -> Option<Draft> {
        let mut form = self.state.finished.clone()?;
        let intent = self.intent(&form.intent)?.clone();
        if !self.hearing.spoken.corrects() || self.is_question() {
            return None;
        }
        let changed = form.fill(&intent, &self.heard());
        if changed.is_empty() {
            return None;
        }
        let lead = format!("All right: {}.", told(&form, &changed.iter().collect::<Vec<_>>()));
        form.asked = Asked::Nothing;
        self.state.finished = None;
        self.state.forms.push(form);
        Some(self.go_on(&lead))
    }

    /// Asks, confirms or finishes: whatever comes next for the last form. `lead` is said before.
    pub(super) fn go_on(&mut self, lead: &str) -> Draft {
        let sure = self.assistant.thresholds().slot;
        let Some(mut form) = self.state.forms.last().cloned() else { return Draft::own(Act::Fallback, lead) };
        let lead = std::iter::once(lead.to_owned()).filter(|lead| !lead.is_empty()).chain(form.refused.drain(..));
        let lead = &*lead.collect::<Vec<_>>().join(" ");
        let Some(intent) = self.intent(&form.intent).cloned() else { return Draft::own(Act::Fallback, lead) };
        let (asked, act, text) = match form.next(&intent, sure) {
            Next::Finish => return self.finish(&intent, form, lead),
            Next::Ask(slot) => {
                let question = intent.slot(&slot).map_or_else(String::new, |slot| slot.question());
                (Asked::Slot(slot), Act::Ask, question)
            }
            Next::ConfirmValue(slot) => {
                let value =
                    form.slots.get(&slot).map_or_else(String::new, |value| spoken_value(&value.kind, &value.value));
                (
                    Asked::Value(slot.clone()),
                    Act::Confirm,
                    format!("The {} is {value}, is that right?", slot.replace('_', " ")),
                )
            }
            Next::ConfirmAll => {
                let text =
                    self.in_template(&intent.confirm, &form.slots).unwrap_or_else(|| "Is all of that right?".into());
                (Asked::All, Act::Confirm, text)
            }
        };
        form.asked = asked;
        *self.last_form() = form.clone();
        let text = if lead.is_empty() { text } else { format!("{lead} {text}") };
        self.asking(&form, act, text)
    }

    fn finish(&mut self, intent: &Intent, form: Form, lead: &str) -> Draft {
        self.state.forms.pop();
        let (template, _) = self.best_template(&intent.name, &form.slots);
        let reply = self.in_template(&template, &form.slots).unwrap_or_else(|| "Done.".into());
        // "All right: ..." is said by the reply itself where all was confirmed before.
        let text = if lead.is_empty() { reply } else { format!("{lead} {reply}") };
        let slots = form.slots.iter().map(|(name, value)| (name.clone(), value.value.clone())).collect();
        let finished = (!intent.slots.is_empty()).then(|| Finished { intent: intent.name.clone(), slots });
        let confidence = form.confidence;
        if finished.is_some() {
            self.state.finished = Some(Form { confirmed: false, ..form });
        }
        Draft {
            key: template,
            intent: Some(intent.name.clone()),
            confidence,
            finished,
            ..Draft::own(Act::Answer, text)
        }
    }

    fn asking(&self, form: &Form, act: Act, text: String) -> Draft {
        Draft { intent: Some(form.intent.clone()), confidence: form.confidence, ..Draft::own(act, text) }
    }

    /// Whether a message is clearly about something other than the form: a question, or another intent, that is more than a value.
    fn is_elsewhere(&self, form: &Form) -> bool {
        let understood = &self.hearing.understood;
        let of_other = understood.ranked.first().is_some_and(|(name, probability)| {
            *name != form.intent && *probability >= self.assistant.thresholds().sure && self.intent(name).is_some()
        });
        let values: Vec<&str> = self.hearing.entities.iter().map(|entity| entity.text.as_str()).collect();
        let more = self.hearing.spoken.more_than(&Spoken::of(&values.join(" ")));
        let is_small = self.hearing.spoken.is_yes() || self.hearing.spoken.is_no() || self.hearing.spoken.corrects();
        if is_small || more < 2 {
            return false;
        }
        of_other && !understood.is_outside || self.is_question() && self.is_something_else()
    }

    /// Whether somebody other than the form could reply.
    fn is_something_else(&self) -> bool {
        let thresholds = self.assistant.thresholds();
        let understood = &self.hearing.understood;
        let is_intent = !understood.is_outside
            && understood.ranked.first().is_some_and(|(name, p)| {
                let is_own = self.state.forms.last().is_some_and(|form| form.intent == *name);
                *p >= thresholds.sure && self.intent(name).is_some() && !is_own
            });
        let is_personal = crate::personal::personal(&self.hearing.text, &self.profile).is_some();
        is_intent || is_personal || self.known_answer().is_some()
    }

    fn is_question(&self) -> bool {
        sentence_kind(&self.hearing.text) == SentenceKind::Question
    }

    fn heard(&self) -> Heard<'_> {
        let super::Hearing { text, spoken, entities, today, .. } = self.hearing;
        Heard { text, spoken, entities, lists: &self.assistant.lists, today: *today }
    }

    fn last_form(&mut self) -> &mut Form {
        self.state.forms.last_mut().expect("it is asked only where a form is being filled in")
    }

    fn last_slots(&self) -> Option<&std::collections::BTreeMap<String, super::Value>> {
        self.state.forms.last().map(|form| &form.slots)
    }
}

/// "people is 5 and date is Friday, 27 November 2026".
fn told(form: &Form, slots: &[&String]) -> String {
    let one = |slot: &&String| {
        let value = form.slots.get(*slot)?;
        Some(format!("{} is {}", slot.replace('_', " "), spoken_value(&value.kind, &value.value)))
    };
    listed(&slots.iter().filter_map(one).collect::<Vec<_>>())
}
