//! Trained runs behind the seams: an understanding, a judge, a language model and a translator that write replies. Knows no
//! dialogue.

use std::sync::Arc;

use rushlight_engine::Rng;
use rushlight_models::beam::Beam;
use rushlight_models::decode::{Strategy, Writer};
use rushlight_train::{Session, TrainError};

use crate::{AssistantError, Candidate, Generates, Judges, LearntSlot, Role, Said, Understanding, Understood};

/// A run that understands sentences.
pub struct TrainedUnderstanding(Arc<Session>);

impl TrainedUnderstanding {
    /// Takes a session of a model that understands.
    ///
    /// # Errors
    /// A session of another task, or weights that are no numbers.
    pub fn new(session: Arc<Session>) -> Result<Self, AssistantError> {
        refuse_broken(&session)?;
        session.sentence("hello")?;
        Ok(Self(session))
    }
}

impl Understanding for TrainedUnderstanding {
    fn understand(&self, text: &str) -> Result<Understood, AssistantError> {
        let (understood, slots) = self.0.understand(&[text])?.remove(0);
        let Some(labels) = self.0.labels() else { return Ok(Understood { is_outside: true, ..Understood::default() }) };
        let outside = labels.outside().map(|id| id as usize);
        let mut ranked: Vec<(String, f64)> = std::iter::zip(&labels.intents, &understood.intents)
            .enumerate()
            .filter(|(id, _)| Some(*id) != outside)
            .map(|(_, (name, probability))| (name.clone(), *probability))
            .collect();
        ranked.sort_by(|one, other| other.1.total_cmp(&one.1));
        let slots = slots.into_iter().map(|slot| LearntSlot { name: slot.kind, place: slot.place }).collect();
        Ok(Understood { ranked, is_outside: understood.is_outside, slots })
    }

    fn intents(&self) -> Vec<String> {
        self.0.labels().map(|labels| labels.intents.clone()).unwrap_or_default()
    }
}

/// A run whose intents include what is toxic.
pub struct TrainedJudge {
    session: Arc<Session>,
    toxic: usize,
}

impl TrainedJudge {
    /// Takes a session of a model that understands, one of whose intents is `toxic`.
    ///
    /// # Errors
    /// A session of another task, or one that does not know that intent.
    pub fn new(session: Arc<Session>, toxic: &str) -> Result<Self, AssistantError> {
        refuse_broken(&session)?;
        session.sentence("hello")?;
        let intents = session.labels().map(|labels| labels.intents.clone()).unwrap_or_default();
        let at = intents.iter().position(|name| name == toxic).ok_or_else(|| {
            let known = intents.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            AssistantError::Unfit(format!("the run has no label `{toxic}`; it has {known}; name the one that is toxic"))
        })?;
        Ok(Self { session, toxic: at })
    }
}

impl Judges for TrainedJudge {
    fn toxicity(&self, text: &str) -> Result<f64, AssistantError> {
        Ok(self.session.understand(&[text])?.remove(0).0.intents[self.toxic])
    }
}

/// A language model that goes on with the turns, each of which is a line.
pub struct TrainedWriter {
    session: Arc<Session>,
    strategy: Strategy,
    most_tokens: usize,
}

impl TrainedWriter {
    /// Takes a session of a language model.
    ///
    /// # Errors
    /// A model that does not write, or weights that are no numbers.
    pub fn new(session: Arc<Session>, strategy: Strategy, most_tokens: usize) -> Result<Self, AssistantError> {
        refuse_broken(&session)?;
        session.tokenizer()?;
        if session.model.generator().is_none() {
            let name = session.entry.name;
            return Err(
                TrainError::Unfit(format!("a `{name}` does not write; `rushlight models` tells which do")).into()
            );
        }
        Ok(Self { session, strategy, most_tokens })
    }

    /// The ids of a turn as far as the vocabulary knows it.
    fn ids(&self, text: &str) -> Result<Vec<u32>, AssistantError> {
        let tokenizer = self.session.tokenizer()?;
        let mut known = text.trim().replace('\n', " ");
        if tokenizer.unknown().is_none() {
            // A model of characters never saw others; the rest of the message is still worth a reply.
            for piece in tokenizer.unknown_in(&known) {
                known = known.replace(&piece, "");
            }
        }
        Ok(tokenizer.try_encode(&known).map_err(TrainError::from)?)
    }
}

impl Generates for TrainedWriter {
    fn candidates(&self, turns: &[Said], count: usize, seed: u64) -> Result<Vec<Candidate>, AssistantError> {
        let (session, tokenizer) = (&self.session, self.session.tokenizer()?);
        let Some(generator) = session.model.generator() else { return Ok(Vec::new()) };
        let new_line = tokenizer.try_encode("\n").unwrap_or_default();
        let end = tokenizer.boundary();
        let between: Vec<u32> = end.map_or_else(|| new_line.clone(), |end| vec![end]);
        let mut prompt: Vec<u32> = end.into_iter().collect();
        for said in turns {
            prompt.extend(self.ids(&said.text)?);
            prompt.extend(&between);
        }
        if prompt.is_empty() {
            prompt.push(0);
        }
        let mut candidates = Vec::new();
        for number in 0..count {
            let rng = Rng::new(seed).fork(number as u64);
            let mut writer = Writer::new(generator, &prompt, self.strategy.clone(), rng);
            let (mut written, mut log_probability) = (Vec::new(), 0.0);
            while written.len() < self.most_tokens {
                let logits = writer.logits().to_vec();
                let token = writer.write();
                log_probability += log_softmax(&logits, token);
                if between.contains(&token) {
                    break;
                }
                written.push(token);
            }
            let text = tokenizer.decode(&written).trim().to_owned();
            candidates.push(Candidate { text, log_probability, tokens: written.len() + 1 });
            if self.strategy.temperature <= 0.0 {
                break;
            }
        }
        Ok(candidates)
    }

    fn window(&self) -> Option<usize> {
        let window = self.session.model.generator()?.window()?;
        // Half of a short window is for what is written.
        Some(window.saturating_sub(self.most_tokens.min(window / 2)).max(1))
    }

    fn tokens(&self, said: &Said) -> usize {
        self.ids(&said.text).map_or(0, |ids| ids.len()) + 1
    }
}

/// A translator that translates what was said into a reply.
pub struct TrainedReplier {
    session: Arc<Session>,
    beam: usize,
    most_tokens: usize,
}

impl TrainedReplier {
    /// Takes a session of a translator, which keeps `beam` hypotheses side by side.
    ///
    /// # Errors
    /// A model that does not translate, or weights that are no numbers.
    pub fn new(session: Arc<Session>, beam: usize, most_tokens: usize) -> Result<Self, AssistantError> {
        refuse_broken(&session)?;
        session.translator()?;
        Ok(Self { session, beam: beam.max(1), most_tokens })
    }
}

impl Generates for TrainedReplier {
    fn candidates(&self, turns: &[Said], count: usize, _seed: u64) -> Result<Vec<Candidate>, AssistantError> {
        // What the user said last is the source: a pair of a corpus has one message and its reply.
        let Some(last) = turns.iter().rev().find(|said| said.role == Role::User) else { return Ok(Vec::new()) };
        let tokenizer = self.session.source_tokenizer()?;
        let mut known = last.text.replace('\n', " ");
        if tokenizer.unknown().is_none() {
            for piece in tokenizer.unknown_in(&known) {
                known = known.replace(&piece, "");
            }
        }
        let best = count.clamp(1, self.beam);
        let beam = Beam { best, ..Beam::new(self.beam, self.most_tokens, None) };
        let found = self.session.translate(&[known], &beam)?.remove(0).best;
        let candidate = |found: rushlight_train::Translation| {
            let hypothesis = found.hypothesis;
            Candidate {
                text: found.text,
                log_probability: f64::from(hypothesis.log_probability as f32),
                tokens: hypothesis.tokens.len() + 1,
            }
        };
        Ok(found.into_iter().map(candidate).collect())
    }

    fn window(&self) -> Option<usize> {
        self.session.model.translator()?.window()
    }

    fn tokens(&self, said: &Said) -> usize {
        let tokenizer = self.session.source_tokenizer().ok();
        tokenizer.and_then(|tokenizer| tokenizer.try_encode(&said.text).ok()).map_or(0, |ids| ids.len()) + 1
    }
}

fn refuse_broken(session: &Session) -> Result<(), AssistantError> {
    if session.is_finite() {
        return Ok(());
    }
    let help = "the weights of the run are not numbers: its training diverged; train it again with a smaller `lr`";
    Err(AssistantError::Unfit(help.into()))
}

/// The log-probability of a token, in nats.
fn log_softmax(logits: &[f32], token: u32) -> f64 {
    let high = logits.iter().fold(f64::NEG_INFINITY, |high, &x| high.max(f64::from(x)));
    let sum: f64 = logits.iter().map(|&x| (f64::from(x) - high).exp()).sum();
    f64::from(logits[token as usize]) - high - sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::{Definition, STARTER};
    use rushlight_train::recipe::Recipe;

    fn session(recipe: &str, sets: &[String]) -> Arc<Session> {
        Arc::new(Session::new(Recipe::parse(recipe, "a.toml", sets).unwrap(), None).unwrap())
    }

    #[test]
    fn an_untrained_run_answers_in_the_right_form() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("utterances.tsv");
        let definition = Definition::parse(STARTER[0].text, "a.toml").unwrap();
        std::fs::write(&path, definition.utterances()).unwrap();
        let session = session(STARTER[1].text, &[format!("data.path={:?}", path.display().to_string())]);
        let understanding = TrainedUnderstanding::new(Arc::clone(&session)).unwrap();
        let understood = understanding.understand("a table for four 🎉").unwrap();
        assert_eq!(understood.ranked.len(), definition.intents.len());
        assert!(understood.ranked.windows(2).all(|pair| pair[0].1 >= pair[1].1));
        for text in ["", "\u{0}", &"word ".repeat(2000)] {
            understanding.understand(text).unwrap();
        }
        crate::Assistant::new(definition, Some(Box::new(understanding))).unwrap();
        let judge = TrainedJudge::new(Arc::clone(&session), "thanks").unwrap();
        assert!((0.0..=1.0).contains(&judge.toxicity("thank you").unwrap()));
        let error = TrainedJudge::new(Arc::clone(&session), "toxic").err().unwrap().to_string();
        assert!(error.contains("no label `toxic`; it has `book_table`"), "{error}");
        assert!(
            TrainedWriter::new(session, Strategy::SAMPLE, 10).err().unwrap().to_string().contains("does not write")
        );
    }

    #[test]
    fn a_language_model_replies_with_a_line_and_its_probability() {
        let recipe = "[data]\nkind = \"lines\"\ndataset = \"names\"\n[model]\nkind = \"gpt\"\nwidth = 16\nlayers = 1\nheads = 2\n\
                      [train]\nsteps = 1\nwindow = 32\n";
        let writer = TrainedWriter::new(session(recipe, &[]), Strategy::SAMPLE, 12).unwrap();
        let turns = ["hello ☃", "anna"].map(|text| Said { role: Role::User, text: text.into() });
        let candidates = writer.candidates(&turns, 3, 7).unwrap();
        assert_eq!(candidates.len(), 3);
        for candidate in &candidates {
            assert!(candidate.log_probability < 0.0 && !candidate.text.contains('\n'), "{candidate:?}");
            assert!((0.0..=1.0).contains(&candidate.confidence()));
        }
        assert_eq!(candidates, writer.candidates(&turns, 3, 7).unwrap());
        assert_eq!((writer.window(), writer.tokens(&turns[1])), (Some(20), 5));
    }

    // ln(e^2 / (e^2 + e^0 + e^0)) = 2 - ln(9.389056) = -0.239545.
    #[test]
    fn a_log_probability_is_that_of_the_token() {
        assert!((log_softmax(&[2.0, 0.0, 0.0], 0) + 0.239_545).abs() < 1e-6);
    }
}
