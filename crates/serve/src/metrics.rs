//! What the server counts, and the page on which Prometheus reads it. Counts only; nothing here knows a text.

use crate::engine::Load;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Upper ends of the spans of time that are counted, in seconds.
const SPANS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0];

/// Over so long the tokens a second are a mean.
const PACE: Duration = Duration::from_secs(5);

/// All counts.
#[derive(Default)]
pub(crate) struct Metrics {
    requests: Mutex<BTreeMap<(String, u16), u64>>,
    /// From the arrival of a request to the head of its answer.
    pub(crate) answers: Spans,
    /// From the arrival of a job to its first token.
    pub(crate) first_tokens: Spans,
    pub(crate) prompt_tokens: AtomicU64,
    pub(crate) written_tokens: AtomicU64,
    pub(crate) steps: AtomicU64,
    /// Rows of all steps together: by the steps, how many texts were written at once.
    pub(crate) rows: AtomicU64,
    pub(crate) translated_lines: AtomicU64,
    pub(crate) refused: AtomicU64,
    pace: Mutex<Option<Pace>>,
}

/// Tokens written in the last span of time that is over.
struct Pace {
    since: Instant,
    tokens: u64,
    a_second: f64,
}

/// A histogram of times.
#[derive(Default)]
pub(crate) struct Spans {
    counts: [AtomicU64; SPANS.len()],
    all: AtomicU64,
    micros: AtomicU64,
}

impl Spans {
    pub(crate) fn see(&self, time: Duration) {
        let seconds = time.as_secs_f64();
        if let Some(span) = SPANS.iter().position(|&end| seconds <= end) {
            self.counts[span].fetch_add(1, Relaxed);
        }
        self.all.fetch_add(1, Relaxed);
        self.micros.fetch_add(time.as_micros() as u64, Relaxed);
    }

    fn write(&self, out: &mut String, name: &str, help: &str) {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} histogram");
        let mut sum = 0;
        for (end, count) in SPANS.iter().zip(&self.counts) {
            sum += count.load(Relaxed);
            let _ = writeln!(out, "{name}_bucket{{le=\"{end}\"}} {sum}");
        }
        let all = self.all.load(Relaxed);
        let seconds = self.micros.load(Relaxed) as f64 / 1e6;
        let _ = writeln!(out, "{name}_bucket{{le=\"+Inf\"}} {all}\n{name}_sum {seconds}\n{name}_count {all}");
    }
}

impl Metrics {
    /// A request to a path of ours was answered.
    pub(crate) fn answered(&self, path: &str, status: u16) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        match requests.get_mut(&(path.to_owned(), status)) {
            Some(count) => *count += 1,
            None => drop(requests.insert((path.to_owned(), status), 1)),
        }
    }

    /// Tokens were written now.
    pub(crate) fn wrote(&self, count: u64, now: Instant) {
        let tokens = self.written_tokens.fetch_add(count, Relaxed) + count;
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let pace = pace.get_or_insert(Pace { since: now, tokens, a_second: 0.0 });
        let passed = now.duration_since(pace.since);
        if passed >= PACE {
            *pace = Pace { since: now, tokens, a_second: (tokens - pace.tokens) as f64 / passed.as_secs_f64() };
        }
    }

    fn tokens_a_second(&self) -> f64 {
        let pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        // What was long ago is not now.
        pace.as_ref().filter(|pace| pace.since.elapsed() < 2 * PACE).map_or(0.0, |pace| pace.a_second)
    }

    /// The page, in Prometheus' text format 0.0.4.
    pub(crate) fn page(&self, load: &Load) -> String {
        let mut out = String::new();
        let name = "rushlight_requests_total";
        let _ = writeln!(out, "# HELP {name} Requests by path and status.\n# TYPE {name} counter");
        for ((path, status), count) in self.requests.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let _ = writeln!(out, "{name}{{path=\"{path}\",status=\"{status}\"}} {count}");
        }
        for (name, help, count) in [
            ("prompt_tokens_total", "Tokens read in prompts.", &self.prompt_tokens),
            ("written_tokens_total", "Tokens written.", &self.written_tokens),
            ("steps_total", "Steps of running batches.", &self.steps),
            ("rows_total", "Rows of all steps of running batches.", &self.rows),
            ("translated_lines_total", "Lines translated.", &self.translated_lines),
            ("refused_total", "Requests refused because the queue was full or came too often.", &self.refused),
        ] {
            let count = count.load(Relaxed);
            let _ = writeln!(
                out,
                "# HELP rushlight_{name} {help}\n# TYPE rushlight_{name} counter\nrushlight_{name} {count}"
            );
        }
        for (name, help, value) in [
            ("queue", "Texts that wait for their place.", load.waiting() as f64),
            ("writing", "Texts that are being written.", load.writing() as f64),
            ("tokens_per_second", "Tokens written a second, over the last seconds.", self.tokens_a_second()),
        ] {
            let _ = writeln!(
                out,
                "# HELP rushlight_{name} {help}\n# TYPE rushlight_{name} gauge\nrushlight_{name} {value}"
            );
        }
        self.first_tokens.write(
            &mut out,
            "rushlight_first_token_seconds",
            "From the arrival of a text's request to its first token.",
        );
        self.answers.write(
            &mut out,
            "rushlight_answer_seconds",
            "From the arrival of a request to the head of its answer.",
        );
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_hold_all_that_is_shorter() {
        let metrics = Metrics::default();
        for milliseconds in [1, 4, 4, 300, 90_000] {
            metrics.first_tokens.see(Duration::from_millis(milliseconds));
        }
        let page = metrics.page(&Load::default());
        for line in ["{le=\"0.001\"} 1", "{le=\"0.005\"} 3", "{le=\"60\"} 4", "{le=\"+Inf\"} 5"] {
            assert!(page.contains(&format!("rushlight_first_token_seconds_bucket{line}\n")), "{page}");
        }
        assert!(page.contains("rushlight_first_token_seconds_sum 90.309\n"), "{page}");
    }

    #[test]
    fn every_line_is_a_comment_or_a_name_and_a_number() {
        let metrics = Metrics::default();
        metrics.answered("/v1/models", 200);
        metrics.wrote(3, Instant::now());
        for line in metrics.page(&Load::default()).lines() {
            let is_value = line.rsplit_once(' ').is_some_and(|(_, value)| value.parse::<f64>().is_ok());
            assert!(line.starts_with("# ") || line.starts_with("rushlight_") && is_value, "{line}");
        }
    }
}
