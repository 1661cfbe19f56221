//! `bench`: one training step (or the writing of a token), timed on made-up integers. The workloads W1 to W7 have the
//! sizes that the comparison with PyTorch uses.

use super::Answer;
use anyhow::{Result, bail};
use rushlight_engine::{Ids, Rng};
use rushlight_models::decode::{Strategy, Writer};
use rushlight_models::{ALL, Input, Model, Sizes, Source};
use rushlight_nn::clip::Clip;
use rushlight_nn::optimizers::adamw;
use rushlight_train::{Forcing, GoesOn, Prepared, StepSettings, Targets, take_step};
use serde_json::{Value, json};
use std::time::Instant;

/// A step: the model by name and configuration, and the shape of its batch.
struct Workload {
    name: &'static str,
    what: &'static str,
    model: &'static str,
    config: fn() -> Value,
    rows: usize,
    times: usize,
    vocabulary: usize,
    /// The tokens of what is translated; 0 where nothing is.
    source: usize,
    steps: usize,
}

const SMALL: fn() -> Value = || json!({"layers": 4, "heads": 4, "width": 128});
const LARGER: fn() -> Value = || json!({"layers": 6, "heads": 6, "width": 384});

/// The recurrent models are timed on one and the same step.
const fn recurrent(name: &'static str, what: &'static str, model: &'static str) -> Workload {
    let config = || json!({"embed": 128, "hidden": 256, "layers": 1});
    Workload { name, what, model, config, rows: 32, times: 64, vocabulary: 65, source: 0, steps: 60 }
}

/// As many tokens on both sides.
const fn translation(name: &'static str, what: &'static str, model: &'static str, config: fn() -> Value) -> Workload {
    Workload { name, what, model, config, rows: 128, times: 14, vocabulary: 5893, source: 7853, steps: 12 }
}

const WORKLOADS: &[Workload] = &[
    Workload {
        name: "W1",
        what: "MLP step",
        model: "mlp",
        config: || json!({"embed": 10, "hidden": 200}),
        rows: 32,
        times: 3,
        vocabulary: 27,
        source: 0,
        steps: 2000,
    },
    recurrent("W2", "LSTM step", "lstm"),
    recurrent("W2r", "RNN step", "rnn"),
    recurrent("W2g", "GRU step", "gru"),
    Workload {
        name: "W3",
        what: "small GPT step",
        model: "gpt",
        config: SMALL,
        rows: 12,
        times: 64,
        vocabulary: 65,
        source: 0,
        steps: 100,
    },
    Workload {
        name: "W4",
        what: "larger GPT step",
        model: "gpt",
        config: LARGER,
        rows: 8,
        times: 256,
        vocabulary: 65,
        source: 0,
        steps: 12,
    },
    Workload {
        name: "W5",
        what: "small GPT writing, per token",
        model: "gpt",
        config: SMALL,
        rows: 1,
        times: 64,
        vocabulary: 65,
        source: 0,
        steps: 7,
    },
    translation("W6", "attention step", "bahdanau", || json!({"embed": 256, "hidden": 512})),
    translation(
        "W7",
        "encoder-decoder Transformer step",
        "transformer",
        || json!({"layers": 3, "heads": 8, "width": 256, "inner": 512, "dropout": 0.1, "positions": "learned"}),
    ),
];

impl Workload {
    /// The places that the model knows: those of PyTorch's side, where there are more than are read.
    fn window(&self) -> usize {
        if self.source > 0 { 100 } else { self.times }
    }
}

/// The workloads by name, for the command line's help.
pub(crate) fn names() -> Vec<&'static str> {
    WORKLOADS.iter().map(|workload| workload.name).collect()
}

/// The flags of `bench`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// Which workload to time.
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(names()))]
    workload: String,
    /// How many timed steps.
    #[arg(long)]
    steps: Option<usize>,
}

/// Times the workload and tells the middle and the least time.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    let Some(workload) = WORKLOADS.iter().find(|workload| workload.name == flags.workload) else {
        bail!("unknown workload `{}`; there are: {}", flags.workload, names().join(", "));
    };
    let Some(entry) = ALL.iter().find(|entry| entry.name == workload.model) else {
        bail!("workload `{}` needs the model `{}`, which is not in this program", workload.name, workload.model);
    };
    let sizes = Sizes { source: workload.source, ..Sizes::new(workload.vocabulary, workload.window()) };
    let model = (entry.build)(&(workload.config)(), sizes, 0)?;
    let steps = flags.steps.unwrap_or(workload.steps).max(1);
    let mut times = if workload.name == "W5" { write(&*model, steps)? } else { train(&*model, workload, steps) };
    times.sort_by(f64::total_cmp);
    let median = (times[(times.len() - 1) / 2] + times[times.len() / 2]) / 2.0;
    let text =
        format!("{} ({}): {median:.3} ms, the middle of {} timings\n", workload.name, workload.what, times.len());
    let json = json!({
        "workload": workload.name,
        "steps": times.len(),
        "median_ms": median,
        "min_ms": times[0],
        "peak_rss_mb": peak_rss_mb(),
        "parameters": model.params().count(),
        "threads": rushlight_engine::threads(),
        "instruction_set": rushlight_engine::instruction_set(),
    });
    Ok(Answer::new(text, json))
}

fn train(model: &dyn Model, workload: &Workload, steps: usize) -> Vec<f64> {
    let (rows, times, vocabulary) = (workload.rows, workload.times, workload.vocabulary);
    let windows = workload.model == "mlp";
    let mut rng = Rng::new(0);
    let mut ids_of = |vocabulary: usize, shape: &[usize]| {
        let count = shape.iter().product();
        Ids::new(shape, (0..count).map(|_| rng.below(vocabulary) as u32).collect::<Vec<_>>())
    };
    let batches: Vec<[Prepared; 1]> = (0..16)
        .map(|_| {
            let source = (workload.source > 0).then(|| Source::whole(ids_of(workload.source, &[rows, times])));
            let mut ids = |shape: &[usize]| ids_of(vocabulary, shape);
            let (input, targets) = match (source, windows) {
                (Some(source), _) => (Input::Pair(source, ids(&[rows, times])), ids(&[rows, times])),
                (None, true) => (Input::Contexts(ids(&[rows, times])), ids(&[rows])),
                (None, false) => (Input::Ids(ids(&[rows, times])), ids(&[rows, times])),
            };
            [Prepared { input, targets: Targets::Classes(targets), goes_on: GoesOn::Never }]
        })
        .collect();
    let mut optimizer = adamw::Config::default().build().expect("the default settings are in range");
    let settings =
        StepSettings { clip: Clip::Never, smoothing: 0.0, fault: None, forcing: Forcing::ALWAYS, rng: Rng::new(0) };
    let mut step = |i: usize| {
        let batch = &batches[i % batches.len()];
        take_step(model, &mut *optimizer, batch, &mut None, &settings, (i as u64, 3e-4), false);
    };
    (0..(steps / 5).max(3)).for_each(&mut step);
    (0..steps).map(|i| milliseconds(|| step(i))).collect()
}

fn write(model: &dyn Model, rounds: usize) -> Result<Vec<f64>> {
    const TOKENS: usize = 200;
    let Some(generator) = model.generator() else { bail!("this model does not write") };
    let generate = |count: usize| {
        // From the last half of a window that is full, as PyTorch's side does it.
        let half = generator.window().map_or(1, |window| (window / 2).max(1));
        let mut writer = Writer::new(generator, &[0], Strategy::SAMPLE, Rng::new(0)).keeping(half);
        (0..count).for_each(|_| {
            writer.write();
        });
    };
    generate(20);
    Ok((0..rounds).map(|_| milliseconds(|| generate(TOKENS)) / TOKENS as f64).collect())
}

fn milliseconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1e3
}

/// The most memory this process has held, in MB (2^20 bytes); 0 where the system does not tell.
fn peak_rss_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes: f64 = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0.0);
    (kilobytes / 1024.0 * 10.0).round() / 10.0
}
