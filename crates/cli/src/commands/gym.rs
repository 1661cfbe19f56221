//! `gym`: faults put into real trainings, and how many of them the doctor finds.

use super::Answer;
use crate::progress::stop_on_ctrl_c;
use crate::terminal::{did_you_mean, say, strong};
use anyhow::{Result, bail};
use clap::ValueEnum;
use rushlight_gym::{Board, Case, GymError, Half, Interval, Kept, Line, cases};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The flags of `gym`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// Which half of the trainings: thresholds are chosen on the tuned one and scored on the held one.
    #[arg(long, value_enum, default_value_t = Part::Held)]
    half: Part,
    /// Where records are kept; cases that lie there are not trained again, only judged.
    #[arg(long, default_value = "runs/gym")]
    out: PathBuf,
    /// These faults alone.
    #[arg(long, value_delimiter = ',', value_name = "FAULTS")]
    faults: Vec<String>,
    /// In these trainings alone.
    #[arg(long, value_delimiter = ',', value_name = "TRAININGS")]
    only: Vec<String>,
    /// How many seeds each healthy training has, in each variation.
    #[arg(long, default_value_t = 4)]
    seeds: u64,
    /// On how many trainings each fault is tried: 4, or all that are named, where faults and trainings are.
    #[arg(long)]
    each: Option<usize>,
    /// Lists each fault in each training.
    #[arg(long)]
    all: bool,
    /// Judges what is kept and trains nothing.
    #[arg(long)]
    judge: bool,
    /// Names the trainings of the half and the faults that are tried on them, and does nothing else.
    #[arg(long)]
    list: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The half on which thresholds are chosen.
    Tuned,
    /// The half on which they are scored.
    Held,
}

/// Trains and judges.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    let half = if flags.half == Part::Held { Half::Held } else { Half::Tuned };
    if flags.list {
        return listed(half, flags);
    }
    let wanted = wanted(flags, half)?;
    let kept = train(&wanted, flags)?;
    if kept.is_empty() && flags.judge {
        bail!(
            "nothing of these trainings is kept in `{}`, so there is nothing to judge; without `--judge` they are trained and \
             kept there, or name another folder with `--out`",
            flags.out.display()
        );
    }
    let board = Board::of(&kept, half);
    Ok(Answer::new(text_of(&board, &kept, flags.all)?, json_of(&board)))
}

fn wanted(flags: &Flags, half: Half) -> Result<Vec<Case>> {
    let usual = if flags.faults.is_empty() || flags.only.is_empty() { 4 } else { usize::MAX };
    let mut all = cases(half, &flags.out.join("tables"), flags.seeds, flags.each.unwrap_or(usual));
    let (faults, bases) = (names(&all, |case| &case.fault), names(&all, |case| &case.base));
    for (noun, asked, known) in [("fault", &flags.faults, &faults), ("training", &flags.only, &bases)] {
        if let Some(unknown) = asked.iter().find(|asked| !known.contains(asked)) {
            let near = did_you_mean(unknown, known.iter().map(String::as_str));
            bail!("no {noun} of this half is called `{unknown}`.{near} There are: {}", few(known));
        }
    }
    all.retain(|case| flags.only.is_empty() || flags.only.contains(&case.base));
    if let Some(untried) = flags.faults.iter().find(|asked| all.iter().all(|case| case.fault != **asked)) {
        let small = flags.each.map_or("", |_| ", or `--each` is too small");
        bail!("`{untried}` is not tried in these trainings: it does not suit them{small}");
    }
    all.retain(|case| case.fault.is_empty() || flags.faults.is_empty() || flags.faults.contains(&case.fault));
    Ok(all)
}

/// The different names of cases by something, in order; cases without one have none.
fn names(cases: &[Case], of: fn(&Case) -> &String) -> Vec<String> {
    let names: BTreeSet<&String> = cases.iter().map(of).filter(|name| !name.is_empty()).collect();
    names.into_iter().cloned().collect()
}

/// The first names, and what tells the others.
fn few(names: &[String]) -> String {
    const FEW: usize = 8;
    let first = names.iter().take(FEW).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(FEW) {
        0 => first,
        more => format!("{first}, … and {more} more: `rushlight gym --list` (with this `--half`) names them"),
    }
}

/// All names that `--only` and `--faults` take.
fn listed(half: Half, flags: &Flags) -> Result<Answer> {
    let all = cases(half, &flags.out.join("tables"), 1, usize::MAX);
    let (faults, trainings) = (names(&all, |case| &case.fault), names(&all, |case| &case.base));
    let text = format!("trainings  {}\nfaults     {}\n", trainings.join(", "), faults.join(", "));
    Ok(Answer::new(text, json!({"trainings": trainings, "faults": faults})))
}

/// Trains what is not kept yet, one case a core.
fn train(wanted: &[Case], flags: &Flags) -> Result<Vec<Kept>> {
    const QUIET: Duration = Duration::from_secs(20);
    let (next, done) = (AtomicUsize::new(0), Mutex::new((Vec::new(), None::<GymError>, Instant::now())));
    let stop = stop_on_ctrl_c();
    let work = || {
        while !stop.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = wanted.get(number) else { return };
            if flags.judge && !flags.out.join(format!("{}.json", case.name())).exists() {
                continue;
            }
            let kept = case.train(&flags.out);
            let mut done = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            match kept {
                Ok(kept) => done.0.push(kept),
                Err(error) => {
                    done.1.get_or_insert(error);
                    next.store(wanted.len(), Ordering::Relaxed);
                }
            }
            if done.2.elapsed() > QUIET {
                done.2 = Instant::now();
                say(&format!("gym: {} of {} trainings", done.0.len(), wanted.len()));
            }
        }
    };
    std::fs::create_dir_all(&flags.out)?;
    std::thread::scope(|scope| (0..rushlight_engine::threads()).for_each(|_| _ = scope.spawn(work)));
    let (mut kept, error, _) = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(error) = error {
        return Err(error.into());
    }
    if stop.load(Ordering::Relaxed) {
        bail!(
            "interrupted; what was trained lies in `{}`, and the same command goes on from there",
            flags.out.display()
        );
    }
    kept.sort_by(|one, other| one.case.cmp(&other.case));
    Ok(kept)
}

fn text_of(board: &Board, kept: &[Kept], all: bool) -> Result<String> {
    let mut text = String::new();
    let lines = if all { board.lines.iter().map(Row::of_line).collect() } else { by_fault(board) };
    let width = lines.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let title = format!(
        "{:<width$}  {:<13}  {:>5}  {:>8}  {:>8}  {:>8}  {:>5}  found first",
        "fault", "component", "hurts", "found", "first", "named", "step"
    );
    writeln!(text, "{}", strong(&title))?;
    for row in &lines {
        writeln!(
            text,
            "{:<width$}  {:<13}  {:>5}  {:>8}  {:>8}  {:>8}  {:>5}  {}",
            row.name,
            row.component,
            row.hurts,
            part(row.detected),
            part(row.first),
            part(row.any),
            row.step,
            row.finding
        )?;
    }
    let sum = |name: &str, interval: Interval| {
        let (low, high) = interval.ends();
        format!(
            "{name}: {} of {}, {:.1} % ({:.1} to {:.1})\n",
            interval.hits,
            interval.of,
            100.0 * interval.share(),
            100.0 * low,
            100.0 * high
        )
    };
    writeln!(text)?;
    text += &sum("faults that hurt, found", board.sum(|line| line.detected));
    text += &sum("  the part named first", board.sum(|line| line.first_right));
    text += &sum("  the part named at all", board.sum(|line| line.any_right));
    text += &sum("alarms on healthy runs", board.false_alarms);
    let mut alarms: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    board.alarms.iter().for_each(|(run, finding)| alarms.entry(&finding.name).or_default().push(run));
    for (rule, runs) in alarms {
        writeln!(text, "  {rule}: {} ({})", runs.len(), runs.iter().take(4).copied().collect::<Vec<_>>().join(", "))?;
    }
    writeln!(text, "{} trainings, {:.0} seconds of one core", kept.len(), board.seconds)?;
    Ok(text)
}

/// A line of the table.
struct Row {
    name: String,
    component: String,
    hurts: String,
    detected: Interval,
    first: Interval,
    any: Interval,
    step: String,
    finding: String,
}

impl Row {
    fn of_line(line: &Line) -> Self {
        Self {
            name: format!("{} in {}", line.fault, line.base),
            component: line.component.to_string(),
            hurts: if line.hurts { format!("{:+.0} %", 100.0 * line.harm.min(99.0)) } else { "no".into() },
            detected: line.detected,
            first: line.first_right,
            any: line.any_right,
            step: line.found_at.map_or(String::new(), |step| step.to_string()),
            finding: line.first_finding.clone(),
        }
    }
}

/// A line a fault, over the trainings in which it hurts; in which it does not are told in its third column.
fn by_fault(board: &Board) -> Vec<Row> {
    let mut groups: BTreeMap<(String, &str), Vec<&Line>> = BTreeMap::new();
    board.lines.iter().for_each(|line| groups.entry((line.component.to_string(), &line.fault)).or_default().push(line));
    let add = |lines: &[&Line], of: fn(&Line) -> Interval| {
        lines
            .iter()
            .map(|line| of(line))
            .fold(Interval::default(), |sum, one| Interval { hits: sum.hits + one.hits, of: sum.of + one.of })
    };
    groups
        .into_iter()
        .map(|((component, fault), lines)| {
            let hurting: Vec<&Line> = lines.iter().copied().filter(|line| line.hurts).collect();
            let mut firsts: BTreeMap<&str, usize> = BTreeMap::new();
            hurting.iter().for_each(|line| *firsts.entry(&line.first_finding).or_default() += 1);
            let finding = firsts.into_iter().max_by_key(|(_, count)| *count).map_or("", |(name, _)| name);
            let steps: Vec<u64> = hurting.iter().filter_map(|line| line.found_at).collect();
            Row {
                name: fault.to_owned(),
                component,
                hurts: format!("{}/{}", hurting.len(), lines.len()),
                detected: add(&hurting, |line| line.detected),
                first: add(&hurting, |line| line.first_right),
                any: add(&hurting, |line| line.any_right),
                step: steps.iter().min().map_or(String::new(), u64::to_string),
                finding: finding.to_owned(),
            }
        })
        .collect()
}

fn part(interval: Interval) -> String {
    if interval.of == 0 { String::new() } else { format!("{}/{}", interval.hits, interval.of) }
}

fn json_of(board: &Board) -> Value {
    let interval = |interval: Interval| {
        let (low, high) = interval.ends();
        json!({"hits": interval.hits, "of": interval.of, "share": interval.share(), "low": low, "high": high})
    };
    let line = |line: &Line| {
        json!({
            "fault": line.fault,
            "component": line.component,
            "base": line.base,
            "hurts": line.hurts,
            "harm": if line.harm.is_finite() { json!(line.harm) } else { json!("infinite") },
            "detected": interval(line.detected),
            "first_right": interval(line.first_right),
            "any_right": interval(line.any_right),
            "found_at": line.found_at,
            "first_finding": line.first_finding,
        })
    };
    json!({
        "detected": interval(board.sum(|line| line.detected)),
        "component_first": interval(board.sum(|line| line.first_right)),
        "component_named": interval(board.sum(|line| line.any_right)),
        "false_alarms": interval(board.false_alarms),
        "alarms": board.alarms.iter().map(|(run, finding)| json!({"run": run, "finding": finding})).collect::<Vec<_>>(),
        "lines": board.lines.iter().map(line).collect::<Vec<_>>(),
    })
}
