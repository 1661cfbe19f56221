//! The example that puts load on a server is built and run small: four clients for a second, and no error.
#![allow(clippy::unwrap_used)]

mod common;

use common::{GPT, Place};
use serde_json::Value;
use std::process::Command;

/// The example, as this very test was built.
fn built() -> std::path::PathBuf {
    // Tests lie in TARGET/PROFILE/deps, examples beside it.
    let profile = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_owned();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--offline", "--package", "rushlight-serve", "--example", "load"]);
    cargo.arg("--target-dir").arg(profile.parent().unwrap());
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    let built = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    profile.join("examples").join("load")
}

#[test]
fn four_clients_at_once_get_all_that_they_ask_for() {
    let place = Place::new().with("gpt", GPT);
    let served = place.serve(&["gpt"]);
    let output = Command::new(built()).args([&served.address.to_string(), "gpt", "4", "1", "20"]).output().unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |name: &str| told[name].as_f64().unwrap();
    assert_eq!((number("clients"), number("errors")), (4.0, 0.0), "{told}");
    assert!(number("requests") >= 4.0 && number("tokens_per_second") > 0.0, "{told}");
    assert!(number("first_token_ms_p50") <= number("first_token_ms_p99"), "{told}");
}
