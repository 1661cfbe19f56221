//! The foot of a page: where and how its runs were made.

use crate::runs::Run;
use crate::say;
use rushlight_trace::{Machine, utc};
use std::time::SystemTime;

/// Lines for the foot; what all runs share is said once.
pub(crate) fn lines(runs: &[Run]) -> Vec<String> {
    let mut lines = vec![shared(runs, |run| machine(&run.trace.card.machine)), shared(runs, made)];
    lines.retain(|line| !line.is_empty());
    lines
}

/// The name of what the run learnt from, if it says. Of two files that differ in their endings alone, as the languages of
/// a translation do, both are named: `train.de and .en`.
pub(crate) fn data_name(run: &Run) -> Option<String> {
    let mut names = run.trace.card.data.iter().map(|data| data.name.as_str());
    let first = names.next().filter(|name| !name.is_empty())?;
    let second = names.next().filter(|_| run.is_translator()).and_then(|name| name.rsplit_once('.'));
    let ending = second.filter(|(stem, _)| first.rsplit_once('.').is_some_and(|(other, _)| other == *stem));
    Some(ending.map_or_else(|| first.to_owned(), |(_, ending)| format!("{first} and .{ending}")))
}

/// The distinct answers of the runs, in order.
fn shared(runs: &[Run], say: impl Fn(&Run) -> String) -> String {
    let mut answers: Vec<String> = Vec::new();
    for answer in runs.iter().map(say) {
        if !answers.contains(&answer) && !answer.is_empty() {
            answers.push(answer);
        }
    }
    answers.join("; ")
}

/// What a machine is, as far as speed depends on it; empty where that was not noted.
pub(super) fn machine(machine: &Machine) -> String {
    if machine.processor.is_empty() && machine.cores == 0 {
        return String::new();
    }
    let mut parts = vec![machine.processor.clone(), say::plural(machine.cores as u64, "core")];
    if machine.memory_bytes > 0 {
        let gibibytes = machine.memory_bytes as f64 / f64::from(1 << 30);
        parts.push(format!("{gibibytes:.0} GiB of memory"));
    }
    parts.push(machine.instruction_set.clone());
    parts.retain(|part| !part.is_empty());
    parts.join(", ")
}

/// For what was measured just now: with which version, and on which day.
pub(super) fn made_today() -> String {
    let now = utc(SystemTime::now());
    let day = now.split_once('T').map_or(&*now, |(day, _)| day);
    format!("Rushlight {}, {day}", env!("CARGO_PKG_VERSION"))
}

fn made(run: &Run) -> String {
    let card = &run.trace.card;
    let mut said = Vec::new();
    if !card.rushlight.is_empty() {
        said.push(format!("Rushlight {}", card.rushlight));
    }
    if let Some((day, _)) = card.started.split_once('T') {
        said.push(day.to_owned());
    }
    said.push(format!("seed {}", card.seed));
    said.join(", ")
}
