//! The examples are built and run small, each in an empty folder, and say what they promise.
#![allow(clippy::unwrap_used)]

use rushlight_trace::{RunFolder, Trace};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder of the built examples, as this very test was built.
fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        // Tests lie in TARGET/PROFILE/deps, examples beside it.
        let profile = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_owned();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--offline", "--package", "rushlight-train", "--examples"]);
        cargo.arg("--target-dir").arg(profile.parent().unwrap());
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        let built = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        profile.join("examples")
    })
}

/// What an example prints in `folder`.
fn run(folder: &Path, name: &str, args: &[&str]) -> String {
    let output = Command::new(built().join(name)).args(args).current_dir(folder).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && stderr.is_empty(), "{name}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

/// The numbers that stand behind `word` in what was printed, in order.
fn behind(printed: &str, word: &str) -> Vec<f64> {
    let after = printed.split(word).skip(1).filter_map(|rest| rest.split_whitespace().next());
    let number = after.map(|number| number.trim_end_matches(','));
    number.map(|number| number.parse().unwrap_or_else(|_| panic!("{number} behind `{word}`"))).collect()
}

#[track_caller]
fn falls(losses: &[f64], printed: &str) {
    assert!(losses.len() > 1 && losses.last() < losses.first(), "{losses:?} in\n{printed}");
}

#[test]
fn every_example_is_tried() {
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")).unwrap();
    let tests = [include_str!("examples.rs"), include_str!("../../serve/tests/load.rs")];
    for file in files {
        let name = file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        assert!(tests.iter().any(|test| test.contains(&format!("\"{name}\""))), "{name}");
    }
}

#[test]
fn an_mlp_is_trained_loaded_again_and_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let sets = ["model.hidden=20", "train.steps=300", "train.evaluate.every_steps=100"];
    let printed = run(folder.path(), "train_mlp", &[&["runs/small"], &sets[..]].concat());
    // VD + H(CD + 1) + V(H + 1) with V 27, D 10, C 3, H 20.
    assert!(printed.starts_with("1457 parameters, 300 steps\n"), "{printed}");
    falls(&behind(&printed, "validation  loss "), &printed);
    assert!(printed.contains("finished; the run lies in runs/small\n"), "{printed}");

    let printed = run(folder.path(), "generate", &["runs/small", "ma"]);
    assert!(printed.starts_with("MLP, 1457 parameters\n"), "{printed}");
    let texts: Vec<&str> = printed.lines().skip(1).map(|line| &line[24..]).collect();
    assert!(texts.len() == 5 && texts.iter().all(|text| text.starts_with("ma")), "{printed}");
    assert_eq!(printed, run(folder.path(), "generate", &["runs/small", "ma"]), "the same seed writes the same");

    let printed = run(folder.path(), "plot_history", &["runs/small", "plots"]);
    let drawn = std::fs::read_to_string(folder.path().join("plots/loss.svg")).unwrap();
    assert!(drawn.starts_with("<svg") && printed.contains("plots/loss.svg"), "{printed}");
    let trace = Trace::read(&RunFolder::open(&folder.path().join("runs/small")).unwrap()).unwrap();
    let last = trace.evaluations("validation").next_back().unwrap().loss;
    let line = printed.lines().find(|line| line.starts_with("validation")).unwrap();
    assert!(line.ends_with(&format!(" {last:.3}")), "{printed}");
}

#[test]
fn an_rnn_is_trained_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let printed = run(folder.path(), "train_rnn", &["model.hidden=32", "train.steps=50"]);
    falls(&behind(&printed, "validation "), &printed);
    assert_eq!(behind(&printed, "step ")[..], [10.0, 20.0, 30.0, 40.0, 50.0], "{printed}");
    assert!(printed.contains("\nROMEO:"), "{printed}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "it leaves nothing");
}

#[test]
fn a_transformer_is_trained_from_its_parts() {
    let folder = tempfile::tempdir().unwrap();
    let printed = run(folder.path(), "train_transformer", &["40", "1", "16"]);
    falls(&behind(&printed, "  loss "), &printed);
    // A tenth of the 1,115,394 characters, but the first.
    assert!(printed.contains("nats over 111539 characters"), "{printed}");
    assert!(printed.contains("\nROMEO:"), "{printed}");
}

#[test]
fn a_regression_stops_early_and_answers() {
    let folder = tempfile::tempdir().unwrap();
    let printed = run(folder.path(), "regression", &["runs/sine"]);
    falls(&behind(&printed, "squared error "), &printed);
    assert!(printed.contains("stopped early") && printed.contains(" of 5000 steps\n"), "{printed}");
    let pairs: Vec<(f64, f64)> = behind(&printed, "measured ").into_iter().zip(behind(&printed, "answered ")).collect();
    // The noise has a deviation of 0.1: four of them and the error of the model.
    assert!(pairs.len() == 5 && pairs.iter().all(|(y, answer)| (y - answer).abs() < 0.5), "{printed}");
}

#[test]
fn a_careless_start_is_told_from_a_careful_one() {
    let folder = tempfile::tempdir().unwrap();
    let printed = run(folder.path(), "diagnose", &[]);
    let [careless, careful] = ["careless: loss ", "careful: loss "].map(|start| behind(&printed, start)[0]);
    assert!(careless > 10.0 && (careful - 27_f64.ln()).abs() < 0.1, "{printed}");
    // The columns behind site and kind are mean, deviation and share saturated.
    let saturated: Vec<f64> = printed
        .lines()
        .filter(|line| line.starts_with("hidden.0.active  activations"))
        .map(|line| line.split_whitespace().nth(4).unwrap().parse().unwrap())
        .collect();
    assert!(saturated.len() == 2 && saturated[0] > 50.0 && saturated[1] < 30.0, "{printed}");
}

#[test]
fn a_run_that_is_not_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(built().join("plot_history")).current_dir(folder.path()).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && told.contains("runs/train_mlp"), "{told}");
}
