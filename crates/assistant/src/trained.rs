//! Trained runs behind the seams: an understanding, a judge, a language model and a translator that write replies. Knows no
//! dialogue.

use std::sync::Arc;

use rushlight_engine::Rng;
use rushlight_models::beam::Beam;
use rushlight_models::decode::Strategy;
use rushlight_text::Tokenizer;
use rushlight_train::{Judge, Reply, Replying, Search, Session, TrainError};

use crate::{AssistantError, Candidate, Generates, Judges, LearntSlot, Said, Understanding, Understood};

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
        let inside = understood.ranked().into_iter().filter(|id| Some(*id) != outside);
        let ranked = inside.map(|id| (labels.intents[id].clone(), understood.intents[id])).collect();
        let slots = slots.into_iter().map(|slot| LearntSlot { name: slot.kind, place: slot.place }).collect();
        Ok(Understood { ranked, is_outside: understood.is_outside, slots })
    }

    fn intents(&self) -> Vec<String> {
        self.0.labels().map(|labels| labels.intents.clone()).unwrap_or_default()
    }
}

/// A run that says how toxic a text is.
pub struct TrainedJudge(Judge);

impl TrainedJudge {
    /// Takes a session of a model that understands, one of whose intents is `toxic`.
    ///
    /// # Errors
    /// A session of another task, or one that does not know that intent.
    pub fn new(session: Arc<Session>, toxic: &str) -> Result<Self, AssistantError> {
        Ok(Self(Judge::new(session, toxic)?))
    }
}

impl Judges for TrainedJudge {
    fn toxicity(&self, text: &str) -> Result<f64, AssistantError> {
        Ok(self.0.toxicity(text)?)
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
}

impl Generates for TrainedWriter {
    fn candidates(&self, turns: &[Said], count: usize, seed: u64) -> Result<Vec<Candidate>, AssistantError> {
        let count = if self.strategy.temperature > 0.0 { count } else { 1 };
        let search = Search::Draw { strategy: self.strategy.clone(), count };
        candidates(&self.session, turns, search, self.most_tokens, seed)
    }

    fn window(&self) -> Option<usize> {
        let window = self.session.model.generator()?.window()?;
        // Half of a short window is for what is written.
        Some(window.saturating_sub(self.most_tokens.min(window / 2)).max(1))
    }

    fn tokens(&self, said: &Said) -> usize {
        tokens(self.session.tokenizer(), said)
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
    fn candidates(&self, turns: &[Said], count: usize, seed: u64) -> Result<Vec<Candidate>, AssistantError> {
        let best = count.clamp(1, self.beam);
        let beam = Beam { best, ..Beam::new(self.beam, self.most_tokens, None) };
        candidates(&self.session, turns, Search::Beam(beam), self.most_tokens, seed)
    }

    fn window(&self) -> Option<usize> {
        self.session.model.translator()?.window()
    }

    fn tokens(&self, said: &Said) -> usize {
        tokens(self.session.source_tokenizer(), said)
    }
}

/// The replies of a session to turns, as far as its vocabulary knows them.
fn candidates(
    session: &Session,
    turns: &[Said],
    search: Search,
    most_tokens: usize,
    seed: u64,
) -> Result<Vec<Candidate>, AssistantError> {
    let tokenizer = session.source_tokenizer()?;
    let turns: Vec<String> = turns.iter().map(|said| known(tokenizer, &said.text)).collect();
    let replies = session.reply(&turns, &Replying { search, most_tokens, against_generic: 0.0 }, &Rng::new(seed))?;
    let candidate = |Reply { text, log_probability, tokens, .. }| Candidate { text, log_probability, tokens };
    Ok(replies.into_iter().map(candidate).collect())
}

/// A text as far as the vocabulary knows it: a model of characters never saw others, and the rest is still worth a reply.
fn known(tokenizer: &Tokenizer, text: &str) -> String {
    let mut known = text.trim().replace('\n', " ");
    if tokenizer.unknown().is_none() {
        for piece in tokenizer.unknown_in(&known) {
            known = known.replace(&piece, "");
        }
    }
    known
}

/// How many tokens a turn takes, its end included.
fn tokens(tokenizer: Result<&Tokenizer, TrainError>, said: &Said) -> usize {
    tokenizer.map_or(0, |tokenizer| tokenizer.try_encode(&known(tokenizer, &said.text)).map_or(0, |ids| ids.len())) + 1
}

fn refuse_broken(session: &Session) -> Result<(), AssistantError> {
    if session.is_finite() {
        return Ok(());
    }
    let help = "the weights of the run are not numbers: its training diverged; train it again with a smaller `lr`";
    Err(AssistantError::Unfit(help.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
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
        std::fs::write(folder.path().join(STARTER[2].name), STARTER[2].text).unwrap();
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
}
