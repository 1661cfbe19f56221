//! What the tests of the server share: tiny runs, a server on a port of its own, and a client. No tests.
#![allow(dead_code, reason = "every test binary uses its own part")]

mod olive;

use rushlight_serve::{Server, Settings, Stop};
use rushlight_trace::{Observer, Record};
use rushlight_train::Run;
use rushlight_train::recipe::Recipe;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::thread::JoinHandle;
use std::time::Duration;
use ureq::Agent;

/// Pieces of bytes, so that any text is known; a window that is soon full.
pub(crate) const GPT: &str = r#"
data = { kind = "text", path = "plays.txt" }
tokenizer = { kind = "bpe", vocab_size = 280 }
model = { kind = "gpt", layers = 2, heads = 2, width = 16 }
[train]
steps = 20
batch = 4
window = 16
lr = 1e-2
evaluate = { samples = 0 }
"#;

/// Characters, so that not every text is known, and a state without end.
pub(crate) const LSTM: &str = r#"
data = { kind = "text", path = "plays.txt" }
model = { kind = "lstm", embed = 8, hidden = 16 }
[train]
steps = 20
batch = 4
window = 16
lr = 1e-2
evaluate = { samples = 0 }
"#;

/// A translator whose attention can be shown.
pub(crate) const TRANSLATOR: &str = r#"
data = { kind = "parallel", path = "pairs.tsv", validation = 0.2, batching = "tokens" }
tokenizer = { kind = "bpe", vocab_size = 300 }
model = { kind = "transformer", layers = 1, heads = 2, width = 8, share = "all" }
[train]
steps = 12
batch = 100
window = 32
lr = 1e-2
evaluate = { samples = 0, bleu_sentences = 0 }
"#;

/// A folder with runs, gone after the test.
pub(crate) struct Place(tempfile::TempDir);

struct Nobody;

impl Observer for Nobody {
    fn observe(&mut self, _: &Record) -> ControlFlow<String> {
        ControlFlow::Continue(())
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let plays =
            "First: we go, and they stay.\nSecond: who goes there, you or I?\nFirst: nobody knows!\n".repeat(40);
        let pair = |i: usize| format!("we go {i} times\tnous allons {i} fois\n");
        std::fs::write(folder.path().join("plays.txt"), plays).unwrap();
        std::fs::write(folder.path().join("pairs.tsv"), (0..60).map(pair).collect::<String>()).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Trains a recipe whose files are those of this place into the run of that name.
    pub(crate) fn with(self, name: &str, recipe: &str) -> Self {
        let here = recipe.replace("path = \"", &format!("path = \"{}/", self.0.path().display()));
        let recipe = Recipe::parse(&here, "test.toml", &[]).unwrap_or_else(|error| panic!("{error}"));
        let mut run = Run::create(&self.path(name), recipe, &[]).unwrap_or_else(|error| panic!("{error}"));
        run.train(&mut Nobody, &AtomicBool::new(false)).unwrap_or_else(|error| panic!("{error}"));
        self
    }

    pub(crate) fn settings(&self, runs: &[&str]) -> Settings {
        let mut settings = Settings::new(runs.iter().map(|run| self.path(run)).collect());
        settings.address.set_port(0);
        settings.threads = 2;
        settings
    }

    pub(crate) fn serve(&self, runs: &[&str]) -> Served {
        Served::start(&self.settings(runs))
    }
}

/// A server that runs; it is stopped in the end.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) stop: Stop,
    thread: Option<JoinHandle<()>>,
    agent: Agent,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) json: Value,
    pub(crate) text: String,
}

impl Served {
    pub(crate) fn start(settings: &Settings) -> Self {
        let server = Server::start(settings).unwrap_or_else(|error| panic!("{error}"));
        let (address, stop) = (server.address(), server.stopper());
        let thread = std::thread::spawn(move || server.run().unwrap_or_else(|error| panic!("{error}")));
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(60)));
        Self { address, stop, thread: Some(thread), agent: config.build().into() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        Answer::of(self.agent.get(self.url(path)).call().unwrap())
    }

    pub(crate) fn get_with(&self, path: &str, header: (&str, &str)) -> Answer {
        Answer::of(self.agent.get(self.url(path)).header(header.0, header.1).call().unwrap())
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.agent.post(self.url(path)).send_json(body).unwrap())
    }

    pub(crate) fn post_with(&self, path: &str, header: (&str, &str), body: &[u8]) -> Answer {
        Answer::of(self.agent.post(self.url(path)).header(header.0, header.1).send(body).unwrap())
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        Answer::of(self.agent.delete(self.url(path)).call().unwrap())
    }

    /// The text that a model writes after a prompt.
    pub(crate) fn complete(&self, body: &Value) -> String {
        let answer = self.post("/v1/completions", body);
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json["choices"][0]["text"].as_str().unwrap().to_owned()
    }

    /// The lines of a stream, as they come.
    pub(crate) fn stream(&self, path: &str, body: &Value) -> impl Iterator<Item = String> + use<> {
        let mut body = body.clone();
        body["stream"] = json!(true);
        let response = self.agent.post(self.url(path)).send_json(&body).unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
        let lines = BufReader::new(response.into_body().into_reader()).lines().map_while(Result::ok);
        lines.filter_map(|line| line.strip_prefix("data: ").map(str::to_owned))
    }

    /// A number of `/metrics`.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let page = self.get("/metrics").text;
        let line = page.lines().find(|line| line.split(' ').next() == Some(name));
        line.unwrap_or_else(|| panic!("no {name} in {page}")).split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// Stops it, and waits.
    pub(crate) fn end(mut self) {
        self.stop.stop();
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Answer {
    fn of(mut response: ureq::http::Response<ureq::Body>) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.body_mut().read_to_string().unwrap();
        Self { status, headers, json: serde_json::from_str(&text).unwrap_or(Value::Null), text }
    }

    /// That it is an error in OpenAI's form with this status and code; its message.
    #[track_caller]
    pub(crate) fn refusal(&self, status: u16, code: &str) -> String {
        let error = &self.json["error"];
        assert_eq!((self.status, error["code"].as_str()), (status, Some(code)), "{}", self.text);
        assert!(error["type"].is_string() && error.get("param").is_some(), "{}", self.text);
        error["message"].as_str().unwrap().to_owned()
    }
}

/// Waits until it is so.
#[track_caller]
pub(crate) fn soon(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..400 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("not within ten seconds: {what}");
}
