//! Bad input, long conversations, and a definition that does not fit.

use crate::doubles::{Conversation, Rules, starter};
use rushlight_assistant::definition::{Definition, STARTER};
use rushlight_assistant::{Act, Assistant, AssistantError, LearntSlot, Role, Turn, Understanding, Understood};

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

#[test]
fn an_assistant_is_shared_by_threads_and_conversations_know_nothing_of_each_other() {
    let assistant = Assistant::new(Conversation::new().assistant.definition().clone(), Some(Box::new(Rules))).unwrap();
    let talk = &|people: &str| {
        let (mut state, profile, tastes) = (Default::default(), Default::default(), Default::default());
        for text in ["book a table", people, "tomorrow", "19:30"] {
            let turn = Turn { text, state: &state, profile: &profile, tastes: &tastes, now: Conversation::now() };
            state = assistant.turn(turn).unwrap().state;
        }
        state.turns.last().unwrap().text.clone()
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (2..10).map(|n| (n, scope.spawn(move || talk(&n.to_string())))).collect();
        for (n, thread) in threads {
            assert!(thread.join().unwrap().starts_with(&format!("A table for {n} on")));
        }
    });
}

/// Finds a table in everything, and half of a time.
struct HalfTagger;

impl Understanding for HalfTagger {
    fn understand(&self, text: &str) -> Result<Understood, AssistantError> {
        let place = text.find("half").map(|at| at..at + "half".len());
        let slots = place.map(|place| LearntSlot { name: "time".into(), place }).into_iter().collect();
        Ok(Understood { ranked: vec![("book_table".into(), 0.9)], is_outside: false, slots })
    }

    fn intents(&self) -> Vec<String> {
        starter().intents.into_iter().map(|intent| intent.name).collect()
    }
}

#[test]
fn a_tagger_that_finds_half_of_a_time_points_at_the_whole() {
    let mut talk = Conversation::with(Assistant::new(starter(), Some(Box::new(HalfTagger))).unwrap());
    talk.own("a table for two tomorrow", Act::Ask, "At what time?");
    talk.own("at half past seven", Act::Confirm, "The time is 19:30, is that right?");
}
