//! Bad input, slow clients, too many of them, and who may ask: a clear error in OpenAI's form, and others unaffected.
#![allow(clippy::unwrap_used)]

mod common;

use common::{GPT, LSTM, Place, Served, soon};
use rushlight_serve::{Server, Settings, keys};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

fn endless(place: &Place) -> Settings {
    let mut settings = place.settings(&["lstm"]);
    settings.limits.tokens = 100_000_000;
    settings.limits.batch = 1;
    settings
}

/// A stream that is being written, and would be for very long.
fn begin_endless(served: &Served) -> impl Iterator<Item = String> + use<> {
    let body = json!({"model": "lstm", "prompt": "we", "max_tokens": 100_000_000, "seed": 1});
    let mut events = served.stream("/v1/completions", &body);
    assert!(events.next().is_some());
    events
}

#[test]
fn what_cannot_be_is_refused_with_its_place() {
    let place = Place::new().with("lstm", LSTM);
    let served = place.serve(&["lstm"]);
    let chat = |change: Value| {
        let mut body = json!({"model": "lstm", "messages": [{"role": "user", "content": "we go"}]});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        served.post("/v1/chat/completions", &body)
    };
    let check = |change: Value, param: &str| {
        let answer = chat(change);
        assert_eq!((answer.status, answer.json["error"]["param"].as_str()), (400, Some(param)), "{}", answer.text);
    };
    check(json!({"temperature": -1}), "temperature");
    check(json!({"temperature": "hot"}), "temperature");
    check(json!({"top_p": 1.5}), "top_p");
    check(json!({"max_tokens": 0}), "max_tokens");
    check(json!({"max_completion_tokens": 1_000_000}), "max_completion_tokens");
    check(json!({"max_tokens": -3}), "max_tokens");
    check(json!({"n": 1000}), "n");
    check(json!({"stop": ["a", "b", "c", "d", "e"]}), "stop");
    check(json!({"logit_bias": {"999": 1}}), "logit_bias");
    check(json!({"stream_options": {"include_usage": true}}), "stream_options");
    check(json!({"messages": []}), "messages");
    check(json!({"messages": [{"role": "user"}]}), "messages[0].content");
    check(json!({"messages": [{"role": "nobody", "content": "a"}]}), "messages[0].role");
    check(
        json!({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]}),
        "messages[0].content",
    );
    chat(json!({"tools": [{"type": "function"}]})).refusal(400, "unsupported_parameter");
    chat(json!({"response_format": {"type": "json_object"}})).refusal(400, "unsupported_parameter");
    chat(json!({"temprature": 1})).refusal(400, "unknown_parameter");
    assert!(chat(json!({"model": "gpt-5"})).refusal(404, "model_not_found").contains("`lstm`"));
    assert!(
        chat(json!({"messages": [{"role": "user", "content": "😀 日本"}]})).refusal(422, "unknown_text").contains("😀")
    );
    // What asks for nothing is no reason to refuse.
    assert_eq!(chat(json!({"tools": [], "response_format": {"type": "text"}, "n": null, "store": true})).status, 200);
    // A prompt of nothing begins anew.
    assert_eq!(chat(json!({"messages": [{"role": "user", "content": " "}]})).status, 200);
}

#[test]
fn broken_bodies_and_paths_are_answered_in_openai_s_form() {
    let place = Place::new().with("lstm", LSTM);
    let served = place.serve(&["lstm"]);
    let json = ("content-type", "application/json");
    let post = |body: &[u8]| served.post_with("/v1/chat/completions", json, body);
    post(b"").refusal(400, "invalid_json");
    assert!(post(b"{\"model\": ").refusal(400, "invalid_json").contains("line 1 column"));
    post(&[0, 159, 146, 150, 255]).refusal(400, "invalid_json");
    post("[".repeat(1 << 20).as_bytes()).refusal(400, "invalid_json");
    post(format!("{{\"model\": {}", "{\"a\":".repeat(200_000)).as_bytes()).refusal(400, "invalid_json");
    post(" ".repeat((1 << 20) + 1).as_bytes()).refusal(413, "body_too_large");
    served.post_with("/v1/chat/completions", ("content-type", "text/plain"), b"{}").refusal(415, "not_json");
    served.get("/v1/chat/completions").refusal(405, "method_not_allowed");
    served.get("/v1/nothing").refusal(404, "not_found");
    served.get("/page/../secret").refusal(404, "not_found");
    served.get("/v1/models/other").refusal(404, "model_not_found");
    served.get("/v1/runs/other").refusal(404, "run_not_found");
    assert!(served.get("/healthz").status == 200);
}

#[test]
fn a_prompt_beyond_the_limit_is_refused_with_its_length() {
    let place = Place::new().with("lstm", LSTM);
    let mut settings = place.settings(&["lstm"]);
    settings.limits.prompt = 100;
    let served = Served::start(&settings);
    let told = served.post("/v1/completions", &json!({"model": "lstm", "prompt": "we go ".repeat(50)}));
    assert!(told.refusal(400, "context_length_exceeded").contains("300 tokens"));
}

#[test]
fn who_comes_when_the_queue_is_full_is_told_to_come_later() {
    let place = Place::new().with("lstm", LSTM);
    let mut settings = endless(&place);
    settings.limits.queue = 1;
    let served = Served::start(&settings);
    let running = begin_endless(&served);
    let small = json!({"model": "lstm", "prompt": "we", "max_tokens": 3});
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| served.post("/v1/completions", &small).status);
        soon("one waits", || served.metric("rushlight_queue") == 1.0);
        let refused = served.post("/v1/completions", &small);
        assert!(refused.refusal(429, "queue_full").contains("wait already"));
        assert!(refused.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
        drop(running);
        assert_eq!(waiting.join().unwrap(), 200);
    });
    assert_eq!(served.post("/v1/completions", &small).status, 200);
}

#[test]
fn writing_stops_when_the_client_goes_away() {
    let place = Place::new().with("lstm", LSTM);
    let served = Served::start(&endless(&place));
    let running = begin_endless(&served);
    assert_eq!(served.metric("rushlight_writing"), 1.0);
    drop(running);
    soon("nobody writes", || served.metric("rushlight_writing") == 0.0);
    let written = served.metric("rushlight_written_tokens_total");
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(served.metric("rushlight_written_tokens_total"), written);
}

#[test]
fn what_takes_too_long_ends_with_an_error() {
    let place = Place::new().with("lstm", LSTM);
    let mut settings = endless(&place);
    settings.limits.timeout = Duration::from_millis(300);
    let served = Served::start(&settings);
    let body = json!({"model": "lstm", "prompt": "we", "max_tokens": 100_000_000});
    served.post("/v1/completions", &body).refusal(503, "timeout");
    let last = served.stream("/v1/completions", &body).last().unwrap();
    assert_eq!(serde_json::from_str::<Value>(&last).unwrap()["error"]["code"], "timeout");
}

#[test]
fn a_client_that_sends_a_byte_at_a_time_is_cut_off_and_others_are_answered() {
    let place = Place::new().with("lstm", LSTM);
    let mut settings = place.settings(&["lstm"]);
    settings.limits.head = Duration::from_millis(600);
    settings.limits.body = Duration::from_millis(600);
    let served = Served::start(&settings);
    let head = "POST /v1/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n";
    // How long such a client is borne with, and what it hears.
    let drip = |at_once: &str, slowly: &str| {
        let mut stream = TcpStream::connect(served.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        stream.write_all(at_once.as_bytes()).unwrap();
        let (begun, mut heard) = (Instant::now(), Vec::new());
        for byte in slowly.bytes().cycle() {
            let mut bytes = [0; 1024];
            match stream.read(&mut bytes) {
                Ok(0) => break,
                Ok(count) => heard.extend(&bytes[..count]),
                Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                }
                Err(_) => break,
            }
            assert!(begun.elapsed() < Duration::from_secs(5), "it is borne with for ever");
            let _ = stream.write_all(&[byte]);
        }
        String::from_utf8(heard).unwrap()
    };
    std::thread::scope(|scope| {
        let slow = [scope.spawn(|| drip("GET /v1/mod", "els")), scope.spawn(|| drip(head, " "))];
        let begun = Instant::now();
        for _ in 0..5 {
            served.complete(&json!({"model": "lstm", "prompt": "we", "max_tokens": 5}));
        }
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
        let [of_head, of_body] = slow.map(|one| one.join().unwrap());
        assert!(!of_head.contains("200"), "{of_head}");
        assert!(of_body.contains("408") && of_body.contains("body_too_slow"), "{of_body}");
    });
}

#[test]
fn a_client_that_does_not_read_is_let_go() {
    let place = Place::new().with("lstm", LSTM);
    let mut settings = endless(&place);
    settings.limits.unread = Duration::from_millis(400);
    let served = Served::start(&settings);
    let body =
        "{\"model\": \"lstm\", \"prompt\": \"we\", \"max_tokens\": 100000000, \"stream\": true, \"logprobs\": 5}";
    let mut stream = TcpStream::connect(served.address).unwrap();
    let head = format!(
        "POST /v1/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    soon("it is written", || served.metric("rushlight_writing") == 1.0);
    soon("it is let go", || served.metric("rushlight_writing") == 0.0);
}

#[test]
fn with_keys_only_who_has_one_is_answered() {
    let place = Place::new().with("lstm", LSTM);
    let mut settings = place.settings(&["lstm"]);
    let file = place.path("keys.txt");
    let key = keys::new_key(&file, "ada").unwrap();
    settings.keys = Some(file);
    settings.limits.requests_per_minute = 4;
    let served = Served::start(&settings);
    for path in ["/v1/models", "/metrics", "/v1/runs", "/runs/lstm/report"] {
        let answer = served.get(path);
        answer.refusal(401, "invalid_api_key");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    assert_eq!((served.get("/healthz").status, served.get("/").status), (200, 200));
    let bearer = format!("Bearer {key}");
    served.get_with("/v1/models", ("authorization", "Bearer rl-0000")).refusal(401, "invalid_api_key");
    assert_eq!(served.get_with("/v1/models", ("authorization", &bearer)).status, 200);
    let begun = served.post_with("/session", ("authorization", &bearer), b"");
    assert_eq!(begun.status, 204);
    let cookie = begun.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    let statuses: Vec<u16> = (0..4).map(|_| served.get_with("/v1/models", ("cookie", cookie)).status).collect();
    assert_eq!(statuses, [200, 200, 200, 429]);
    let refused = served.get_with("/v1/models", ("authorization", &bearer));
    refused.refusal(429, "rate_limit_exceeded");
    assert!(refused.headers.contains_key("retry-after"));
}

#[test]
fn a_public_address_without_keys_and_a_port_that_is_taken_are_refused_in_words() {
    let place = Place::new().with("lstm", LSTM);
    let mut settings = place.settings(&["lstm"]);
    settings.address = "0.0.0.0:0".parse().unwrap();
    let refused = Server::start(&settings).err().unwrap().to_string();
    assert!(refused.contains("--new-key") && refused.contains("0.0.0.0"), "{refused}");
    let served = place.serve(&["lstm"]);
    let mut settings = place.settings(&["lstm"]);
    settings.address = served.address;
    let refused = Server::start(&settings).err().unwrap().to_string();
    assert!(refused.contains("another program has this port") && refused.contains("--port"), "{refused}");
}

#[test]
fn another_site_s_name_for_this_machine_is_refused() {
    let place = Place::new().with("lstm", LSTM);
    let served = place.serve(&["lstm"]);
    served.get_with("/v1/models", ("host", "evil.example")).refusal(403, "strange_host");
    assert_eq!(served.get_with("/v1/models", ("host", "localhost:1")).status, 200);
}

#[test]
fn what_runs_is_finished_before_the_server_stops() {
    let place = Place::new().with("gpt", GPT);
    let served = place.serve(&["gpt"]);
    let body = json!({"model": "gpt", "prompt": "we", "max_tokens": 3000, "seed": 1, "stream_options": {"include_usage": true}});
    let mut events = served.stream("/v1/completions", &body);
    assert!(events.next().is_some());
    let address = served.address;
    let stopped = std::thread::spawn(move || served.end());
    let events: Vec<String> = events.collect();
    assert_eq!(events.last().map(String::as_str), Some("[DONE]"));
    let usage: Value = serde_json::from_str(&events[events.len() - 2]).unwrap();
    assert_eq!(usage["usage"]["completion_tokens"], 3000);
    stopped.join().unwrap();
    assert!(TcpStream::connect(address).is_err());
}
