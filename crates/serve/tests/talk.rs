//! The assistant over HTTP: what is said and kept, by whom, what two writers do, bad input, and what is gone when it is erased.
#![allow(clippy::unwrap_used)]

mod common;

use common::{LSTM, Place, Served};
use rushlight_serve::keys;
use serde_json::{Value, json};

fn olive() -> (Place, Served) {
    let place = Place::new();
    let served = Served::start(&place.with_olive());
    (place, served)
}

#[test]
fn a_reply_comes_with_what_led_to_it() {
    let (_place, served) = olive();
    let about = served.get("/v1/assistant").json;
    assert_eq!((about["name"].as_str(), about["user"].as_str()), (Some("Olive"), Some("you")));
    assert!(about["intents"].as_array().unwrap().iter().any(|one| one["about"] == "book a table"));
    let begun = served.post("/v1/conversations", &json!({})).json;
    assert!(begun["greeting"].as_str().unwrap().contains("Olive") && begun["messages"] == 0, "{begun}");
    let talk = format!("/v1/conversations/{}", begun["id"].as_str().unwrap());
    let reply = served.say(&talk, "a table for four");
    assert_eq!((reply["number"].as_u64(), reply["role"].as_str()), (Some(2), Some("assistant")));
    assert_eq!((reply["act"].as_str(), reply["source"].as_str()), (Some("ask"), Some("template")));
    assert_eq!((reply["intent"].as_str(), reply["confidence"].as_f64()), (Some("book_table"), Some(0.9)));
    assert_eq!((&reply["text"], &reply["refused"]), (&json!("For which day?"), &json!(false)));
    let four = &reply["entities"][0];
    assert_eq!((&four["kind"], &four["text"], &four["value"]), (&json!("number"), &json!("four"), &json!("4")));
    assert_eq!((four["start"].as_u64(), four["end"].as_u64()), (Some(12), Some(16)));
    let known = served.say(&talk, "Do you have parking?");
    assert_eq!((&known["source"], &known["question"]), (&json!("retrieval"), &json!("Do you have parking?")));
    served.say(&talk, "tomorrow at 19:30");
    let booked = served.say(&talk, "yes");
    assert_eq!(
        (&booked["finished"]["intent"], &booked["finished"]["slots"]["people"]),
        (&json!("book_table"), &json!("4"))
    );
    let outside = served.say(&talk, "hmm");
    assert_eq!((&outside["act"], &outside["confidence"]), (&json!("fallback"), &json!(0.0)));
}

#[test]
fn a_stream_is_the_words_then_the_whole_then_done() {
    let (_place, served) = olive();
    let talk = served.begin("you");
    let events: Vec<String> = served.stream(&format!("{talk}/messages"), &json!({"text": "call me Ada"})).collect();
    let (done, rest) = events.split_last().unwrap();
    let (whole, words) = rest.split_last().unwrap();
    let parse = |event: &String| serde_json::from_str::<Value>(event).unwrap();
    let said: String = words.iter().map(|word| parse(word)["delta"].as_str().unwrap().to_owned()).collect();
    let whole = parse(whole);
    assert_eq!((done.as_str(), said.as_str(), words.len()), ("[DONE]", "Nice to meet you, Ada.", 5));
    assert_eq!((&whole["message"]["text"], &whole["message"]["number"]), (&json!(said), &json!(2)));
}

#[test]
fn conversations_are_listed_newest_first_and_read_by_pages() {
    let (_place, served) = olive();
    let talks: Vec<String> = (0..5).map(|_| served.begin("you")).collect();
    for talk in &talks {
        served.say(talk, "call me Ada");
    }
    // Times are of milliseconds, and what is of the same one has no order.
    std::thread::sleep(std::time::Duration::from_millis(2));
    served.say(&talks[1], "what is my name?");
    let list = |question: &str| served.get(&format!("/v1/conversations{question}")).json;
    let ids = |list: &Value| -> Vec<String> {
        let data = list["data"].as_array().unwrap();
        data.iter().map(|one| format!("/v1/conversations/{}", one["id"].as_str().unwrap())).collect()
    };
    let first = list("?limit=2");
    assert_eq!((&ids(&first)[0], &first["has_more"]), (&talks[1], &json!(true)));
    assert_eq!(first["data"][0]["title"], "call me Ada");
    let mut all = ids(&first);
    while all.len() < 5 {
        let last = all.last().unwrap().rsplit('/').next().unwrap().to_owned();
        all.extend(ids(&list(&format!("?limit=2&before={last}"))));
    }
    all.sort();
    let mut expected = talks.clone();
    expected.sort();
    assert_eq!(all, expected);

    for _ in 0..40 {
        served.say(&talks[0], "what is my name?");
    }
    let page = |question: &str| served.get(&format!("{}{question}", talks[0])).json;
    let numbers = |page: &Value| -> Vec<u64> {
        page["data"].as_array().unwrap().iter().map(|message| message["number"].as_u64().unwrap()).collect()
    };
    let last = page("");
    assert_eq!((numbers(&last), &last["has_more"]), ((33..=82).collect(), &json!(true)));
    assert_eq!(
        (numbers(&page("?limit=3&before=33")), numbers(&page("?limit=2&after=80"))),
        (vec![30, 31, 32], vec![81, 82])
    );
    assert_eq!((numbers(&page("?before=3")), &page("?before=3")["has_more"]), (vec![1, 2], &json!(false)));
    assert_eq!(numbers(&page("?after=100")), [0; 0]);
    served.get(&format!("{}?limit=0", talks[0])).refusal(400, "invalid_value");
    served.get(&format!("{}?limit=many", talks[0])).refusal(400, "invalid_value");
    served.get(&format!("{}?before=3&after=1", talks[0])).refusal(400, "invalid_value");
    served.get("/v1/conversations?before=none").refusal(404, "conversation_not_found");
}

#[test]
fn who_did_not_see_the_last_message_is_refused_and_nothing_is_written() {
    let (_place, served) = olive();
    let talk = served.begin("you");
    let say = |after: u64| served.post(&format!("{talk}/messages"), &json!({"text": "call me Ada", "after": after}));
    assert_eq!(say(0).status, 200);
    let told = say(0).refusal(409, "conversation_went_on");
    assert!(told.contains("has 2 messages") && told.contains("read the new ones"), "{told}");
    assert_eq!(served.get(&talk).json["messages"], 2);
    assert_eq!(say(2).status, 200);
    say(9).refusal(409, "conversation_went_on");
}

#[test]
fn two_who_write_at_once_are_never_mixed() {
    let (_place, served) = olive();
    let at_once = |talk: &str, body: &Value| {
        std::thread::scope(|scope| {
            let say = || served.post(&format!("{talk}/messages"), body).status;
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(say)).collect();
            let mut all: Vec<u16> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
            all.sort_unstable();
            all
        })
    };
    // Of those who have seen nothing yet, one is heard.
    assert_eq!(at_once(&served.begin("you"), &json!({"text": "slowly now", "after": 0})), [200, 409, 409, 409]);
    let talk = served.begin("you");
    assert_eq!(at_once(&talk, &json!({"text": "slowly now"})), [200; 4]);
    let messages = served.get(&talk).json["data"].clone();
    let roles: Vec<&str> = messages.as_array().unwrap().iter().map(|one| one["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["user", "assistant"].repeat(4));
    // Facts told in two conversations at once are all kept.
    let other = served.begin("you");
    std::thread::scope(|scope| {
        scope.spawn(|| served.say(&talk, "I like slowly boiled eggs"));
        scope.spawn(|| served.say(&other, "I like slowly made tea"));
    });
    assert_eq!(served.get("/v1/profile").json["facts"].as_array().unwrap().len(), 2);
}

#[test]
fn feedback_is_kept_and_changes_what_is_replied() {
    let (_place, served) = olive();
    let talk = served.begin("you");
    let judge = |body: Value| served.post(&format!("{talk}/feedback"), &body);
    assert!(judge(json!({"thumb": "up"})).refusal(400, "invalid_value").contains("nothing was replied yet"));
    served.say(&talk, "what is the capital of Peru");
    assert_eq!(judge(json!({"reply": "Lima."})).json, json!({"message": 2, "noted": true}));
    let again = served.say(&talk, "what is the capital of Peru");
    assert_eq!((&again["text"], &again["source"]), (&json!("Lima."), &json!("retrieval")));
    for thumb in ["down", "up"] {
        assert_eq!(judge(json!({"message": 4, "thumb": thumb})).status, 200);
    }
    assert_eq!(judge(json!({"message": 2, "intent": "out_of_scope"})).status, 200);
    let kept = served.get(&talk).json["data"].clone();
    assert_eq!(kept[1]["feedback"], json!({"thumb": null, "reply": "Lima.", "intent": "out_of_scope"}));
    assert_eq!((&kept[3]["feedback"]["thumb"], kept[0].get("feedback")), (&json!("up"), None));

    let told = judge(json!({"intent": "bok_table"})).refusal(400, "invalid_value");
    assert!(
        told.contains("there are book_table, cancel_booking") && told.ends_with("Did you mean `book_table`?"),
        "{told}"
    );
    assert!(judge(json!({"message": 1, "thumb": "up"})).refusal(400, "invalid_value").contains("such as number 2"));
    judge(json!({"message": 9, "thumb": "up"})).refusal(404, "message_not_found");
    judge(json!({"message": 0, "thumb": "up"})).refusal(404, "message_not_found");
    judge(json!({"thumb": "sideways"})).refusal(400, "invalid_value");
    judge(json!({"reply": " "})).refusal(400, "invalid_value");
    assert!(judge(json!({})).refusal(400, "invalid_value").contains("give one of `thumb`"));
    judge(json!({"thumb": "up", "reply": "a"})).refusal(400, "invalid_value");
}

#[test]
fn nobody_reads_or_writes_what_is_another_s() {
    let (_place, served) = olive();
    let talk = served.begin("ada");
    let as_bob = |path: &str| format!("{talk}{path}?user=bob");
    let by_ada = served.post(&format!("{talk}/messages?user=ada"), &json!({"text": "call me Ada"}));
    assert_eq!(by_ada.status, 200, "{}", by_ada.text);
    let refusals = [
        served.get(&as_bob("")),
        served.post(&as_bob("/messages"), &json!({"text": "hello"})),
        served.post(&as_bob("/feedback"), &json!({"thumb": "up"})),
        served.delete(&as_bob("")),
        served.get("/v1/conversations/none?user=bob"),
    ];
    for refusal in refusals {
        refusal.refusal(404, "conversation_not_found");
    }
    let none = served.get("/v1/conversations?user=bob").json;
    assert_eq!((&none["data"], &none["has_more"]), (&json!([]), &json!(false)));
    let before = talk.rsplit('/').next().unwrap();
    served.get(&format!("/v1/conversations?user=bob&before={before}")).refusal(404, "conversation_not_found");
    assert_eq!(served.get("/v1/profile?user=bob").json["told"], json!([]));
    assert_eq!(served.get("/v1/profile?user=ada").json["told"], json!(["your name is Ada"]));
    served.get("/v1/profile?user=").refusal(400, "invalid_value");
    served.get(&format!("/v1/profile?user={}", "a".repeat(201))).refusal(400, "invalid_value");
}

#[test]
fn with_keys_the_user_is_whose_key_it_is() {
    let place = Place::new();
    let file = place.path("keys.txt");
    let [ada, bob] = ["ada", "bob"].map(|name| format!("Bearer {}", keys::new_key(&file, name).unwrap()));
    let mut settings = place.with_olive();
    settings.keys = Some(file);
    let served = Served::start(&settings);
    served.get("/v1/profile").refusal(401, "invalid_api_key");
    let get = |key: &str, path: &str| served.get_with(path, ("authorization", key));
    assert_eq!(get(&ada, "/v1/profile").json["user"], "ada");
    assert_eq!(get(&bob, "/v1/assistant").json["user"], "bob");
    assert!(get(&bob, "/v1/profile?user=ada").refusal(400, "invalid_value").contains("leave `user` out"));
    assert_eq!(get(&bob, "/v1/profile?user=bob").status, 200);
}

#[test]
fn a_profile_is_shown_exported_and_erased_for_good() {
    let (place, served) = olive();
    let talk = served.begin("you");
    served.say(&talk, "call me Ada");
    served.say(&talk, "I like plumbum");
    served.post(&format!("{talk}/feedback"), &json!({"reply": "Plumbum is lead."}));
    let profile = served.get("/v1/profile").json;
    assert_eq!((&profile["name"], &profile["facts"][0]["value"]), (&json!("Ada"), &json!("plumbum")));
    assert_eq!(profile["told"], json!(["your name is Ada", "you like plumbum"]));
    let export = served.get("/v1/profile/export");
    assert!(export.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(export.json["conversations"][0]["messages"].as_array().unwrap().len(), 4);
    assert_eq!(export.json["feedback"][0]["better"], "Plumbum is lead.");
    assert_eq!(served.delete("/v1/profile").json, json!({"conversations": 1, "messages": 4, "corrections": 0}));
    served.get(&talk).refusal(404, "conversation_not_found");
    served.post(&format!("{talk}/messages"), &json!({"text": "hello"})).refusal(404, "conversation_not_found");
    assert_eq!(served.get("/v1/profile").json["told"], json!([]));
    assert_eq!(served.get("/v1/profile/export").json["feedback"], json!([]));
    for file in ["olive.db", "olive.db-wal"] {
        let bytes = std::fs::read(place.path(file)).unwrap_or_default();
        assert!(!bytes.windows(7).any(|window| window.eq_ignore_ascii_case(b"plumbum")), "{file} still has it");
    }
}

#[test]
fn a_removed_conversation_is_gone_and_the_others_stay() {
    let (_place, served) = olive();
    let talks = [served.begin("you"), served.begin("you")];
    talks.iter().for_each(|talk| drop(served.say(talk, "call me Ada")));
    assert_eq!(served.delete(&talks[0]).json["deleted"], true);
    served.delete(&talks[0]).refusal(404, "conversation_not_found");
    assert_eq!(served.get(&talks[1]).json["messages"], 2);
    assert_eq!(served.get("/v1/profile").json["name"], "Ada");
}

#[test]
fn whatever_is_said_gets_the_right_answer() {
    let (_place, served) = olive();
    let talk = served.begin("you");
    let path = format!("{talk}/messages");
    let refused = |text: &str| served.post(&path, &json!({"text": text})).refusal(400, "invalid_value");
    assert!(refused("").contains("the message is empty"));
    assert!(refused(" \n\u{0}\u{7}\u{202e}").contains("the message is empty"));
    assert!(refused(&"a".repeat(8001)).contains("8001 bytes, and 8000 are read at most"));
    let bytes = |body: &[u8]| served.post_with(&path, ("content-type", "application/json"), body);
    bytes(b"{\"text\": \"\xff\xfe\"}").refusal(400, "invalid_json");
    bytes(b"{\"text\": \"\\ud800\"}").refusal(400, "invalid_json");
    bytes(b"{\"txt\": \"hello\"}").refusal(400, "invalid_value");
    bytes(b"{\"text\": 7}").refusal(400, "invalid_value");
    bytes(format!("{{\"text\": \"{}\"}}", "a".repeat(2 << 20)).as_bytes()).refusal(413, "body_too_large");
    served.post_with(&path, ("content-type", "text/plain"), b"hello").refusal(415, "not_json");
    served.get(&path).refusal(405, "method_not_allowed");
    assert_eq!(served.get(&talk).json["messages"], 0);
    for text in [
        "🎉🎉",
        "привет 你好 שלום",
        "a\u{0}b",
        &"é".repeat(4000),
        "<script>alert(1)</script>",
        "'; DROP TABLE users; --",
    ] {
        assert!(!served.say(&talk, text)["text"].as_str().unwrap().is_empty());
    }
    let kept = served.get(&talk).json["data"].clone();
    assert_eq!((&kept[0]["text"], &kept[4]["text"]), (&json!("🎉🎉"), &json!("ab")));
    assert_eq!(kept[8]["text"], "<script>alert(1)</script>");
}

#[test]
fn after_a_restart_all_is_there() {
    let place = Place::new();
    let talk = {
        let served = Served::start(&place.with_olive());
        let talk = served.begin("you");
        served.say(&talk, "call me Ada");
        served.say(&talk, "a table for four");
        served.post(&format!("{talk}/feedback"), &json!({"message": 2, "thumb": "up"}));
        served.end();
        talk
    };
    let served = Served::start(&place.with_olive());
    let kept = served.get(&talk).json;
    assert_eq!((&kept["messages"], &kept["data"][1]["feedback"]["thumb"]), (&json!(4), &json!("up")));
    assert_eq!(kept["data"][3]["source"], "template");
    // The form goes on where it was.
    assert_eq!(served.say(&talk, "tomorrow")["text"], "At what time?");
    assert_eq!(served.say(&talk, "what is my name?")["text"], "Your name is Ada. At what time?");
}

#[test]
fn a_server_without_an_assistant_says_so() {
    let place = Place::new().with("lstm", LSTM);
    let served = place.serve(&["lstm"]);
    served.get("/v1/assistant").refusal(404, "no_assistant");
    served.get("/v1/conversations").refusal(404, "no_assistant");
    assert!(served.post("/v1/conversations", &json!({})).refusal(404, "no_assistant").contains("rushlight serve"));
}
