//! Who replies: intents, known answers, corrections, a generator.

use crate::doubles::{Conversation, Counting, Nasty, Rules, starter};
use rushlight_assistant::definition::Definition;
use rushlight_assistant::{Act, Assistant, AssistantError, Judged, Source, Understanding, Understood};

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

/// Two intents of these probabilities, neither of which reaches the threshold.
struct Unsure([f64; 2]);

impl Understanding for Unsure {
    fn understand(&self, _: &str) -> Result<Understood, AssistantError> {
        let [cancel, book] = self.0;
        let ranked = vec![("cancel_booking".to_owned(), cancel), ("book_table".to_owned(), book)];
        Ok(Understood { ranked, is_outside: true, slots: Vec::new() })
    }

    fn intents(&self) -> Vec<String> {
        Rules.intents()
    }
}

#[test]
fn what_is_one_of_two_things_is_not_out_of_scope() {
    for (probabilities, act) in [
        ([0.48, 0.45], Act::Clarify),
        ([0.5, 0.1], Act::Fallback),   // one alone, below the threshold
        ([0.35, 0.2], Act::Fallback),  // too little for both
        ([0.34, 0.32], Act::Fallback), // and here out of scope is likelier than either
    ] {
        let mut talk = Conversation::with(Assistant::new(starter(), Some(Box::new(Unsure(probabilities)))).unwrap());
        assert_eq!(talk.say("tables and more of them").act, act, "{probabilities:?}");
    }
}

#[test]
fn what_was_asked_about_can_be_named_pointed_at_or_left() {
    for (said, act, intent) in [
        ("cancel", Act::Ask, Some("cancel_booking")),
        ("I want to book a table", Act::Ask, Some("book_table")),
        ("the latter", Act::Ask, Some("book_table")),
        ("never mind", Act::Cancel, None),
        ("no thanks", Act::Cancel, None),
        ("neither", Act::Fallback, None),
        ("show me the menu", Act::Answer, Some("menu")),
    ] {
        let mut talk = Conversation::new();
        talk.own("about my booking", Act::Clarify, "Would you like to cancel a booking, or to book a table?");
        let reply = talk.say(said);
        assert_eq!((reply.act, reply.intent.as_deref()), (act, intent), "{said}: {}", reply.text);
        assert!(talk.state.choice.is_none());
    }
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
fn what_only_examples_teach_is_taken_as_it_is_said() {
    let text = r#"
        name = "Box"
        [[intent]]
        name = "book_table"
        examples = ["book a table under the name of [Lovelace](guest)"]
        replies = ["Noted for {guest} and {city}."]
        [[intent.slot]]
        name = "guest"
        kind = "learnt"
        ask = "Under which name?"
        [[intent.slot]]
        name = "city"
        kind = "cities"
        [lists]
        cities = ["Bern", "Basel"]
    "#;
    let definition = Definition::parse(text, "a.toml").unwrap();
    let mut talk = Conversation::with(Assistant::new(definition, Some(Box::new(Rules))).unwrap());
    talk.own("book a table", Act::Ask, "Under which name?");
    talk.own("it is Ada Lovelace.", Act::Ask, "What is the city?");
    // A letter is wrong.
    talk.own("Basle", Act::Confirm, "The city is Basel, is that right?");
    talk.own("yes", Act::Answer, "Noted for Ada Lovelace and Basel.");
}
