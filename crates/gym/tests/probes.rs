//! Every exact probe makes its rule speak on what it is there for, and all are silent on sound trainings.
#![allow(clippy::unwrap_used)]

use rushlight_doctor::{Chosen, Exam, examine};
use rushlight_trace::{Record, Severity, Trace};
use rushlight_train::recipe::Recipe;
use rushlight_train::{Session, check};
use std::collections::BTreeSet;
use std::fs;
use tempfile::TempDir;

// Sound trainings; `HERE` stands for the folder of their data.

const GPT: &str = r#"
data = { kind = "lines", path = "HERE/squares.txt" }
model = { kind = "gpt", layers = 1, heads = 2, width = 16 }
train = { steps = 9, batch = 8, window = 16, lr = 0.01 }
"#;

const MLP: &str = r#"
data = { kind = "lines", path = "HERE/squares.txt", batching = "contexts" }
model = { kind = "mlp", embed = 4, hidden = 16, batch_norm = true }
train = { steps = 9, batch = 64, window = 3, lr = 0.1, optimizer = { kind = "sgd" } }
"#;

const TRANSFORMER: &str = r#"
data = { kind = "parallel", path = "HERE/pairs.tsv", validation = "more.tsv", test = 0.0 }
tokenizer = { kind = "word" }
model = { kind = "transformer", layers = 1, heads = 2, width = 16, dropout = 0.1 }
train = { steps = 9, batch = 8, window = 16, lr = 0.01 }
"#;

const BAHDANAU: &str = r#"
data = { kind = "parallel", path = "HERE/pairs.tsv", validation = "more.tsv", test = 0.0, vocabulary = "separate" }
tokenizer = { kind = "word" }
model = { kind = "bahdanau", embed = 8, hidden = 12 }
train = { steps = 9, batch = 8, lr = 0.01 }
"#;

const TABLE: &str = r#"
data = { kind = "table", path = "HERE/table.csv", targets = ["class"], task = "classification" }
model = { kind = "feed_forward", hidden = [8] }
train = { steps = 9, batch = 16, lr = 0.01 }
"#;

const PLAYS: &str = r#"
data = { kind = "text", dataset = "shakespeare" }
model = { kind = "lstm", embed = 4, hidden = 8 }
train = { steps = 9, batch = 4, window = 16, lr = 0.01 }
"#;

/// A probe, a sound training, what makes it sick, and the rule that must say so because of that probe.
type Row = (&'static str, &'static str, &'static str, &'static str);

const ROWS: &[Row] = &[
    ("leaked", GPT, "data.path=HERE/again.txt", "parts-leaked"),
    ("leaked", MLP, "fault.kind=validation-inside-train", "parts-leaked"),
    ("leaked", TRANSFORMER, "fault.kind=validation-inside-train", "parts-leaked"),
    ("leaked", TABLE, "fault.kind=validation-inside-train", "parts-leaked"),
    ("swapped", TRANSFORMER, "data.validation=swapped.tsv", "languages-swapped"),
    ("unknown", TRANSFORMER, "tokenizer.max_size=12", "many-unknown"),
    ("lengths", MLP, "data.path=HERE/long.txt", "length-outliers"),
    ("columns", TABLE, "data.path=HERE/constant.csv", "constant-column"),
    ("labels", TABLE, "data.path=HERE/conflicts.csv", "conflicting-labels"),
    ("batches", GPT, "fault.kind=one-batch-only", "batch-again"),
    ("batches", TABLE, "fault.kind=one-batch-only", "batch-again"),
    ("inputs", GPT, "fault.kind=inputs-constant", "inputs-alike"),
    ("inputs", TABLE, "fault.kind=inputs-constant", "inputs-alike"),
    ("targets", GPT, "fault.kind=targets-not-shifted", "targets-shifted"),
    ("targets", GPT, "fault.kind=targets-shifted-twice", "targets-shifted"),
    ("targets", TRANSFORMER, "fault.kind=rows-mismatched", "targets-shifted"),
    ("together", MLP, "fault.kind=targets-shuffled", "targets-shifted"),
    ("together", TABLE, "fault.kind=rows-mismatched", "targets-shifted"),
    ("start", GPT, "fault.kind=start-large", "over-confident-start"),
    ("start", MLP, "fault.kind=output-scaled", "over-confident-start"),
    ("normalised", GPT, "fault.kind=softmax-before-loss", "probabilities-for-logits"),
    ("normalised", TABLE, "fault.kind=sigmoid-before-loss", "probabilities-for-logits"),
    ("loss", GPT, "fault.kind=padding-in-loss", "loss-miscounted"),
    ("loss", GPT, "fault.kind=loss-divided-by-all", "loss-miscounted"),
    ("loss", MLP, "fault.kind=loss-summed", "loss-miscounted"),
    ("loss", TABLE, "fault.kind=loss-divided-by-batch", "loss-miscounted"),
    ("scale", TRANSFORMER, "fault.kind=embedding-scaled", "embedding-out-of-scale"),
    ("scale", GPT, "fault.kind=norm-gain-zero", "norm-out-of-scale"),
    ("norms", MLP, "fault.kind=norm-epsilon-large", "norm-out-of-scale"),
    ("scale", GPT, "fault.kind=mlp-scaled", "activation-out-of-range"),
    ("scale", MLP, "fault.kind=output-silenced", "output-out-of-scale"),
    ("dimensions", GPT, "fault.kind=embedding-block-zeroed", "dimensions-idle"),
    ("carried", GPT, "fault.kind=skip-scaled", "skip-changed"),
    ("carried", TRANSFORMER, "fault.kind=skip-zeroed", "skip-changed"),
    ("future", GPT, "fault.kind=no-mask", "future-seen"),
    ("future", TRANSFORMER, "fault.kind=future-let-in", "future-seen"),
    ("padding", TRANSFORMER, "fault.kind=padding-seen", "padding-seen"),
    ("company", MLP, "fault.kind=batch-norm-by-batch", "company-matters"),
    ("order", GPT, "fault.kind=positions-all-alike", "order-ignored"),
    ("order", TRANSFORMER, "fault.kind=positions-left-out", "order-ignored"),
    ("source", TRANSFORMER, "fault.kind=source-hidden", "source-ignored"),
    ("source", BAHDANAU, "fault.kind=source-hidden", "source-ignored"),
    ("attention", GPT, "fault.kind=attention-unscaled", "attention-wrong"),
    ("attention", TRANSFORMER, "fault.kind=mask-on-wrong-axis", "attention-wrong"),
    ("cached_step", GPT, "fault.kind=positions-late-by-one-when-cached", "cache-wrong"),
    ("cached_step", MLP, "fault.kind=cache-shared", "cache-wrong"),
    ("cached_step", TRANSFORMER, "fault.kind=cache-stale", "cache-wrong"),
    ("evaluated_twice", GPT, "fault.kind=dropout-on-scores", "evaluation-is-random"),
    ("evaluated_twice", TRANSFORMER, "fault.kind=dropout-in-evaluation", "evaluation-is-random"),
    // No fault breaks a way back. Chance that no seed holds parts the slope from the gradient, too.
    ("slope", GPT, "fault.kind=dropout-on-scores", "gradient-wrong"),
    ("moved", GPT, "fault.kind=values-zeroed", "parameter-at-rest"),
    ("moved", MLP, "fault.kind=layer-not-moved", "parameter-at-rest"),
    ("fresh_gradient", GPT, "fault.kind=gradients-kept", "gradient-altered"),
    ("fresh_gradient", MLP, "fault.kind=gradients-scaled-down", "gradient-altered"),
    // No fault adds parts up wrongly. Here the second part is the first one again.
    ("accumulated", GPT, "fault.kind=one-batch-only", "accumulation-not-scaled"),
    ("saved", GPT, "fault.kind=weights-lost-on-loading", "stale-weights"),
    ("saved", MLP, "fault.kind=statistics-lost-on-loading", "stale-weights"),
    ("saved", TABLE, "fault.kind=output-restarted", "stale-weights"),
    ("sampling", GPT, "fault.kind=logits-as-probabilities", "sampling-wrong"),
    ("sampling", MLP, "fault.kind=logits-as-probabilities", "sampling-wrong"),
    ("memorised", GPT, "fault.kind=nothing-moves", "cannot-memorise"),
    ("memorised", TABLE, "fault.kind=gradient-sign-flipped", "goes-uphill"),
];

#[test]
fn every_probe_has_a_row() {
    let shown: BTreeSet<&str> = ROWS.iter().map(|row| row.0).collect();
    let all: BTreeSet<&str> = check::ALL.iter().map(|entry| entry.name).collect();
    assert_eq!(shown, all);
}

#[test]
fn every_rule_speaks_because_of_its_probe() {
    let folder = data();
    let mut wrong = Vec::new();
    for (probe, text, change, rule) in ROWS {
        let mut trace = tried(&folder, text, change);
        if !speaking(&trace).contains(*rule) {
            wrong.push(format!("{rule} is silent on {change}"));
        }
        trace.records.retain(|record| !matches!(record, Record::Probe(of) if of.name == *probe));
        if speaking(&trace).contains(*rule) {
            wrong.push(format!("{rule} speaks on {change} without the probe {probe}"));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn all_these_rules_are_silent_on_sound_trainings() {
    let folder = data();
    for text in ROWS.iter().map(|row| row.1).collect::<BTreeSet<_>>() {
        let spoke = speaking(&tried(&folder, text, ""));
        let of_rows: Vec<&str> = ROWS.iter().map(|row| row.3).filter(|rule| spoke.contains(*rule)).collect();
        assert_eq!(of_rows, [""; 0], "{text}");
    }
}

#[test]
fn of_one_long_text_lines_repeat_themselves_and_runs_of_tokens_tell_a_leak() {
    let told = |change: &str| {
        let trace = tried(&data(), PLAYS, change);
        let findings = examine(&Exam::of(&trace), &Chosen::default()).findings;
        let leak = findings.into_iter().find(|finding| finding.name == "parts-leaked").unwrap();
        (leak.severity, leak.place)
    };
    assert_eq!(told(""), (Severity::Note, "validation in train".into()));
    let runs = "validation in train, runs of 64 tokens";
    assert_eq!(told("fault.kind=validation-inside-train"), (Severity::Fault, runs.into()));
    assert_eq!(told("fault.kind=validation-inside-train fault.share=0.3"), (Severity::Risk, runs.into()));
}

/// What the probes measure of a training before its first step.
fn tried(folder: &TempDir, text: &str, change: &str) -> Trace {
    let here = |text: &str| text.replace("HERE", folder.path().to_str().unwrap());
    let sets: Vec<String> = change.split_whitespace().map(here).collect();
    let recipe = Recipe::parse(&here(text), "probes.toml", &sets).unwrap_or_else(|error| panic!("{error}"));
    let written = recipe.to_toml();
    let session = Session::new(recipe, None).unwrap_or_else(|error| panic!("{error}"));
    let yardsticks = session.yardsticks().unwrap().map(Record::Yardsticks);
    let records = yardsticks.into_iter().chain(check::check(&session).unwrap()).collect();
    Trace { recipe: written, records, ..Trace::default() }
}

fn speaking(trace: &Trace) -> BTreeSet<String> {
    examine(&Exam::of(trace), &Chosen::default()).findings.into_iter().map(|finding| finding.name).collect()
}

/// A folder with the data of all trainings, sound and sick.
fn data() -> TempDir {
    let squares: String = (1..=300).map(|n| format!("{}\n", n * n)).collect();
    // The digits of a number in one language, in which they have one letter, and in another one.
    let side = |number: usize, letter: char| -> String {
        number.to_string().chars().map(|digit| format!("{letter}{digit} ")).collect()
    };
    let pairs = |numbers: std::ops::Range<usize>, from: char, to: char| -> String {
        numbers.map(|n| format!("{}\t{}\n", side(n * n, from), side(n * n, to))).collect()
    };
    let table = |row: fn(usize) -> [usize; 3]| {
        let line = |[left, right, class]: [usize; 3]| format!("{left},{right},{class}\n");
        format!("left,right,class\n{}", (0..90).map(row).map(line).collect::<String>())
    };
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("again.txt", squares.repeat(3)),
        ("long.txt", format!("{squares}{}\n", "1".repeat(300))),
        ("squares.txt", squares),
        ("pairs.tsv", pairs(1..150, 'a', 'b')),
        ("more.tsv", pairs(150..170, 'a', 'b')),
        ("swapped.tsv", pairs(150..170, 'b', 'a')),
        ("table.csv", table(|n| [n, n * 37 % 90, n / 45])),
        ("constant.csv", table(|n| [n, 1, n / 45])),
        ("conflicts.csv", table(|n| [n % 5, n % 3, n % 2])),
    ];
    files.iter().for_each(|(name, content)| fs::write(folder.path().join(name), content).unwrap());
    folder
}
