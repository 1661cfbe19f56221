//! A whole conversation by script, over an understanding of a few rules: slots over several turns, corrections, a clarifying
//! question, what is out of scope, facts recalled, feedback. The assistant is the one that `init` writes.

#![allow(clippy::unwrap_used, reason = "a test that meets an error it did not expect should stop there")]

use rushlight_assistant::definition::{Definition, STARTER};
use rushlight_assistant::{
    Act, Assistant, AssistantError, Candidate, Date, Generates, Judged, Judges, Now, Profile, Reply, Role, Said,
    Source, State, Tastes, Turn, Understanding, Understood,
};

/// An intent for each few words; what has none of them is out of scope.
struct Rules;

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

fn starter() -> Definition {
    Definition::parse(STARTER[0].text, STARTER[0].name).unwrap()
}

/// Somebody who talks with an assistant.
struct Conversation {
    assistant: Assistant,
    state: State,
    profile: Profile,
    tastes: Tastes,
}

impl Conversation {
    fn new() -> Self {
        Self::with(Assistant::new(starter(), Some(Box::new(Rules))).unwrap())
    }

    fn with(assistant: Assistant) -> Self {
        Self { assistant, state: State::default(), profile: Profile::default(), tastes: Tastes::default() }
    }

    /// Wednesday, the 25th of November 2026, half past two.
    fn now() -> Now {
        Now { date: Date::new(2026, 11, 25).unwrap(), hour: 14, minute: 30 }
    }

    fn try_say(&mut self, text: &str) -> Result<Reply, AssistantError> {
        let Self { assistant, state, profile, tastes } = self;
        let outcome = assistant.turn(Turn { text, state, profile, tastes, now: Self::now() })?;
        // A state is a plain value: it goes through a store unharmed.
        self.state = serde_json::from_str(&serde_json::to_string(&outcome.state).unwrap()).unwrap();
        assert_eq!(self.state, outcome.state);
        self.profile = outcome.profile;
        Ok(outcome.reply)
    }

    fn say(&mut self, text: &str) -> Reply {
        self.try_say(text).unwrap()
    }

    /// Says something, and holds what the reply does and says against what is expected.
    fn check(&mut self, text: &str, act: Act, source: Source, expected: &str) -> Reply {
        let reply = self.say(text);
        assert_eq!(
            (reply.act, reply.source, reply.text.as_str()),
            (act, source, expected),
            "after {text:?}: {reply:#?}"
        );
        reply
    }

    fn own(&mut self, text: &str, act: Act, expected: &str) -> Reply {
        self.check(text, act, Source::Template, expected)
    }
}

#[test]
fn a_conversation_of_many_turns() {
    let mut talk = Conversation::new();
    talk.own("Hello!", Act::Answer, "Hello! What can I do for you?");
    talk.own("Call me Ada.", Act::Profile, "Nice to meet you, Ada.");
    talk.own(
        "I am vegetarian and I live in Bern",
        Act::Profile,
        "I will remember that you are vegetarian and you live in Bern.",
    );
    // Slots over several turns.
    talk.own("I want to book a table", Act::Ask, "For how many?");
    talk.own("for four", Act::Ask, "For which day?");
    // A question in between is answered, and what was asked is asked again.
    let reply = talk.say("By the way, when are you open on that day?");
    assert_eq!((reply.act, reply.intent.as_deref()), (Act::Answer, Some("opening_hours")));
    assert!(reply.text.ends_with(" For which day?"), "{}", reply.text);
    talk.own("tomorrow", Act::Ask, "At what time?");
    // An hour without its half of the day is unsure, and confirmed.
    talk.own("half past seven", Act::Confirm, "The time is 19:30, is that right?");
    talk.own("yes", Act::Confirm, "A table for 4 on Thursday, 26 November 2026 at 19:30. Shall I book it?");
    // Corrections.
    talk.own(
        "no, for five",
        Act::Confirm,
        "All right: people is 5. A table for 5 on Thursday, 26 November 2026 at 19:30. Shall I book it?",
    );
    talk.own(
        "make it Friday",
        Act::Confirm,
        "All right: date is Friday, 27 November 2026. A table for 5 on Friday, 27 November 2026 at 19:30. Shall I book it?",
    );
    let reply =
        talk.own("yes please", Act::Answer, "It is booked, Ada: a table for 5 on Friday, 27 November 2026 at 19:30.");
    let finished = reply.finished.unwrap();
    let slots: Vec<(&str, &str)> = finished.slots.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(
        (finished.intent.as_str(), slots),
        ("book_table", vec![("date", "2026-11-27"), ("people", "5"), ("time", "19:30")])
    );
    // What was finished can be corrected still.
    talk.own(
        "Sorry, make that six people",
        Act::Confirm,
        "All right: people is 6. A table for 6 on Friday, 27 November 2026 at 19:30. Shall I book it?",
    );
    talk.own("Yes!", Act::Answer, "It is booked, Ada: a table for 6 on Friday, 27 November 2026 at 19:30.");
    // Known answers, with their score.
    let reply = talk.say("Can I bring my dog?");
    assert_eq!(
        (reply.source, reply.confidence > 0.99, reply.question.as_deref()),
        (Source::Retrieval, true, Some("Can I bring my dog?"))
    );
    // Two intents are close.
    let reply = talk.own("about my booking", Act::Clarify, "Would you like to cancel a booking, or to book a table?");
    assert_eq!(reply.ranked[0], ("cancel_booking".to_owned(), 0.5));
    talk.own("the first one", Act::Ask, "Which day was it for?");
    // What is always confirmed.
    talk.own("next monday", Act::Confirm, "The date is Monday, 30 November 2026, is that right?");
    talk.own(
        "no, Friday",
        Act::Confirm,
        "All right: date is Friday, 27 November 2026. The date is Friday, 27 November 2026, is that right?",
    );
    talk.own("never mind", Act::Cancel, "All right, I leave that (cancel a booking).");
    // Out of scope.
    let reply = talk.say("what is the tallest mountain?");
    assert_eq!((reply.act, reply.confidence), (Act::Fallback, 0.0));
    assert!(starter().fallback.replies.contains(&reply.text));
    // Facts recalled.
    talk.own("What is my name?", Act::Profile, "Your name is Ada.");
    talk.own("where do I live?", Act::Profile, "You live in Bern.");
    talk.own("what is my favourite song?", Act::Profile, "You have not told me your favourite song yet.");
    talk.own("forget where I live", Act::Profile, "I have forgotten it.");
    talk.own("where do I live?", Act::Profile, "You have not told me where you live yet.");
    // Feedback: replies take turns until one is liked.
    let hours = starter().intent("opening_hours").unwrap().replies.clone();
    let replies: Vec<String> = (0..2).map(|_| talk.say("when are you open").text).collect();
    assert!(hours.iter().all(|reply| replies.contains(reply)), "{replies:?}");
    let judged =
        Judged { intent: Some("opening_hours".into()), source: Source::Template, key: hours[1].clone(), is_good: true };
    talk.tastes.add(&judged);
    (0..3).for_each(|_| drop(talk.own("when are you open", Act::Answer, &hours[1])));
    talk.own("thank you", Act::Answer, "You are welcome, Ada.");
    talk.own("bye", Act::Answer, "Goodbye Ada, and see you soon.");
    assert!(talk.state.messages > 30 && talk.state.forms.is_empty());
}

#[test]
fn what_is_said_at_once_is_not_asked_for() {
    let mut talk = Conversation::new();
    let text = "a table for two on 24 December at 7 pm on the terrace";
    let reply = talk.own(text, Act::Confirm, "A table for 2 on Thursday, 24 December 2026 at 19:00. Shall I book it?");
    let found: Vec<_> = reply.entities.iter().map(|entity| (&*entity.kind, &*entity.value)).collect();
    assert_eq!(found, [("number", "2"), ("date", "2026-12-24"), ("time", "19:00"), ("areas", "terrace")]);
    talk.own(
        "ok",
        Act::Answer,
        "It is booked: a table for 2 in the terrace area on Thursday, 24 December 2026 at 19:00.",
    );
}

#[test]
fn what_is_denied_is_not_taken() {
    let mut talk = Conversation::new();
    talk.say("a table for 4 tomorrow at 19:30");
    let reply = talk.say("not four but five");
    assert!(reply.text.starts_with("All right: people is 5."), "{}", reply.text);
    talk.own("no", Act::Ask, "What should I change?");
    let reply = talk.say("the time, 8 pm");
    assert!(reply.text.starts_with("All right: time is 20:00."), "{}", reply.text);
}

#[test]
fn a_bare_value_answers_what_was_asked() {
    let mut talk = Conversation::new();
    talk.say("book a table for 3 tomorrow");
    let reply = talk.own("20", Act::Confirm, "A table for 3 on Thursday, 26 November 2026 at 20:00. Shall I book it?");
    assert_eq!(reply.confidence, 0.95);
}

#[test]
fn what_is_not_understood_three_times_is_left() {
    let mut talk = Conversation::new();
    talk.say("book a table");
    talk.own("blue", Act::Ask, "I did not understand that. For how many?");
    talk.own("blue blue", Act::Ask, "I did not understand that. For how many?");
    assert_eq!(talk.say("blue blue blue").act, Act::Cancel);
    assert!(talk.state.forms.is_empty());
}

#[test]
fn a_second_wish_is_done_first_and_the_other_goes_on() {
    let mut talk = Conversation::new();
    talk.say("book a table for four");
    talk.own(
        "oh, and please cancel my booking of Friday",
        Act::Confirm,
        "The date is Friday, 27 November 2026, is that right?",
    );
    talk.own(
        "yes",
        Act::Answer,
        "Your booking for Friday, 27 November 2026 is cancelled. I hope to see you another time. For which day?",
    );
}

#[test]
fn an_unsure_intent_is_asked_about() {
    let mut talk = Conversation::new();
    talk.own("is there a person", Act::Clarify, "Would you like to speak to a person?");
    let reply = talk.say("yes");
    assert_eq!(reply.intent.as_deref(), Some("speak_to_human"));
    talk.say("is there a person");
    assert_eq!(talk.say("no").act, Act::Fallback);
    talk.say("is there a person");
    // Who speaks of something else is heard.
    assert_eq!(talk.say("show me the menu").intent.as_deref(), Some("menu"));
}

#[test]
fn the_surer_of_intent_and_known_answer_replies() {
    let mut talk = Conversation::new();
    // The rules hold it for the menu, with 0.62; the known question is the same word for word.
    assert_eq!(talk.say("Where can I park my car?").source, Source::Retrieval);
}

#[test]
fn a_corrected_reply_is_known_from_then_on() {
    let mut talk = Conversation::new();
    talk.say("who wrote the song of the sea?");
    talk.tastes.corrected.push(("who wrote the song of the sea?".into(), "Old Pete did.".into()));
    talk.check("Who wrote the song of the sea", Act::Answer, Source::Retrieval, "Old Pete did.");
}

#[test]
fn a_disliked_answer_gives_way_to_the_next() {
    let text = r#"
        name = "Box"
        [[answer]]
        question = "How do I reset it?"
        answer = "Press A."
        [[answer]]
        question = "How do I reset it again?"
        answer = "Press B."
    "#;
    let mut talk = Conversation::with(Assistant::new(Definition::parse(text, "a.toml").unwrap(), None).unwrap());
    talk.check("how do I reset it", Act::Answer, Source::Retrieval, "Press A.");
    (0..5).for_each(|_| {
        talk.tastes.add(&Judged { intent: None, source: Source::Retrieval, key: "Press A.".into(), is_good: false });
        talk.tastes.add(&Judged { intent: None, source: Source::Retrieval, key: "Press B.".into(), is_good: true });
    });
    talk.check("how do I reset it", Act::Answer, Source::Retrieval, "Press B.");
}

/// A generator that says how many turns it sees.
struct Counting;

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
struct Nasty;

impl Judges for Nasty {
    fn toxicity(&self, text: &str) -> Result<f64, AssistantError> {
        Ok(if text.contains("nasty") { 0.9 } else { 0.1 })
    }
}

#[test]
fn a_generator_replies_where_nothing_else_fits_and_sees_what_fits_its_window() {
    let assistant = Assistant::new(starter(), Some(Box::new(Rules))).unwrap();
    let mut talk = Conversation::with(assistant.with_generator(Box::new(Counting)).with_judge(Box::new(Nasty)));
    talk.check("tell me of mountains", Act::Answer, Source::Generator, "I see 1 turns");
    let reply = talk.check("and of the sea", Act::Answer, Source::Generator, "I see 3 turns");
    assert!((reply.confidence - (-0.1_f64).exp()).abs() < 1e-12);
    talk.check("and of the sky", Act::Answer, Source::Generator, "I see 3 turns");
    assert_eq!(talk.say("show me the menu").source, Source::Template);
}

#[test]
fn what_is_toxic_is_refused_kindly_and_counted() {
    let assistant = Assistant::new(starter(), Some(Box::new(Rules))).unwrap();
    let mut talk = Conversation::with(assistant.with_generator(Box::new(Counting)).with_judge(Box::new(Nasty)));
    let refusal = starter().safety.refusal;
    talk.own("book a table, you nasty thing", Act::Refuse, &refusal);
    assert!(talk.state.forms.is_empty() && talk.state.turns.is_empty());
    talk.say("what about the sea");
    let refused = talk.assistant.refused();
    assert_eq!((refused.input, refused.output), (1, 1));
}

#[test]
fn bad_input_is_an_error_in_words_or_a_reply() {
    let mut talk = Conversation::new();
    for (text, words) in [
        ("", "the message is empty"),
        (" \n ", "the message is empty"),
        (&*"a".repeat(1 << 20), "8000 are read at most"),
    ] {
        let error = talk.try_say(text).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    for text in [
        "🎉🎉🎉",
        "привет 你好 hello שלום",
        "\u{0}\u{1}x",
        "{name} {people}",
        "](",
        "a\u{301}\u{301}\u{301}",
        "?!?!",
        "=1+1",
        "-",
    ] {
        let reply = talk.say(text);
        assert!(!reply.text.is_empty());
    }
    // Eight thousand bytes of anything are read in the middle of a form too.
    talk.say("book a table");
    for text in [
        "four ".repeat(1600),
        "nine hundred ".repeat(600),
        "\u{1F600}".repeat(2000),
        "my ".repeat(2600),
        "not ".repeat(2000),
    ] {
        talk.say(&text);
    }
}

#[test]
fn a_conversation_of_ten_thousand_turns_stays_quick() {
    let mut talk = Conversation::new();
    let start = std::time::Instant::now();
    (0..5000).for_each(|n| drop(talk.say(&format!("show me the menu {n}"))));
    assert!(start.elapsed().as_secs() < 60 && talk.state.turns.len() <= 40);
    assert_eq!(talk.state.turns.last().unwrap().role, Role::Assistant);
}

#[test]
fn a_model_without_the_intents_is_refused() {
    let more = STARTER[0].text.replace("name = \"menu\"", "name = \"dishes_of_today\"");
    let definition = Definition::parse(&more, "a.toml").unwrap();
    let error = Assistant::new(definition, Some(Box::new(Rules))).err().unwrap().to_string();
    assert!(error.contains("does not know the intents `dishes_of_today`"), "{error}");
}

#[test]
fn a_state_of_another_definition_does_no_harm() {
    let mut talk = Conversation::new();
    talk.say("book a table for four");
    for form in &mut talk.state.forms {
        form.intent = "gone".into();
    }
    assert_eq!(talk.say("show me the menu").intent.as_deref(), Some("menu"));
    assert!(talk.state.forms.is_empty());
}
