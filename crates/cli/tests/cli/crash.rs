//! kill -9 at random moments: every training goes on, and ends with the bits of the undisturbed one.
//!
//! `RUSHLIGHT_KILLS` says how many trainings are killed (5 unless told otherwise), `RUSHLIGHT_SEED` when.

use super::left::left_by;
use super::{bare, good};
use rushlight_engine::Rng;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Short trainings with many checkpoints: by contexts, on a stream with its carried state, by windows with dropout, on lines.
pub(super) const RECIPES: [(&str, &str); 4] = [
    (
        "mlp",
        r#"
data = { kind = "lines", path = "names.txt", batching = "contexts" }
model = { kind = "mlp", embed = 4, hidden = 16, batch_norm = true }
[train]
steps = 60
batch = 16
window = 3
watch_every_steps = 20
optimizer = { kind = "sgd", momentum = 0.9 }
schedule = { kind = "plateau", factor = 0.5, patience_evaluations = 0, threshold = 0.3 }
evaluate = { every_steps = 10, samples = 1, sample_tokens = 8 }
checkpoint = { every_steps = 3 }
"#,
    ),
    (
        "gru",
        r#"
data = { kind = "text", path = "names.txt", batching = "stream" }
model = { kind = "gru", embed = 8, hidden = 16, dropout = 0.2 }
[train]
steps = 60
batch = 4
window = 8
accumulate = 2
schedule = { kind = "cosine", warmup_steps = 5 }
evaluate = { every_steps = 15, samples = 1, sample_tokens = 8 }
checkpoint = { every_steps = 4 }
"#,
    ),
    (
        "gpt",
        r#"
data = { kind = "text", path = "names.txt" }
model = { kind = "gpt", layers = 2, heads = 2, width = 16, dropout = 0.2 }
[train]
steps = 60
batch = 4
window = 16
clip = { norm = 1.0 }
evaluate = { every_steps = 20, targets = 200, samples = 1, sample_tokens = 8 }
checkpoint = { every_steps = 5, keep = 1 }
"#,
    ),
    (
        "lstm",
        r#"
data = { kind = "lines", path = "names.txt" }
model = { kind = "lstm", embed = 8, hidden = 16 }
[train]
steps = 60
batch = 8
window = 16
optimizer = { kind = "adagrad" }
stop = { patience_evaluations = 3 }
evaluate = { every_steps = 6, samples = 1, sample_tokens = 8 }
checkpoint = { every_steps = 2 }
"#,
    ),
];

#[test]
fn a_training_killed_at_any_moment_goes_on_and_ends_with_the_same_bits() {
    let asked = |name: &str| std::env::var(name).ok().map(|number| number.parse::<u64>().unwrap());
    let (kills, seed) = (asked("RUSHLIGHT_KILLS").unwrap_or(5), asked("RUSHLIGHT_SEED").unwrap_or(0));
    let folder = bare();
    let whole = RECIPES.map(|(name, text)| {
        fs::write(folder.path().join(format!("{name}.toml")), text).unwrap();
        let start = Instant::now();
        good(folder.path(), &["train", &format!("{name}.toml"), "--out", name]);
        (left_by(&folder.path().join(name)), start.elapsed())
    });
    let mut found = BTreeMap::new();
    for number in 0..kills {
        let which = number as usize % RECIPES.len();
        let ((recipe, _), (expected, took)) = (RECIPES[which], &whole[which]);
        let run = folder.path().join("killed");
        let mut rng = Rng::new(seed).fork(number);
        // Once, twice or three times; a moment behind the end finds a run that has ended.
        for _ in 0..=rng.below(3) {
            let after = took.mul_f32(1.02 * rng.uniform());
            kill_after(after, folder.path(), &going_on(&run, recipe));
            *found.entry(state_of(&run)).or_insert(0) += 1;
        }
        let args = going_on(&run, recipe);
        good(folder.path(), &args.iter().map(String::as_str).collect::<Vec<_>>());
        expected.assert_like(&left_by(&run), &format!("training {number}, a {recipe}"));
        fs::remove_dir_all(&run).unwrap();
    }
    assert!(found.keys().any(|state| *state != "behind its end"), "every kill came too late: {found:?}");
    println!("killed {kills} trainings, seed {seed}; where the kills found them: {found:?}");
}

/// What people type: `resume`, or `train` again where there is no run yet.
pub(super) fn going_on(run: &Path, recipe: &str) -> Vec<String> {
    let run_path = run.display().to_string();
    match run.join("run.json").exists() {
        true => vec!["resume".to_owned(), run_path],
        false => vec!["train".to_owned(), format!("{recipe}.toml"), "--out".to_owned(), run_path],
    }
}

fn kill_after(moment: Duration, folder: &Path, args: &[String]) {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("rushlight"));
    command.current_dir(folder).args(args).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    std::thread::sleep(moment);
    child.kill().unwrap();
    // By our signal, or at its end before it; a mistake in what it was asked would be neither.
    let status = child.wait().unwrap();
    assert!(status.success() || status.signal() == Some(9), "{args:?}: {status}");
}

fn state_of(run: &Path) -> &'static str {
    match () {
        () if !run.join("run.json").exists() => "before it was a run",
        () if !run.join("last").exists() => "before its first checkpoint",
        () if run.join("report.html").exists() => "behind its end",
        () => "behind a checkpoint",
    }
}
