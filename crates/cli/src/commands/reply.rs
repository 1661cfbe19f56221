//! `reply`: the turns of a dialogue in, a reply out; or replies to a whole part, measured.

use super::{Answer, eval};
use crate::lines;
use crate::terminal::{in_colour, print, say};
use anyhow::{Result, bail, ensure};
use rushlight_data::{Part, PartName};
use rushlight_engine::Rng;
use rushlight_models::beam::Beam;
use rushlight_models::decode::Strategy;
use rushlight_report::Table;
use rushlight_score::diversity;
use rushlight_score::metrics::bleu::Bleu;
use rushlight_score::metrics::rouge::Rouge;
use rushlight_score::metrics::{Metric, measured, summed};
use rushlight_trace::{Which, write_atomic};
use rushlight_train::{Reply, Replying, Run, Search, Session};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Instant;

/// The flags of `reply`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// The run's folder.
    run: PathBuf,
    /// A file of dialogues to reply to, one a line, its turns with a TAB between; `-` or nothing reads standard input.
    #[arg(default_value = "-", conflicts_with = "split")]
    file: PathBuf,
    /// How replies are found.
    #[arg(long, value_enum, default_value_t = How::Sample)]
    strategy: How,
    /// Below 1 likelier tokens are favoured more.
    #[arg(long, default_value_t = 1.0, allow_negative_numbers = true)]
    temperature: f32,
    /// Only the k likeliest tokens; 0 keeps all.
    #[arg(long, default_value_t = 0)]
    top_k: usize,
    /// Only the likeliest tokens that together hold this probability; 1 keeps all.
    #[arg(long, default_value_t = 0.9, allow_negative_numbers = true)]
    top_p: f32,
    /// How many hypotheses a beam keeps side by side.
    #[arg(long, value_name = "WIDTH", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    beam: u16,
    /// How many replies are drawn, of which the best is given.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    candidates: u16,
    /// How much what fits everything is held against a reply: 0 ranks by probability alone, 1 by mutual information.
    #[arg(long, value_name = "LAMBDA", default_value_t = 0.0, allow_negative_numbers = true)]
    against_generic: f64,
    /// The most tokens of a reply.
    #[arg(long, default_value_t = 40)]
    max_tokens: usize,
    /// Another seed, other replies.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Replies to this part of the run's own data, and measures the replies.
    #[arg(long, value_enum)]
    split: Option<eval::Split>,
    /// To how many of its turns, evenly spread over it.
    #[arg(long, default_value_t = 1000, requires = "split")]
    most: usize,
    /// Instead of replying, finds the true reply among so many of the part: hits@1.
    #[arg(long, requires = "split", value_parser = clap::value_parser!(u16).range(2..=1000))]
    rank: Option<u16>,
    /// Dialogues in another file, in the place of the part's.
    #[arg(long, requires = "split")]
    on: Option<PathBuf>,
    /// Where the replies are written, with the turns and the true reply: a TAB between.
    #[arg(long, requires = "split")]
    out: Option<PathBuf>,
    /// Which weights: the best, the last, or those of a step.
    #[arg(long, default_value = "best", value_parser = eval::which)]
    checkpoint: Which,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum How {
    /// Always the likeliest token.
    Greedy,
    /// By its probability.
    Sample,
    /// Several hypotheses side by side, by the probability of the whole reply.
    Beam,
}

/// Replies.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    let how = flags.how()?;
    let Some(split) = flags.split else {
        let session = Run::open_alone(&flags.run, flags.checkpoint)?;
        return answered(flags, &session, &how);
    };
    let session = Run::open(&flags.run, flags.checkpoint)?;
    let name: PartName = split.into();
    let own = session.corpus.part(name);
    let other = flags.on.as_ref().map(|file| session.open_file(file)).transpose()?;
    let all = examples(&session, other.as_ref().unwrap_or(own))?;
    let examples = spread(&all, flags.most);
    match flags.rank {
        Some(among) => ranked(flags, &session, &examples, usize::from(among)),
        None => measured_on(flags, &session, &examples, &how),
    }
}

/// Line after line.
fn answered(flags: &Flags, session: &Session, how: &Replying) -> Result<Answer> {
    let mut all = Vec::new();
    for (number, line) in lines::read(&flags.file)?.into_iter().enumerate() {
        let line = line?;
        let turns: Vec<&str> = line.trim_end_matches(['\n', '\r']).split('\t').collect();
        let replies = session.reply(&turns, how, &Rng::new(flags.seed).fork(number as u64))?;
        let Some(best) = replies.first() else { bail!("to line {} nothing was found", number + 1) };
        print(&format!("{}\n", best.text))?;
        all.push(json!({"turns": turns, "replies": replies.iter().map(object).collect::<Vec<_>>()}));
    }
    Ok(Answer::new("", json!({"run": flags.run, "dialogues": all})))
}

fn object(reply: &Reply) -> Value {
    json!({"text": reply.text, "log_probability_nats": reply.log_probability, "tokens": reply.tokens, "fit_nats_per_token": reply.fit})
}

/// A reply that a person gave, and the turns before it.
struct Example {
    turns: Vec<String>,
    reply: String,
}

/// Every reply of a part with the turns before it.
fn examples(session: &Session, part: &Part) -> Result<Vec<Example>> {
    let lines = |text: &str| text.split('\n').map(str::to_owned).collect::<Vec<_>>();
    let examples: Vec<Example> = match part {
        Part::Pairs(pairs) => {
            let of = |[source, target]: &[String; 2]| Example { turns: lines(source), reply: target.clone() };
            pairs.lines().iter().map(of).collect()
        }
        Part::Rows(rows) => {
            let tokenizer = session.tokenizer()?;
            let dialogues = (0..rows.len()).map(|row| lines(&tokenizer.decode(rows.ids(row))));
            let of = |turns: Vec<String>| {
                (1..turns.len()).map(move |at| Example { turns: turns[..at].to_vec(), reply: turns[at].clone() })
            };
            dialogues.flat_map(of).collect()
        }
        _ => bail!("these data are no dialogues; use a run whose [data] has `kind = \"dialogues\"`"),
    };
    ensure!(
        !examples.is_empty(),
        "there is nothing to reply to in this part; give another `--split`, or a file with `--on`"
    );
    Ok(examples)
}

/// So many of them, evenly spread.
fn spread(all: &[Example], most: usize) -> Vec<&Example> {
    let count = most.min(all.len());
    (0..count).map(|at| &all[at * all.len() / count]).collect()
}

fn measured_on(flags: &Flags, session: &Session, examples: &[&Example], how: &Replying) -> Result<Answer> {
    let began = Instant::now();
    let mut replies = Vec::with_capacity(examples.len());
    for (number, example) in examples.iter().enumerate() {
        let best = session.reply(&example.turns, how, &Rng::new(flags.seed).fork(number as u64))?;
        replies.push(best.into_iter().next().map(|reply| reply.text).unwrap_or_default());
    }
    let seconds = began.elapsed().as_secs_f64();
    let truth: Vec<&str> = examples.iter().map(|example| &example.reply[..]).collect();
    if let Some(path) = &flags.out {
        let line = |(example, reply): (&&Example, &String)| {
            format!("{}\t=> {}\t=> {reply}\n", example.turns.join("\t"), example.reply)
        };
        write_atomic(path, examples.iter().zip(&replies).map(line).collect::<String>().as_bytes())?;
        say(&format!("wrote {} replies to {}", replies.len(), path.display()));
    }
    let references = vec![truth.clone()];
    let written: Vec<&str> = replies.iter().map(|reply| &reply[..]).collect();
    let score = |metric: &dyn Metric| metric.score(&summed(&measured(metric, &written, &references)));
    let [ours, theirs] = [diversity(&written), diversity(&truth)];
    let bleu = score(&Bleu { lowercase: true, ..Bleu::default() });
    let rouge = [0, 1, 2].map(|kind| score(&Rouge::USUAL[kind]));
    let words =
        |all: &[&str]| all.iter().map(|text| text.split_whitespace().count()).sum::<usize>() as f64 / all.len() as f64;
    let rows = [
        ("distinct-1", ours.distinct[0], theirs.distinct[0]),
        ("distinct-2", ours.distinct[1], theirs.distinct[1]),
        ("repeated pairs of words", ours.repeated, theirs.repeated),
        ("generic replies", ours.generic, theirs.generic),
        ("words a reply", words(&written), words(&truth)),
    ];
    let mut table = Table::new().words("").numbers("the model", "").numbers("people", "");
    table.push(vec!["BLEU".into(), format!("{bleu:.2}").into(), "".into()]);
    for (name, rouge) in ["ROUGE-1", "ROUGE-2", "ROUGE-L"].into_iter().zip(rouge) {
        table.push(vec![name.into(), format!("{rouge:.2}").into(), "".into()]);
    }
    for (name, model, people) in rows {
        table.push(vec![name.into(), format!("{model:.4}").into(), format!("{people:.4}").into()]);
    }
    let mut text = table.to_text(in_colour());
    let common = ours.commonest.iter().filter(|(_, count)| *count > 1).take(5);
    common.for_each(|(reply, count)| text += &format!("{count} times  {reply}\n"));
    let mut json = json!({
        "run": flags.run, "replies": replies.len(), "seconds": seconds, "bleu": bleu,
        "rouge_1": rouge[0], "rouge_2": rouge[1], "rouge_l": rouge[2],
    });
    for (name, model, people) in rows {
        json[name.replace([' ', '-'], "_")] = json!({"model": model, "people": people});
    }
    json["commonest"] = json!(ours.commonest);
    Ok(Answer::new(text, json))
}

/// Where the true reply stands among others.
fn ranked(flags: &Flags, session: &Session, examples: &[&Example], among: usize) -> Result<Answer> {
    ensure!(
        examples.len() >= among,
        "`--rank {among}` needs as many replies, and there are {}; give a smaller number",
        examples.len()
    );
    let (mut hits, mut reciprocal) = (0, 0.0);
    for (number, example) in examples.iter().enumerate() {
        let mut rng = Rng::new(flags.seed).fork(number as u64);
        let mut replies = vec![&example.reply[..]];
        while replies.len() < among {
            let other = &examples[(f64::from(rng.uniform()) * examples.len() as f64) as usize % examples.len()].reply;
            // One that is the same or stands there already would be no other; where too few differ, it must do.
            let is_new = !replies.contains(&&other[..]);
            if is_new || rng.uniform() < 0.01 {
                replies.push(other);
            }
        }
        let fits = session.fits(&example.turns, &replies, flags.against_generic)?;
        let place = fits[1..].iter().filter(|&&fit| fit >= fits[0]).count();
        hits += usize::from(place == 0);
        reciprocal += 1.0 / (place + 1) as f64;
    }
    let all = examples.len() as f64;
    let (hits, reciprocal) = (hits as f64 / all, reciprocal / all);
    let text = format!("hits@1 of {among}        {hits:.4}\nmean reciprocal rank  {reciprocal:.4}\n");
    let json = json!({"run": flags.run, "among": among, "replies": examples.len(), "hits_at_1": hits, "mean_reciprocal_rank": reciprocal});
    Ok(Answer::new(text, json))
}

impl Flags {
    fn how(&self) -> Result<Replying> {
        let Self { temperature, top_k, top_p, against_generic, max_tokens, .. } = *self;
        ensure!(
            temperature > 0.0 && temperature.is_finite(),
            "`--temperature {temperature}` is not possible; give more than 0, such as 0.8, or `--strategy greedy`"
        );
        ensure!(
            (0.0..=1.0).contains(&top_p),
            "`--top-p {top_p}` is not possible; it is a probability, from 0 (greedy) to 1 (all tokens)"
        );
        ensure!(
            (0.0..=2.0).contains(&against_generic),
            "`--against-generic {against_generic}` is not possible; give 0 (not at all) to 2, such as 0.5"
        );
        ensure!(max_tokens > 0, "`--max-tokens 0` leaves no room for a reply; give 1 or more");
        ensure!(self.most > 0, "`--most 0` replies to nothing; give 1 or more");
        let sampled = Strategy { temperature, top_k, top_p, ..Strategy::SAMPLE };
        let search = match self.strategy {
            How::Greedy => Search::Draw { strategy: Strategy::GREEDY, count: 1 },
            How::Sample => Search::Draw { strategy: sampled, count: usize::from(self.candidates) },
            How::Beam => {
                let width = usize::from(self.beam);
                let best = if against_generic > 0.0 { width } else { 1 };
                Search::Beam(Beam { best, ..Beam::new(width, max_tokens, None) })
            }
        };
        Ok(Replying { search, most_tokens: max_tokens, against_generic })
    }
}
