//! Logs of other programs: an event file that PyTorch wrote, and logs of every kind that are damaged in every way. A
//! damaged log is refused in words or read as far as it goes; nothing panics. `PROPTEST_CASES` says how many are tried.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use proptest::prelude::*;
use proptest::sample::Index;
use rushlight_trace::{SiteKind, Trace, foreign};
use std::path::Path;

/// Made by `reference/event_file.py`.
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/events.out.tfevents.pytorch");

#[test]
fn what_pytorch_logs_is_read() {
    let trace = foreign::read(Path::new(GOLDEN)).unwrap();
    // In the script: loss 3 / step, rate 0.5 ^ step, norm step / 4; a last loss that is no number, and nothing beside it.
    let steps: Vec<_> = trace.steps().collect();
    assert_eq!(steps.iter().map(|step| step.step).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    for step in &steps[..6] {
        let at = step.step as f64;
        assert_eq!(step.loss, f64::from((3.0 / at) as f32));
        assert_eq!((step.learning_rate, step.gradient_norm), (0.5f64.powf(at), at / 4.0));
    }
    assert!(steps[6].loss.is_nan() && steps[6].learning_rate.is_nan() && steps[6].gradient_norm.is_nan());
    let losses: Vec<_> = trace.evaluations("validation").map(|one| (one.step, one.loss)).collect();
    assert_eq!(losses, [(3, f64::from(4.0f32 / 3.0)), (6, f64::from(4.0f32 / 6.0))]);
}

#[test]
fn pytorchs_histograms_keep_their_values() {
    let trace = foreign::read(Path::new(GOLDEN)).unwrap();
    let layers: Vec<_> = trace.layers().map(|layer| (layer.step, layer.site.as_str(), layer.kind)).collect();
    let (gradient, out) = (("fc1/weight/grad", SiteKind::Gradient), ("fc1/out", SiteKind::Activation));
    assert_eq!(
        layers,
        [(3, gradient.0, gradient.1), (3, out.0, out.1), (6, gradient.0, gradient.1), (6, out.0, out.1)]
    );
    // Quarters from -1 to 1: nine values around 0, the mean of their squares 2 (1 + 4 + 9 + 16) / 16 / 9 = 5/12.
    let quarters = trace.layers().next().unwrap();
    assert_eq!((quarters.mean, quarters.histogram.low, quarters.histogram.high), (0.0, -1.0, 1.0));
    assert!((quarters.std - (5.0f64 / 12.0).sqrt()).abs() < 1e-12, "{}", quarters.std);
    assert_eq!((quarters.histogram.total(), quarters.histogram.counts.len()), (9, 60));
    // 0.5, 0.5, 2.5, 4.5: sum 8, squares 27, so variance 27/4 - 4. Four bins from 0.5 to 4.5 of one unit each hold 2, 0, 1
    // and 1; PyTorch says so, and each is fifteen of our sixty.
    let out = trace.layers().nth(1).unwrap();
    assert_eq!((out.mean, out.std), (2.0, 2.75f64.sqrt()));
    let quarter = |at: usize| out.histogram.counts[15 * at..15 * (at + 1)].iter().sum::<u64>();
    assert_eq!([0, 1, 2, 3].map(quarter), [2, 0, 1, 1]);
}

/// Logs that are whole, by the names that they would have.
fn logs() -> Vec<(&'static str, Vec<u8>)> {
    let texts = [
        ("a.csv", "step,loss,val_loss,lr\n1,2.5,,1e-3\n2,2.25,2.75,1e-3\n3,nan,\"2\",\n"),
        ("b.csv", "epoch;train loss;mse\n1;2,5;3\n2;2,25;3\n"),
        (
            "a.jsonl",
            "{\"step\": 1, \"loss\": 2.5, \"a\": {\"b\": NaN}}\n{\"step\": 2, \"loss\": NaN}\n{\"eval_loss\": 2}\n",
        ),
        (
            "a.json",
            "{\"log_history\": [{\"loss\": 2.5, \"step\": 10}, {\"loss\": [2], \"step\": 20}], \"loss\": [1, 2]}",
        ),
        (
            "a.log",
            "Epoch [1/10], Loss: 0.0794\nLoss after epoch 3: 2e-3, lr=1e-3\n[12] train_loss=2.31 val_loss=-inf\r\n",
        ),
        ("a", "step 1,000 λ loss 2.5\u{1b}[0m | Test set: average loss: nan (12.5%)\n"),
    ];
    let events = ("events.out.tfevents.1", std::fs::read(GOLDEN).unwrap());
    texts.into_iter().map(|(name, text)| (name, text.as_bytes().to_vec())).chain([events]).collect()
}

/// What can stand anywhere and means something to one of the readers.
const WORDS: [&str; 22] = [
    "\n",
    ",",
    ";",
    "\t",
    "\"",
    "{",
    "}",
    "[",
    "]",
    "\\",
    "NaN",
    "-Infinity",
    "1e999",
    "-1",
    "9999999999999999999999",
    "loss",
    "step",
    "epoch",
    " - ",
    "\0",
    "\u{feff}",
    "\u{1b}",
];

#[derive(Clone, Debug)]
enum Damage {
    Cut(Index),
    Flip(Index, u8),
    Remove(Index, usize),
    Insert(Index, &'static str),
    Copy(Index, usize, Index),
    Noise(Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = any::<Index>;
    prop_oneof![
        2 => place().prop_map(Damage::Cut),
        4 => (place(), 0..8u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        3 => (place(), 1..40usize).prop_map(|(at, length)| Damage::Remove(at, length)),
        6 => (place(), prop::sample::select(&WORDS[..])).prop_map(|(at, word)| Damage::Insert(at, word)),
        3 => (place(), 1..60usize, place()).prop_map(|(from, length, to)| Damage::Copy(from, length, to)),
        1 => prop::collection::vec(any::<u8>(), 0..200).prop_map(Damage::Noise),
    ]
}

fn damaged(mut bytes: Vec<u8>, damage: &Damage) -> Vec<u8> {
    let length = bytes.len();
    match damage {
        Damage::Noise(noise) => return noise.clone(),
        _ if length == 0 => {}
        Damage::Cut(at) => bytes.truncate(at.index(length)),
        Damage::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
        Damage::Remove(at, count) => drop(bytes.drain(at.index(length)..length.min(at.index(length) + count))),
        Damage::Insert(at, word) => drop(bytes.splice(at.index(length)..at.index(length), word.bytes())),
        Damage::Copy(from, count, to) => {
            let piece = bytes[from.index(length)..length.min(from.index(length) + count)].to_vec();
            bytes.splice(to.index(length)..to.index(length), piece);
        }
    }
    bytes
}

/// A trace that a doctor can go through, or words that say what is wrong.
fn must_read_or_say(name: &str, bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    match foreign::read(&path) {
        Ok(Trace { records, .. }) => assert!(!records.is_empty()),
        Err(error) => assert!(error.to_string().contains(name), "{error}"),
    }
}

#[test]
fn whole_logs_are_read() {
    for (name, bytes) in logs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        assert!(foreign::read(&path).unwrap().steps().count() > 0, "{name}");
    }
}

#[test]
fn logs_that_end_anywhere_are_read_or_refused() {
    for (name, bytes) in logs() {
        let every = if bytes.len() > 500 { 17 } else { 1 };
        (0..bytes.len()).step_by(every).for_each(|end| must_read_or_say(name, &bytes[..end]));
    }
}

proptest! {
    #[test]
    fn damaged_logs_are_read_or_refused(which in any::<Index>(), all in prop::collection::vec(damage(), 1..5)) {
        let logs = logs();
        let (name, whole) = &logs[which.index(logs.len())];
        must_read_or_say(name, &all.iter().fold(whole.clone(), damaged));
    }

    #[test]
    fn a_log_under_the_name_of_another_is_read_or_refused(one in any::<Index>(), other in any::<Index>()) {
        let logs = logs();
        must_read_or_say(logs[one.index(logs.len())].0, &logs[other.index(logs.len())].1);
    }
}
