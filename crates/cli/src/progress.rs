//! Progress of long work: a bar on a terminal, plain lines elsewhere.

use crate::commands::number;
use crate::terminal;
use indicatif::{ProgressBar, ProgressStyle};
use rushlight_trace::{Evaluation, Observer, Record};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Between two plain lines.
const QUIET: Duration = Duration::from_secs(10);

/// Shows how a training goes on.
pub(crate) struct Progress {
    label: String,
    total: u64,
    bar: Option<ProgressBar>,
    last_line: Instant,
}

impl Progress {
    /// For a run of `total` steps that has taken `done` of them.
    pub(crate) fn new(label: &str, total: u64, done: u64) -> Self {
        let bar = terminal::is_watched().then(|| {
            let style = ProgressStyle::with_template("{prefix} {bar:30} {pos}/{len} steps, {msg}, {eta} left")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::new(total).with_style(style.progress_chars("━━─")).with_prefix(label.to_owned());
            bar.set_position(done);
            bar.reset_eta();
            bar
        });
        Self { label: label.to_owned(), total, bar, last_line: Instant::now() }
    }

    /// A line for people, above the bar.
    pub(crate) fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| terminal::say(text)),
            None => terminal::say(text),
        }
    }

    /// Takes the bar away.
    pub(crate) fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Observer for Progress {
    fn observe(&mut self, record: &Record) -> ControlFlow<String> {
        match record {
            Record::Step(step) => {
                let text = format!(
                    "loss {:.4}, rate {:.2e}, {} a second",
                    step.loss,
                    step.learning_rate,
                    rounded(step.tokens_per_second)
                );
                tracing::debug!("{} step {} {text}", self.label, step.step);
                if let Some(bar) = &self.bar {
                    bar.set_position(step.step);
                    bar.set_message(text);
                } else if self.last_line.elapsed() >= QUIET {
                    self.last_line = Instant::now();
                    self.line(&format!("{}: step {} of {}, {text}", self.label, step.step, self.total));
                }
                if !step.loss.is_finite() {
                    return ControlFlow::Break(format!(
                        "the loss of step {} is {}; a smaller `lr` or a `clip` usually helps",
                        step.step, step.loss
                    ));
                }
            }
            Record::Evaluation(evaluation) => {
                let text = in_words(evaluation);
                tracing::info!("{} step {}: {text}", self.label, evaluation.step);
                self.line(&format!("{}: step {} of {}, {text}", self.label, evaluation.step, self.total));
            }
            Record::Done(done) => tracing::info!(
                "{} {}: {} steps, {} tokens, {:.1} s",
                self.label,
                done.reason,
                done.steps,
                done.tokens,
                done.seconds
            ),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// An evaluation in a line.
pub(crate) fn in_words(evaluation: &Evaluation) -> String {
    let mut words = format!("{} loss {} {}", evaluation.split, number(evaluation.loss), evaluation.unit);
    if let Some(perplexity) = evaluation.perplexity {
        words += &format!(", perplexity {}", number(perplexity));
    }
    if let (Some(top1), Some(top5)) = (evaluation.top1, evaluation.top5) {
        words += &format!(", top-1 {:.1} %, top-5 {:.1} %", 100.0 * top1, 100.0 * top5);
    }
    if let Some(bleu) = evaluation.bleu {
        words += &format!(", BLEU {bleu:.1}");
    }
    words
}

/// A number with thousands set apart and no more digits than it deserves.
pub(crate) fn rounded(number: f64) -> String {
    let whole = number.round().max(0.0) as u64;
    let digits = whole.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Set by Ctrl-C; a second Ctrl-C ends the program at once.
pub(crate) fn stop_on_ctrl_c() -> &'static AtomicBool {
    static STOP: AtomicBool = AtomicBool::new(false);
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let handler = ctrlc::set_handler(|| {
            if STOP.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
            terminal::say("stopping after this step; what is saved stays; Ctrl-C again ends at once");
        });
        if let Err(error) = handler {
            tracing::warn!("Ctrl-C will not save a checkpoint: {error}");
        }
    });
    &STOP
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(super::rounded(1234567.4), "1,234,567");
        assert_eq!(super::rounded(999.0), "999");
    }
}
