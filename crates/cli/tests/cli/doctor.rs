//! `check`, `doctor` and `gym`: what is found on real trainings, sound and spoilt, and on what other programs leave behind.

use super::{good, object, refused, run};
use rushlight_engine::{Rng, Tensor};
use rushlight_nn::weights::tensor_bytes;
use serde_json::Value;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

fn here() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn names_of(answer: &Value, severity: &str) -> Vec<String> {
    let findings = answer["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == severity);
    findings.map(|finding| finding["name"].as_str().unwrap().to_owned()).collect()
}

/// The recipes that ship with data that ship.
fn recipes() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes");
    let below =
        |name: &str| fs::read_dir(folder.join(name)).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let files = [below(""), below("ladder"), below("ladder-recall")].concat();
    let needs_no_file = |text: &str| text.contains("dataset = ") || !text.contains("path = ");
    let shipped = files.into_iter().filter(|path| path.extension().is_some_and(|end| end == "toml"));
    let shipped = shipped.filter(|path| needs_no_file(&fs::read_to_string(path).unwrap()));
    shipped.map(|path| path.display().to_string()).collect()
}

#[test]
fn every_recipe_that_ships_passes_its_check_or_fails_as_it_promises() {
    // Ten seconds for each where nothing else runs; here other tests do.
    const MOST: Duration = Duration::from_secs(60);
    let all = recipes();
    assert!(all.len() > 25, "{all:?}");
    for recipe in all {
        let started = Instant::now();
        let answer = object(here().path(), &["check", &recipe]);
        assert!(started.elapsed() < MOST, "{recipe}: {:?}", started.elapsed());
        let expected: Vec<&str> =
            answer["expected"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        assert_eq!(names_of(&answer, "fault"), expected, "{recipe}");
        assert!(names_of(&answer, "risk").is_empty(), "{recipe}: {answer}");
    }
}

#[test]
fn a_second_softmax_is_found_before_the_first_step() {
    let folder = here();
    let sets = ["--set", "fault.kind=softmax-before-loss"];
    let printed = run(folder.path(), &[&["check", "names-gpt"][..], &sets].concat(), b"", 1).stdout;
    for words in ["fault[probabilities-for-logits]: ", "they sum to 1", "[!] the model returns logits", "1 fault, "] {
        assert!(printed.contains(words), "no `{words}` in\n{printed}");
    }
    let good = good(folder.path(), &["check", "names-gpt"]).stdout;
    assert!(good.contains("[x] the model returns logits") && good.contains("0 faults, 0 risks"), "{good}");
}

#[test]
fn a_finding_points_at_the_line_of_the_recipe() {
    let folder = here();
    let recipe = "[data]\nkind = \"lines\"\ndataset = \"names\"\nbatching = \"contexts\"\n\
                  [model]\nkind = \"mlp\"\nstart = \"normal\"\noutput_scale = 1.0\n[train]\nsteps = 5\nwindow = 3\n";
    fs::write(folder.path().join("sure.toml"), recipe).unwrap();
    let printed = run(folder.path(), &["check", "sure.toml"], b"", 1).stdout;
    assert!(printed.contains(" --> sure.toml:8:1\n") && printed.contains("8 | output_scale = 1.0\n"), "{printed}");
    assert!(printed.contains("help: try: --set model.output_scale=0.01"), "{printed}");
    let cured = ["check", "sure.toml", "--set", "model.start=kaiming", "--set", "model.output_scale=0.1"];
    good(folder.path(), &cured);
}

#[test]
fn a_run_is_examined_and_keeps_what_was_found() {
    let folder = here();
    let sets = ["--steps", "300", "--set", "train.lr=1e-7", "--set", "train.watch_every_steps=60"];
    good(folder.path(), &[&["train", "names-mlp-deep", "--out", "slow"][..], &sets].concat());
    let printed = run(folder.path(), &["doctor", "slow"], b"", 1).stdout;
    for words in ["fault[rate-too-low]: ", "lr = ", "help: try: --set train.lr=", "slow: 1 fault, "] {
        assert!(printed.contains(words), "no `{words}` in\n{printed}");
    }
    let kept = fs::read_to_string(folder.path().join("slow/findings.jsonl")).unwrap();
    assert!(kept.starts_with("{\"name\":\"rate-too-low\",\"severity\":\"fault\""), "{kept}");
    let page = fs::read_to_string(folder.path().join("slow/report.html")).unwrap();
    assert!(page.contains("rate-too-low"), "the page does not tell the finding");
    good(folder.path(), &["doctor", "slow", "--ignore", "rate-too-low,stuck-at-chance"]);
    run(folder.path(), &["doctor", "slow", "--select", "rate-too-low"], b"", 1);
    refused(
        folder.path(),
        &["doctor", "slow", "--select", "rate-to-low"],
        &["`rate-to-low`", "Did you mean `rate-too-low`?"],
    );
}

#[test]
fn a_training_is_watched_and_stops_where_its_recipe_wants_that() {
    let folder = here();
    let wild =
        ["train", "names-mlp-deep-no-norm", "--steps", "900", "--lr", "60", "--set", "train.evaluate.every_steps=100"];
    let told =
        run(folder.path(), &[&wild[..], &["--set", "doctor.stop_on=[\"diverging\"]", "--out", "a"]].concat(), b"", 1);
    assert!(told.stderr.contains("fault[diverging]: the loss ends at "), "{}", told.stderr);
    assert!(told.stderr.contains("diverging was found, on which the recipe stops"), "{}", told.stderr);
    let quiet = good(folder.path(), &[&wild[..], &["--set", "doctor.watch=false", "--out", "b"]].concat());
    assert!(!quiet.stderr.contains("fault["), "{}", quiet.stderr);
    assert!(quiet.stdout.contains("found: ") && quiet.stdout.contains("`rushlight doctor b`"), "{}", quiet.stdout);
    let wrong = ["train", "names-mlp", "--steps", "1", "--set", "doctor.stop_on=[\"divergin\"]"];
    refused(folder.path(), &wrong, &["[doctor] of names-mlp", "`divergin`", "Did you mean `diverging`?"]);
}

#[test]
fn an_exhibit_is_as_bad_as_it_promises() {
    let folder = here();
    good(folder.path(), &["train", "names-overconfident", "--steps", "400"]);
    let printed = good(folder.path(), &["doctor", "runs/names-overconfident"]).stdout;
    assert!(printed.contains("just what this exhibit, bad on purpose, promises"), "{printed}");
    let sound = ["train", "names-mlp-batch-norm", "--steps", "400", "--out", "sound"];
    good(folder.path(), &sound);
    let printed = good(folder.path(), &["doctor", "sound"]).stdout;
    assert!(printed.contains("sound: 0 faults, 0 risks, "), "{printed}");
}

#[test]
fn logs_of_other_programs_are_examined() {
    let folder = here();
    let log = |loss: &dyn Fn(u32) -> String| {
        (1..=300).fold("step,train_loss\n".to_owned(), |mut log, step| {
            writeln!(log, "{step},{}", loss(step)).unwrap();
            log
        })
    };
    let wave = |step: u32| f64::from(step * 7 % 11) / 200.0;
    let sound = log(&|step| format!("{:.4}", 1.5 + 2.0 * (-f64::from(step) / 60.0).exp() + wave(step)));
    let stale = log(&|step| format!("{:.4}", 1.5 + 2.0 * (-f64::from(step / 2) / 30.0).exp()));
    let broken = log(&|step| if step > 200 { "nan".into() } else { format!("{:.4}", 3.0 - wave(step)) });
    for (name, text) in [("sound", sound), ("stale", stale), ("broken", broken)] {
        fs::write(folder.path().join(format!("{name}.csv")), text).unwrap();
    }
    assert!(names_of(&object(folder.path(), &["doctor", "sound.csv"]), "fault").is_empty());
    assert!(run(folder.path(), &["doctor", "stale.csv"], b"", 1).stdout.contains("fault[stale-loss]"));
    let printed = run(folder.path(), &["doctor", "broken.csv"], b"", 1).stdout;
    assert!(printed.contains("fault[not-a-number]") && printed.contains("since step 201"), "{printed}");
    assert!(printed.contains("rules that could not be asked: "), "{printed}");
    fs::write(folder.path().join("empty.csv"), "a,b\n1,2\n").unwrap();
    refused(folder.path(), &["doctor", "empty.csv"], &["empty.csv", "loss"]);
    refused(folder.path(), &["doctor", "nothing"], &["nothing"]);
}

#[test]
fn weights_of_any_framework_are_examined() {
    let folder = here();
    let matrix = |seed: u64| Tensor::normal(&[64, 32], &mut Rng::new(seed)).scale(0.1);
    let sound = [
        ("fc1.weight".to_owned(), matrix(1)),
        ("fc2.weight".to_owned(), matrix(2)),
        ("fc3.weight".to_owned(), matrix(3)),
    ];
    let mut broken = sound.to_vec();
    broken[0].1.data_mut()[..20 * 32].fill(0.0);
    broken[2].1 = broken[2].1.scale(1e7);
    for (name, tensors) in [("sound", &sound[..]), ("broken", &broken[..])] {
        fs::write(folder.path().join(format!("{name}.safetensors")), tensor_bytes(tensors, &[])).unwrap();
    }
    let answer = object(folder.path(), &["doctor", "sound.safetensors"]);
    assert!(answer["findings"].as_array().unwrap().is_empty(), "{answer}");
    let printed = run(folder.path(), &["doctor", "broken.safetensors"], b"", 1).stdout;
    assert!(printed.contains("fc1.weight") && printed.contains("fc3.weight"), "{printed}");
    refused(folder.path(), &["doctor", "sound.safetensors", "."], &["two safetensors files"]);
}

/// What PyTorch left behind, made by `reference/doctor_runs.py`: TensorBoard's own events, and weights with faults planted.
#[test]
fn what_pytorch_leaves_behind_is_diagnosed_and_what_is_sound_is_let_be() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/doctor");
    let check = |name: &str, faults: &[&str], risks: &[&str]| {
        let path = golden.join(name).display().to_string();
        let printed = run(here().path(), &["doctor", &path, "--format", "json"], b"", i32::from(!faults.is_empty()));
        let answer: Value = serde_json::from_str(printed.stdout.trim()).unwrap();
        let told = (names_of(&answer, "fault"), names_of(&answer, "risk"));
        let strings = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(told, (strings(faults), strings(risks)), "{name}");
    };
    check("double-softmax-classes", &["second-softmax"], &[]);
    check("double-softmax-characters", &[], &["second-softmax"]);
    check("sick-weights.safetensors", &["zero-weight", "broken-weight", "broken-weight"], &[]);
    check("sick-gru.safetensors", &["zero-weight", "broken-weight"], &["twin-weights", "twin-weights"]);
    for sound in ["healthy-classes", "healthy-characters", "healthy-hard-classes", "healthy-zero-head"] {
        check(sound, &[], &[]);
    }
    check("healthy-weights.safetensors", &[], &[]);
    check("healthy-gru.safetensors", &[], &[]);
    // Of two checkpoints the second is judged: what died between them is seen.
    let [sound, sick] =
        ["healthy", "sick"].map(|name| golden.join(format!("{name}-weights.safetensors")).display().to_string());
    let printed = run(here().path(), &["doctor", &sound, &sick], b"", 1).stdout;
    assert!(printed.contains("all 64 x 32 numbers of encoder.layers.0.linear1.weight are zero"), "{printed}");
}

/// The mistakes of `docs/notebook.md` that can be seen: 1, 3, 4, 5 and 6, each named as it says there.
#[test]
fn a_notebook_is_told_what_it_did_wrong() {
    let folder = here();
    let printed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/doctor/notebook.txt");
    let told = run(folder.path(), &["doctor", &printed.display().to_string()], b"", 1).stdout;
    assert!(told.contains("fault[stale-loss]: ") && told.contains("the loss does fall from 0.079 to 1.5e-3"), "{told}");
    let train = |args: &[&str]| good(folder.path(), &[&["train"], args].concat());
    train(&["noise-feed-forward", "--set", "train.evaluate.every_steps=100", "--out", "one"]);
    train(&["noise-feed-forward", "--lr", "0.05", "--set", "train.init={run=\"one\"}", "--out", "again"]);
    let again = run(folder.path(), &["doctor", "again"], b"", 1).stdout;
    assert!(again.contains("fault[shaken-weights]: ") && again.contains("train.schedule.warmup_steps=100"), "{again}");
    train(&["noise-hundred", "--epochs", "200", "--set", "fault.kind=loss-divided-by-batch", "--out", "hundred"]);
    let hundred = run(folder.path(), &["doctor", "hundred"], b"", 1).stdout;
    for found in
        ["fault[loss-miscounted]: ", "0.10 times the mean", "risk[exhausted-schedule]: ", "fault[noise-floor]: "]
    {
        assert!(hundred.contains(found), "no `{found}` in\n{hundred}");
    }
}

#[test]
fn a_cure_is_kept_where_it_helps_and_left_out_where_it_does_not() {
    let folder = here();
    let wild = ["train", "names-overconfident", "--steps", "300", "--lr", "20", "--out", "wild"];
    good(folder.path(), &wild);
    let fixed = ["doctor", "wild", "--fix", "--seeds", "3", "--steps", "200"];
    let answer = object(folder.path(), &fixed);
    let trials = answer["fix"]["trials"].as_array().unwrap();
    let kept: Vec<&str> =
        trials.iter().filter(|trial| trial["kept"] == true).map(|trial| trial["change"].as_str().unwrap()).collect();
    assert!(kept.contains(&"train.lr=2.0") || kept.contains(&"train.lr=2"), "{kept:?}");
    assert!(trials.iter().any(|trial| trial["kept"] == false), "{trials:?}");
    for trial in trials.iter().filter(|trial| trial["kept"] == true) {
        let pairs = trial["pairs"].as_array().unwrap();
        assert_eq!((pairs.len(), trial["p"].as_f64()), (3, Some(0.125)), "{trial}");
        assert!(pairs.iter().all(|pair| pair["after"].as_f64() < pair["before"].as_f64()), "{trial}");
    }
    // The same seeds give the same bits, and the recipe that is written trains to the loss that was promised.
    assert_eq!(object(folder.path(), &fixed)["fix"]["trials"], answer["fix"]["trials"]);
    let text = fs::read_to_string(folder.path().join("wild/fixed.toml")).unwrap();
    assert!(text.starts_with("# The recipe of wild with what helped it: ") && text.contains(kept[0]), "{text}");
    good(folder.path(), &["train", "wild/fixed.toml", "--out", "mended"]);
    let losses = ["wild", "mended"]
        .map(|run| object(folder.path(), &["eval", run])["test.loss_nats_per_token"].as_f64().unwrap());
    assert!(losses[1] < 0.5 * losses[0], "{losses:?}");
    // What is wrong on purpose is taken out.
    let sick = ["train", "names-gpt", "--steps", "60", "--set", "fault.kind=softmax-before-loss", "--out", "sick"];
    good(folder.path(), &sick);
    let printed = good(folder.path(), &["doctor", "sick", "--fix", "--steps", "60", "--seeds", "2"]).stdout;
    assert!(printed.contains("probabilities-for-logits: fault.kind=none: ") && printed.contains(": kept"), "{printed}");
    refused(folder.path(), &["doctor", "wild/metrics.jsonl", "--fix"], &["`--fix` trains again", "metrics.jsonl"]);
    refused(folder.path(), &["doctor", "wild", "--seeds", "3"], &["--fix"]);
}

/// A small part of what `gym` does in whole, of each kind of fault one.
#[test]
fn the_gym_finds_faults_and_nothing_where_there_is_none() {
    const FAULTS: [&str; 7] = [
        "softmax-before-loss",
        "loss-summed",
        "targets-shuffled",
        "gradients-kept",
        "layer-not-moved",
        "start-ones",
        "rate-by-1000",
    ];
    let folder = here();
    let faults = FAULTS.join(",");
    let flags =
        ["--half", "tuned", "--only", "names-mlp", "--seeds", "1", "--each", "99", "--out", "gym", "--faults", &faults];
    let answer = object(folder.path(), &[&["gym"][..], &flags].concat());
    assert_eq!(answer["false_alarms"]["hits"], 0, "{}", answer["alarms"]);
    assert!(answer["false_alarms"]["of"].as_u64().unwrap() >= 12);
    let (found, of) = (answer["detected"]["hits"].as_u64().unwrap(), answer["detected"]["of"].as_u64().unwrap());
    assert!(of >= 15 && found * 100 >= of * 95, "{found} of {of}: {answer}");
    // What is kept is judged again without training.
    let again = object(folder.path(), &[&["gym", "--judge"][..], &flags].concat());
    assert_eq!(again, answer);
    refused(folder.path(), &["gym", "--only", "names-mpl"], &["`names-mpl`", "There are: "]);
}
