//! What the assistant asks of models, as small traits: what a text wants, how to go on, whether something is toxic. Who answers may
//! be a trained run ([`crate::trained`]) or a double in a test.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::AssistantError;

/// Understands messages.
pub trait Understanding: Send + Sync {
    /// What a message wants.
    ///
    /// # Errors
    /// A model that cannot read it.
    fn understand(&self, text: &str) -> Result<Understood, AssistantError>;

    /// The intents that it can name.
    fn intents(&self) -> Vec<String>;
}

/// Writes replies.
pub trait Generates: Send + Sync {
    /// Some ways to reply to the last turn, in no order.
    ///
    /// # Errors
    /// A model that cannot read the turns.
    fn candidates(&self, turns: &[Said], count: usize, seed: u64) -> Result<Vec<Candidate>, AssistantError>;

    /// The most tokens that turns may have together; none where there is no end.
    fn window(&self) -> Option<usize>;

    /// How many tokens a turn takes of the window.
    fn tokens(&self, said: &Said) -> usize;
}

/// Judges texts.
pub trait Judges: Send + Sync {
    /// How probably a text is toxic, 0 to 1.
    ///
    /// # Errors
    /// A model that cannot read it.
    fn toxicity(&self, text: &str) -> Result<f64, AssistantError>;
}

/// What a message was understood to want.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Understood {
    /// Intents with their probabilities, the likeliest first.
    pub ranked: Vec<(String, f64)>,
    /// Whether it is none of them.
    pub is_outside: bool,
    /// Its slots.
    pub slots: Vec<LearntSlot>,
}

/// A slot as a tagger found it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearntSlot {
    /// Its name.
    pub name: String,
    /// Where it stands, in bytes.
    pub place: Range<usize>,
}

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person.
    User,
    /// We.
    Assistant,
}

/// Something that was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Who.
    pub role: Role,
    /// What.
    pub text: String,
}

/// A way to reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// What is said.
    pub text: String,
    /// Its log-probability, in nats.
    pub log_probability: f64,
    /// How many tokens it has.
    pub tokens: usize,
}

impl Candidate {
    /// The probability of a token, on average: how sure the generator is, 0 to 1.
    pub fn confidence(&self) -> f64 {
        (self.log_probability / self.tokens.max(1) as f64).exp().clamp(0.0, 1.0)
    }
}

/// The last turns that fit into the window with the last one, which is always there: the oldest are dropped.
pub fn within_window<'t>(turns: &'t [Said], generator: &dyn Generates) -> &'t [Said] {
    let Some(window) = generator.window() else { return turns };
    let mut room = window;
    let mut start = turns.len();
    for (at, said) in turns.iter().enumerate().rev() {
        let tokens = generator.tokens(said);
        if tokens > room && start < turns.len() {
            break;
        }
        room = room.saturating_sub(tokens);
        start = at;
    }
    &turns[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Letters(usize);

    impl Generates for Letters {
        fn candidates(&self, _: &[Said], _: usize, _: u64) -> Result<Vec<Candidate>, AssistantError> {
            Ok(Vec::new())
        }

        fn window(&self) -> Option<usize> {
            Some(self.0)
        }

        fn tokens(&self, said: &Said) -> usize {
            said.text.len()
        }
    }

    #[test]
    fn the_oldest_turns_are_dropped_and_the_last_stays() {
        let turns = ["aaaa", "bb", "ccc"].map(|text| Said { role: Role::User, text: text.into() });
        let kept = |window| within_window(&turns, &Letters(window)).len();
        assert_eq!([kept(9), kept(8), kept(5), kept(4), kept(1)], [3, 2, 2, 1, 1]);
        assert!(within_window(&[], &Letters(3)).is_empty());
    }

    // Three tokens of probability 1/8 in all: 1/2 each.
    #[test]
    fn confidence_is_the_mean_probability_of_a_token() {
        let candidate = Candidate { text: String::new(), log_probability: (0.125_f64).ln(), tokens: 3 };
        assert!((candidate.confidence() - 0.5).abs() < 1e-12);
    }
}
