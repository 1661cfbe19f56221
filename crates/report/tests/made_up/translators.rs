//! Made-up translators: losses, BLEU as training goes on and by length, sentences, and where they looked. No number here
//! was measured.

use super::{Noise, UNIFORM};
use rushlight_trace::{
    AttentionMap, ByLength, DataCard, Done, Evaluation, LengthUnit, LossUnit, Machine, ModelCard, OfLength, Record,
    RunCard, Sample, Step, TextCard, Trace, Translation, Translations, Yardsticks,
};

/// What a made-up translator is like.
struct Kind {
    card: ModelCard,
    floor: f64,
    /// BLEU of its shortest sentences, and what it loses for each further word.
    bleu: (f64, f64),
    /// Decoder layers that look at the source, and heads of each.
    looks: (usize, usize),
}

fn kinds() -> Vec<Kind> {
    let kind = |(name, label, year, paper): (&str, &str, u32, &str), order, parameters, floor, bleu, looks| {
        let (name, label, paper) = (name.into(), label.into(), paper.into());
        Kind { card: ModelCard { name, label, year: Some(year), paper, order, parameters }, floor, bleu, looks }
    };
    vec![
        kind(("encoder_decoder", "Encoder-decoder", 2014, "Cho et al."), 7, 9_812_304, 2.61, (27.0, 0.72), (0, 0)),
        kind(("seq2seq", "Seq2seq", 2014, "Sutskever et al."), 8, 12_345_678, 2.43, (29.0, 0.61), (0, 0)),
        kind(("bahdanau", "Attention", 2015, "Bahdanau et al."), 9, 11_204_112, 2.02, (33.5, 0.12), (1, 1)),
        kind(
            ("transformer", "Encoder-decoder Transformer", 2017, "Vaswani et al."),
            10,
            10_118_144,
            1.71,
            (36.0, 0.06),
            (3, 4),
        ),
    ]
}

/// A source, its translation, and for each token written the token of the source that it comes from.
type Pair = (&'static str, &'static str, &'static [usize]);

const PAIRS: [Pair; 3] = [
    (
        "Zwei Männer haben gestern am Fluss einen großen Fisch gefangen .",
        "two men caught a big fish at the river yesterday .",
        &[0, 1, 9, 6, 7, 8, 4, 4, 5, 3, 10, 11],
    ),
    (
        "Ein kleines Mädchen klettert in ein Spielhaus aus Holz .",
        "a little girl climbs into a wooden playhouse .",
        &[0, 1, 2, 3, 4, 5, 8, 6, 9, 10],
    ),
    ("Der Hund läuft durch den Schnee .", "the dog runs through the snow .", &[0, 1, 2, 3, 4, 5, 6, 7]),
];

/// What a poor translator makes of them.
const POOR: [&str; 3] =
    ["two men are a a river in a river .", "a little girl is in a house .", "the dog runs through the snow ."];

const STEPS: u64 = 6000;
const TOKENS: u64 = 9_000_000;

/// Four translators of the same sentences.
pub fn translators() -> Vec<Trace> {
    kinds().iter().map(translator).collect()
}

/// A translator that looked at one sentence of forty tokens.
pub fn with_long_sentence() -> Trace {
    let mut trace = translators().remove(2);
    trace.name = "long-sentence".into();
    trace.records.retain(|record| !matches!(record, Record::AttentionMap(_)));
    let source: Vec<String> = (1..=40).map(|index| format!("Quellwort{index}")).collect();
    let target: Vec<String> = (1..=38).map(|index| format!("word{index}")).collect();
    let aligned: Vec<usize> = (0..38).map(|row| row + row % 3).collect();
    let heads = vec![shares(&aligned, 40, 1.1, &mut Noise(4))];
    trace.records.push(Record::AttentionMap(AttentionMap { site: "attention".into(), source, target, heads }));
    trace
}

fn translator(kind: &Kind) -> Trace {
    let mut noise = Noise(kind.card.order as u64 + 40);
    let mut records = vec![Record::Yardsticks(Yardsticks::language(2.0 * UNIFORM, 5.421, 3.602))];
    for step in (20..=STEPS).step_by(20) {
        let (tokens, progress) = (TOKENS * step / STEPS, step as f64 / STEPS as f64);
        let loss = kind.floor + (2.0 * UNIFORM - kind.floor) / (1.0 + (progress * 30.0).powf(1.3));
        let seconds = progress * 1400.0;
        records.push(Record::Step(Step {
            step,
            tokens,
            seconds,
            loss: loss - 0.1 + 0.12 * noise.normal(),
            unit: LossUnit::NatsPerToken,
            learning_rate: 1e-3 * (progress * 12.0).min(1.0),
            gradient_norm: (0.22 * noise.normal()).exp(),
            tokens_per_second: 6400.0 * (1.0 + 0.04 * noise.normal()),
            wait_seconds: 0.0,
        }));
        if step % 500 == 0 {
            let loss = loss + 0.01 * noise.normal();
            let whole = kind.bleu.0 - 11.0 * kind.bleu.1;
            records.push(Record::Evaluation(Evaluation {
                step,
                tokens,
                seconds,
                split: "validation".into(),
                loss,
                unit: LossUnit::NatsPerToken,
                perplexity: Some(loss.exp()),
                top1: Some(0.8 - loss / 10.0),
                top5: Some(1.0 - loss / 10.0),
                bleu: Some(whole * (1.0 - (-progress * 5.0).exp()) + 0.4 * noise.normal()),
            }));
        }
        if [500, 2000, STEPS].contains(&step) {
            records.extend(samples(kind, step));
        }
    }
    records.push(by_length(kind, &mut noise));
    records.push(extremes(kind));
    records.extend(maps(kind, &mut noise));
    records.push(Record::Done(Done {
        reason: "finished".into(),
        steps: STEPS,
        tokens: TOKENS,
        seconds: 1400.0,
        wait_seconds: 0.0,
    }));
    Trace {
        path: "runs".into(),
        name: format!("multi30k-{}", kind.card.name),
        card: card(kind),
        recipe: format!("[model]\nkind = \"{}\"\n", kind.card.name),
        records,
        findings: Vec::new(),
    }
}

/// What the model makes of a sentence.
fn written(kind: &Kind, index: usize) -> &'static str {
    if kind.looks.0 > 0 { PAIRS[index].1 } else { POOR[index] }
}

fn samples(kind: &Kind, step: u64) -> Vec<Record> {
    let sample = |index: usize| {
        let text = if step == 500 { "a man is a ." } else { written(kind, index) };
        Record::Sample(Sample {
            step,
            prompt: PAIRS[index].0.into(),
            text: text.into(),
            strategy: "greedy".into(),
            reference: Some(PAIRS[index].1.into()),
        })
    };
    (0..PAIRS.len()).map(sample).collect()
}

fn by_length(kind: &Kind, noise: &mut Noise) -> Record {
    let spans = [(3, 5, 24), (6, 10, 341), (11, 15, 402), (16, 20, 161), (21, 25, 49), (26, 34, 23)];
    let span = |(from, to, sentences): (u64, u64, u64)| {
        let bleu = kind.bleu.0 - kind.bleu.1 * ((from + to) as f64 / 2.0 - 4.0) + 0.5 * noise.normal();
        OfLength { from, to, sentences, bleu }
    };
    Record::ByLength(ByLength { split: "validation".into(), unit: LengthUnit::Word, lengths: spans.map(span).to_vec() })
}

fn extremes(kind: &Kind) -> Record {
    let pair = |index: usize, text: &str, score: f64| Translation {
        source: PAIRS[index].0.into(),
        text: text.into(),
        reference: PAIRS[index].1.into(),
        score,
    };
    let long = "Eine Gruppe von Menschen in bunten Jacken steht an einem kalten Wintermorgen vor einem alten Bahnhof und wartet \
                auf einen Zug , der schon seit einer Stunde hätte da sein sollen .";
    let rambling = Translation {
        source: long.into(),
        text: "a group of people in a group of people in a group of people in front of a building .".into(),
        reference: "A group of people in colourful jackets stands in front of an old station on a cold winter morning, waiting \
                    for a train that should have been there an hour ago."
            .into(),
        score: 24.6,
    };
    Record::Translations(Translations {
        split: "validation".into(),
        metric: "chrF2".into(),
        worst: vec![pair(1, "", 0.0), pair(0, "a man in a red shirt .", 11.2), rambling],
        best: vec![pair(2, PAIRS[2].1, 100.0), pair(1, written(kind, 1), 81.4)],
        searches: Vec::new(),
    })
}

fn maps(kind: &Kind, noise: &mut Noise) -> Vec<Record> {
    let (layers, heads) = kind.looks;
    let tokens = |text: &str| text.split(' ').chain(["<|endoftext|>"]).map(str::to_owned).collect::<Vec<_>>();
    let mut map = |(source, target, aligned): Pair, layer: usize| {
        let source = tokens(source);
        let site = if layers == 1 { "attention".into() } else { format!("decoder.{layer}.cross.weights") };
        // Later layers look harder, and so do later heads.
        let sharp = |head: usize| 0.35 + 1.4 * (layer + 1) as f64 / layers as f64 * (head + 1) as f64 / heads as f64;
        let heads = (0..heads).map(|head| shares(aligned, source.len(), sharp(head), noise)).collect();
        Record::AttentionMap(AttentionMap { site, target: tokens(target), source, heads })
    };
    PAIRS.into_iter().flat_map(|pair| (0..layers).map(|layer| map(pair, layer)).collect::<Vec<_>>()).collect()
}

/// For each token written, shares that are largest where it comes from.
fn shares(aligned: &[usize], columns: usize, sharp: f64, noise: &mut Noise) -> Vec<Vec<f32>> {
    let mut row = |at: &usize| -> Vec<f32> {
        let far = |column: usize| (column as f64 - *at as f64).abs();
        let weights: Vec<f64> = (0..columns).map(|column| (-sharp * far(column) + 0.5 * noise.next()).exp()).collect();
        let sum: f64 = weights.iter().sum();
        weights.iter().map(|weight| (weight / sum) as f32).collect()
    };
    aligned.iter().map(&mut row).collect()
}

fn card(kind: &Kind) -> RunCard {
    let file = |ending: &str| DataCard {
        name: format!("multi30k/train.{ending}"),
        path: format!("/data/multi30k/train.{ending}"),
        bytes: 1_900_000,
        crc32c: "86c4e6aa".into(),
    };
    RunCard {
        rushlight: "0.2.0".into(),
        started: "2026-11-22T18:46:00Z".into(),
        command: vec!["rushlight".into(), "train".into(), format!("multi30k-{}.toml", kind.card.name)],
        seed: 42,
        task: "translation".into(),
        machine: Machine {
            processor: "A made-up processor".into(),
            cores: 2,
            memory_bytes: 8 << 30,
            instruction_set: "AVX-512".into(),
        },
        threads: 2,
        data: vec![file("de"), file("en")],
        model: kind.card.clone(),
        text: Some(TextCard { token: "word".into(), vocabulary: 4229, characters_per_token: 4.9 }),
    }
}
