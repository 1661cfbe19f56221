//! Which reply is the best: templates, known answers and what a generator writes, by how sure each is and what this user thought of
//! its like.

use std::collections::BTreeMap;

use super::talk::Talk;
use super::wording::spoken_value;
use super::{Draft, Value};
use crate::reply::Source;
use crate::template::{PROFILE, filled, placeholders};
use crate::{AssistantError, within_window};

/// How many replies a generator is asked for.
const CANDIDATES: usize = 4;
/// How many known answers are compared.
const HITS: usize = 3;

impl Talk<'_> {
    /// The best known answer that is near enough, and how good it is.
    pub(super) fn known_answer(&self) -> Option<(Draft, f64)> {
        let least = self.assistant.thresholds().answer;
        let text = &self.hearing.text;
        let of_definition = self.assistant.answers.find(text, HITS).into_iter().filter_map(|hit| {
            let template = &self.assistant.definition.answers[hit.answer].answer;
            Some((hit.score, hit.question, template.clone(), self.in_template(template, &BTreeMap::new())?))
        });
        let corrected = self.tastes.corrected.iter().rev().map(|(question, answer)| {
            let score = self.assistant.answers.likeness(text, question);
            (score, question.clone(), answer.clone(), answer.clone())
        });
        // A correction of this very message comes before what it corrects.
        let near = corrected.chain(of_definition).filter(|(score, ..)| *score >= least);
        let judged = near.map(|(score, question, key, answer)| {
            let good = score + self.tastes.bonus(None, Source::Retrieval, &key);
            (Draft { question: Some(question), ..Self::of_source(Source::Retrieval, answer, key, score) }, good)
        });
        judged.reduce(|best, other| if other.1 > best.1 { other } else { best })
    }

    /// What a generator replies, if it is sure enough, and if it may be said.
    pub(super) fn generated(&mut self) -> Result<Option<Draft>, AssistantError> {
        let Some(generator) = &self.assistant.generator else { return Ok(None) };
        let turns = within_window(&self.state.turns, &**generator);
        let mut candidates = generator.candidates(turns, CANDIDATES, self.state.messages)?;
        let good = |candidate: &crate::Candidate| {
            candidate.confidence() + self.tastes.bonus(None, Source::Generator, &candidate.text)
        };
        candidates.retain(|candidate| {
            !candidate.text.trim().is_empty() && candidate.confidence() >= self.assistant.thresholds().generated
        });
        candidates.sort_by(|one, other| good(other).total_cmp(&good(one)));
        for candidate in candidates {
            if self.assistant.is_toxic(&candidate.text)? {
                self.assistant.refused[1].fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                continue;
            }
            let (text, confidence) = (candidate.text.trim().to_owned(), candidate.confidence());
            return Ok(Some(Self::of_source(Source::Generator, text.clone(), text, confidence)));
        }
        Ok(None)
    }

    /// The template that says most, of those that can be filled in and that this user likes best, and how much it is liked. Those
    /// that are alike take turns.
    pub(super) fn best_template(&self, intent: &str, slots: &BTreeMap<String, Value>) -> (String, f64) {
        let Some(definition) = self.intent(intent) else { return (String::new(), 0.0) };
        let possible: Vec<&String> =
            definition.replies.iter().filter(|reply| self.in_template(reply, slots).is_some()).collect();
        let rank = |reply: &&String| (self.tastes.of_reply(reply), placeholders(reply).len());
        let best = possible.iter().map(rank).max_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        let alike: Vec<&&String> = possible.iter().filter(|reply| Some(rank(reply)) == best).collect();
        let chosen = alike
            .get(self.state.messages as usize % alike.len().max(1))
            .map_or(String::new(), |reply| (**reply).clone());
        let bonus = self.tastes.bonus(Some(intent), Source::Template, &chosen);
        (chosen, bonus)
    }

    /// A template with values, what is known of the user, and our name.
    pub(super) fn in_template(&self, template: &str, slots: &BTreeMap<String, Value>) -> Option<String> {
        filled(template, |name| {
            if let Some(value) = slots.get(name) {
                return Some(spoken_value(&value.kind, &value.value));
            }
            match name {
                "assistant" => Some(self.assistant.definition.name.clone()),
                "name" => self.profile.name.clone(),
                _ => self.profile.get(name.strip_prefix(PROFILE)?),
            }
        })
    }
}
