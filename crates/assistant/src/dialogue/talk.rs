//! One message on its way to a reply: to whom it belongs, in the order of the table in `mod.rs`.

use super::wording::Spoken;
use super::{Asked, Assistant, Choice, Draft, Hearing, State};
use crate::AssistantError;
use crate::definition::Intent;
use crate::personal::{Personal, personal};
use crate::profile::{Profile, listed};
use crate::recognise::Entity;
use crate::reply::{Act, Source};
use crate::tastes::Tastes;

/// A message, and all that it may change.
pub(super) struct Talk<'t> {
    pub(super) assistant: &'t Assistant,
    pub(super) hearing: &'t Hearing,
    pub(super) state: State,
    pub(super) profile: Profile,
    pub(super) tastes: &'t Tastes,
}

impl Talk<'_> {
    pub(super) fn reply(&mut self) -> Result<Draft, AssistantError> {
        let draft = self.belonging()?;
        // What is still being filled in is asked for again, unless the reply asks already.
        let asks = matches!(draft.act, Act::Ask | Act::Confirm | Act::Clarify);
        Ok(if asks || self.state.forms.is_empty() { draft } else { self.reminding(draft) })
    }

    /// The reply of the first that the message belongs to.
    fn belonging(&mut self) -> Result<Draft, AssistantError> {
        let choice = self.state.choice.take();
        let had_choice = choice.is_some();
        // "cancel" may name one of two things that were asked about.
        if let Some(choice) = choice.filter(|_| !(self.hearing.spoken.leaves() && self.hearing.spoken.is_no()))
            && let Some(draft) = self.chosen(choice)
        {
            return Ok(draft);
        }
        if self.hearing.spoken.leaves()
            && let Some(draft) = self.leave(had_choice)
        {
            return Ok(draft);
        }
        if !self.state.forms.is_empty() {
            if let Some(draft) = self.filled()? {
                return Ok(draft);
            }
        } else if let Some(draft) = self.reopened() {
            return Ok(draft);
        }
        match self.about_user() {
            Some(draft) => Ok(draft),
            None => self.open(),
        }
    }

    /// Leaves what was begun.
    pub(super) fn leave(&mut self, had_choice: bool) -> Option<Draft> {
        let left = self.state.forms.pop();
        let Some(form) = left else {
            return had_choice.then(|| Draft::own(Act::Cancel, "All right. What else can I do for you?"));
        };
        let told = self.intent(&form.intent).map_or_else(|| form.intent.clone(), Intent::told);
        let mut draft = Draft::own(Act::Cancel, format!("All right, I leave that ({told})."));
        draft.intent = Some(form.intent);
        draft.confidence = form.confidence;
        Some(draft)
    }

    /// What was meant of two intents.
    fn chosen(&mut self, choice: Choice) -> Option<Draft> {
        let spoken = &self.hearing.spoken;
        let count = choice.options.len();
        let named = || {
            let likeness = |(name, _): &(String, f64)| {
                let about = self.intent(name).map_or_else(String::new, Intent::told);
                self.assistant.answers.likeness(&self.hearing.text, &about)
            };
            let scores: Vec<f64> = choice.options.iter().map(likeness).collect();
            let best = (0..count).max_by(|a, b| scores[*a].total_cmp(&scores[*b]))?;
            let is_alone = (0..count).all(|other| other == best || scores[other] < scores[best]);
            (scores[best] >= 0.4 && is_alone).then_some(best)
        };
        let understood = || {
            let probability = |name: &str| {
                self.hearing.understood.ranked.iter().find(|(other, _)| other == name).map_or(0.0, |(_, p)| *p)
            };
            let both: Vec<f64> = choice.options.iter().map(|(name, _)| probability(name)).collect();
            let best = (0..count).max_by(|a, b| both[*a].total_cmp(&both[*b]))?;
            (both[best] >= self.assistant.thresholds().sure && count > 1).then_some(best)
        };
        if spoken.is_no() && spoken.count() <= 3 || spoken.has("neither") || spoken.has("none") {
            return Some(Draft::own(Act::Fallback, "Then please say it in other words."));
        }
        let yes = (count == 1 && spoken.is_yes()).then_some(0);
        let chosen = yes.or_else(|| spoken.points_at(count)).or_else(named).or_else(understood)?;
        let (name, probability) = choice.options[chosen].clone();
        // What was said before counts, and so does what is said now.
        let mut entities = choice.entities;
        let text = format!("{} {}", choice.text, self.hearing.text);
        entities.extend(self.hearing.entities.iter().cloned().map(|mut entity| {
            let shift = choice.text.len() + 1;
            entity.place = entity.place.start + shift..entity.place.end + shift;
            entity
        }));
        self.begin(&name, probability, &text, &entities)
    }

    /// What is said or asked of the user.
    fn about_user(&mut self) -> Option<Draft> {
        let is_sure = |name: &&(String, f64)| name.1 >= self.assistant.thresholds().sure;
        let wants_more =
            !self.hearing.understood.is_outside && self.hearing.understood.ranked.first().filter(is_sure).is_some();
        match personal(&self.hearing.text, &self.profile)? {
            Personal::Asked(answer) => Some(Draft::own(Act::Profile, answer)),
            Personal::Forgotten(left, answer) => {
                self.profile = left;
                Some(Draft::own(Act::Profile, answer))
            }
            Personal::Told { name, facts, is_all } => {
                let told: Vec<String> = facts.iter().map(|fact| fact.told()).collect();
                if let Some(name) = &name {
                    self.profile.name = Some(name.clone());
                }
                facts.into_iter().for_each(|fact| self.profile.note(fact));
                let noted = format!("I will remember that {}.", listed(&told));
                // A message that wants something too is noted, and then answered.
                (is_all || !wants_more).then(|| match name {
                    Some(name) if told.is_empty() => Draft::own(Act::Profile, format!("Nice to meet you, {name}.")),
                    Some(name) => Draft::own(Act::Profile, format!("Nice to meet you, {name}. {noted}")),
                    None => Draft::own(Act::Profile, noted),
                })
            }
        }
    }

    /// A message that belongs to nothing that was begun.
    fn open(&mut self) -> Result<Draft, AssistantError> {
        let thresholds = self.assistant.thresholds().clone();
        let understood = &self.hearing.understood;
        let ranked = self.ranked();
        let [first, second] = [0, 1].map(|at| ranked.get(at).map_or(0.0, |(_, probability)| *probability));
        let is_close = ranked.len() > 1 && first - second < thresholds.close;
        // Neither may be sure enough to be in scope because they share what one would have: then all else is less likely than either.
        let share = !understood.is_outside || second > 1.0 - first - second;
        let are_two = is_close && first + second >= thresholds.sure && share;
        let is_sure = !ranked.is_empty() && first >= thresholds.sure && !is_close && !understood.is_outside;
        let answer = self.known_answer();
        let mut intent_score = if is_sure { first } else { 0.0 };
        if is_sure && answer.is_some() {
            let (_, bonus) = self.best_template(&ranked[0].0, &Default::default());
            intent_score += bonus;
        }
        if let Some((draft, _)) = answer.filter(|(_, score)| *score > intent_score) {
            return Ok(draft);
        }
        if is_sure {
            let (name, probability) = &ranked[0];
            let hearing = self.hearing;
            if let Some(draft) = self.begin(name, *probability, &hearing.text, &hearing.entities) {
                return Ok(draft);
            }
        }
        if are_two {
            return Ok(self.clarify(&ranked[..2]));
        }
        if let Some(draft) = self.generated()? {
            return Ok(draft);
        }
        if first >= thresholds.sure / 2.0 && !self.hearing.understood.is_outside {
            return Ok(self.clarify(&ranked[..1]));
        }
        Ok(self.fallback())
    }

    /// The intents that the message may want and the definition has, the likeliest first.
    fn ranked(&self) -> Vec<(String, f64)> {
        self.hearing.understood.ranked.iter().filter(|(name, _)| self.intent(name).is_some()).cloned().collect()
    }

    /// Asks which of some intents is meant.
    fn clarify(&mut self, options: &[(String, f64)]) -> Draft {
        let told: Vec<String> = options.iter().filter_map(|(name, _)| Some(self.intent(name)?.told())).collect();
        let question = match told.as_slice() {
            [one, other] => format!("Would you like to {one}, or to {other}?"),
            _ => format!("Would you like to {}?", told.join(", ")),
        };
        let (text, entities) = (self.hearing.text.clone(), self.hearing.entities.clone());
        self.state.choice = Some(Choice { options: options.to_vec(), text, entities });
        let mut draft = Draft::own(Act::Clarify, question);
        draft.confidence = options[0].1;
        draft
    }

    fn fallback(&self) -> Draft {
        let replies = &self.assistant.definition.fallback.replies;
        let at = (self.state.messages as usize).wrapping_sub(1) % replies.len().max(1);
        let text = replies.get(at).cloned().unwrap_or_else(|| "I did not understand that.".into());
        Draft { confidence: 0.0, ..Draft::own(Act::Fallback, text) }
    }

    /// Adds what was asked last about a form to a reply.
    pub(super) fn reminding(&mut self, draft: Draft) -> Draft {
        let text = draft.text.clone();
        let question = self.go_on("");
        Draft { text: format!("{text} {}", question.text), ..draft }
    }

    /// The intent of a name; what a state has may be gone from the definition.
    pub(super) fn intent(&self, name: &str) -> Option<&Intent> {
        self.assistant.definition.intent(name)
    }

    /// Begins an intent with what was said; without slots it is answered at once.
    pub(super) fn begin(&mut self, name: &str, confidence: f64, text: &str, entities: &[Entity]) -> Option<Draft> {
        let intent = self.intent(name)?.clone();
        // Two forms may wait; more is confusion.
        if self.state.forms.len() >= 3 {
            self.state.forms.remove(0);
        }
        self.state.forms.retain(|form| form.intent != name);
        let spoken = Spoken::of(text);
        let mut form = super::Form::new(&intent, confidence, &self.profile);
        let (lists, today) = (&self.assistant.lists, self.hearing.today);
        form.fill(&intent, &super::form::Heard { text, spoken: &spoken, entities, lists, today });
        form.asked = Asked::Nothing;
        self.state.forms.push(form);
        Some(self.go_on(""))
    }

    /// A draft of the source that a model is.
    pub(super) fn of_source(source: Source, text: String, key: String, confidence: f64) -> Draft {
        Draft { source, confidence, key, ..Draft::own(Act::Answer, text) }
    }
}
