//! Chat, completions and streams: that they have OpenAI's form, and that a text depends on its own request alone.
#![allow(clippy::unwrap_used)]

mod common;

use common::{GPT, LSTM, Place, TRANSLATOR, soon};
use rushlight_engine::Rng;
use rushlight_models::decode::Strategy;
use rushlight_trace::Which;
use rushlight_train::Run;
use serde_json::{Value, json};
use std::thread;

#[test]
fn a_chat_has_openai_s_form() {
    let place = Place::new().with("gpt", GPT);
    let served = place.serve(&["gpt"]);
    let messages = json!([{"role": "system", "content": "Be kind."}, {"role": "user", "content": [{"type": "text", "text": "Who goes there?"}]}]);
    let answer = served.post(
        "/v1/chat/completions",
        &json!({"model": "gpt", "messages": messages, "max_tokens": 12, "n": 2, "seed": 3, "user": "ada", "logprobs": true, "top_logprobs": 2}),
    );
    let json = &answer.json;
    assert_eq!(
        (answer.status, json["object"].as_str(), json["model"].as_str()),
        (200, Some("chat.completion"), Some("gpt"))
    );
    let choices = json["choices"].as_array().unwrap();
    assert_eq!(choices.len(), 2);
    for (index, choice) in choices.iter().enumerate() {
        assert_eq!(
            (choice["index"].as_u64(), choice["message"]["role"].as_str()),
            (Some(index as u64), Some("assistant"))
        );
        assert!(["stop", "length"].contains(&choice["finish_reason"].as_str().unwrap()));
        assert!(!choice["message"]["content"].as_str().unwrap().contains('\n'));
        let told = choice["logprobs"]["content"].as_array().unwrap();
        assert!(!told.is_empty() && told.iter().all(|token| token["logprob"].as_f64().unwrap() <= 0.0));
        assert!(told.iter().all(|token| token["top_logprobs"].as_array().unwrap().len() == 2));
    }
    let usage = &json["usage"];
    let [prompt, written, total] =
        ["prompt_tokens", "completion_tokens", "total_tokens"].map(|name| usage[name].as_u64().unwrap());
    assert!(prompt > 3 && written > 0 && written <= 24 && total == prompt + written, "{usage}");
}

#[test]
fn a_stream_is_the_same_text_in_pieces() {
    let place = Place::new().with("gpt", GPT);
    let served = place.serve(&["gpt"]);
    for (path, mut body) in [
        ("/v1/completions", json!({"model": "gpt", "prompt": "First: we", "max_tokens": 60, "seed": 5})),
        (
            "/v1/chat/completions",
            json!({"model": "gpt", "messages": [{"role": "user", "content": "we go"}], "max_tokens": 60, "seed": 5}),
        ),
    ] {
        let whole = served.post(path, &body).json;
        body["stream_options"] = json!({"include_usage": true});
        let mut events: Vec<String> = served.stream(path, &body).collect();
        assert_eq!(events.pop().as_deref(), Some("[DONE]"));
        let events: Vec<Value> = events.iter().map(|event| serde_json::from_str(event).unwrap()).collect();
        let (last, events) = events.split_last().unwrap();
        assert_eq!((&last["usage"], last["choices"].as_array().unwrap().len()), (&whole["usage"], 0));
        let pieces = events.iter().map(|event| &event["choices"][0]);
        let text: String = pieces
            .clone()
            .filter_map(|choice| choice["delta"]["content"].as_str().or(choice["text"].as_str()))
            .collect();
        let choice = &whole["choices"][0];
        assert_eq!(Some(text.as_str()), choice["message"]["content"].as_str().or(choice["text"].as_str()));
        let finishes: Vec<&Value> =
            pieces.map(|choice| &choice["finish_reason"]).filter(|reason| !reason.is_null()).collect();
        assert_eq!(finishes, [&choice["finish_reason"]]);
    }
}

#[test]
fn the_same_seed_writes_what_the_command_line_writes() {
    // Of a window of 8 two tokens are kept where it is begun afresh, of one of 3 the newest alone.
    let [eight, three] = ["window = 8", "window = 3"].map(|window| GPT.replace("window = 16", window));
    let place = Place::new().with("gpt", GPT).with("lstm", LSTM).with("eight", &eight).with("three", &three);
    let names = ["gpt", "lstm", "eight", "three"];
    let served = place.serve(&names);
    for name in names {
        let session = Run::open_alone(&place.path(name), Which::Best).unwrap();
        // More than the windows hold, so that the memory is begun afresh some times.
        for (prompt, seed) in [("First: we go, and they stay. who", 1), ("", 2), ("w", 3)] {
            let strategy = Strategy { temperature: 0.9, top_p: 0.95, top_k: 40, ..Strategy::SAMPLE };
            let expected = session.write(prompt, 80, strategy, Rng::new(seed).fork(0)).unwrap();
            let body = json!({"model": name, "prompt": prompt, "max_tokens": 80, "seed": seed, "temperature": 0.9,
                "top_p": 0.95, "top_k": 40});
            assert_eq!(served.complete(&body), expected, "{name} after {prompt:?}");
        }
    }
}

#[test]
fn a_text_is_the_same_alone_and_in_company() {
    let place = Place::new().with("gpt", GPT).with("lstm", LSTM).with("translator", TRANSLATOR);
    let served = place.serve(&["gpt", "lstm", "translator"]);
    let body = |i: usize| {
        let model = ["gpt", "lstm", "translator"][i % 3];
        // Of other lengths, so that they come and go at different times, and some find a full window.
        let prompt = "we go, and they stay"[..1 + i % 19].to_owned();
        json!({"model": model, "prompt": prompt, "max_tokens": 5 + 7 * i % 60, "seed": i, "temperature": 1.2})
    };
    let alone: Vec<String> = (0..48).map(|i| served.complete(&body(i))).collect();
    // Of five long texts of one request some meet in a batch, whatever the machine does: there are two batches.
    let long = |prompt: Value| json!({"model": "gpt", "prompt": prompt, "max_tokens": 2000, "seed": 1});
    let one = served.complete(&long(json!("we go")));
    let five = served.post("/v1/completions", &long(json!(["we go", "they", "who", "you", "I"]))).json;
    assert_eq!(five["choices"][0]["text"].as_str(), Some(one.as_str()));
    soon("some met", || served.metric("rushlight_rows_total") > served.metric("rushlight_steps_total"));
    let together: Vec<String> = thread::scope(|scope| {
        let ask = |i| {
            let (served, body) = (&served, body(i));
            scope.spawn(move || served.complete(&body))
        };
        let all: Vec<_> = (0..48).map(ask).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(together, alone);
}

#[test]
fn stop_strings_end_a_text_and_are_not_in_it() {
    let place = Place::new().with("lstm", LSTM);
    let served = place.serve(&["lstm"]);
    let body = json!({"model": "lstm", "prompt": "First: ", "max_tokens": 200, "seed": 4});
    let whole = served.complete(&body);
    let stop: String = whole.chars().skip(20).take(3).collect();
    let mut stopped = body.clone();
    stopped["stop"] = json!([stop, "never written"]);
    let answer = served.post("/v1/completions", &stopped).json;
    assert_eq!(answer["choices"][0]["text"].as_str(), whole.split(&stop).next());
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    assert!(answer["usage"]["completion_tokens"].as_u64().unwrap() < 200);
}

#[test]
fn prompts_may_be_several_and_tokens_and_come_back() {
    let place = Place::new().with("lstm", LSTM);
    let served = place.serve(&["lstm"]);
    let body = |prompt: Value| json!({"model": "lstm", "prompt": prompt, "max_tokens": 8, "seed": 4, "echo": true, "logprobs": 1});
    let several = served.post("/v1/completions", &body(json!(["we go", "they"]))).json;
    let texts: Vec<&str> = (0..2).map(|i| several["choices"][i]["text"].as_str().unwrap()).collect();
    assert!(texts[0].starts_with("we go") && texts[1].starts_with("they"), "{texts:?}");
    let told = &several["choices"][1]["logprobs"];
    assert_eq!((told["tokens"].as_array().unwrap().len(), told["text_offset"][0].as_u64()), (8, Some(4)));
    let session = Run::open_alone(&place.path("lstm"), Which::Best).unwrap();
    let tokens = session.tokenizer().unwrap().encode("we go");
    let of_tokens = served.post("/v1/completions", &body(json!(tokens))).json;
    assert_eq!(of_tokens["choices"][0]["text"], several["choices"][0]["text"]);
}

#[test]
fn a_translator_answers_the_last_turn_and_shows_where_it_looked() {
    let place = Place::new().with("translator", TRANSLATOR).with("lstm", LSTM);
    let served = place.serve(&["translator", "lstm"]);
    let session = Run::open_alone(&place.path("translator"), Which::Best).unwrap();
    let beam = rushlight_models::beam::Beam {
        length_penalty: 1.0,
        best: 2,
        ..rushlight_models::beam::Beam::new(3, usize::MAX, None)
    };
    let expected = session.translate(&["we go 3 times", ""], &beam).unwrap();
    let body = json!({"model": "translator", "text": ["we go 3 times", ""], "beam": 3, "best": 2, "attention": true});
    let answer = served.post("/v1/translate", &body);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let line = &answer.json["translations"][0];
    assert_eq!(line["text"], expected[0].best[0].text);
    assert_eq!(line["best"][1]["text"], expected[0].best[1].text);
    let map = &line["attention"][0];
    let row: f64 = map["heads"][0][0].as_array().unwrap().iter().map(|share| share.as_f64().unwrap()).sum();
    assert!((row - 1.0).abs() < 1e-4, "{map}");
    assert_eq!(map["heads"][0].as_array().unwrap().len(), map["target"].as_array().unwrap().len());
    let turn = |content: &str| json!({"role": "user", "content": content});
    let chat = |turns: Value| {
        let body = json!({"model": "translator", "messages": turns, "temperature": 0, "max_tokens": 20});
        served.post("/v1/chat/completions", &body).json["choices"][0]["message"]["content"].clone()
    };
    assert_eq!(chat(json!([turn("we go 7 times"), turn("we go 3 times")])), chat(json!([turn("we go 3 times")])));
    served.post("/v1/translate", &json!({"model": "lstm", "text": "we go"})).refusal(400, "invalid_value");
}

#[test]
fn ten_thousand_turns_are_read_as_far_as_the_window_goes() {
    let place = Place::new().with("gpt", GPT);
    let served = place.serve(&["gpt"]);
    let turn = |i: usize| json!({"role": if i.is_multiple_of(2) { "user" } else { "assistant" }, "content": format!("turn {i} 😀")});
    let ask = |turns: Vec<Value>| {
        let body = json!({"model": "gpt", "messages": turns, "max_tokens": 10, "seed": 1});
        served.post("/v1/chat/completions", &body).json
    };
    let (all, last) = (ask((0..10_001).map(turn).collect()), ask(vec![turn(9999), turn(10_000)]));
    assert_eq!(all["choices"][0]["message"]["content"], last["choices"][0]["message"]["content"]);
}
