//! Made-up models that understand requests: losses, which intents they confuse, which slots they find and how sure they are.
//! No number here was measured.

use super::Noise;
use rushlight_trace::{
    Confusion, DataCard, Done, Evaluation, LossUnit, Machine, ModelCard, OfIntent, OfSlot, OfSureness, Record, RunCard,
    Step, TextCard, Trace, Understanding,
};

const STEPS: u64 = 4000;
const TOKENS: u64 = 130_000;

/// Requests to a voice assistant: seven intents, and what is none of them.
pub fn understander() -> Trace {
    let intents = [
        "AddToPlaylist",
        "BookRestaurant",
        "GetWeather",
        "PlayMusic",
        "RateBook",
        "SearchCreativeWork",
        "SearchScreeningEvent",
    ];
    let confused = [
        ("SearchScreeningEvent", "SearchCreativeWork", 9),
        ("SearchCreativeWork", "SearchScreeningEvent", 6),
        ("PlayMusic", "AddToPlaylist", 4),
        ("SearchCreativeWork", "PlayMusic", 3),
        ("out of scope", "GetWeather", 3),
        ("GetWeather", "out of scope", 2),
        ("RateBook", "out of scope", 1),
    ];
    let slots = [
        ("artist", 102, 104, 97),
        ("city", 60, 58, 55),
        ("entity_name", 33, 36, 24),
        ("movie_name", 47, 49, 36),
        ("object_name", 147, 139, 121),
        ("playlist", 123, 121, 117),
        ("state", 59, 59, 59),
        ("timeRange", 107, 110, 101),
        ("year", 24, 24, 23),
    ];
    // Sentences in scope, by how sure it was of them: 700.
    let sureness = [(0.44, 6, 3), (0.55, 9, 5), (0.65, 11, 6), (0.76, 18, 15), (0.86, 31, 28), (0.98, 625, 621)];
    let record = Understanding {
        split: "validation".into(),
        sentences: 740,
        named: 678,
        whole: 611,
        intents: of_intents(&intents, 100, ("out of scope", 40), &confused),
        confused: of_confused(&confused),
        slots: slots.map(|(kind, there, found, right)| OfSlot { kind: kind.into(), there, found, right }).to_vec(),
        sureness: sureness.map(|(confidence, sentences, right)| OfSureness { confidence, sentences, right }).to_vec(),
        temperature: 0.84,
        threshold: 0.41,
        calibration_error: 0.018,
    };
    trace("snips-gru_tagger", record)
}

/// Sixty intents, of which twenty-four are ever confused; no slots.
pub fn of_many_intents() -> Trace {
    let names: Vec<String> = (1..=60).map(|index| format!("intent_{index}")).collect();
    let intents: Vec<&str> = names.iter().map(|name| &name[..]).collect();
    let confused: Vec<(&str, &str, u64)> =
        (0..12).map(|index| (intents[2 * index], intents[2 * index + 1], 13 - index as u64)).collect();
    let record = Understanding {
        split: "validation".into(),
        sentences: 1200,
        named: 1110,
        whole: 1110,
        intents: of_intents(&intents, 20, ("oos", 0), &confused),
        confused: of_confused(&confused),
        slots: Vec::new(),
        sureness: vec![OfSureness { confidence: 0.9, sentences: 1200, right: 1110 }],
        temperature: 1.0,
        threshold: 0.0,
        calibration_error: 0.025,
    };
    trace("clinc150-text_cnn", record)
}

fn of_intents(names: &[&str], there: u64, outside: (&str, u64), confused: &[(&str, &str, u64)]) -> Vec<OfIntent> {
    let of = |name: &str, there: u64, is_outside: bool| {
        let wrong: u64 = confused.iter().filter(|(wanted, _, _)| *wanted == name).map(|(_, _, count)| count).sum();
        OfIntent { name: name.into(), there, right: there - wrong, is_outside }
    };
    names.iter().map(|name| of(name, there, false)).chain([of(outside.0, outside.1, true)]).collect()
}

fn of_confused(confused: &[(&str, &str, u64)]) -> Vec<Confusion> {
    let of = |&(wanted, said, count): &(&str, &str, u64)| Confusion { wanted: wanted.into(), said: said.into(), count };
    confused.iter().map(of).collect()
}

fn trace(name: &str, understanding: Understanding) -> Trace {
    let mut noise = Noise(71);
    let mut records = Vec::new();
    for step in (20..=STEPS).step_by(20) {
        let (tokens, progress) = (TOKENS * step / STEPS, step as f64 / STEPS as f64);
        let (loss, seconds) = (0.3 + 2.4 / (1.0 + (progress * 30.0).powf(1.3)), progress * 90.0);
        records.push(Record::Step(Step {
            step,
            tokens,
            seconds,
            loss: loss + 0.04 * noise.normal(),
            unit: LossUnit::NatsPerExample,
            learning_rate: 4e-3 * (1.0 - progress),
            gradient_norm: (0.22 * noise.normal()).exp(),
            tokens_per_second: 1440.0 * (1.0 + 0.04 * noise.normal()),
            wait_seconds: 0.0,
        }));
        if step % 400 == 0 {
            records.push(Record::Evaluation(Evaluation {
                step,
                tokens,
                seconds,
                split: "validation".into(),
                loss: loss + 0.02 + 0.01 * noise.normal(),
                unit: LossUnit::NatsPerExample,
                top1: Some(0.99 - loss / 10.0),
                top5: Some(1.0 - loss / 30.0),
                ..Evaluation::default()
            }));
        }
    }
    records.push(Record::Understanding(understanding));
    records.push(Record::Done(Done {
        reason: "finished".into(),
        steps: STEPS,
        tokens: TOKENS,
        seconds: 90.0,
        wait_seconds: 0.0,
    }));
    Trace { path: "runs".into(), name: name.into(), card: card(), recipe: String::new(), records, findings: Vec::new() }
}

fn card() -> RunCard {
    let file = DataCard {
        name: "snips/train.txt".into(),
        path: "/data/snips/train.txt".into(),
        bytes: 1_400_000,
        crc32c: "86c4e6aa".into(),
    };
    RunCard {
        rushlight: "0.3.0".into(),
        started: "2026-11-23T18:46:00Z".into(),
        command: vec!["rushlight".into(), "train".into(), "snips-gru.toml".into()],
        seed: 42,
        task: "understanding".into(),
        machine: Machine {
            processor: "A made-up processor".into(),
            cores: 2,
            memory_bytes: 8 << 30,
            instruction_set: "AVX-512".into(),
        },
        threads: 2,
        data: vec![file],
        model: ModelCard {
            name: "gru_tagger".into(),
            label: "GRU tagger".into(),
            year: Some(2016),
            paper: "Liu, Lane".into(),
            order: 9,
            parameters: 2_434_972,
        },
        text: Some(TextCard { token: "word".into(), vocabulary: 11_418, characters_per_token: 4.7 }),
    }
}
