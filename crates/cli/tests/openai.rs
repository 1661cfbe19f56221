//! Other people's clients talk with the server unchanged: the `openai` package, and `llm` of the command line.
//!
//! Needs a Python that has them: `python3`, or the one that `RUSHLIGHT_PYTHON` names. Where it has none, the test says so and passes.
#![allow(clippy::unwrap_used, reason = "a test that meets an error it did not expect should stop there")]
#![allow(clippy::print_stderr, reason = "a test that does nothing says so")]

mod served;

use served::{Served, carry_out, serve_run};
use std::path::Path;
use std::process::{Command, Output};

/// A model of plays, trained for a moment.
const RECIPE: &str = r#"
data = { kind = "text", dataset = "shakespeare" }
model = { kind = "gpt", layers = 1, heads = 2, width = 16 }
[train]
steps = 100
batch = 32
window = 32
lr = 1e-2
evaluate = { samples = 0, targets = 2000 }
"#;

fn python() -> Command {
    Command::new(std::env::var("RUSHLIGHT_PYTHON").unwrap_or_else(|_| "python3".into()))
}

/// Whether that Python has a module.
fn has(module: &str) -> bool {
    let found = python().args(["-c", &format!("import {module}")]).output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("nothing was tried with `{module}`: Python does not have it");
    }
    found
}

/// The model, trained in a folder and served.
fn plays(folder: &Path) -> Served {
    std::fs::write(folder.join("plays.toml"), RECIPE).unwrap();
    carry_out(folder, &["train", "plays.toml", "--out", "plays"]);
    serve_run(folder, "plays", 0)
}

#[track_caller]
fn text(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert!(output.status.success(), "{out}\n{err}");
    out
}

#[test]
fn the_openai_package_talks_with_it() {
    if !has("openai") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let served = plays(folder.path());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reference/openai_client.py");
    let told = text(&python().arg(script).arg(format!("{}/v1", served.url)).output().unwrap());
    assert!(told.contains("the same text") && told.contains("errors: as the package has them"), "{told}");
}

#[test]
fn llm_talks_with_it() {
    if !has("llm") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let served = plays(folder.path());
    let models = format!("- model_id: plays\n  model_name: plays\n  api_base: \"{}/v1\"\n", served.url);
    std::fs::write(folder.path().join("extra-openai-models.yaml"), models).unwrap();
    std::fs::write(folder.path().join("keys.json"), r#"{"openai": "none"}"#).unwrap();
    let llm = |args: &[&str]| {
        let mut llm = python();
        let asked = ["-m", "llm", "-m", "plays", "who", "-o", "max_tokens", "12", "-o", "seed", "3"];
        llm.args(asked).args(args).env("LLM_USER_PATH", folder.path());
        text(&llm.output().unwrap())
    };
    let (whole, streamed) = (llm(&["--no-stream"]), llm(&[]));
    assert!(!whole.trim().is_empty(), "nothing was said");
    assert_eq!(whole.trim_end(), streamed.trim_end());
}
