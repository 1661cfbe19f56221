//! `score`: texts held against references, line by line, with how sure the score is.

use super::Answer;
use crate::terminal::in_colour;
use anyhow::{Result, bail, ensure};
use rushlight_data::aligned;
use rushlight_report::{Cell, Table};
use rushlight_score::BleuTokens;
use rushlight_score::bootstrap::{interval_95, p_value, resampled};
use rushlight_score::metrics::bleu::{Bleu, Smoothing};
use rushlight_score::metrics::chrf::ChrF;
use rushlight_score::metrics::rouge::Rouge;
use rushlight_score::metrics::{Metric, SACREBLEU, measured, summed};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// The flags of `score`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    #[command(subcommand)]
    metric: Which,
}

#[derive(clap::Subcommand)]
enum Which {
    /// Shared runs of words, as sacreBLEU counts them.
    Bleu(BleuFlags),
    /// Shared runs of letters, as sacreBLEU counts them.
    Chrf(ChrfFlags),
    /// Shared words of a summary, as rouge-score counts them, without stemming.
    Rouge(RougeFlags),
}

#[derive(clap::Args)]
struct BleuFlags {
    #[command(flatten)]
    common: Common,
    /// What a token is: `13a` (what is published), `intl`, `char`, or `none` for text that is tokens already.
    #[arg(long, default_value = "13a", value_parser = tokens)]
    tokenize: BleuTokens,
    /// Takes `The` and `the` for the same.
    #[arg(long)]
    lowercase: bool,
    /// What becomes of lengths without a shared run.
    #[arg(long, value_enum, default_value = "exp")]
    smooth: Smooth,
    /// How much `floor` (0.1) or `add-k` (1) puts in.
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    smooth_value: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Smooth {
    Exp,
    Floor,
    AddK,
    None,
}

#[derive(clap::Args)]
struct ChrfFlags {
    #[command(flatten)]
    common: Common,
    /// Runs of words too, up to this length; 2 makes it chrF++.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=4))]
    words: u8,
    /// How much more recall counts than precision.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=1000))]
    beta: u32,
    /// Takes `The` and `the` for the same.
    #[arg(long)]
    lowercase: bool,
}

#[derive(clap::Args)]
struct RougeFlags {
    #[command(flatten)]
    common: Common,
    /// What stands between the sentences of a line, for ROUGE-Lsum.
    #[arg(long, default_value = "<n>")]
    sentence_mark: String,
}

#[derive(clap::Args)]
struct Common {
    /// What is scored, a segment a line; with several files they are set side by side, the first as the baseline.
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    hyp: Vec<PathBuf>,
    /// The references, line N for line N; with several files, each line has several.
    #[arg(long = "ref", required = true, num_args = 1.., value_name = "FILE")]
    references: Vec<PathBuf>,
    /// The score of every line of one `--hyp` by itself too.
    #[arg(long)]
    sentences: bool,
    /// How often lines are drawn anew for the 95 % interval and, of several files, for the p-value; 0 leaves both out.
    #[arg(long, value_name = "TIMES", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    resamples: u32,
    /// Which lines are drawn.
    #[arg(long, default_value_t = 12345)]
    seed: u64,
}

fn tokens(name: &str) -> Result<BleuTokens, String> {
    let known = BleuTokens::ALL.map(BleuTokens::name).join(", ");
    BleuTokens::ALL
        .into_iter()
        .find(|tokens| tokens.name() == name)
        .ok_or_else(|| format!("there are: {known} (sacreBLEU's others need models of their own)"))
}

/// Scores.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    match &flags.metric {
        Which::Bleu(flags) => {
            let bleu = bleu(flags)?;
            // Of a line by itself, only lengths that it has.
            let alone = Bleu { effective_order: true, ..bleu.clone() };
            scored("bleu", &flags.common, &[(&bleu, &alone)], |line| line)
        }
        Which::Chrf(flags) => {
            let ChrfFlags { words, beta, lowercase, .. } = *flags;
            let chrf = ChrF { words: words.into(), beta, lowercase, ..ChrF::default() };
            scored("chrf", &flags.common, &[(&chrf, &chrf)], |line| line)
        }
        Which::Rouge(flags) => {
            ensure!(!flags.sentence_mark.is_empty(), "`--sentence-mark` is some text; leave it out for `<n>`");
            let kinds = Rouge::USUAL.each_ref().map(|kind| (kind as &dyn Metric, kind as &dyn Metric));
            scored("rouge", &flags.common, &kinds, |line| line.replace(&flags.sentence_mark, "\n"))
        }
    }
}

fn bleu(flags: &BleuFlags) -> Result<Bleu> {
    let smoothing = match (flags.smooth, flags.smooth_value) {
        (Smooth::Floor, value) => Smoothing::Floor(value.unwrap_or(0.1)),
        (Smooth::AddK, value) => Smoothing::AddK(value.unwrap_or(1.0)),
        (_, Some(_)) => bail!("`--smooth-value` goes with `--smooth floor` or `--smooth add-k`"),
        (Smooth::Exp, None) => Smoothing::Exp,
        (Smooth::None, None) => Smoothing::None,
    };
    if let Some(value) = flags.smooth_value {
        ensure!(value > 0.0 && value <= 1e6, "`--smooth-value` is {value}; it is a number above 0, to 1,000,000");
    }
    Ok(Bleu { tokens: flags.tokenize, lowercase: flags.lowercase, smoothing, effective_order: false })
}

/// A system's score by one metric.
struct Scored {
    sums: Vec<f64>,
    score: f64,
    interval: Option<(f64, f64)>,
    p_value: Option<f64>,
    sentences: Vec<f64>,
}

/// Texts by name, and what they are held against; as many lines in each.
pub(crate) struct Systems {
    pub(crate) names: Vec<String>,
    pub(crate) lines: Vec<Vec<String>>,
    pub(crate) references: Vec<Vec<String>>,
}

/// How often lines are drawn anew, and which.
#[derive(Clone, Copy)]
pub(crate) struct Resampling {
    pub(crate) times: u32,
    pub(crate) seed: u64,
}

/// The answer for some metrics, each with its twin for single lines; `prepared` is done to every line first.
fn scored(
    name: &str,
    flags: &Common,
    metrics: &[(&dyn Metric, &dyn Metric)],
    prepared: impl Fn(String) -> String,
) -> Result<Answer> {
    ensure!(!flags.sentences || flags.hyp.len() == 1, "`--sentences` goes with one `--hyp`; give each file by itself");
    let paths: Vec<PathBuf> = flags.references.iter().chain(&flags.hyp).cloned().collect();
    let mut files = aligned(&paths)?.into_iter().map(|lines| lines.into_iter().map(&prepared).collect::<Vec<_>>());
    let references: Vec<_> = files.by_ref().take(flags.references.len()).collect();
    let systems = Systems {
        names: flags.hyp.iter().map(|path| path.display().to_string()).collect(),
        lines: files.collect(),
        references,
    };
    let how = Resampling { times: flags.resamples, seed: flags.seed };
    Ok(side_by_side(name, metrics, &systems, how, flags.sentences))
}

/// Systems by some metrics, the first as the baseline; with `sentences` the score of each line too.
pub(crate) fn side_by_side(
    name: &str,
    metrics: &[(&dyn Metric, &dyn Metric)],
    systems: &Systems,
    how: Resampling,
    sentences: bool,
) -> Answer {
    let mut columns: Vec<Vec<Scored>> = Vec::with_capacity(metrics.len());
    for &(metric, alone) in metrics {
        let (mut column, mut baseline): (Vec<Scored>, Option<Vec<f64>>) = (Vec::new(), None);
        for hypotheses in &systems.lines {
            let lines = measured(metric, hypotheses, &systems.references);
            let sums = summed(&lines);
            let score = metric.score(&sums);
            let drawn = resampled(metric, &lines, how.times as usize, how.seed);
            let interval = (!drawn.is_empty()).then(|| interval_95(&drawn));
            let against = |baseline: &Vec<f64>| p_value([baseline, &drawn], score - column[0].score);
            let p_value = baseline.as_ref().filter(|_| !drawn.is_empty()).map(against);
            let sentences = if sentences { lines.iter().map(|line| alone.score(line)).collect() } else { vec![] };
            column.push(Scored { sums, score, interval, p_value, sentences });
            baseline.get_or_insert(drawn);
        }
        columns.push(column);
    }
    // The draws are not those of sacreBLEU, which are numpy's: so intervals differ a little under the same seed.
    let signature = |metric: &dyn Metric| {
        let draws = match how.times {
            0 => vec![],
            times => vec![format!("bs:{times}"), format!("seed:{}", how.seed), "draws:splitmix64".to_string()],
        };
        signature(metric, systems.references.len(), draws, name != "rouge")
    };
    let metrics: Vec<(&dyn Metric, String)> = metrics.iter().map(|&(metric, _)| (metric, signature(metric))).collect();
    let text = match systems.lines.len() {
        1 => lines_of(&metrics, &columns),
        _ => table_of(&metrics, &columns, systems),
    };
    Answer::new(text, json_of(name, &metrics, &columns, systems, sentences))
}

/// The settings of a score in sacreBLEU's form; `version` where it is sacreBLEU's number.
pub(crate) fn signature(metric: &dyn Metric, references: usize, draws: Vec<String>, version: bool) -> String {
    let mut parts = vec![format!("nrefs:{references}")];
    parts.extend(draws);
    parts.extend(metric.settings());
    if version {
        parts.push(format!("version:{SACREBLEU}"));
    }
    parts.join("|")
}

/// One system: a line a metric, as sacreBLEU writes it, after the lines of its sentences.
fn lines_of(metrics: &[(&dyn Metric, String)], columns: &[Vec<Scored>]) -> String {
    let mut text = String::new();
    let sentences = columns[0][0].sentences.len();
    for line in 0..sentences {
        let scores: Vec<String> = columns.iter().map(|column| format!("{:.2}", column[0].sentences[line])).collect();
        text += &format!("{}\n", scores.join("\t"));
    }
    for ((metric, signature), column) in metrics.iter().zip(columns) {
        let Scored { sums, score, interval, .. } = &column[0];
        let interval = interval.map_or(String::new(), |(mean, half)| format!(" (μ = {mean:.2} ± {half:.2})"));
        let details = metric.details(sums);
        let details = if details.is_empty() { details } else { format!(" {details}") };
        text += &format!("{}|{signature} = {score:.2}{interval}{details}\n", metric.label());
    }
    text
}

/// Several systems: a row each, the first as the baseline.
fn table_of(metrics: &[(&dyn Metric, String)], columns: &[Vec<Scored>], systems: &Systems) -> String {
    let mut table = Table::new().words("text");
    for (metric, _) in metrics {
        table = table.numbers(&metric.label(), "").words("95 %").numbers("p", "");
    }
    for (row, name) in systems.names.iter().enumerate() {
        let mut cells: Vec<Cell> = vec![name.as_str().into()];
        for column in columns {
            let Scored { score, interval, p_value, .. } = &column[row];
            let p_value = match p_value {
                Some(p) => format!("{p:.4}"),
                None if row == 0 && interval.is_some() => "baseline".to_string(),
                None => String::new(),
            };
            let interval = interval.map_or(String::new(), |(_, half)| format!("± {half:.2}"));
            cells.extend([format!("{score:.2}").into(), interval.into(), p_value.into()]);
        }
        table.push(cells);
    }
    let mut text = table.without_empty_columns().to_text(in_colour());
    for (metric, signature) in metrics {
        text += &format!("\n{}|{signature}", metric.label());
    }
    text + "\n"
}

fn json_of(
    name: &str,
    metrics: &[(&dyn Metric, String)],
    columns: &[Vec<Scored>],
    systems: &Systems,
    sentences: bool,
) -> Value {
    let system = |row: usize| -> Map<String, Value> {
        let mut object = Map::new();
        object.insert("hyp".into(), json!(systems.names[row]));
        for ((metric, signature), column) in metrics.iter().zip(columns) {
            let Scored { sums, score, interval, p_value, sentences: of_lines } = &column[row];
            let mut one = Map::new();
            one.insert("score".into(), json!(score));
            one.insert("signature".into(), json!(signature));
            one.insert("details".into(), json!(metric.details(sums)));
            if let Some((mean, half)) = interval {
                one.insert("mean".into(), json!(mean));
                one.insert("half_width_95".into(), json!(half));
            }
            if let Some(p) = p_value {
                one.insert("p_value".into(), json!(p));
            }
            if sentences {
                one.insert("sentences".into(), json!(of_lines));
            }
            match metrics.len() {
                1 => object.append(&mut one),
                _ => drop(object.insert(metric.label().to_lowercase(), one.into())),
            }
        }
        object
    };
    let mut json = Map::from_iter([
        ("metric".to_string(), json!(name)),
        ("segments".to_string(), json!(systems.references[0].len())),
    ]);
    match systems.names.len() {
        1 => json.append(&mut system(0)),
        count => drop(json.insert("systems".into(), (0..count).map(|row| Value::from(system(row))).collect())),
    }
    json.into()
}
