//! Every fault changes something that can be measured, on every small training that it suits; and where it is put into a
//! part that a model does not have, nothing.
#![allow(clippy::unwrap_used)]

mod common;

use common::Place;
use rushlight_data::PartName;
use rushlight_trace::Record;
use rushlight_train::faults::{ALL, Entry};
use rushlight_train::{Session, check};
use std::cell::OnceCell;

/// Trainings so small that all faults can be tried on them; each fault suits one of them at least.
const TRAININGS: &[(&str, &str)] = &[
    ("mlp on contexts", MLP),
    ("mlp with batch norm", BATCH_NORM),
    ("rnn on lines", RNN),
    ("lstm on lines", LSTM),
    ("gpt on lines", GPT),
    ("feed-forward on noise", NOISE),
    ("feed-forward on a table", TABLE),
    ("bahdanau on pairs", BAHDANAU),
    ("encoder-decoder on pairs", ENCODER_DECODER),
    ("seq2seq on pairs", SEQ2SEQ),
    ("transformer on pairs", TRANSFORMER),
];

const MLP: &str = r#"
data = { kind = "lines", path = "names.txt", batching = "contexts" }
model = { kind = "mlp", embed = 3, hidden = 7, layers = 2 }
train = { steps = 9, batch = 6, window = 3, lr = 0.1, optimizer = { kind = "sgd" } }
"#;

const BATCH_NORM: &str = r#"
data = { kind = "lines", path = "names.txt", batching = "contexts" }
model = { kind = "mlp", embed = 3, hidden = 7, batch_norm = true }
train = { steps = 9, batch = 6, window = 3, lr = 0.1, optimizer = { kind = "sgd" } }
"#;

const RNN: &str = r#"
data = { kind = "lines", path = "names.txt" }
model = { kind = "rnn", embed = 5, hidden = 6 }
train = { steps = 9, batch = 4, lr = 0.01 }
"#;

const LSTM: &str = r#"
data = { kind = "lines", path = "names.txt" }
model = { kind = "lstm", embed = 5, hidden = 6, dropout = 0.2 }
train = { steps = 9, batch = 4, lr = 0.01 }
"#;

const GPT: &str = r#"
data = { kind = "lines", path = "names.txt" }
model = { kind = "gpt", layers = 2, heads = 2, width = 16, dropout = 0.2 }
train = { steps = 9, batch = 4, window = 16, lr = 0.01 }
"#;

const NOISE: &str = r#"
data = { kind = "noise", samples = 42, validation = 20 }
model = { kind = "feed_forward", hidden = [5, 4] }
train = { steps = 9, batch = 5, lr = 0.05, optimizer = { kind = "sgd" } }
"#;

const TABLE: &str = r#"
data = { kind = "table", path = "table.csv", targets = ["class"], task = "classification" }
model = { kind = "feed_forward", hidden = [6], dropout = 0.2 }
train = { steps = 9, batch = 5, lr = 0.1 }
"#;

const BAHDANAU: &str = r#"
data = { kind = "reverse", pairs = true, shortest = 3, longest = 6, train = 40, validation = 10, test = 0 }
model = { kind = "bahdanau", embed = 5, hidden = 6, dropout = 0.2 }
train = { steps = 9, batch = 4, lr = 0.01 }
"#;

const ENCODER_DECODER: &str = r#"
data = { kind = "reverse", pairs = true, shortest = 3, longest = 6, train = 40, validation = 10, test = 0 }
model = { kind = "encoder_decoder", embed = 5, hidden = 6, dropout = 0.2 }
train = { steps = 9, batch = 4, lr = 0.01 }
"#;

const SEQ2SEQ: &str = r#"
data = { kind = "reverse", pairs = true, shortest = 3, longest = 6, train = 40, validation = 10, test = 0 }
model = { kind = "seq2seq", embed = 5, hidden = 6, dropout = 0.2 }
train = { steps = 9, batch = 4, lr = 0.01 }
"#;

const TRANSFORMER: &str = r#"
data = { kind = "reverse", pairs = true, shortest = 3, longest = 6, train = 40, validation = 10, test = 0 }
model = { kind = "transformer", layers = 2, heads = 2, width = 8, inner = 12, dropout = 0.2 }
train = { steps = 9, batch = 4, window = 24, lr = 0.01 }
"#;

/// What is measured of a training, each kind of it only when somebody asks, from cheap to dear.
struct Measured {
    session: Session,
    steps: Vec<Number>,
    evaluation: OnceCell<Vec<Number>>,
    probes: OnceCell<Vec<Number>>,
}

/// A number, and how large what it is held against is.
type Number = (String, f64, f64);

impl Measured {
    fn of(place: &Place, text: &str, sets: &[&str]) -> Self {
        let mut session = place.session(text, sets);
        let mut steps = Vec::new();
        for step in 1..=3 {
            let report = session.take_step().unwrap();
            steps.push((format!("loss of step {step}"), report.loss, 0.0));
            steps.push((format!("gradient norm of step {step}"), report.gradient_norm, 0.0));
        }
        Self { session, steps, evaluation: OnceCell::new(), probes: OnceCell::new() }
    }

    fn evaluation(&self) -> &[Number] {
        self.evaluation.get_or_init(|| {
            let score = self.session.evaluate(PartName::Validation, None).unwrap();
            vec![("validation loss".to_owned(), score.loss(), 0.0)]
        })
    }

    fn probes(&self) -> &[Number] {
        self.probes.get_or_init(|| {
            let records = check::check(&self.session).unwrap().into_iter();
            let numbers = records.filter_map(|record| match record {
                // The slope is a difference of rounded numbers: it would differ by itself.
                Record::Probe(probe) if probe.name != "slope" => {
                    Some((format!("{} {}", probe.name, probe.place), probe.measured, probe.reference))
                }
                _ => None,
            });
            numbers.collect()
        })
    }

    /// The first number in which two trainings differ by more than rounding.
    fn differs(&self, other: &Self) -> Option<String> {
        first_apart(&self.steps, &other.steps)
            .or_else(|| first_apart(self.evaluation(), other.evaluation()))
            .or_else(|| first_apart(self.probes(), other.probes()))
    }
}

fn first_apart(some: &[Number], others: &[Number]) -> Option<String> {
    if some.len() != others.len() {
        return Some(format!("{} numbers and {}", some.len(), others.len()));
    }
    let is_near = |a: &Number, b: &Number| {
        let scale = [a.1, a.2, b.1, b.2].iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        a.0 == b.0 && ((a.1 - b.1).abs() <= 1e-4 * scale || a.1.is_nan() && b.1.is_nan())
    };
    let apart = some.iter().zip(others).find(|(a, b)| !is_near(a, b));
    apart.map(|(a, b)| format!("{}: {} and {}: {}", a.0, a.1, b.0, b.1))
}

fn with(entry: &Entry) -> String {
    format!("fault.kind=\"{}\"", entry.name)
}

#[test]
fn every_fault_changes_what_is_measured_wherever_it_suits() {
    let place = Place::new();
    let mut without_effect = Vec::new();
    let mut suited = vec![false; ALL.len()];
    for (training, text) in TRAININGS {
        let sound = Measured::of(&place, text, &[]);
        for (entry, suited) in ALL.iter().zip(&mut suited) {
            if !(entry.suits)(&sound.session.recipe) {
                continue;
            }
            *suited = true;
            if Measured::of(&place, text, &[&with(entry)]).differs(&sound).is_none() {
                without_effect.push(format!("{} in {training}", entry.name));
            }
        }
    }
    let unsuited = ALL.iter().zip(suited).filter(|(_, suited)| !suited).map(|(entry, _)| entry.name);
    assert_eq!(unsuited.collect::<Vec<_>>(), [""; 0], "there is no training here that these suit");
    assert_eq!(without_effect, [""; 0], "these change nothing");
}

#[test]
fn a_fault_in_a_part_that_there_is_not_changes_no_step() {
    let place = Place::new();
    let sound = Measured::of(&place, GPT, &[]);
    let with_place = |entry: &&Entry| entry.source.contains("Place::of") && (entry.suits)(&sound.session.recipe);
    for entry in ALL.iter().filter(with_place) {
        let elsewhere = Measured::of(&place, GPT, &[&with(entry), "fault.place=\"nowhere\""]);
        assert_eq!(first_apart(&elsewhere.steps, &sound.steps), None, "{}", entry.name);
    }
}

#[test]
fn a_place_holds_a_fault_to_one_layer() {
    let place = Place::new();
    let moved = |sets: &[&str]| {
        let mut session = place.session(GPT, sets);
        let before = common::weights(&session);
        session.take_step().unwrap();
        let after = common::weights(&session);
        before.keys().filter(|name| before[*name] != after[*name]).cloned().collect::<Vec<_>>()
    };
    let all = moved(&[]);
    let others: Vec<String> = all.iter().filter(|name| !name.starts_with("blocks.1.")).cloned().collect();
    assert!(others.len() < all.len());
    assert_eq!(moved(&["fault.kind=\"nothing-moves\"", "fault.place=\"blocks.1\""]), others);
}
