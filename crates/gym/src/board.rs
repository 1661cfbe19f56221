//! The scoreboard: which faults hurt, how many of those are found and rightly named, and what is found where nothing is wrong.

use crate::case::{SEEDS, component_of};
use crate::{Half, Kept};
use rushlight_trace::{Component, Finding, Record, Severity};
use rushlight_train::WAYS;
use std::collections::BTreeMap;

/// A share with its interval: Wilson's, of 95 %.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Interval {
    /// How many.
    pub hits: usize,
    /// Of how many.
    pub of: usize,
}

impl Interval {
    /// The share itself.
    pub fn share(self) -> f64 {
        self.hits as f64 / self.of.max(1) as f64
    }

    /// The two ends.
    pub fn ends(self) -> (f64, f64) {
        const Z: f64 = 1.959_964;
        let (n, p) = (self.of.max(1) as f64, self.share());
        let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        ((middle - half).max(0.0), (middle + half).min(1.0))
    }

    fn count(&mut self, hit: bool) {
        self.hits += usize::from(hit);
        self.of += 1;
    }
}

/// A fault in one training, over its seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The fault.
    pub fault: String,
    /// The part that it breaks.
    pub component: Component,
    /// The training.
    pub base: String,
    /// Whether it hurts: worse on each of the matched seeds, by a hundredth in the mean.
    pub hurts: bool,
    /// By how much the loss is higher, in the mean; or lower, where it lies.
    pub harm: f64,
    /// Runs in which anything was found.
    pub detected: Interval,
    /// Runs in which the first finding names the right part.
    pub first_right: Interval,
    /// Runs in which any finding does.
    pub any_right: Interval,
    /// After how many steps it was found, in the median; nothing where it was found before the first.
    pub found_at: Option<u64>,
    /// What was found first, in most runs.
    pub first_finding: String,
}

/// The scoreboard of a half.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    /// A line for each fault in each training.
    pub lines: Vec<Line>,
    /// Healthy runs with an alarm.
    pub false_alarms: Interval,
    /// What was found in healthy runs: the run, and the finding.
    pub alarms: Vec<(String, Finding)>,
    /// How long all of it took, in seconds of one core.
    pub seconds: f64,
}

/// By which share of it a loss is higher; infinitely, where it is no number.
pub(crate) fn rise(from: f64, to: f64) -> f64 {
    if to.is_finite() { (to - from) / from.abs().max(0.1) } else { f64::INFINITY }
}

/// Whether matched losses rise in every pair, and by a hundredth in the mean.
pub(crate) fn is_sure(rises: &[f64]) -> bool {
    const LEAST: f64 = 0.01;
    rises.iter().all(|&rise| rise > 0.0) && rises.iter().sum::<f64>() >= LEAST * rises.len() as f64
}

impl Board {
    /// Of all that a gym has kept of a half.
    pub fn of(kept: &[Kept], half: Half) -> Self {
        let mut board = Self::default();
        let of_half = || kept.iter().filter(|kept| kept.case.half == half);
        for run in of_half().filter(|run| run.case.fault.is_empty()) {
            let alarms: Vec<Finding> = run.examined().findings.into_iter().filter(is_alarm).collect();
            board.false_alarms.count(!alarms.is_empty());
            board.alarms.extend(alarms.into_iter().map(|finding| (run.case.name(), finding)));
        }
        let healthy: BTreeMap<_, _> = of_half()
            .filter(|run| run.case.fault.is_empty() && run.case.variation.is_empty())
            .map(|run| (run.case.clone(), run.losses))
            .collect();
        let mut groups: BTreeMap<(String, String), Vec<&Kept>> = BTreeMap::new();
        for run in of_half().filter(|run| !run.case.fault.is_empty()) {
            groups.entry((run.case.fault.clone(), run.case.base.clone())).or_default().push(run);
        }
        board.lines = groups.into_values().map(|runs| line(&runs, &healthy)).collect();
        board.seconds = of_half().map(|run| run.seconds).sum();
        board
    }

    /// Over all faults that hurt.
    pub fn sum(&self, of_line: impl Fn(&Line) -> Interval) -> Interval {
        let hurting = self.lines.iter().filter(|line| line.hurts);
        hurting
            .map(of_line)
            .fold(Interval::default(), |sum, one| Interval { hits: sum.hits + one.hits, of: sum.of + one.of })
    }
}

/// What disturbs somebody who has nothing: notes do not.
fn is_alarm(finding: &Finding) -> bool {
    finding.severity > Severity::Note
}

fn line(runs: &[&Kept], healthy: &BTreeMap<crate::Case, [f64; WAYS]>) -> Line {
    let case = &runs[0].case;
    let component = component_of(&case.fault);
    let rises: Vec<f64> = runs
        .iter()
        .filter_map(|run| {
            let healthy = healthy.get(&run.case.without_fault())?[run.case.shows_in()];
            Some(run.case.harm(healthy, run.loss()))
        })
        .collect();
    let harm = rises.iter().sum::<f64>() / rises.len().max(1) as f64;
    let hurts = rises.len() as u64 >= SEEDS && is_sure(&rises);
    let (mut detected, mut first_right, mut any_right) =
        (Interval::default(), Interval::default(), Interval::default());
    let (mut steps, mut names) = (Vec::new(), BTreeMap::<String, usize>::new());
    for run in runs {
        let alarms: Vec<Finding> = run.examined().findings.into_iter().filter(is_alarm).collect();
        detected.count(!alarms.is_empty());
        first_right.count(alarms.first().is_some_and(|first| first.component == component));
        any_right.count(alarms.iter().any(|finding| finding.component == component));
        if let Some(first) = alarms.first() {
            *names.entry(first.name.clone()).or_default() += 1;
        }
        if let Some(at) = alarms.iter().map(|finding| found_at(run, finding)).min() {
            steps.push(at);
        }
    }
    steps.sort_unstable();
    let first_finding = names.into_iter().max_by_key(|(_, count)| *count).map(|(name, _)| name).unwrap_or_default();
    Line {
        fault: case.fault.clone(),
        component,
        base: case.base.clone(),
        hurts,
        harm,
        detected,
        first_right,
        any_right,
        found_at: steps.get(steps.len() / 2).copied(),
        first_finding,
    }
}

/// The step at which a finding could be told: 0 where it was so before the first; the end, where only the whole tells it.
fn found_at(run: &Kept, finding: &Finding) -> u64 {
    let end = run.records.iter().filter_map(Record::step).max().unwrap_or(0);
    let by_probe = || {
        let early = run.records.iter().take_while(|record| !matches!(record, Record::Step(_))).cloned().collect();
        let before = Kept { records: early, ..run.clone() };
        before.examined().findings.iter().any(|early| early.name == finding.name)
    };
    finding.since_step.unwrap_or_else(|| if by_probe() { 0 } else { end })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilsons() {
        // 0 of 200: 0 to z²/(n + z²) = 3.8415/203.8415 = 0.018845.
        let (low, high) = Interval { hits: 0, of: 200 }.ends();
        assert!(low == 0.0 && (high - 0.018_845).abs() < 1e-5, "{low} {high}");
        // 95 of 100, by hand from the formula: 0.88825 to 0.97846.
        let (low, high) = Interval { hits: 95, of: 100 }.ends();
        assert!((low - 0.888_25).abs() < 1e-4 && (high - 0.978_46).abs() < 1e-4, "{low} {high}");
    }
}
