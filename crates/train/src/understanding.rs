//! Sentences understood: what each wants, how sure the model is of it, and which of its words are slots.
//!
//! Follows  Guo et al., On Calibration of Modern Neural Networks, 2017, <https://arxiv.org/abs/1706.04599>, section 4.2: logits are
//!          divided by one temperature, fitted on the validation part
//!
//! Who is less sure than a threshold says that the sentence is out of scope. The threshold is where one in a hundred of the
//! right answers of the validation part is given up; it needs no example of what is out of scope.

use crate::evaluate::unless_broken;
use crate::faults::Put;
use crate::task::Prepared;
use crate::{Session, TrainError};
use rushlight_data::{Labels, Part, Reading, Utterances};
use rushlight_engine::{Bags, Ids, Rng, Tensor, no_grad};
use rushlight_models::{Input, Source};
use rushlight_nn::{Context, Mode};
use rushlight_score::{Span, SpanScore, calibration_error, fit_temperature, spans};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// The share of right answers that is given up, so that more of what is out of scope is noticed.
const GIVEN_UP: f64 = 0.01;

/// How the confidence of a model is read: it belongs to its weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sureness {
    /// What logits are divided by.
    pub temperature: f64,
    /// Below this probability, 0 to 1, a sentence is out of scope.
    pub threshold: f64,
}

impl Default for Sureness {
    fn default() -> Self {
        Self { temperature: 1.0, threshold: 0.0 }
    }
}

/// What a sentence was understood to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Understood {
    /// The probability of each intent, 0 to 1, by its id.
    pub intents: Vec<f64>,
    /// The likeliest intent that is in scope, by its id.
    pub intent: usize,
    /// Its probability.
    pub confidence: f64,
    /// Whether the sentence is none of the intents.
    pub is_outside: bool,
    /// Its slots, by words.
    pub slots: Vec<Span>,
}

impl Understood {
    /// All intents by their ids, the likeliest first.
    pub fn ranked(&self) -> Vec<usize> {
        let mut ids: Vec<usize> = (0..self.intents.len()).collect();
        ids.sort_by(|&a, &b| self.intents[b].total_cmp(&self.intents[a]).then(a.cmp(&b)));
        ids
    }
}

/// A slot in a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Slot {
    /// What it is.
    pub kind: String,
    /// Where it stands, in bytes.
    pub place: Range<usize>,
    /// As it was written.
    pub text: String,
}

/// How well a part was understood.
#[derive(Clone, Debug, Default)]
pub struct UnderstandingScore {
    /// Sentences of an intent in scope.
    pub in_scope: u64,
    /// Those whose intent was named, whether or not the model was sure.
    pub named: u64,
    /// Those whose intent was named by a model that was sure of it.
    pub answered: u64,
    /// Sentences out of scope.
    pub outside: u64,
    /// Those that were held for it.
    pub noticed: u64,
    /// Sentences of which intent and all slots are right.
    pub whole: u64,
    /// The slots.
    pub slots: SpanScore,
    /// How far confidence is from being right, 0 to 1.
    pub calibration_error: f64,
    /// How sure the model was of each sentence in scope, 0 to 1, and whether its intent was named.
    pub sure: Vec<(f64, bool)>,
    /// How often a sentence of one intent was held for another, by ids, the commonest first; what is out of scope is none.
    pub confused: Vec<([Option<u32>; 2], u64)>,
}

impl Session {
    /// What may be said of sentences, where they are to be understood.
    pub fn labels(&self) -> Option<&Arc<Labels>> {
        self.utterances(&self.corpus.train).map(|utterances| &utterances.labels)
    }

    fn utterances<'p>(&self, part: &'p Part) -> Option<&'p Arc<Utterances>> {
        if let Part::Utterances(utterances) = part { Some(utterances) } else { None }
    }

    /// Understands texts, each with its slots in it. A text with more words than the model can read is read as far as it can.
    ///
    /// # Errors
    /// A session of another task.
    pub fn understand(&self, texts: &[&str]) -> Result<Vec<(Understood, Vec<Slot>)>, TrainError> {
        let mut all = Vec::with_capacity(texts.len());
        for text in texts {
            let (input, tokenizer) = (self.sentence(text)?, self.tokenizer()?);
            let understood = self.understood(&input, &self.answers(&input)).remove(0);
            let words = tokenizer.words_in(text).unwrap_or_default();
            let slots = understood.slots.iter().filter(|span| span.words.end <= words.len()).map(|span| {
                let place = words[span.words.start].place.start..words[span.words.end - 1].place.end;
                Slot { kind: span.kind.clone(), text: text[place.clone()].to_owned(), place }
            });
            let slots = slots.collect();
            all.push((understood, slots));
        }
        Ok(all)
    }

    /// A text as the model reads it.
    ///
    /// # Errors
    /// As [`Session::understand`].
    pub fn sentence(&self, text: &str) -> Result<Input, TrainError> {
        let Some(known) = self.utterances(&self.corpus.train) else {
            let name = self.entry.name;
            return Err(TrainError::Unfit(format!(
                "a `{name}` does not understand requests; `rushlight models` lists those that do, as `text_cnn`"
            )));
        };
        let (mut ids, spelling) = Reading { tokenizer: self.tokenizer()?, spelling: known.spelling() }.read(text);
        ids.truncate(self.model.longest_sentence().unwrap_or(usize::MAX));
        let bags = Bags::new((0..ids.len()).map(|word| spelling.get(word)));
        Ok(Input::Sentences(Source::whole(Ids::new(&[1, ids.len()], ids)), bags))
    }

    /// How well a part is understood.
    ///
    /// # Errors
    /// As [`Session::understand`].
    pub fn understand_part(&self, part: &Part) -> Result<UnderstandingScore, TrainError> {
        let Some(utterances) = self.utterances(part) else { return Ok(UnderstandingScore::default()) };
        let mut score = UnderstandingScore::default();
        let (mut confidences, mut right) = (Vec::new(), Vec::new());
        let mut confused = std::collections::BTreeMap::<_, u64>::new();
        let outside = utterances.labels.outside();
        let guessed = self.guessed(part)?;
        for (written, (&intent, guess)) in utterances.written().iter().zip(utterances.intents().iter().zip(guessed)) {
            let said = (!guess.is_outside).then_some(guess.intent as u32);
            let wanted = Some(intent).filter(|&intent| Some(intent) != outside);
            if said != wanted {
                *confused.entry([wanted, said]).or_default() += 1;
            }
            if wanted.is_some() {
                let is_right = guess.intent as u32 == intent;
                score.in_scope += 1;
                score.named += u64::from(is_right);
                score.answered += u64::from(said == wanted);
                confidences.push(guess.confidence);
                right.push(is_right);
            } else {
                score.outside += 1;
                score.noticed += u64::from(said.is_none());
            }
            let there = spans(&written.tags);
            if !utterances.labels.tags.is_empty() {
                score.slots.add(&guess.slots, &there);
            }
            score.whole += u64::from(said == wanted && guess.slots == there);
        }
        score.calibration_error = calibration_error(&confidences, &right);
        score.sure = confidences.into_iter().zip(right).collect();
        score.confused = confused.into_iter().collect();
        score.confused.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        Ok(score)
    }

    /// What the model says of each sentence of a part, in order.
    fn guessed(&self, part: &Part) -> Result<Vec<Understood>, TrainError> {
        unless_broken(self.cover(part), |batches| {
            batches.flat_map(|batch| self.understood(&batch.input, &self.answers(&batch.input))).collect()
        })
    }

    /// The answers to an input, as the session evaluates itself.
    fn answers(&self, input: &Input) -> Tensor {
        let fault = self.fault();
        let mode = fault.map_or(Mode::Evaluate, |fault| fault.evaluates_in());
        let mut sites = Put { fault, mode, behind: None };
        let mut cx = Context::train(Rng::new(0));
        cx.mode = mode;
        no_grad(|| self.model.forward(&mut cx.watched(&mut sites), input))
    }

    fn understood(&self, input: &Input, answers: &Tensor) -> Vec<Understood> {
        let (Input::Sentences(source, _), Some(labels)) = (input, self.labels()) else { return Vec::new() };
        let (intents, tags) = (labels.intents.len(), labels.tags.len());
        let of_row = |(row, &length): (&[f32], &usize)| {
            let probabilities = softmax(&row[..intents], self.sureness.temperature);
            let outside = labels.outside().map(|id| id as usize);
            let mut inside = (0..intents).filter(|&id| Some(id) != outside);
            let first = inside.next().unwrap_or(0);
            let intent = inside.fold(first, |best, id| if probabilities[id] > probabilities[best] { id } else { best });
            let confidence = probabilities[intent];
            let said_so = outside.is_some_and(|outside| probabilities[outside] > confidence);
            let best = best_tags(&row[intents..][..length * tags], &labels.tags);
            Understood {
                intent,
                confidence,
                is_outside: said_so || confidence < self.sureness.threshold,
                slots: spans(&best),
                intents: probabilities,
            }
        };
        answers.data().chunks_exact(answers.width()).zip(&source.lengths).map(of_row).collect()
    }

    /// The temperature and the threshold that its weights ask for, by the validation part; the plain ones where there is none.
    ///
    /// # Errors
    /// Data that are read only now and can no longer be read.
    pub(crate) fn fitted_sureness(&self) -> Result<Sureness, TrainError> {
        let Some(utterances) = self.utterances(&self.corpus.validation).filter(|part| !part.is_empty()) else {
            return Ok(Sureness::default());
        };
        let (intents, outside) = (utterances.labels.intents.len(), utterances.labels.outside());
        let logits: Vec<Vec<f32>> = unless_broken(self.cover(&self.corpus.validation), |batches| {
            let rows = |batch: Prepared| {
                let answers = self.answers(&batch.input);
                answers.data().chunks_exact(answers.width()).map(|row| row[..intents].to_vec()).collect::<Vec<_>>()
            };
            batches.flat_map(rows).collect()
        })?;
        let inside = || logits.iter().zip(utterances.intents()).filter(|(_, intent)| Some(**intent) != outside);
        let surprise = |temperature: f64| {
            inside().map(|(row, &intent)| -softmax(row, temperature)[intent as usize].max(f64::MIN_POSITIVE).ln()).sum()
        };
        let temperature = fit_temperature(surprise);
        let mut right: Vec<f64> = inside()
            .filter_map(|(row, &intent)| {
                let probabilities = softmax(row, temperature);
                let own = probabilities[intent as usize];
                let others = (0..).zip(&probabilities).filter(|(id, _)| *id != intent && Some(*id) != outside);
                others.into_iter().all(|(_, &other)| other < own).then_some(own)
            })
            .collect();
        right.sort_by(f64::total_cmp);
        let given_up = (right.len() as f64 * GIVEN_UP) as usize;
        Ok(Sureness { temperature, threshold: right.get(given_up).copied().unwrap_or(0.0) })
    }
}

impl UnderstandingScore {
    /// The metrics under their names; shares from 0 to 1.
    pub fn metrics(&self) -> Vec<(&'static str, f64)> {
        let share = |of: u64, all: u64| of as f64 / all.max(1) as f64;
        let mut metrics = vec![("intent_accuracy", share(self.named, self.in_scope))];
        if self.outside > 0 {
            metrics.push(("in_scope_accuracy", share(self.answered, self.in_scope)));
            metrics.push(("out_of_scope_recall", share(self.noticed, self.outside)));
        }
        if !self.slots.kinds.is_empty() {
            let all = self.slots.all();
            metrics.extend([("slot_f1", all.f1()), ("slot_precision", all.precision()), ("slot_recall", all.recall())]);
            metrics.push(("whole_sentences", share(self.whole, self.in_scope + self.outside)));
        }
        metrics.push(("calibration_error", self.calibration_error));
        metrics
    }
}

/// Softmax of logits at a temperature, in f64.
fn softmax(logits: &[f32], temperature: f64) -> Vec<f64> {
    let high = logits.iter().fold(f64::NEG_INFINITY, |high, &x| high.max(f64::from(x)));
    let mut powers: Vec<f64> = logits.iter().map(|&x| ((f64::from(x) - high) / temperature).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter_mut().for_each(|power| *power /= sum);
    powers
}

/// The likeliest tags of words, by their logits [T, S], in which every `I-kind` goes on with a span of its kind (Viterbi 1967).
fn best_tags<'t>(logits: &[f32], tags: &'t [String]) -> Vec<&'t str> {
    if tags.is_empty() {
        return Vec::new();
    }
    // What may stand before each tag: only the same kind, or anything.
    fn kind(tag: &str, place: char) -> Option<&str> {
        tag.strip_prefix(place)?.strip_prefix('-')
    }
    let before: Vec<Option<Vec<usize>>> = tags
        .iter()
        .map(|tag| {
            let inside = kind(tag, 'I')?;
            let same = |other: &String| kind(other, 'B') == Some(inside) || kind(other, 'I') == Some(inside);
            Some((0..tags.len()).filter(|&other| same(&tags[other])).collect())
        })
        .collect();
    let mut sums = vec![0.0_f64; tags.len()];
    let mut came_from: Vec<Vec<usize>> = Vec::new();
    for (word, logits) in logits.chunks_exact(tags.len()).enumerate() {
        let high = logits.iter().fold(f64::NEG_INFINITY, |high, &x| high.max(f64::from(x)));
        let total = high + logits.iter().map(|&x| (f64::from(x) - high).exp()).sum::<f64>().ln();
        let best_of = |from: &mut dyn Iterator<Item = usize>| from.reduce(|a, b| if sums[b] > sums[a] { b } else { a });
        let any = best_of(&mut (0..tags.len())).unwrap_or(0);
        let from: Vec<usize> = before
            .iter()
            .map(|before| before.as_ref().map_or(any, |same| best_of(&mut same.iter().copied()).unwrap_or(any)))
            .collect();
        let next = (0..tags.len()).map(|tag| {
            let starts = word == 0 && before[tag].is_some();
            if starts { f64::NEG_INFINITY } else { sums[from[tag]] + f64::from(logits[tag]) - total }
        });
        sums = next.collect();
        came_from.push(from);
    }
    let mut tag = (0..tags.len()).fold(0, |best, tag| if sums[tag] > sums[best] { tag } else { best });
    let mut path = Vec::with_capacity(came_from.len());
    for from in came_from.iter().rev() {
        path.push(tags[tag].as_str());
        tag = from[tag];
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn a_span_is_not_gone_on_with_that_was_not_begun() {
        let names = tags(&["B-a", "B-b", "I-a", "I-b", "O"]);
        // Alone, the words would be O, I-a: the second begins a span then.
        let logits = [0.0, 0.0, 1.0, 0.0, 3.0, 1.5, 0.0, 2.0, 0.0, 0.0];
        assert_eq!(best_tags(&logits, &names), ["O", "B-a"]);
        // A first word that is nearly a B makes the I right.
        let logits = [2.8, 0.0, 1.0, 0.0, 3.0, 0.0, 0.0, 4.0, 0.0, 0.0];
        assert_eq!(best_tags(&logits, &names), ["B-a", "I-a"]);
        // Nor does one begin a sentence.
        assert_eq!(best_tags(&[0.0, 0.0, 9.0, 0.0, 1.0], &names), ["O"]);
        assert!(best_tags(&[], &[]).is_empty());
    }

    #[test]
    fn a_kind_without_a_beginning_can_go_on_with_itself() {
        let names = tags(&["I-a", "O"]);
        assert_eq!(best_tags(&[5.0, 0.0, 5.0, 0.0], &names), ["O", "O"]);
    }

    #[test]
    fn a_temperature_spreads_probabilities() {
        let [sharp, flat] = [1.0, 2.0].map(|temperature| softmax(&[2.0, 0.0], temperature)[0]);
        assert!((sharp - 1.0 / (1.0 + (-2.0_f64).exp())).abs() < 1e-12);
        assert!((flat - 1.0 / (1.0 + (-1.0_f64).exp())).abs() < 1e-12);
    }
}
