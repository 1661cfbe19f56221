//! Doubles of models by a few rules, and somebody who talks.

use rushlight_assistant::definition::{Definition, STARTER};
use rushlight_assistant::{
    Act, Assistant, AssistantError, Candidate, Date, Generates, Judges, Now, Profile, Reply, Said, Source, State,
    Tastes, Turn, Understanding, Understood,
};

/// An intent for each few words; what has none of them is out of scope.
pub(crate) struct Rules;

const RULES: [(&str, &str, f64); 14] = [
    ("book a table", "book_table", 0.95),
    ("table for", "book_table", 0.9),
    ("a reservation", "book_table", 0.9),
    ("cancel my booking", "cancel_booking", 0.9),
    ("my booking", "cancel_booking", 0.5),
    ("my booking", "book_table", 0.4),
    ("open", "opening_hours", 0.9),
    ("menu", "menu", 0.85),
    ("address", "place", 0.9),
    ("hello", "greet", 0.9),
    ("thank", "thanks", 0.9),
    ("bye", "goodbye", 0.9),
    ("park", "menu", 0.62),
    ("person", "speak_to_human", 0.4),
];

impl Understanding for Rules {
    fn understand(&self, text: &str) -> Result<Understood, AssistantError> {
        let lower = text.to_lowercase();
        let mut ranked: Vec<(String, f64)> = Vec::new();
        for (words, intent, probability) in RULES {
            if lower.contains(words) && ranked.iter().all(|(name, _)| name != intent) {
                ranked.push((intent.to_owned(), probability));
            }
        }
        ranked.sort_by(|one, other| other.1.total_cmp(&one.1));
        Ok(Understood { is_outside: ranked.is_empty(), ranked, slots: Vec::new() })
    }

    fn intents(&self) -> Vec<String> {
        starter().intents.into_iter().map(|intent| intent.name).collect()
    }
}

pub(crate) fn starter() -> Definition {
    Definition::parse(STARTER[0].text, STARTER[0].name).unwrap()
}

/// Somebody who talks with an assistant.
pub(crate) struct Conversation {
    pub(crate) assistant: Assistant,
    pub(crate) state: State,
    pub(crate) profile: Profile,
    pub(crate) tastes: Tastes,
}

impl Conversation {
    pub(crate) fn new() -> Self {
        Self::with(Assistant::new(starter(), Some(Box::new(Rules))).unwrap())
    }

    pub(crate) fn with(assistant: Assistant) -> Self {
        Self { assistant, state: State::default(), profile: Profile::default(), tastes: Tastes::default() }
    }

    /// Wednesday, the 25th of November 2026, half past two.
    pub(crate) fn now() -> Now {
        Now { date: Date::new(2026, 11, 25).unwrap(), hour: 14, minute: 30 }
    }

    pub(crate) fn try_say(&mut self, text: &str) -> Result<Reply, AssistantError> {
        let Self { assistant, state, profile, tastes } = self;
        let outcome = assistant.turn(Turn { text, state, profile, tastes, now: Self::now() })?;
        // A state is a plain value: it goes through a store unharmed.
        self.state = serde_json::from_str(&serde_json::to_string(&outcome.state).unwrap()).unwrap();
        assert_eq!(self.state, outcome.state);
        self.profile = outcome.profile;
        Ok(outcome.reply)
    }

    pub(crate) fn say(&mut self, text: &str) -> Reply {
        self.try_say(text).unwrap()
    }

    /// Says something, and holds what the reply does and says against what is expected.
    pub(crate) fn check(&mut self, text: &str, act: Act, source: Source, expected: &str) -> Reply {
        let reply = self.say(text);
        assert_eq!(
            (reply.act, reply.source, reply.text.as_str()),
            (act, source, expected),
            "after {text:?}: {reply:#?}"
        );
        reply
    }

    pub(crate) fn own(&mut self, text: &str, act: Act, expected: &str) -> Reply {
        self.check(text, act, Source::Template, expected)
    }
}

/// A generator that says how many turns it sees.
pub(crate) struct Counting;

impl Generates for Counting {
    fn candidates(&self, turns: &[Said], _: usize, _: u64) -> Result<Vec<Candidate>, AssistantError> {
        let candidate = |text: String, log_probability| Candidate { text, log_probability, tokens: 1 };
        Ok(vec![candidate("nasty words".into(), -0.01), candidate(format!("I see {} turns", turns.len()), -0.1)])
    }

    fn window(&self) -> Option<usize> {
        Some(3)
    }

    fn tokens(&self, _: &Said) -> usize {
        1
    }
}

/// A judge of one word.
pub(crate) struct Nasty;

impl Judges for Nasty {
    fn toxicity(&self, text: &str) -> Result<f64, AssistantError> {
        Ok(if text.contains("nasty") { 0.9 } else { 0.1 })
    }
}
