//! Models, runs, the page, and what tells programs of the server.
#![allow(clippy::unwrap_used)]

mod common;

use common::{LSTM, Place, TRANSLATOR};

/// A run that is shown and does not write.
const NOISE: &str = r#"
data = { kind = "noise", samples = 42, validation = 20 }
model = { kind = "feed_forward", hidden = [5, 4] }
[train]
steps = 12
batch = 5
lr = 0.05
"#;

#[test]
fn models_are_listed_with_what_they_are() {
    let place = Place::new().with("lstm", LSTM).with("translator", TRANSLATOR).with("noise", NOISE);
    let served = place.serve(&["lstm", "translator", "noise"]);
    let list = served.get("/v1/models").json;
    let models = list["data"].as_array().unwrap();
    let ids: Vec<&str> = models.iter().map(|model| model["id"].as_str().unwrap()).collect();
    assert_eq!((list["object"].as_str(), ids), (Some("list"), vec!["lstm", "translator"]));
    assert_eq!(models[1]["rushlight"]["task"], "translation");
    assert_eq!(models[1]["rushlight"]["attention"], true);
    assert_eq!(served.get("/v1/models/lstm").json, models[0]);
    let runs = served.get("/v1/runs").json;
    let names: Vec<&str> = runs["data"].as_array().unwrap().iter().map(|run| run["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["lstm", "noise", "translator"]);
}

#[test]
fn a_folder_of_runs_stands_for_all_of_them_and_two_of_one_name_are_refused() {
    let place = Place::new();
    std::fs::create_dir(place.path("all")).unwrap();
    let place = place.with("all/one", LSTM).with("all/two", LSTM).with("one", LSTM);
    let served = place.serve(&["all"]);
    assert_eq!(served.get("/v1/models").json["data"].as_array().unwrap().len(), 2);
    let refused = rushlight_serve::Server::start(&place.settings(&["all", "one"])).err().unwrap().to_string();
    assert!(refused.contains("are called `one`"), "{refused}");
    let refused = rushlight_serve::Server::start(&place.settings(&["none"])).err().unwrap().to_string();
    assert!(refused.contains("is not a run"), "{refused}");
}

#[test]
fn a_run_shows_its_curves_and_its_report() {
    let place = Place::new().with("lstm", LSTM);
    let served = place.serve(&["lstm"]);
    let course = served.get("/v1/runs/lstm").json;
    assert_eq!(
        (course["name"].as_str(), course["served"].as_bool(), course["steps"].as_u64()),
        (Some("lstm"), Some(true), Some(20))
    );
    assert!(!course["training"].as_array().unwrap().is_empty() && !course["validation"].as_array().unwrap().is_empty());
    let report = served.get("/runs/lstm/report");
    assert!(report.text.starts_with("<!doctype html>"));
    let policy = report.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'sha256-") && !policy.contains("script-src 'unsafe"), "{policy}");
}

#[test]
fn the_page_is_whole_and_its_policy_strict() {
    let place = Place::new().with("lstm", LSTM);
    let served = place.serve(&["lstm"]);
    let page = served.get("/");
    assert!(page.text.contains("<div id=\"app\">"));
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    for answer in [&page, &served.get("/page/app.js"), &served.get("/v1/models"), &served.get("/nothing")] {
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert!(answer.headers.contains_key("content-security-policy"));
    }
    assert!(served.get("/page/app.js").headers["content-type"].to_str().unwrap().starts_with("text/javascript"));
}

#[test]
fn every_path_of_the_document_is_there() {
    let place = Place::new().with("lstm", LSTM);
    let served = place.serve(&["lstm"]);
    let document = served.get("/openapi.json").json;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.replace("{id}", "lstm").replace("{name}", "lstm");
        for method in methods.as_object().unwrap().keys() {
            let answer = match method.as_str() {
                "get" => served.get(&path),
                "post" => served.post_with(&path, ("content-type", "application/json"), b"{}"),
                _ => served.delete(&path),
            };
            let code = answer.json["error"]["code"].as_str().unwrap_or_default();
            assert!(!["not_found", "method_not_allowed"].contains(&code), "{method} {path}: {}", answer.text);
        }
    }
}

#[test]
fn the_metrics_count_what_was_done() {
    let place = Place::new().with("lstm", LSTM);
    let served = place.serve(&["lstm"]);
    served.complete(&serde_json::json!({"model": "lstm", "prompt": "we go", "max_tokens": 7}));
    assert_eq!(served.metric("rushlight_written_tokens_total"), 7.0);
    assert_eq!(served.metric("rushlight_prompt_tokens_total"), 5.0);
    assert_eq!(served.metric("rushlight_first_token_seconds_count"), 1.0);
    assert_eq!(served.metric("rushlight_requests_total{path=\"/v1/completions\",status=\"200\"}"), 1.0);
    let health = served.get("/healthz").json;
    assert_eq!((health["status"].as_str(), health["models"].as_u64()), (Some("ok"), Some(1)));
}
