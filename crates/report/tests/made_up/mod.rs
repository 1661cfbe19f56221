//! Made-up runs that look like real ones: for tests of the pages, and for looking at the pages
//! while their look is worked on. No number here was measured.

// Public for the example, which has this file as a module of its own.
#![allow(unreachable_pub)]
// Each test looks at a part of it.
#![allow(dead_code, unused_imports)]

use rushlight_trace::{
    Axis, Component, Cost, DataCard, Done, Evaluation, Finding, GradientDistance, Histogram, Layer, LayerShape,
    LossUnit, Machine, ModelCard, Reach, Recall, Record, RunCard, Sample, Saturation, Severity, Shape, SiteKind, Step,
    TextCard, Trace, Weight, Yardsticks,
};

mod translators;
mod understanders;

pub use translators::{translators, with_long_sentence};
pub use understanders::{of_many_intents, understander};

/// What a made-up model is like.
struct Kind {
    card: ModelCard,
    /// The loss it falls to, and after how many tokens half of the way is done.
    floor: f64,
    half_tokens: f64,
    tokens_per_second: f64,
    /// Characters of context that help it.
    reach: f64,
    /// What is left of the gradient a character back.
    keep: f64,
    /// Symbols it recalls.
    recall: f64,
    /// Milliseconds for a sequence of 64, and for its square.
    cost: (f64, f64),
    text: &'static str,
}

fn kind(
    (name, label, year, paper): (&str, &str, u32, &str),
    (order, parameters): (usize, u64),
    (floor, half_tokens, tokens_per_second): (f64, f64, f64),
    (reach, keep, recall): (f64, f64, f64),
    cost: (f64, f64),
    text: &'static str,
) -> Kind {
    let card =
        ModelCard { name: name.into(), label: label.into(), year: Some(year), paper: paper.into(), order, parameters };
    Kind { card, floor, half_tokens, tokens_per_second, reach, keep, recall, cost, text }
}

fn kinds() -> Vec<Kind> {
    vec![
        kind(
            ("bigram", "Bigram", 1948, "Shannon"),
            (0, 4_225),
            (2.462, 2.5e3, 4.1e6),
            (1.0, 0.0, 0.0),
            (0.2, 0.0),
            "Thoure ithe, ond t my henoulle\nWhe t ang s y ICor: be fosthin, harat\n\nANofe wid, ft pe we.",
        ),
        kind(
            ("mlp", "MLP", 2003, "Bengio et al."),
            (3, 60_745),
            (2.012, 1.2e4, 5.2e5),
            (8.0, 0.0, 8.0),
            (1.1, 0.0),
            "Whath the now me hand,\nAnd so the pranger thee be so grave of\n\nGLOUCESS:\nI wither had the dill.",
        ),
        kind(
            ("rnn", "RNN", 2010, "Mikolov et al."),
            (4, 107_073),
            (1.931, 2.2e4, 1.6e5),
            (11.0, 0.68, 12.0),
            (3.0, 0.0),
            "What is the king the beart,\nAnd hath and the sours of the wind.\n\nKING RICHARD:\nNo, that he have a may.",
        ),
        kind(
            ("lstm", "LSTM", 2013, "Graves"),
            (5, 378_689),
            (1.765, 3.3e4, 7.1e4),
            (26.0, 0.9, 70.0),
            (11.0, 0.0),
            "What say you to my father's house?\n\nSecond Citizen:\nI do beseech your honour, sir, the people\nShall have the duke's good leave.",
        ),
        kind(
            ("gru", "GRU", 2014, "Cho et al."),
            (6, 290_113),
            (1.774, 3e4, 8.3e4),
            (22.0, 0.88, 50.0),
            (9.0, 0.0),
            "What shall I say to him? My lord, the queen\nHath sent the daughter of the morning\nTo be the man.",
        ),
        kind(
            ("gpt", "Transformer", 2017, "Vaswani et al."),
            (11, 809_856),
            (1.648, 4.5e4, 5.4e4),
            (52.0, 0.985, 100.0),
            (9.0, 0.02),
            "What, art thou come to see the king?\n\nGLOUCESTER:\nMy gracious lord, I come to hear thee speak;\nAnd, by my troth, the world is full of men\nThat would be great and cannot.",
        ),
    ]
}

/// Numbers that look random and are the same every time.
struct Noise(u64);

impl Noise {
    /// Between -1 and 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1_u32 << 30) - 1.0
    }

    /// About normal: the sum of some.
    fn normal(&mut self) -> f64 {
        (0..6).map(|_| self.next()).sum::<f64>() / 1.41
    }
}

/// All rungs of a made-up ladder.
pub fn ladder() -> Vec<Trace> {
    kinds().iter().map(rung).collect()
}

/// One rung, watched from inside.
pub fn watched() -> Trace {
    let kind = &kinds()[5];
    let mut trace = rung(kind);
    trace.name = "shakespeare-gpt".into();
    trace.records.extend(watched_records());
    trace.records.push(transformer_shape());
    let words = "The loss was still falling at the last evaluation; more steps would help.";
    trace
        .findings
        .push(Finding::new("late-evaluation", Severity::Note, Component::Rate, words).since(1800).at("blocks.3"));
    trace
}

const UNIFORM: f64 = 4.174;
const STEPS: u64 = 2000;
const TOKENS: u64 = 1_003_520;

fn rung(kind: &Kind) -> Trace {
    let mut noise = Noise(kind.card.order as u64 + 1);
    let mut records = vec![Record::Yardsticks(Yardsticks::language(UNIFORM, 3.315, 2.455))];
    let loss_after = |tokens: f64| kind.floor + (UNIFORM - kind.floor) / (1.0 + (tokens / kind.half_tokens).powf(1.35));
    // The bigram counts; it takes no steps.
    let steps = if kind.card.order == 0 { 0 } else { STEPS };
    if steps == 0 {
        records.push(Record::Evaluation(Evaluation {
            tokens: TOKENS,
            split: "validation".into(),
            loss: kind.floor,
            perplexity: Some(kind.floor.exp()),
            ..Evaluation::default()
        }));
    }
    for step in 1..=steps {
        let tokens = TOKENS * step / STEPS;
        let progress = step as f64 / STEPS as f64;
        records.push(Record::Step(Step {
            step,
            tokens,
            seconds: tokens as f64 / kind.tokens_per_second,
            loss: loss_after(tokens as f64) - 0.03 + 0.09 * noise.normal(),
            unit: LossUnit::NatsPerToken,
            learning_rate: 3e-3 * (progress * 20.0).min(1.0) * (0.55 + 0.45 * (progress * 3.0).cos()),
            gradient_norm: 0.6 * (1.0 + 3.0 * (-progress * 12.0).exp()) * (0.22 * noise.normal()).exp(),
            tokens_per_second: kind.tokens_per_second * (1.0 + 0.04 * noise.normal()),
            wait_seconds: 2e-5,
        }));
        if step % 100 == 0 || step == 10 || step == 30 {
            let loss = loss_after(tokens as f64) + 0.004 * noise.normal();
            records.push(Record::Evaluation(Evaluation {
                step,
                tokens,
                seconds: tokens as f64 / kind.tokens_per_second,
                split: "validation".into(),
                loss,
                unit: LossUnit::NatsPerToken,
                perplexity: Some(loss.exp()),
                top1: Some(0.78 - loss / 6.0),
                top5: Some(1.05 - loss / 6.0),
                bleu: None,
            }));
        }
        if [100, 500, 1000, 2000].contains(&step) {
            records.push(Record::Sample(Sample {
                step,
                prompt: "\n".into(),
                text: if step < 500 { "tehn  oe mnrathe, s\nIoud ah".into() } else { kind.text.into() },
                strategy: "temperature 0.8, seed 1".into(),
                reference: None,
            }));
        }
    }
    records.extend(measured_after(kind, &mut noise));
    Trace {
        path: "runs/ladder".into(),
        name: kind.card.name.clone(),
        card: card(kind),
        recipe: "[model]\nkind = \"gpt\"\nlayers = 4\nwidth = 128\n\n[train]\nsteps = 2000\nlr = 3e-3\n".into(),
        records,
        findings: Vec::new(),
    }
}

fn measured_after(kind: &Kind, noise: &mut Noise) -> Vec<Record> {
    let model = kind.card.name.clone();
    let shown: Vec<u64> = vec![1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
    let lengths: Vec<u64> = vec![64, 128, 256, 512, 1024];
    let reach = |k: &u64| kind.floor + (2.5 - kind.floor) * (-((*k as f64) - 1.0) / (kind.reach / 2.6)).exp();
    let shown_to = |k: &u64| if kind.reach > 1.0 { reach(k) } else { kind.floor };
    let recalled =
        |distance: &u64| 0.1 + 0.9 / (1.0 + ((*distance as f64 - kind.recall) / (2.0 + kind.recall / 9.0)).exp());
    let time = |length: &u64| {
        let longer = *length as f64 / 64.0;
        (kind.cost.0 * longer + kind.cost.1 * kind.cost.0 * longer * longer) * (1.0 + 0.02 * noise.next())
    };
    let step_milliseconds = lengths.iter().map(time).collect();
    let mut records = vec![
        Record::Reach(Reach { model: model.clone(), loss: shown.iter().map(shown_to).collect(), k: shown }),
        Record::Cost(Cost {
            model: model.clone(),
            axis: Axis::Length,
            size: lengths,
            step_milliseconds,
            peak_megabytes: Vec::new(),
        }),
    ];
    if kind.recall > 0.0 {
        let distance: Vec<u64> = (1..=20).map(|index| index * 5).collect();
        let accuracy = distance.iter().map(recalled).collect();
        records.push(Record::Recall(Recall { model, distance, accuracy, chance: Some(0.1) }));
    }
    if kind.keep > 0.0 && kind.card.name != "gru" {
        let distances: Vec<u64> = (1..=63).collect();
        let norm = |distance: &u64| 0.02 * kind.keep.powf(*distance as f64 - 1.0) * (0.25 * noise.next()).exp();
        let norms = distances.iter().map(norm).collect();
        records.push(Record::GradientDistance(GradientDistance { step: STEPS, distances, norms }));
    }
    records.push(Record::Done(Done {
        reason: "finished".into(),
        steps: if kind.card.order == 0 { 0 } else { STEPS },
        tokens: TOKENS,
        seconds: TOKENS as f64 / kind.tokens_per_second,
        wait_seconds: 0.0,
    }));
    records
}

fn card(kind: &Kind) -> RunCard {
    RunCard {
        rushlight: "0.1.0".into(),
        started: "2026-11-21T18:46:00Z".into(),
        command: vec!["rushlight".into(), "ladder".into()],
        seed: 42,
        task: "language".into(),
        machine: Machine {
            processor: "A made-up processor".into(),
            cores: 2,
            memory_bytes: 8 << 30,
            instruction_set: "AVX-512".into(),
        },
        threads: 2,
        data: vec![DataCard {
            name: "tiny Shakespeare".into(),
            path: "datasets/shakespeare.txt".into(),
            bytes: 1_115_394,
            crc32c: "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed".into(),
        }],
        model: kind.card.clone(),
        text: Some(TextCard { token: "character".into(), vocabulary: 65, characters_per_token: 1.0 }),
    }
}

fn watched_records() -> Vec<Record> {
    let mut noise = Noise(77);
    let mut records = Vec::new();
    for step in (0..=STEPS).step_by(200) {
        let progress = step as f64 / STEPS as f64;
        for layer in 0..4_u32 {
            let width = 0.9 + 0.5 * progress + 0.12 * f64::from(layer);
            let before: Vec<f32> = (0..4000).map(|_| (width * noise.normal()) as f32).collect();
            let after: Vec<f32> = before.iter().map(|value| (1.6 * value).tanh()).collect();
            let back: Vec<f32> = (0..4000).map(|_| (3e-4 / (1.0 + f64::from(layer)) * noise.normal()) as f32).collect();
            let site = format!("blocks.{layer}.hidden");
            records.push(layer_record(step, &site, SiteKind::PreActivation, &before, Histogram::spanning(&before, 60)));
            records.push(layer_record(
                step,
                &site,
                SiteKind::Activation,
                &after,
                Histogram::between(-1.0, 1.0, 50, after.iter().copied()),
            ));
            records.push(layer_record(step, &site, SiteKind::Gradient, &back, Histogram::spanning(&back, 60)));
            if layer == 0 && (step == 0 || step == STEPS) {
                let values = tanh_units(&mut noise, 3.2 - 2.0 * progress);
                records.push(Record::Saturation(Saturation::of(step, site.clone(), 0.99, 200, &values)));
            }
            for (index, name) in
                ["attention.query", "attention.key", "attention.value", "attention.out", "wide", "narrow"]
                    .iter()
                    .enumerate()
            {
                let base =
                    -3.4 + 0.5 * (1.0 - progress) + 0.12 * index as f64 - 0.1 * f64::from(layer) + 0.05 * noise.next();
                records.push(Record::Weight(Weight {
                    step,
                    name: format!("blocks.{layer}.{name}"),
                    grad_to_data: 10_f64.powf(base + 0.8),
                    update_to_data: 10_f64.powf(base),
                    grad_histogram: Histogram::spanning(&back, 40),
                }));
            }
        }
        for name in ["embedding", "head"] {
            let base = -2.7 - 0.4 * progress + 0.05 * noise.next();
            records.push(Record::Weight(Weight {
                step,
                name: name.into(),
                grad_to_data: 10_f64.powf(base + 0.4),
                update_to_data: 10_f64.powf(base),
                grad_histogram: Histogram::between(-1.0, 1.0, 4, []),
            }));
        }
    }
    records
}

/// 32 examples of 200 tanh units, a few of them stuck.
fn tanh_units(noise: &mut Noise, width: f64) -> Vec<f32> {
    let lean: Vec<f64> = (0..200).map(|unit| if unit % 41 == 7 { 30.0 } else { 1.2 * noise.normal() }).collect();
    (0..32)
        .flat_map(|_| lean.iter().map(|lean| (lean + width * noise.normal()).tanh() as f32).collect::<Vec<_>>())
        .collect()
}

fn layer_record(step: u64, site: &str, kind: SiteKind, values: &[f32], histogram: Histogram) -> Record {
    let count = values.len() as f64;
    let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / count;
    let variance = values.iter().map(|value| (f64::from(*value) - mean).powi(2)).sum::<f64>() / count;
    let saturated = values.iter().filter(|value| value.abs() > 0.97).count() as f64 / count;
    let is_activation = kind == SiteKind::Activation;
    Record::Layer(Layer {
        step,
        site: site.into(),
        kind,
        mean,
        std: variance.sqrt(),
        saturated_share: is_activation.then_some(saturated),
        dead_units: is_activation.then_some(0),
        units: 512,
        histogram,
    })
}

fn transformer_shape() -> Record {
    let layer = |name: &str, kind: &str, input: &str, output: &str, parameters: u64| LayerShape {
        name: name.into(),
        kind: kind.into(),
        input_shape: input.into(),
        output_shape: output.into(),
        parameters,
    };
    let (ids, hidden, wide, logits) = ("[12, 64]", "[12, 64, 128]", "[12, 64, 512]", "[12, 64, 65]");
    let mut layers = vec![
        layer("embedding", "token embedding", ids, hidden, 65 * 128),
        layer("positions", "learned positions", hidden, hidden, 64 * 128),
    ];
    for block in 0..4 {
        let name = |part: &str| format!("blocks.{block}.{part}");
        layers.push(layer(&name("norm_1"), "layer norm", hidden, hidden, 256));
        layers.push(layer(&name("attention"), "causal attention, 4 heads", hidden, hidden, 4 * 128 * 128 + 4 * 128));
        layers.push(layer(&name("norm_2"), "layer norm", hidden, hidden, 256));
        layers.push(layer(&name("wide"), "linear + GELU", hidden, wide, 129 * 512));
        layers.push(layer(&name("narrow"), "linear", wide, hidden, 513 * 128));
    }
    layers.push(layer("norm", "layer norm", hidden, hidden, 256));
    layers.push(layer("head", "linear", hidden, logits, 129 * 65));
    Record::Shape(Shape { layers })
}
