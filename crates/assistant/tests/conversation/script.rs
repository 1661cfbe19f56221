//! Slots over several turns, corrections, a clarifying question, what is out of scope, facts recalled, feedback.

use crate::doubles::{Conversation, starter};
use rushlight_assistant::{Act, Judged, Source};

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
    let hours = starter().intent("opening_hours").unwrap().replies.clone();
    let reminded: Vec<String> = hours.iter().map(|hours| format!("{hours} For which day?")).collect();
    assert!(reminded.contains(&reply.text), "{}", reply.text);
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
    talk.own("blue", Act::Ask, "I did not understand that; \"never mind\" leaves it. For how many?");
    talk.own("blue blue", Act::Ask, "I did not understand that; \"never mind\" leaves it. For how many?");
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
fn who_says_an_unsure_value_again_means_it() {
    let mut talk = Conversation::new();
    talk.say("a table for 3 tomorrow");
    talk.own("at 8", Act::Confirm, "The time is 08:00, is that right?");
    talk.own(
        "no, 8 pm",
        Act::Confirm,
        "All right: time is 20:00. A table for 3 on Thursday, 26 November 2026 at 20:00. Shall I book it?",
    );
    let mut talk = Conversation::new();
    talk.say("a table for 3 tomorrow at 8");
    assert!(talk.say("8, yes").text.starts_with("All right: time is 08:00. A table for 3"));
}

#[test]
fn what_is_not_possible_is_refused_with_what_is() {
    let mut talk = Conversation::new();
    talk.say("book a table");
    let bounds = "The people must be at least 1 and at most 20, and";
    talk.own("a million", Act::Ask, &format!("{bounds} 1000000 is not. For how many?"));
    talk.own("-1", Act::Ask, &format!("{bounds} -1 is not. For how many?"));
    talk.own("0", Act::Ask, &format!("{bounds} 0 is not. For how many?"));
    talk.own("20", Act::Ask, "For which day?");
    talk.own("yesterday", Act::Ask, "Tuesday, 24 November 2026 is over already. For which day?");
    let reply = talk.say("today at 8 pm");
    assert!(reply.text.starts_with("A table for 20 on Wednesday, 25 November 2026"), "{}", reply.text);
    // What was known stays where its correction is not possible.
    let reply = talk.say("make it for 21");
    assert!(reply.text.contains("21 is not. A table for 20"), "{}", reply.text);
    // With the first message too.
    let reply = Conversation::new().say("a table for 300 tomorrow");
    assert_eq!(reply.text, format!("{bounds} 300 is not. For how many?"));
}

#[test]
fn a_no_to_a_question_for_a_value_leaves_the_whole() {
    for no in ["no", "Nope."] {
        let mut talk = Conversation::new();
        talk.say("book a table");
        talk.own(no, Act::Cancel, "All right, I leave that (book a table).");
        assert!(talk.state.forms.is_empty());
    }
}
